"""Clocks that differ: one-time codes, login tokens and certificates all go by them."""

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from console.rmm.errors import duration
from console.sessions.doctor.verdict import Outcome, failure, fine, skipped, warning

_HARMLESS = 30.0
"""Seconds. A login token that is made here, with the emergency key, is refused beyond that."""
_TOO_MUCH = 240.0
"""The RMM takes one-time codes up to five minutes from its own time."""
TOKENS_SUFFER = 600.0
"""Login tokens are made by the RMM's clock and taken by MeshCentral's, for an hour."""


def ahead(date: str, clock: Callable[[], float] = time.time) -> float | None:
    """By how many seconds this computer's clock is ahead of a Date header; None when it is none."""
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return clock() - moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def judge(difference: float | None, whose: str) -> Outcome:
    """`whose` server it is, in words."""
    if difference is None:
        return skipped(f"{whose} does not say what time it is there.")
    seconds = abs(difference)
    if seconds < _HARMLESS:
        return fine(f"This computer and {whose} have the same time, give or take {max(1, round(seconds))} s.")
    side = "ahead of" if difference > 0 else "behind"
    words = duration(round(seconds)) if seconds < 120 else duration(60 * round(seconds / 60))
    said = f"This computer's clock is {words} {side} that of {whose}."
    advice = (
        "Set this computer's clock, and the time zone, by the network. If it is right, tell whoever runs the server. "
        "One-time codes go by the clock of the device that shows them."
    )
    return failure(said, advice) if seconds >= _TOO_MUCH else warning(said, advice)
