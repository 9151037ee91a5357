"""macOS tells every program when its screen is locked: distributed notifications that loginwindow sends.

By CoreFoundation's own functions (CFNotificationCenter.h), through ctypes: it needs no library of ours. They come by
way of the main thread's run loop, which Qt runs.
"""

import ctypes
import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject

from console.ui.lock.computer import ComputerLock

_log = logging.getLogger(__name__)
LOCKED, UNLOCKED = "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"
_UTF_8 = 0x08000100
_DELIVER_IMMEDIATELY = 4


class MacLock(ComputerLock):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end: Callable[[], None] = lambda: None
        if sys.platform == "darwin":
            try:
                self._end = _observe({LOCKED: self.locked.emit, UNLOCKED: self.unlocked.emit})
            except (OSError, AttributeError) as error:
                _log.warning("macOS does not tell when it is locked: %s", error)

    def end(self) -> None:
        self._end()


def _observe(tell: dict[str, Callable[[], object]]) -> Callable[[], None]:
    """Calls what belongs to a notification's name; answers what ends it. Raises OSError."""
    foundation = ctypes.CDLL("/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation")
    pointer = ctypes.c_void_p
    called_back = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, pointer, pointer)
    foundation.CFNotificationCenterGetDistributedCenter.restype = pointer
    foundation.CFStringCreateWithCString.restype = pointer
    foundation.CFStringCreateWithCString.argtypes = (pointer, ctypes.c_char_p, ctypes.c_uint32)
    foundation.CFNotificationCenterAddObserver.argtypes = (
        pointer, pointer, called_back, pointer, pointer, ctypes.c_long,
    )  # fmt: skip
    foundation.CFNotificationCenterRemoveEveryObserver.argtypes = (pointer, pointer)
    center = foundation.CFNotificationCenterGetDistributedCenter()
    kept: list[object] = []  # what C calls must live as long as it may be called

    def callback(act: Callable[[], object]) -> object:
        return called_back(lambda *_: act() and None)

    for number, (name, act) in enumerate(tell.items(), 1):
        made = callback(act)
        kept.append(made)
        text = foundation.CFStringCreateWithCString(None, name.encode(), _UTF_8)
        foundation.CFNotificationCenterAddObserver(center, number, made, text, None, _DELIVER_IMMEDIATELY)

    def end() -> None:
        for number in range(1, len(tell) + 1):
            foundation.CFNotificationCenterRemoveEveryObserver(center, number)
        kept.clear()

    return end
