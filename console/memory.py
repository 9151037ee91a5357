"""Memory: none is searched for garbage while the console starts, and what is free again goes back to the system."""

import ctypes
import gc
import logging
import sys

_log = logging.getLogger(__name__)


def begin_start() -> None:
    """Loading the program makes objects that all stay: looking among them for garbage costs a fifth of that time."""
    gc.disable()


def end_start() -> None:
    """Garbage is looked for from now on, but not among what the start has made."""
    gc.freeze()
    gc.enable()


def give_back() -> None:
    """Does on Linux what other systems' allocators do by themselves. It takes some ten milliseconds, on any thread.

    glibc keeps what was freed below its last used block: after twenty sessions some 400 MB that nothing uses.
    """
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (OSError, AttributeError):  # another C library
            _log.debug("this C library gives memory back by itself, or not at all")
