"""Whose turn it is with the interpreter: the window's, while it draws.

Drawing gives the interpreter up with nearly every call into Qt. A thread that reads a large list beside it takes it
each time, and the window would wait for it again at each of some thousand calls.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS = 0.0005
_drawing = 0


@contextmanager
def drawing() -> Iterator[None]:
    """While the window draws; on its thread."""
    global _drawing
    _drawing += 1
    try:
        yield
    finally:
        _drawing -= 1


def give_way() -> None:
    """For long work on another thread, at each of its steps: waits as long as the window draws."""
    while _drawing:
        time.sleep(_SECONDS)
