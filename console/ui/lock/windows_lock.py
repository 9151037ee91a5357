"""Windows tells a window that asks for it when its session is locked: WTSRegisterSessionNotification (wtsapi32.h)."""

import ctypes
import logging
import sys

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QWidget

from console.ui.lock.computer import ComputerLock

_log = logging.getLogger(__name__)
WM_WTSSESSION_CHANGE = 0x02B1
WTS_SESSION_LOCK, WTS_SESSION_UNLOCK = 0x7, 0x8


class WindowsLock(ComputerLock):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listener = _Listener(self)

    def told(self, message: int, what: int) -> None:
        """A window's message, and its WPARAM."""
        if message == WM_WTSSESSION_CHANGE and what == WTS_SESSION_LOCK:
            self.locked.emit()
        elif message == WM_WTSSESSION_CHANGE and what == WTS_SESSION_UNLOCK:
            self.unlocked.emit()

    def end(self) -> None:
        self._listener.end()


class _Listener(QWidget):
    """A window that is never shown."""

    def __init__(self, lock: WindowsLock) -> None:
        super().__init__()
        self._lock = lock
        self._handle = int(self.winId())
        if not _register(self._handle):
            _log.warning("Windows does not tell when it is locked")

    def end(self) -> None:
        _unregister(self._handle)
        self.deleteLater()

    def nativeEvent(self, eventType: QByteArray | bytes | bytearray | memoryview, message: int, /) -> object:
        told = _message_at(int(message))
        if told is not None:
            self._lock.told(*told)
        return False, 0


if sys.platform == "win32":
    from ctypes import wintypes

    _wts = ctypes.WinDLL("wtsapi32", use_last_error=True)
    _wts.WTSRegisterSessionNotification.argtypes = (wintypes.HWND, wintypes.DWORD)
    _wts.WTSRegisterSessionNotification.restype = wintypes.BOOL
    _wts.WTSUnRegisterSessionNotification.argtypes = (wintypes.HWND,)
    _NOTIFY_FOR_THIS_SESSION = 0

    def _register(handle: int) -> bool:
        return bool(_wts.WTSRegisterSessionNotification(handle, _NOTIFY_FOR_THIS_SESSION))

    def _unregister(handle: int) -> None:
        _wts.WTSUnRegisterSessionNotification(handle)

    def _message_at(place: int) -> tuple[int, int] | None:
        message = wintypes.MSG.from_address(place)
        return message.message, message.wParam

else:

    def _register(handle: int) -> bool:
        return False

    def _unregister(handle: int) -> None: ...

    def _message_at(place: int) -> tuple[int, int] | None:
        return None
