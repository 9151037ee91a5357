"""A keyring that is locked or gone, and a D-Bus that goes, while the console is at work: the work goes on.

At the start and at a sign-in the technician is asked what to do: tests/e2e/test_keyring.py, on the real prompt.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import keyring.errors
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.secret import Secret
from console.sessions.progress import State
from console.vault.store import KeyringVault, Kind, open_vault
from tests.faults.faulty import SESSION_TOKEN, Faulty
from tests.faults.list_server import good, rows
from tests.faults.window import Office
from tests.unit.tls import Identity
from tests.unit.vault.backend import InMemory

FAILURES: dict[str, tuple[Exception, str]] = {
    "locked": (keyring.errors.KeyringLocked("dismissed"), "The keyring of this computer is locked."),
    "gone": (keyring.errors.InitError("no service"), "No keyring was found on this computer."),
    "broken": (OSError("the bus is away"), "The keyring of this computer did not answer as it should."),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_in_mid_run(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity, failure: str
) -> None:
    error, words = FAILURES[failure]
    backend = InMemory()
    office = Office(qapp, qtbot, tmp_path, lambda: KeyringVault(backend))
    page = office.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
    backend.error = error
    goes_on(office, rmm)
    lost = office.app.lists
    lost._secrets.clear()
    lost._kept_at.clear()
    page.watch.refresh()
    office.says(f"could not be kept for the next start|{words}")
    office.window._sign_out(office.app.accounts.book.servers[0])
    office.until(lambda: any(words in text for text in office.messages()), lambda: f"{office.messages()}")
    assert not office.app.accounts.connections, "here it is signed out all the same"
    office.until(lambda: rmm.count("POST /logout/") == 1, "the session on the server was not ended")
    office.works()
    office.end()
    assert (f"technician-console {next(iter(office.app.accounts.book.servers)).id}", "session token") in backend.kept


def goes_on(office: Office, rmm: Faulty) -> None:
    """The list and the sessions need no keyring once the technician is signed in."""
    session = office.open()
    office.until(lambda: bool(office.pages[-1].opened), lambda: f"{session.problem}")
    assert session.state is State.OPENING
    rmm.break_("GET /agents/ ", good(rows(35)))
    office.window.tabs.show_home()
    office.page.watch.refresh()
    office.until(lambda: len(office.page.watch.store) == 35, "the list does not go on")
    office.works()


class Bus:
    """A D-Bus with a Secret Service on it."""

    def __init__(self, stack: ExitStack, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        reading, writing = os.pipe()
        self.daemon = self._started(
            stack, ["dbus-daemon", "--session", "--nofork", f"--print-address={writing}"], pass_fds=(writing,)
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", pipe.readline().strip())
        for name in ("HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
            (folder / name).mkdir(mode=0o700)
            monkeypatch.setenv(name, str(folder / name))
        keyring = self._started(
            stack, ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], stdin=subprocess.PIPE
        )
        assert keyring.stdin is not None
        keyring.stdin.write(b"a password")
        keyring.stdin.close()

    def kill(self) -> None:
        self.daemon.kill()
        self.daemon.wait()

    @staticmethod
    def _started(
        stack: ExitStack, command: list[str], *, pass_fds: tuple[int, ...] = (), stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, pass_fds=pass_fds, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

        def end() -> None:
            process.kill()
            process.wait()

        stack.callback(end)
        return process


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    if sys.platform != "linux" or not (shutil.which("dbus-daemon") and shutil.which("gnome-keyring-daemon")):
        pytest.skip("a D-Bus with a Secret Service of its own")
    with ExitStack() as stack:
        yield Bus(stack, tmp_path, monkeypatch)


def test_the_bus_goes_in_mid_run(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity, bus: Bus
) -> None:
    """The console does not go with it; what needs it says so, and a notification is said in the window instead."""
    office = Office(qapp, qtbot, tmp_path, open_vault)
    office.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
    server = office.app.accounts.book.servers[0]
    assert stored(office, server.id) == SESSION_TOKEN, "it was in the keyring"
    bus.kill()
    goes_on(office, rmm)
    told_instead(office, "PC-00000 is online")
    problems: list[str] = []
    office.app.accounts.with_vault(
        lambda vault: vault.get(server.id, Kind.SESSION_TOKEN),
        lambda _: None,
        lambda problem: problems.append(problem.what),
    )
    office.until(lambda: bool(problems), "the keyring's question does not end")
    assert problems[0] in [words for _, words in FAILURES.values()]
    office.window._sign_out(server)
    office.until(lambda: any(problems[0] in text for text in office.messages()), lambda: f"{office.messages()}")
    assert not office.app.accounts.connections
    office.works()
    office.end()


def stored(office: Office, server_id: str) -> str:
    found: list[Secret | None] = []
    office.app.accounts.with_vault(
        lambda vault: vault.get(server_id, Kind.SESSION_TOKEN), found.append, lambda _: found.append(None)
    )
    office.until(lambda: bool(found), "the keyring does not answer")
    return found[0].reveal() if found[0] else ""


def told_instead(office: Office, title: str) -> None:
    """A notification that the desktop cannot show is refused at once, for whoever wanted it, or said in the window."""
    if office.app.notifier.notify(title, "Its session opens now.", "Show", lambda: None):
        office.until(lambda: title in office.words(), "nobody was told")
