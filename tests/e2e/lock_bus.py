"""A desktop that is locked and unlocked: logind on a system bus of the tests' own, and a screen locker on their session
bus, each a process of its own.

Started as a program it serves one of the two: each line of its standard input, [interface, member, signature, body], is
sent as a signal.
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_error, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection

LOGIND, SAVER = "org.freedesktop.login1", "org.gnome.ScreenSaver"
_SESSION = "/org/freedesktop/login1/session/_31"
_PATHS = {LOGIND: _SESSION, SAVER: "/org/gnome/ScreenSaver"}
_BUSES = {LOGIND: "SYSTEM", SAVER: "SESSION"}
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class LockBus:
    """Use as a context; `folder` is for the socket of the system bus."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._services: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> "LockBus":
        config, socket = self._folder / "bus.conf", self._folder / "bus"
        config.write_text(_CONFIG.format(socket=socket), encoding="utf-8")
        before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={socket}"
        self._stack.callback(_restore, before)
        bus = self._run(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"])
        assert bus.stdout is not None
        assert bus.stdout.readline()
        for name in _PATHS:
            service = self._services[name] = self._run([sys.executable, str(Path(__file__)), name])
            assert service.stdout is not None
            assert service.stdout.readline() == "ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ask_to_lock(self) -> None:
        """As `loginctl lock-session` does."""
        self._signal(LOGIND, f"{LOGIND}.Session", "Lock", "", [])

    def ask_to_unlock(self) -> None:
        """As `loginctl unlock-session` does, whoever calls it."""
        self._signal(LOGIND, f"{LOGIND}.Session", "Unlock", "", [])

    def hint(self, locked: bool) -> None:
        """The desktop says that it is locked, or is not any more."""
        body = [f"{LOGIND}.Session", {"LockedHint": ["b", locked]}, []]
        self._signal(LOGIND, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", body)

    def saver(self, active: bool) -> None:
        """The screen locker says so."""
        self._signal(SAVER, SAVER, "ActiveChanged", "b", [active])

    def _signal(self, name: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        pipe = self._services[name].stdin
        assert pipe is not None
        pipe.write(json.dumps([interface, member, signature, body]) + "\n")
        pipe.flush()

    def _run(self, command: list[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._stack.callback(_end, process)
        return process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _restore(before: str | None) -> None:
    if before is None:
        del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
    else:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = before


def _serve(name: str) -> None:
    connection = open_dbus_connection(_BUSES[name])
    reply = connection.send_and_get_reply(message_bus.RequestName(name))
    assert reply.body == (1,), "the name is taken"
    print("ready", flush=True)
    threading.Thread(target=_tell, args=(connection, name), daemon=True).start()
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        if message.header.fields.get(HeaderFields.member) == "GetSession" and message.body == ("auto",):
            connection.send(new_method_return(message, "o", (_SESSION,)))
        else:
            connection.send(new_error(message, "org.freedesktop.DBus.Error.Failed"))


def _tell(connection: DBusConnection, name: str) -> None:
    for line in sys.stdin:
        interface, member, signature, body = json.loads(line)
        if signature == "sa{sv}as":
            body[1] = {key: tuple(value) for key, value in body[1].items()}
        emitter = DBusAddress(_PATHS[name], interface=interface)
        connection.send(new_signal(emitter, member, signature or None, tuple(body)))


if __name__ == "__main__":
    _serve(sys.argv[1])
