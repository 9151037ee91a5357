"""Memory: none is searched for garbage while the console starts, then on the window's thread only, and what is free
again goes back to the system."""

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
_by_hand = False
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
        _enable_if_due()


def by_hand(on: bool) -> None:
    """Whether garbage is looked for by `look_for_garbage` alone, instead of by whichever thread makes an object.

    What Python finds is destroyed where it is found. A thing of Qt that is destroyed on another thread than the
    window's may end the program: a web profile does, in Chromium.
    """
    global _by_hand
    with _lock:
        _by_hand = on
        gc.disable()
        _enable_if_due()


def look_for_garbage() -> None:
    """For the window's thread, every second or so: what Python would have done by itself."""
    with _lock:
        if _working or not _started:
            return
    due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if due[0]:
        gc.collect(2 if due[1] and due[2] else 1 if due[1] else 0)


def look_for_all_garbage() -> None:
    """For the window's thread, at rest: what Python has put off. It takes a few milliseconds."""
    gc.collect()


def _enable_if_due() -> None:
    if _started and _working == 0 and not _by_hand:
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
            _enable_if_due()


def look_through_new() -> None:
    """For work under `nothing_collected`, at each of its steps: looks for garbage among what is new since the last.

    Python stops watching a tuple of plain values when it first meets it. Left to the end, meeting those of 100,000
    agents takes a tenth of a second. Of the window's own things this meets only what is younger than a second.
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
