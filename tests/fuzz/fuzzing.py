"""What all fuzzing shares: how many examples, how long one may take, and texts and bytes that are nearly right.

FUZZ_EXAMPLES says how many each test tries; `python3 dev.py fuzz` sets it. A hang is a failure: an example that has not
ended after a time in which thousands do is ended by the clock, and the process if the clock cannot do it.
"""

import faulthandler
import functools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
E = TypeVar("E", bound=Exception)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "500"))
_HANG_SECONDS = 20
_STUCK_SECONDS = 120
"""A call that never comes back to Python cannot be ended from within: then where it stands is printed and all ends."""
_SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,  # a busy machine is no fault
    database=None,  # each run finds by itself, and what it finds becomes a test
    phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    print_blob=True,
)
tried = [0]
"""How many examples the present test has tried."""
_armed = [float("-inf")]


class HangError(AssertionError):
    """An example did not end."""


def fuzz(*strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test with many examples of the strategies, one after the other as its arguments."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def bounded(**values: object) -> None:
            tried[0] += 1
            with _no_hang():
                test(**values)

        return _SETTINGS(given(*strategies)(bounded))

    return decorated


@contextmanager
def _no_hang() -> Iterator[None]:
    if sys.platform == "win32":  # which has no alarms
        yield
        return
    if time.monotonic() - _armed[0] > _STUCK_SECONDS / 2:
        _armed[0] = time.monotonic()
        faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
    before = signal.signal(signal.SIGALRM, _hangs)
    signal.setitimer(signal.ITIMER_REAL, _HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def over() -> None:
    """The test has ended: nothing is watched any more."""
    faulthandler.cancel_dump_traceback_later()
    _armed[0] = float("-inf")


def _hangs(*_: object) -> None:
    raise HangError(f"it did not end within {_HANG_SECONDS} seconds")


def outcome(refusal: type[E], call: Callable[[], T]) -> T | E:
    """What a call gives, or how it refuses. Whatever else it raises is a fault."""
    try:
        return call()
    except refusal as problem:
        return problem


# --- what is tried


class Dice(random.Random):
    """Draws for one example. Hypothesis chooses its seed only, and tries ten times as many as if it drew each value."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._seed = seed

    def __repr__(self) -> str:
        return f"Dice({self._seed})"

    def often(self, one_in: int) -> bool:
        return self.randrange(one_in) == 0

    def text(self, pieces: Sequence[str] = ()) -> str:
        """Letters of every kind, and pieces that mean something where the text goes."""
        return "".join(self._bit(pieces) for _ in range(self.choice((0, 1, 2, 4, 9, 30))))

    def _bit(self, pieces: Sequence[str]) -> str:
        if pieces and self.random() < 0.6:
            return self.choice(pieces)
        start, end = self.choice(_LETTERS)
        return chr(self.randint(start, end))

    def disturbed(self, content: bytes, pieces: Sequence[bytes] = ()) -> bytes:
        """Bytes that are right but for a few places: something cut out, put in, said twice, changed or cut off."""
        for _ in range(self.choice((0, 1, 1, 2, 4, 8))):
            start = self.randint(0, len(content))
            end = min(len(content), start + self.choice((1, 1, 2, 5, 12, 60)))
            bit = self.choice((*_BITS, *pieces)) if self.random() < 0.8 else self.randbytes(self.randint(1, 4))
            match self.randrange(7):
                case 0:
                    content = content[:start] + content[end:]
                case 1:
                    content = content[:start] + bit + content[start:]
                case 2:
                    content = content[:end] + content[start:]
                case 3:
                    content = content[:start] + bit + content[end:]
                case 4 if self.often(3):
                    content = content[:start]
                case 5 if self.often(9):
                    content = content[:start] + bit * self.choice((9, 300, 3000)) + content[start:]
                case _ if content:
                    at = self.randrange(len(content))
                    content = content[:at] + bytes([content[at] ^ (1 << self.randrange(8))]) + content[at + 1 :]
        return content

    def disturbed_text(self, text: str, pieces: Sequence[str] = ()) -> str:
        """As `disturbed`, for texts, lone surrogates among them."""
        coded = self.disturbed(_coded(text), [_coded(piece) for piece in pieces])
        return coded.decode("utf-8", "surrogateescape")

    def json(self, more: Sequence[Any] = (), depth: int = 0) -> Any:
        """Anything that JSON can say, and what Python's own JSON says beyond it; sometimes one of `more`."""
        if more and self.random() < 0.4:
            return self.choice(more)
        match self.randrange(9 if depth < 3 else 7):
            case 0:
                return self.choice(_VALUES)
            case 1:
                return self.text()
            case 2:
                return self.choice((0, 1, -1, 3, 65535, self.randint(-(2**40), 2**40)))
            case 3:
                return self.choice((0.0, -0.5, self.random() * 10 ** self.randint(0, 30)))
            case 4 | 5:
                return self.choice((True, False, None))
            case 6:
                return str(self.randint(-5, 10**6))
            case 7:
                return [self.json(more, depth + 1) for _ in range(self.randint(0, 3))]
            case _:
                return {self.text(): self.json(more, depth + 1) for _ in range(self.randint(0, 3))}

    def fields(self, names: Sequence[str], more: Sequence[Any] = ()) -> dict[str, Any]:
        """An object that has some of these fields, and sometimes one that nobody knows, with any values in them."""
        chosen = self.sample(names, min(len(names), self.randint(0, 6)))
        return {name: self.json(more) for name in (*chosen, *(("surprise",) if self.often(4) else ()))}

    def said(self, content: Any) -> bytes:
        """As JSON, and sometimes not quite."""
        coded = json.dumps(content, ensure_ascii=self.often(2)).encode("utf-8", "surrogatepass")
        return self.disturbed(coded) if self.often(2) else coded


DICE = st.integers(0, 2**63).map(Dice)
_LETTERS = (
    *((32, 126), (48, 122), (0, 31), (0xA0, 0x17F), (0x300, 0x36F), (0x590, 0x6FF), (0x2000, 0x206F), (0x3000, 0x30FF)),
    *((0xD800, 0xDFFF), (0xFE00, 0xFF5E), (0x1F300, 0x1F6FF), (0xE0000, 0xE007F), (0, 0x10FFFF)),
)
_BITS = (b"\xff", b"\0", b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"null", b"-", b" ", b"\n", b"\xed\xa0\x80", b"e9")
_VALUES: tuple[Any, ...] = (
    *(2**31, 2**63, -(2**63), 10**40, 1e300, -1e300, float("nan"), float("inf"), [], {}, [[]], [None], {"a": None}),
    *("x" * 2000, "\ud800", "\u202e", "", " ", "-", "None", "online", "2026-11-23T02:26:11.494809Z", "2026-11-23"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [{"field": 1, "value": [1]}], "[" * 500),
)


def _coded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
