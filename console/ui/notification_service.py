"""The desktop's notification service on Linux: org.freedesktop.Notifications, version 1.2 of its specification.

By jeepney and not by QtDBus: Python can give that no unsigned numbers, and Notify takes one.
"""

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, Parser, message_bus, new_method_call
from jeepney.bus import get_bus
from jeepney.io.blocking import prep_socket
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from console import assets
from console.problem import Problem
from console.ui.notifications import Notification
from console.work import Runner

_log = logging.getLogger(__name__)
_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_SERVICE = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
_SIGNALS = MatchRule(type="signal", interface=_NAME, path=_PATH)
_ACTION, _CLOSED, _TOKEN = "ActionInvoked", "NotificationClosed", "ActivationToken"
_CONNECT_SECONDS = 2.0
_REPLY_MILLISECONDS = 5000
_CHUNK = 65_536


@dataclass
class _Shown:
    """`sender` is the service's own name on the bus, which is never given twice."""

    sender: str
    notification: Notification
    token: str = ""


class NotificationService(QObject):
    """Nothing here waits: what is sent goes into the socket, and answers are taken when they come.

    `available` is None until it is known whether the desktop has such a service.
    """

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
        self._replies: dict[int, Callable[[Message | None], None]] = {}
        self._shown: dict[int, _Shown] = {}
        self._serials = count(1)
        self._parser = Parser()
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        runner.run(lambda: prep_socket(get_bus("SESSION"), timeout=_CONNECT_SECONDS), self._connected, self._lost)

    def show(self, notification: Notification) -> None:
        """Shows it, or emits `refused`, perhaps later."""
        if self.available is None:
            self._waiting.append(notification)
        elif not self.available:
            self.refused.emit(notification)
        else:
            self._ask(
                "Notify",
                "susssasa{sv}i",
                self._arguments(notification),
                lambda reply: self._taken(notification, reply),
            )

    def end(self) -> None:
        """Lets go of the bus; what is shown stays, but clicks on it no longer lead anywhere."""
        self.available = False
        self._replies.clear()
        self._shown.clear()
        if self._notifier:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._socket:
            self._socket.close()
            self._socket = None

    def _connected(self, connection: socket.socket) -> None:
        if self.available is not None:  # ended meanwhile
            connection.close()
            return
        connection.setblocking(False)
        self._socket = connection
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._readable)
        self._send(message_bus.Hello())
        self._send(message_bus.AddMatch(_SIGNALS))
        self._ask("GetCapabilities", None, (), self._capabilities_known)

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

    def _taken(self, notification: Notification, reply: Message | None) -> None:
        number = reply.body[0] if reply is not None and reply.body else None
        if reply is not None and isinstance(number, int):
            self._shown[number] = _Shown(reply.header.fields.get(HeaderFields.sender, ""), notification)
        else:
            self.refused.emit(notification)

    def _ask(
        self, method: str, signature: str | None, body: Sequence[object], answered: Callable[[Message | None], None]
    ) -> None:
        """Calls the service; `answered` gets None for an error, or when no answer comes in time."""
        serial = self._send(new_method_call(_SERVICE, method, signature, tuple(body)))
        self._replies[serial] = answered
        QTimer.singleShot(_REPLY_MILLISECONDS, self, lambda: self._answer(serial, None))

    def _answer(self, serial: int, reply: Message | None) -> None:
        if answered := self._replies.pop(serial, None):
            answered(reply)

    def _send(self, message: Message) -> int:
        serial = next(self._serials)
        try:
            if self._socket:
                self._socket.sendall(message.serialise(serial=serial))
        except OSError as error:  # a full socket too: the bus does not work any more
            self._lost(Problem("The connection to the desktop's bus broke off.", "", str(error)))
        return serial

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_CHUNK) if self._socket else b""
            messages = self._parser.feed(data) if data else None
        except BlockingIOError:
            return
        except Exception as error:  # whatever the bus sent that is none of its messages
            self._lost(Problem("The desktop's bus sent something unreadable.", "", type(error).__name__))
            return
        if messages is None:
            self._lost(Problem("The desktop's bus closed the connection."))
            return
        for message in messages:
            self._received(message)

    def _received(self, message: Message) -> None:
        fields = message.header.fields
        if message.header.message_type is MessageType.method_return:
            self._answer(fields.get(HeaderFields.reply_serial, 0), message)
        elif message.header.message_type is MessageType.error:
            self._answer(fields.get(HeaderFields.reply_serial, 0), None)
        elif message.header.message_type is MessageType.signal and fields.get(HeaderFields.interface) == _NAME:
            self._signalled(fields.get(HeaderFields.member), fields.get(HeaderFields.sender), message.body)

    def _signalled(self, member: object, sender: object, body: Sequence[object]) -> None:
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
        replies = list(self._replies.values())
        self.end()
        for answered in replies:
            answered(None)
        for notification in waiting:
            self.refused.emit(notification)
