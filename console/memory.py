"""Memory: none is searched for garbage while the console starts, and what is free again goes back to the system."""

import ctypes
import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_working = 0
_started = gc.isenabled()
_FEW = 500
_BREATH = 0.001


def begin_start() -> None:
    """Loading the program makes objects that all stay: looking among them for garbage costs a fifth of that time."""
    global _started
    with _lock:
        _started = False
        gc.disable()


def end_start() -> None:
    """Garbage is looked for from now on, but not among what the start has made."""
    global _started
    with _lock:
        _started = True
        gc.freeze()
        if _working == 0:
            gc.enable()


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Work that makes hundreds of thousands of objects which stay: looking for garbage among them would hold up every
    thread, the window's too, for a tenth of a second each time."""
    global _working
    with _lock:
        _working += 1
        if _working == 1:
            gc.disable()
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if _working == 0 and _started:
                gc.enable()


def look_through_new() -> None:
    """For work under `nothing_collected`, at each of its steps: looks for garbage among what is new since the last.

    Python stops watching a tuple of plain values when it first meets it. Left to the end, meeting those of 100,000
    agents takes a tenth of a second, on whichever thread makes the next object.
    """
    if _started:
        gc.collect(0)


def let_go(parts: list[list[object]]) -> None:
    """Forgets many objects a few at a time: all at once keeps every other thread waiting for a tenth of a second."""
    for part in parts:
        while part:
            del part[-_FEW:]
            time.sleep(_BREATH)


def give_back() -> None:
    """Does on Linux what other systems' allocators do by themselves. It takes some ten milliseconds, on any thread.

    glibc keeps what was freed below its last used block: after twenty sessions some 400 MB that nothing uses.
    """
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (OSError, AttributeError):  # another C library
            _log.debug("this C library gives memory back by itself, or not at all")
