"""A real Secret Service on a D-Bus of its own, unlocked: what the console's keyring is on Linux."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def secret_service(home: Path) -> Iterator[dict[str, str]]:
    """Yields the variables that lead to it. Its keyring is kept below `home`."""
    with ExitStack() as stack:
        runtime = home / "run"
        runtime.mkdir(mode=0o700, parents=True)
        environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
        read, write = os.pipe()
        command = ["dbus-daemon", "--session", "--nofork", f"--print-address={write}"]
        stack.callback(_end, _start(command, environment, pass_fds=(write,)))
        os.close(write)
        with os.fdopen(read) as pipe:
            environment["DBUS_SESSION_BUS_ADDRESS"] = pipe.readline().strip()
        keyring = _start(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            environment,
            stdin=subprocess.PIPE,
        )
        stack.callback(_end, keyring)
        assert keyring.stdin is not None
        keyring.stdin.write(secrets.token_urlsafe(12).encode())
        keyring.stdin.close()
        yield environment


def _start(
    command: list[str],
    environment: dict[str, str],
    *,
    pass_fds: tuple[int, ...] = (),
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env={**os.environ, **environment},
        pass_fds=pass_fds,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
