"""A display of its own for the demo's agent to share, with a few programs on it (Linux, Xvfb).

The technician's own screen would show itself in itself, and would be open to whoever finds the demo.
"""

import contextlib
import os
import secrets
import select
import shutil
import socket
import struct
import sys
from pathlib import Path

from console.demo import mesh_background
from console.demo.children import Child
from console.problem import Problem

SIZE = (1280, 800)
_BACKGROUND = 0x2B4C6F
_READY_SECONDS = 20.0
_FIRST_NUMBER, _LAST_NUMBER = 90, 590
_FAMILY_WILD = 65535
_TAKEN = ("/tmp/.X{}-lock", "/tmp/.X11-unix/X{}")  # noqa: S108 - where X servers have their locks and sockets
_WELCOME = (
    "printf '%s\\n' '' '  Technician Console: the demo' '' "
    "'  This is a display of its own on this computer.' '  What you type here runs as you.' ''; "
    'exec "${SHELL:-/bin/sh}"'
)
# Program, arguments: those that are installed are started, in this order.
_PROGRAMS: tuple[tuple[str, ...], ...] = (
    ("openbox", "--sm-disable"),
    ("xterm", "-title", "Terminal", "-geometry", "88x30+40+50", "-fa", "monospace", "-fs", "10",
     "-bg", "#fdfdfb", "-fg", "#202428", "-e", "/bin/sh", "-c", _WELCOME),
    ("xclock", "-geometry", "230x230-50+60", "-update", "1"),
    ("xeyes", "-geometry", "230x150-50+360"),
    ("xlogo", "-geometry", "150x150-90+580"),
)  # fmt: skip


class SharedDesktop:
    """One Xvfb and its programs. Methods block and are called from one thread at a time."""

    def __init__(self, folder: Path, home: Path) -> None:
        """`folder`, made by this, holds the display's key; `home` is the home folder of its programs."""
        self._folder = folder
        self._home = home
        self._server: Child | None = None
        self._programs: list[Child] = []
        self._cookie = secrets.token_bytes(16)
        self._claimed: socket.socket | None = None
        self.display = ""
        """The display's name, ":N"; empty before `start`."""

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to reach the display; nobody without this key does."""
        return {"DISPLAY": self.display, "XAUTHORITY": str(self._key_file)}

    @property
    def pids(self) -> list[int]:
        """Ids of the display server and of its programs that run."""
        server = [self._server] if self._server is not None else []
        return [child.pid for child in (*server, *self._programs) if child.running]

    @staticmethod
    def missing() -> str | None:
        """Why there can be no display here, None when there can be one."""
        if sys.platform != "linux":
            return "The demo can share a desktop on Linux only; terminal and files work."
        if shutil.which("Xvfb") is None:
            return "Xvfb is not installed (package xvfb), so there is no desktop to show; terminal and files work."
        return None

    def start(self) -> None:
        """Starts the display and those of the programs that are installed. Raises Problem."""
        if reason := self.missing():
            raise Problem(reason)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write_key()
            self._server = self._started_server()
            mesh_background.paint(int(self.display.removeprefix(":")), self._cookie, _BACKGROUND)
            self._start_programs()
        except OSError as error:
            self.stop()
            raise Problem("The demo's display could not be started.", "", str(error)) from error

    def stop(self) -> None:
        """Ends the programs and the display. Safe to call again."""
        for program in self._programs:
            program.end(2.0)
        self._programs.clear()
        if self._server is not None:
            self._server.end()
        self._unclaim()

    @property
    def _key_file(self) -> Path:
        return self._folder / "Xauthority"

    def _write_key(self) -> None:
        # The file format of Xauthority, with one entry for any host and any display, so that no xauth is needed.
        parts = (b"", b"", b"MIT-MAGIC-COOKIE-1", self._cookie)
        entry = struct.pack("!H", _FAMILY_WILD) + b"".join(struct.pack("!H", len(part)) + part for part in parts)
        with os.fdopen(os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(entry)

    def _claim(self, number: int) -> bool:
        """Takes a number for as long as this display is there. With -displayfd the servers of two demos that start at
        the same moment would take the same one, and the second the first one's socket as well."""
        self._unclaim()
        if sys.platform != "linux":
            return True
        claimed = socket.socket(socket.AF_UNIX)
        try:
            claimed.bind(f"\0technician-console display {number}")  # a name without a file: it ends with us
        except OSError:
            claimed.close()
            return False
        self._claimed = claimed
        return True

    def _unclaim(self) -> None:
        if self._claimed is not None:
            self._claimed.close()
            self._claimed = None

    def _started_server(self) -> Child:
        # The agent, when root runs it, looks for the display in the list of processes, as "X… :N … -auth FILE"
        # (its module monitor-info): so the number and the key's file stand in the command.
        width, height = SIZE
        output = ""
        for number in range(_FIRST_NUMBER, _LAST_NUMBER):
            if any(Path(place.format(number)).exists() for place in _TAKEN) or not self._claim(number):
                continue
            ready, told = os.pipe()
            with os.fdopen(ready, "rb") as reading:
                try:
                    server = Child(
                        ["Xvfb", f":{number}", "-auth", self._key_file, "-displayfd", str(told), "-nolisten", "tcp",
                         "-noreset", "-screen", "0", f"{width}x{height}x24"],
                        folder=self._folder,
                        environment=os.environ,
                        pass_fds=(told,),
                    )  # fmt: skip
                finally:
                    os.close(told)
                answered, _, _ = select.select([reading], [], [], _READY_SECONDS)
                if answered and reading.readline().strip() == str(number).encode():
                    self.display = f":{number}"
                    return server
            server.end()
            output = server.tail()  # after its end: what it wrote last says why
            if "already active" not in output and "in use" not in output:
                break
        raise Problem("The demo's display could not be started.", "", output)

    def _start_programs(self) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        # The user's own cache of fonts: without it the first window takes seconds.
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        environment = kept | self.environment | {"HOME": str(self._home), "XDG_CACHE_HOME": cache}
        for name, *arguments in _PROGRAMS:
            if shutil.which(name) is None:
                continue
            with contextlib.suppress(OSError):
                self._programs.append(Child([name, *arguments], folder=self._home, environment=environment))
