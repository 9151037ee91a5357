"""The words of “Tell me when”, as data."""

from collections.abc import Sequence

import msgspec

from console.sessions.agent_watches import Awaited, Told


class WatchWords(msgspec.Struct, frozen=True):
    """`title` is the entry in the menu, `is_so` what is said when it happened, `why_not` why there is nothing to wait
    for."""

    title: str
    icon: str
    is_so: str
    are_so: str
    why_not: str


_WORDS = {
    Awaited.ONLINE: WatchWords("It comes online", "online", "is online", "are online", "It is online."),
    Awaited.OFFLINE: WatchWords("It goes offline", "offline", "is offline", "are offline", "It is offline."),
    Awaited.REBOOTED: WatchWords(
        "It has rebooted", "reboot", "has rebooted and is back", "have rebooted and are back", ""
    ),
    Awaited.CHECKS: WatchWords(
        "Its checks pass", "checks", "passes all its checks", "pass all their checks", "Its checks pass."
    ),
}
_MOST_NAMED = 6


def of(awaited: Awaited) -> WatchWords:
    return _WORDS[awaited]


def headline(told: Sequence[Told]) -> str:
    """What happened, in one line. All are of one kind."""
    first = told[0]
    if len(told) == 1:
        name = first.watched.hostname
        return f"{name} is not in the list any more" if first.gone else f"{name} {of(first.watched.awaited).is_so}"
    many = f"{len(told):,} machines"
    return f"{many} are not in the list any more" if first.gone else f"{many} {of(first.watched.awaited).are_so}"


def text(told: Sequence[Told]) -> str:
    """Which machines, and where they belong."""
    first = told[0].watched
    if len(told) > 1:
        names = [one.watched.hostname for one in told[:_MOST_NAMED]]
        more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
        return ", ".join(names) + more
    place = " / ".join(part for part in (first.client, first.site) if part)
    return f"{place}. It was deleted, or your role does not cover it now." if told[0].gone else place
