"""The console ends in order whatever it is doing: when the desktop session ends, and when its window is closed."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.preferences import PreferenceFile
from console.sessions.journal_entry import Query
from console.sessions.journal_store import UNEXPECTED, JournalStore
from tests.faults.catalog import black_hole
from tests.faults.faulty import Faulty
from tests.faults.list_server import agent_id
from tests.unit.tls import Identity

ROOT = Path(__file__).parents[2]
STATES = {
    "nothing is done": "",
    "the address is asked": "GET / ",
    "the list is asked": "GET /agents/ ",
    "a link is asked": f"GET /agents/{agent_id(0)}/meshcentral/",
    "a page loads": "GET /?gotonode=",
    "a session is connected": "",
    "a question is open": "",
    "an error is shown": "",
    "the keyring hangs": "",
    "the disk hangs": "",
}
"""Each with the requests that are never answered."""


class Program:
    """A console of its own, in a state; `errors` is what it said on its standard error once it has ended."""

    def __init__(self, state: str, folder: Path, rmm: Faulty, mesh: Faulty, own: Identity) -> None:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        if sys.platform == "linux" and os.geteuid() == 0:
            environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        words = [state, str(folder), rmm.address, mesh.address, own.fingerprint]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.program", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.errors = ""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line != "READY\n":
            self.process.kill()
            raise AssertionError(line + self.process.communicate()[1])
        self.children = psutil.Process(self.process.pid).children(recursive=True)

    def terminated(self) -> int:
        """What it answers to the end of the desktop session."""
        self.process.send_signal(signal.SIGTERM)
        killer = threading.Timer(25, self.process.kill)
        killer.start()
        _, self.errors = self.process.communicate()
        killer.cancel()
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity) -> Iterator["Start"]:
    made = Start(tmp_path, rmm, mesh, own)
    yield made
    for program in made.programs:
        with contextlib.suppress(ProcessLookupError):
            program.process.kill()


class Start:
    def __init__(self, folder: Path, rmm: Faulty, mesh: Faulty, own: Identity) -> None:
        self._parts = folder, rmm, mesh, own
        self.programs: list[Program] = []

    def __call__(self, state: str) -> Program:
        folder, rmm, mesh, own = self._parts
        if begins := STATES[state]:
            (mesh if state == "a page loads" else rmm).break_(begins, black_hole)
        self.programs.append(Program(state, folder, rmm, mesh, own))
        return self.programs[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("state", STATES)
def test_the_end_of_the_desktop_session_ends_it(start: Start, state: str, tmp_path: Path) -> None:
    program = start(state)
    assert program.terminated() == 0, program.errors
    own_fault = "on purpose" in program.errors
    assert own_fault or "Traceback" not in program.errors, program.errors
    _, alive = psutil.wait_procs(program.children, timeout=10)
    assert not alive, "no process of the web engine is left"
    assert not list((tmp_path / "data").glob("run-*.lock")), "the journal was left in order"
    if state in ("a session is connected", "a question is open"):
        store = JournalStore(tmp_path / "data" / "journal.sqlite")
        (entry,) = store.find(Query(""), 10).entries
        store.close()
        assert entry.ended is not None
        assert UNEXPECTED not in entry.how
    if state != "the disk hangs":
        assert PreferenceFile(tmp_path / "config" / "preferences.json").load().window_geometry
