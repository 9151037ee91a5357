"""How many files a page may hand over: it can begin without anybody's click."""

import time
from collections import deque
from collections.abc import Callable
from enum import Enum

_MOST = 100
"""In the time below. Chromium itself begins ten in a second at most."""
_SECONDS = 60.0


class Verdict(Enum):
    """TOO_MANY is the first that is refused and is to be told, DROPPED each one after it."""

    FINE = "fine"
    TOO_MANY = "too many"
    DROPPED = "dropped"


class DownloadPace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: deque[float] = deque()
        self._told = False

    def look(self) -> Verdict:
        """About one more that begins now."""
        now = self._clock()
        while self._begun and self._begun[0] <= now - _SECONDS:
            self._begun.popleft()
        if len(self._begun) < _MOST:
            self._begun.append(now)
            self._told = False
            return Verdict.FINE
        told, self._told = self._told, True
        return Verdict.DROPPED if told else Verdict.TOO_MANY
