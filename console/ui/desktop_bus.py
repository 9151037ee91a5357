"""A connection to a D-Bus, Linux only: the session's or the system's. Nothing in it waits.

By jeepney and not by QtDBus: Python can give that no unsigned numbers, and cannot take signals of just any sender.
"""

import logging
import socket
from collections.abc import Callable
from itertools import count

from jeepney import HeaderFields, MatchRule, Message, MessageType, Parser, message_bus
from jeepney.bus import get_bus
from jeepney.io.blocking import prep_socket
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from console.problem import Problem
from console.work import Runner

_log = logging.getLogger(__name__)
_CONNECT_SECONDS = 2.0
_REPLY_MILLISECONDS = 5000
_CHUNK = 65_536
Answered = Callable[[Message | None], None]
"""Gets None for an error, or when no answer comes in time."""


class DesktopBus(QObject):
    """What is sent goes into the socket, and answers are taken when they come."""

    opened = Signal()
    lost = Signal(object)
    """A Problem: there is no such bus, or it does not work any more. Nothing comes after it."""
    signalled = Signal(object)
    """A jeepney Message: a signal that `listen` asked for."""

    def __init__(self, bus: str, runner: Runner, parent: QObject | None = None) -> None:
        """`bus` is "SESSION" or "SYSTEM"; `runner` connects, which may take some seconds where it does not answer."""
        super().__init__(parent)
        self._name = bus
        self._over = False
        self._replies: dict[int, Answered] = {}
        self._serials = count(1)
        self._parser = Parser()
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        runner.run(lambda: prep_socket(get_bus(bus), timeout=_CONNECT_SECONDS), self._connected, self._fail)

    def listen(self, rule: MatchRule) -> None:
        """Has the bus hand on the signals that fit."""
        self._send(message_bus.AddMatch(rule))

    def ask(self, call: Message, answered: Answered) -> None:
        """Makes a call."""
        serial = self._send(call)
        if self._over:
            answered(None)
            return
        self._replies[serial] = answered
        QTimer.singleShot(_REPLY_MILLISECONDS, self, lambda: self._answer(serial, None))

    def tell(self, call: Message) -> None:
        """Makes a call whose answer nobody needs."""
        self._send(call)

    def end(self) -> None:
        """Lets go of the bus; nothing that is awaited comes any more."""
        self._over = True
        self._replies.clear()
        if self._notifier:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._socket:
            self._socket.close()
            self._socket = None

    def _connected(self, connection: socket.socket) -> None:
        if self._over:
            connection.close()
            return
        connection.setblocking(False)
        self._socket = connection
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._readable)
        self._send(message_bus.Hello())
        self.opened.emit()

    def _answer(self, serial: int, reply: Message | None) -> None:
        if answered := self._replies.pop(serial, None):
            answered(reply)

    def _send(self, message: Message) -> int:
        serial = next(self._serials)
        try:
            if self._socket:
                self._socket.sendall(message.serialise(serial=serial))
        except OSError as error:  # a full socket too: the bus does not work any more
            self._fail(Problem("The connection to the desktop's bus broke off.", "", str(error)))
        return serial

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_CHUNK) if self._socket else b""
            messages = self._parser.feed(data) if data else None
        except BlockingIOError:
            return
        except Exception as error:  # whatever the bus sent that is none of its messages
            self._fail(Problem("The desktop's bus sent something unreadable.", "", type(error).__name__))
            return
        if messages is None:
            self._fail(Problem("The desktop's bus closed the connection."))
            return
        for message in messages:
            self._received(message)

    def _received(self, message: Message) -> None:
        fields = message.header.fields
        if message.header.message_type is MessageType.method_return:
            self._answer(fields.get(HeaderFields.reply_serial, 0), message)
        elif message.header.message_type is MessageType.error:
            self._answer(fields.get(HeaderFields.reply_serial, 0), None)
        elif message.header.message_type is MessageType.signal:
            self.signalled.emit(message)

    def _fail(self, problem: Problem) -> None:
        if self._over:
            return
        _log.info("no %s bus: %s", self._name.lower(), problem.report())
        replies = list(self._replies.values())
        self.end()
        for answered in replies:
            answered(None)
        self.lost.emit(problem)
