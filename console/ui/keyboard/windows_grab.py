"""Windows: what the keyboard hook takes goes to the window as Qt's own key events."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.ui.keyboard.windows_hook import KeyboardHook
from console.ui.keyboard.windows_keys import TakenKey

_Key = Qt.Key
_NAMED = {
    0x08: _Key.Key_Backspace, 0x09: _Key.Key_Tab, 0x0D: _Key.Key_Return, 0x13: _Key.Key_Pause,
    0x14: _Key.Key_CapsLock, 0x1B: _Key.Key_Escape, 0x20: _Key.Key_Space, 0x21: _Key.Key_PageUp,
    0x22: _Key.Key_PageDown, 0x23: _Key.Key_End, 0x24: _Key.Key_Home, 0x25: _Key.Key_Left, 0x26: _Key.Key_Up,
    0x27: _Key.Key_Right, 0x28: _Key.Key_Down, 0x2C: _Key.Key_Print, 0x2D: _Key.Key_Insert, 0x2E: _Key.Key_Delete,
    0x5B: _Key.Key_Meta, 0x5C: _Key.Key_Meta, 0x5D: _Key.Key_Menu, 0x6B: _Key.Key_Plus, 0x6D: _Key.Key_Minus,
    0xBB: _Key.Key_Plus, 0xBC: _Key.Key_Comma, 0xBD: _Key.Key_Minus, 0xBE: _Key.Key_Period,
}  # fmt: skip
_F1, _F24 = 0x70, 0x87


class Hook(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class WindowsGrab(QObject):
    """A console.ui.keyboard.grab.KeyGrab; the hook is there only while it is taken."""

    words = "Windows keeps Ctrl+Alt+Del and Win+L: use the Keys menu."

    _taken = Signal(object)

    def __init__(self, make_hook: Callable[[Callable[[TakenKey], None]], Hook] = KeyboardHook) -> None:
        super().__init__()
        self._window: QWidget | None = None
        self._hook = make_hook(self._taken.emit)
        self._taken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)  # from the hook's thread

    def take(self, window: QWidget) -> None:
        self._window = window
        self._hook.start()

    def release(self) -> None:
        self._hook.stop()

    def _deliver(self, taken: TakenKey) -> None:
        handle = self._window.windowHandle() if self._window is not None and isValid(self._window) else None
        if handle is not None:
            QCoreApplication.sendEvent(handle, key_event(taken))


def key_event(taken: TakenKey) -> QKeyEvent:
    """The event that Qt would have made of the key."""
    number = taken.key.virtual_key
    letter_or_digit = ord("0") <= number <= ord("9") or ord("A") <= number <= ord("Z")
    if letter_or_digit:
        key = int(number)
    elif _F1 <= number <= _F24:
        key = _Key.Key_F1.value + number - _F1
    else:
        key = _NAMED.get(number, _Key.Key_unknown).value
    held = Qt.KeyboardModifier.NoModifier
    for wanted, modifier in (
        (taken.shift, Qt.KeyboardModifier.ShiftModifier),
        (taken.control, Qt.KeyboardModifier.ControlModifier),
        (taken.alt, Qt.KeyboardModifier.AltModifier),
        (taken.win, Qt.KeyboardModifier.MetaModifier),
    ):
        if wanted:
            held |= modifier
    kind = QEvent.Type.KeyPress if taken.key.down else QEvent.Type.KeyRelease
    text = chr(number).lower() if letter_or_digit and taken.key.down else ""
    return QKeyEvent(kind, key, held, taken.key.scan_code, number, 0, text, taken.repeated)
