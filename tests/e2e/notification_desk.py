"""A desktop's notification service, as a process of its own on the tests' D-Bus: it shows nothing, and clicks.

Started as a program it serves: each call to Notify becomes a line of JSON on its standard output, each to
CloseNotification its number, and each line of its
standard input, [member, number, word], becomes a signal.
"""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_error, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
_FIELDS = ("app", "replaces", "icon", "summary", "body", "actions", "hints", "timeout")
_SIGNATURES = {"ActionInvoked": "us", "ActivationToken": "us", "NotificationClosed": "uu"}


class NotificationDesk:
    """Use as a context. `capabilities` are those of the service."""

    def __init__(
        self, capabilities: Sequence[str] = ("actions", "body", "body-markup"), *, refuses: bool = False
    ) -> None:
        self._words = [*capabilities, *(["refuses"] if refuses else [])]
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.taken_back: list[int] = []
        """The numbers of those that the program had removed."""

    def __enter__(self) -> "NotificationDesk":
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), *self._words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def shown(self) -> dict[str, Any] | None:
        """The next notification that was shown, None while there is none."""
        try:
            return self._lines.get_nowait()
        except queue.Empty:
            return None

    def signal(self, member: str, number: int, word: str | int) -> None:
        """What the service tells when a person clicks."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([member, number, word]) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if isinstance(told, int):
                self.taken_back.append(told)
            else:
                self._lines.put(told)


def _serve(capabilities: Sequence[str]) -> None:
    connection = open_dbus_connection("SESSION")
    reply = connection.send_and_get_reply(message_bus.RequestName(NAME))
    assert reply.body == (1,), "the name is taken"
    print("ready", flush=True)
    threading.Thread(target=_click, args=(connection,), daemon=True).start()
    number = 0
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        member = message.header.fields.get(HeaderFields.member)
        if member == "GetCapabilities":
            connection.send(new_method_return(message, "as", ([word for word in capabilities if word != "refuses"],)))
        elif member == "Notify" and "refuses" not in capabilities:
            assert message.header.fields[HeaderFields.signature] == "susssasa{sv}i"
            number += 1
            connection.send(new_method_return(message, "u", (number,)))
            fields = dict(zip(_FIELDS, message.body, strict=True))
            print(json.dumps({"number": number, **fields}), flush=True)
        elif member == "CloseNotification":
            connection.send(new_method_return(message))
            print(message.body[0], flush=True)
        else:
            connection.send(new_error(message, "org.freedesktop.DBus.Error.Failed"))


def _click(connection: DBusConnection) -> None:
    for line in sys.stdin:
        member, number, word = json.loads(line)
        emitter = DBusAddress(PATH, interface=NAME)
        connection.send(new_signal(emitter, member, _SIGNATURES[member], (number, word)))


if __name__ == "__main__":
    _serve(sys.argv[1:])
