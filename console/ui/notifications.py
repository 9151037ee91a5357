"""Notifications of the desktop: by its own service on Linux, else by an icon in the system tray."""

import sys
import unicodedata
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from console.work import Runner

if TYPE_CHECKING:
    from console.ui.notification_service import NotificationService

_MOST_CHARACTERS = 400
_TRAY_MILLISECONDS = 60_000
_HELD_TEXT = "Something that you waited for has happened. Unlock the console to see it."


class Notification(msgspec.Struct, frozen=True):
    """Plain texts, no character of which means anything else. `action` is the word on the button; `on_action` is what
    a click on it, or on the notification, leads to."""

    title: str
    text: str
    action: str
    on_action: Callable[[], object]


class Notifier(QObject):
    """Shows notifications of the desktop, and brings the window to the front when one is clicked."""

    not_shown = Signal(object)
    """A Notification that `notify` took and that no service showed after all: the window shows it itself."""

    def __init__(self, window: QWidget, runner: Runner, icon: QIcon) -> None:
        """`runner` connects to the desktop's bus, which may wait some seconds. `icon` is that of the tray."""
        super().__init__()
        self._window = window
        self._tray = _Tray(icon, self)
        self._tray.chosen.connect(self._chosen)
        self._runner = runner
        self._held: list[Notification] | None = None
        self._instead: Callable[[], object] = lambda: None

    @cached_property
    def _service(self) -> "NotificationService | None":
        """Reached when there is something to tell: the window is waited for."""
        if sys.platform != "linux":
            return None
        from console.ui.notification_service import NotificationService  # jeepney is there on Linux only

        service = NotificationService(self._runner, self)
        service.chosen.connect(self._chosen)
        service.refused.connect(self._refused)
        return service

    def notify(self, title: str, text: str, action: str, on_action: Callable[[], object]) -> bool:
        """Shows a notification and calls `on_action` when it is clicked.

        False where the desktop has no way to show one: the window shows it itself then. Where that turns out later
        only, `not_shown` is emitted.
        """
        notification = Notification(_plain(title), _plain(text), _plain(action), on_action)
        if self._held is not None:
            self._hold(notification)
            return True
        return self._show(notification)

    def hold_back(self, instead: Callable[[], object]) -> None:
        """From now until `speak` nothing is named: what is shown is taken back, and in place of all that comes there is
        one notification that says only that there is something. A click on it leads to `instead`."""
        if self._held is None:
            service = self.__dict__.get("_service")
            self._held, self._instead = [], instead
            self._tray.end()
            for notification in service.take_back() if service else ():
                self._hold(notification)

    def speak(self) -> None:
        """Shows what was held back."""
        held, self._held = self._held or [], None
        service = self.__dict__.get("_service")
        if service:
            service.take_back()
        self._tray.end()
        for notification in held:
            if not self._show(notification):
                self.not_shown.emit(notification)

    def _hold(self, notification: Notification) -> None:
        if self._held is not None:
            self._held.append(notification)
            if len(self._held) == 1:
                self._show(Notification("Technician Console", _HELD_TEXT, "Unlock", self._instead))

    def _show(self, notification: Notification) -> bool:
        if self._service is not None and self._service.available is not False:
            self._service.show(notification)
            return True
        return self._tray.show(notification)

    def end(self) -> None:
        """For the end of the program."""
        if (service := self.__dict__.get("_service")) is not None:
            service.end()
        self._tray.end()

    def _refused(self, notification: Notification) -> None:
        if self._held is not None and notification.on_action is not self._instead:
            self._hold(notification)
        elif not self._tray.show(notification) and self._held is None:
            self.not_shown.emit(notification)

    def _chosen(self, notification: Notification) -> None:
        if self._held is None:
            to_front(self._window)
            notification.on_action()
        else:
            self._instead()


def to_front(window: QWidget) -> None:
    """Shows a window, also a minimised one, in front of the others and gives it the keyboard."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


class _Tray(QObject):
    """An icon in the system tray that is there for as long as its message."""

    chosen = Signal(object)
    """The Notification that was clicked."""

    def __init__(self, icon: QIcon, parent: QObject) -> None:
        super().__init__(parent)
        self._picture = icon
        self._icon: QSystemTrayIcon | None = None
        self._notification: Notification | None = None
        self._patience = QTimer(self, singleShot=True, interval=_TRAY_MILLISECONDS)
        self._patience.timeout.connect(self.end)

    def show(self, notification: Notification) -> bool:
        """Shows it in place of the one before; False when there is no tray, or none that shows messages."""
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return False
        if self._icon is None:
            self._icon = QSystemTrayIcon(self._picture, self)
            self._icon.setToolTip("Technician Console")
            self._icon.messageClicked.connect(self._clicked)
            self._icon.activated.connect(self._clicked)
        self._notification = notification
        self._icon.show()
        self._icon.showMessage(notification.title, notification.text, self._picture)
        self._patience.start()
        return True

    def end(self) -> None:
        self._patience.stop()
        self._notification = None
        if self._icon:
            self._icon.hide()

    def _clicked(self) -> None:
        notification = self._notification
        self.end()
        if notification:
            self.chosen.emit(notification)


def _plain(text: str) -> str:
    """What may be shown of a text that comes from a server: no control characters, not endless."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") else c for c in text)
    return kept.strip()[:_MOST_CHARACTERS]
