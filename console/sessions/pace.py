"""How fast a transfer is, smoothed, and what is left of it."""

import math
from collections.abc import Callable

_MEMORY_SECONDS = 3.0
"""After so long a change of speed counts for two thirds."""


class Pace:
    """Told how many bytes are through, it says how many come a second. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._at: float | None = None
        self._moved = 0
        self._weight = 0.0
        self._average = 0.0

    @property
    def speed(self) -> float:
        """Bytes a second; 0 until it is known."""
        return self._average / self._weight if self._weight > 0 else 0.0

    def note(self, moved: int) -> None:
        now = self._clock()
        if self._at is None or moved < self._moved:
            self._weight = self._average = 0.0
        elif now > self._at:
            seconds = now - self._at
            keep = math.exp(-seconds / _MEMORY_SECONDS)
            self._average = self._average * keep + (1 - keep) * (moved - self._moved) / seconds
            self._weight = self._weight * keep + (1 - keep)  # so that the first values are not drawn towards nothing
        self._at, self._moved = now, moved

    def seconds_for(self, left: int) -> int | None:
        """How long so many bytes take; None when it cannot be said."""
        return math.ceil(left / self.speed) if self.speed >= 1 else None

    def forget(self) -> None:
        """It stands still: what was measured no longer counts."""
        self._at = None
        self._weight = self._average = 0.0
