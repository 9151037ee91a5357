"""What surrounds the console in the end-to-end tests: a home, a display with a window manager, a keyring."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import platformdirs

_SIZE = "1366x850x24"


class Surroundings:
    """Changes this process's environment while it is used, so that everything started after it is inside."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="console-tests-"))
        self.home = self.folder / "home"
        self.temporary = self.folder / "tmp"
        self.display = ""
        self.keyring_password = secrets.token_urlsafe(12)

    def __enter__(self) -> "Surroundings":
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self._isolate()
            self._show()
            self._unlock()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _isolate(self) -> None:
        cache = platformdirs.user_cache_path()  # MeshCentral's packages are there: 450 MB that are not fetched again
        for folder in (self.home, self.temporary, self.folder / "run"):
            folder.mkdir(mode=0o700)
        self._set("XDG_CACHE_HOME", str(cache))
        self._set("HOME", str(self.home))
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_DOWNLOAD_DIR", "WAYLAND_DISPLAY"):
            self._set(name, None)
        self._set("XDG_RUNTIME_DIR", str(self.folder / "run"))
        self._set("TMPDIR", str(self.temporary))
        tempfile.tempdir = None  # looked up anew

    def _show(self) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", _SIZE, "-nolisten", "tcp", "-noreset"]
        self._start(command, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        self._set("DISPLAY", self.display)
        self._set("QT_QPA_PLATFORM", "xcb")
        self._start(["openbox", "--sm-disable"])

    def _unlock(self) -> None:
        """A real Secret Service on a D-Bus of its own."""
        read, write = os.pipe()
        self._start(["dbus-daemon", "--session", "--nofork", f"--print-address={write}"], pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as pipe:
            self._set("DBUS_SESSION_BUS_ADDRESS", pipe.readline().strip())
        keyring = self._start(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], stdin=subprocess.PIPE
        )
        assert keyring.stdin is not None
        keyring.stdin.write(self.keyring_password.encode())
        keyring.stdin.close()

    def _start(
        self, command: list[str], *, pass_fds: tuple[int, ...] = (), stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=pass_fds
        )
        self._stack.callback(_end, process)
        return process

    def _set(self, name: str, value: str | None) -> None:
        before = os.environ.get(name)
        self._stack.callback(_restore, name, before)
        _restore(name, value)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


assert sys.platform == "linux", "the end-to-end tests need X11"
