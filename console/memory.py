"""Giving memory that is free again back to the operating system."""

import ctypes
import logging
import sys

_log = logging.getLogger(__name__)


def give_back() -> None:
    """Does on Linux what other systems' allocators do by themselves. It takes some ten milliseconds, on any thread.

    glibc keeps what was freed below its last used block: after twenty sessions some 400 MB that nothing uses.
    """
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (OSError, AttributeError):  # another C library
            _log.debug("this C library gives memory back by itself, or not at all")
