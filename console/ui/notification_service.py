"""The desktop's notification service on Linux: org.freedesktop.Notifications, version 1.2 of its specification."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, new_method_call
from PySide6.QtCore import QObject, Signal

from console import assets
from console.problem import Problem
from console.ui.desktop_bus import DesktopBus
from console.ui.notifications import Notification
from console.work import Runner

_log = logging.getLogger(__name__)
_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_SERVICE = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
_SIGNALS = MatchRule(type="signal", interface=_NAME, path=_PATH)
_ACTION, _CLOSED, _TOKEN = "ActionInvoked", "NotificationClosed", "ActivationToken"


@dataclass
class _Shown:
    """`sender` is the service's own name on the bus, which is never given twice."""

    sender: str
    notification: Notification
    token: str = ""


class NotificationService(QObject):
    """Nothing here waits. `available` is None until it is known whether the desktop has such a service."""

    refused = Signal(object)
    """A Notification that was not shown."""
    chosen = Signal(object)
    """A Notification that was clicked."""

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        """`runner` connects to the bus, which may take some seconds where it does not answer."""
        super().__init__(parent)
        self.available: bool | None = None
        self._capabilities: frozenset[str] = frozenset()
        self._waiting: list[Notification] = []
        self._shown: dict[int, _Shown] = {}
        self._taken_back = 0
        self._bus = DesktopBus("SESSION", runner, self)
        self._bus.opened.connect(self._opened)
        self._bus.lost.connect(self._lost)
        self._bus.signalled.connect(self._signalled)

    def show(self, notification: Notification) -> None:
        """Shows it, or emits `refused`, perhaps later."""
        if self.available is None:
            self._waiting.append(notification)
        elif not self.available:
            self.refused.emit(notification)
        else:
            call = new_method_call(_SERVICE, "Notify", "susssasa{sv}i", self._arguments(notification))
            before = self._taken_back
            self._bus.ask(call, lambda reply: self._taken(notification, reply, wanted=before == self._taken_back))

    def take_back(self) -> list[Notification]:
        """Has what is shown, on the screen or in the desktop's list, removed; clicks lead nowhere any more. Answers
        what was not shown yet, and is not going to be."""
        self._taken_back += 1
        for number in self._shown:
            self._close(number)
        self._shown.clear()
        waiting, self._waiting = self._waiting, []
        return waiting

    def _close(self, number: int) -> None:
        self._bus.tell(new_method_call(_SERVICE, "CloseNotification", "u", (number,)))

    def end(self) -> None:
        """Lets go of the bus; what is shown stays, but clicks on it no longer lead anywhere."""
        self.available = False
        self._shown.clear()
        self._bus.end()

    def _opened(self) -> None:
        self._bus.listen(_SIGNALS)
        self._bus.ask(new_method_call(_SERVICE, "GetCapabilities"), self._capabilities_known)

    def _capabilities_known(self, reply: Message | None) -> None:
        words = reply.body[0] if reply is not None and reply.body else None
        if not isinstance(words, list):
            self._lost(Problem("The desktop has no notification service."))
            return
        self._capabilities = frozenset(word for word in words if isinstance(word, str))
        self.available = True
        waiting, self._waiting = self._waiting, []
        for notification in waiting:
            self.show(notification)

    def _arguments(self, notification: Notification) -> tuple[object, ...]:
        can = self._capabilities
        text = escape(notification.text, quote=False) if "body-markup" in can else notification.text
        actions = ["default", notification.action, "go", notification.action] if "actions" in can else []
        hints = {"desktop-entry": ("s", assets.APP_ID), "urgency": ("y", 1)}
        return ("Technician Console", 0, assets.APP_ID, notification.title, text, actions, hints, -1)

    def _taken(self, notification: Notification, reply: Message | None, *, wanted: bool) -> None:
        number = reply.body[0] if reply is not None and reply.body else None
        if reply is not None and isinstance(number, int):
            if not wanted:
                self._close(number)
                return
            self._shown[number] = _Shown(reply.header.fields.get(HeaderFields.sender, ""), notification)
        else:
            self.refused.emit(notification)

    def _signalled(self, message: Message) -> None:
        fields = message.header.fields
        if fields.get(HeaderFields.interface) == _NAME:
            self._said(fields.get(HeaderFields.member), fields.get(HeaderFields.sender), message.body)

    def _said(self, member: object, sender: object, body: Sequence[object]) -> None:
        number = body[0] if len(body) == 2 else None
        shown = self._shown.get(number) if isinstance(number, int) else None
        if shown is None or shown.sender != sender or not isinstance(number, int):
            return
        if member == _TOKEN and isinstance(body[1], str):
            shown.token = body[1]
        elif member == _CLOSED:
            del self._shown[number]
        elif member == _ACTION:
            if shown.token:  # Wayland lets only whoever has it come to the front; Qt takes it from there
                os.environ["XDG_ACTIVATION_TOKEN"] = shown.token
            self.chosen.emit(shown.notification)

    def _lost(self, problem: Problem) -> None:
        _log.info("no notifications by D-Bus: %s", problem.report())
        waiting, self._waiting = self._waiting, []
        self.end()
        for notification in waiting:
            self.refused.emit(notification)
