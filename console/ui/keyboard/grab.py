"""The window manager's own keys, such as Alt+Tab and Super: taken for the session where the platform lets a program.

Each guard has one KeyGrab. What a platform keeps for itself stands in its `words`.
"""

import os
from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QCursor, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_AGAIN_MILLISECONDS = 200
_WAYLAND = "Wayland desktops keep their own keys, such as Super and Alt+Tab: use the Keys menu."
_MACOS = "macOS keeps its own keys, such as Command+Tab and Command+Space: use the Keys menu."
_OTHERS = "This desktop may keep keys of its own: use the Keys menu."


class KeyGrab(Protocol):
    """`take` and `release` may be called in any order and again and again."""

    @property
    def words(self) -> str:
        """Which keys do not reach the remote machine here, and what to do instead; "" when all of them do."""

    def take(self, window: QWidget) -> None:
        """Takes every key for a window that is active, also when it was taken before: something may have ended it."""

    def release(self) -> None: ...


class NoGrab:
    """Where a program cannot take the desktop's keys."""

    def __init__(self, words: str) -> None:
        self.words = words

    def take(self, window: QWidget) -> None: ...

    def release(self) -> None: ...


class X11Grab(QObject):
    """The X server's grab of the keyboard. It ends by itself with the window, the program or its connection.

    While another program has the keyboard, such as a window manager in its own Alt+Tab, it is tried again. While it
    lasts, a screen locker cannot take the keyboard; so it is taken only while a session has it.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.words = words
        self._window: QWidget | None = None
        self._taken = False
        self._again = QTimer(self, interval=_AGAIN_MILLISECONDS, singleShot=True)
        self._again.timeout.connect(self._try)

    def take(self, window: QWidget) -> None:
        self._window = window
        self._try()

    def release(self) -> None:
        self._again.stop()
        handle, self._window = self._handle(), None
        if self._taken and handle is not None:
            handle.setKeyboardGrabEnabled(False)
            # Qt leaves the request in its buffer until it has another one, and keys typed into another window would
            # come here till then. The answer to this question needs everything before it sent.
            QCursor.pos()
        self._taken = False

    def _try(self) -> None:
        handle = self._handle()
        # An open menu has a grab of its own; the guard asks again when it is closed.
        if handle is not None and QApplication.activePopupWidget() is None and handle.setKeyboardGrabEnabled(True):
            self._taken = True
        elif self._window is not None:
            self._again.start()

    def _handle(self) -> QWindow | None:
        """Asked for anew each time: it is another one after the window's first web view."""
        return self._window.windowHandle() if self._window is not None and isValid(self._window) else None


def choose_grab(platform_name: str, environment: Mapping[str, str] = os.environ) -> KeyGrab:
    """The grab of a Qt platform: QGuiApplication.platformName()."""
    if platform_name == "xcb":
        return X11Grab(_WAYLAND if environment.get("WAYLAND_DISPLAY") else "")
    if platform_name == "windows":
        from console.ui.keyboard.windows_grab import WindowsGrab

        return WindowsGrab()
    return NoGrab({"cocoa": _MACOS}.get(platform_name, _WAYLAND if platform_name.startswith("wayland") else _OTHERS))
