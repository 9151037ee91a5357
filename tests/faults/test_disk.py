"""A full disk and a home that cannot be written: said once, nothing that was kept is lost, and the work goes on."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.preferences import PreferenceFile
from console.servers import ServerBook
from console.sessions.agent_watches import AgentWatchFile, Awaited
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.journal_entry import Query
from console.sessions.journal_store import JournalStore
from console.sessions.progress import State
from console.vault.store import MemoryVault
from tests.faults.faulty import Faulty, faulty_rmm
from tests.faults.list_server import good, rows
from tests.faults.window import Office

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rmm() -> Iterator[Faulty]:
    with faulty_rmm() as made:
        yield made


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    by_root = sys.platform == "linux" and os.geteuid() == 0
    if not by_root or _run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder):
        pytest.skip("a small disk can be mounted by root on Linux only")
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder)


def _run(*words: object) -> int:
    return subprocess.run([str(word) for word in words], capture_output=True, check=False).returncode


class Lasting(MemoryVault):
    """As the keyring of an operating system, so that the list is kept."""

    lasting = True


def fill(folder: Path) -> Path:
    """Until nothing more goes onto it."""
    file = folder / "stuffing"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"x" * 512)
    os.close(handle)
    return file


def test_a_full_disk(small_disk: Path, qapp: QApplication, qtbot: QtBot, rmm: Faulty) -> None:
    office = Office(qapp, qtbot, small_disk, Lasting)
    page = office.sign_in(rmm)
    app = office.app
    server = app.accounts.book.servers[0]
    office.until(lambda: (small_disk / "data" / "lists" / f"{server.id}.agents").exists(), "the list was not kept")
    office.until(lambda: (small_disk / "data" / "journal.sqlite").exists())
    stuffing = fill(small_disk)
    agent = next(iter(page.watch.store.agents()))

    office.window.remember(technician="Tess")
    app.accounts.put(msgspec.structs.replace(server, name="Renamed"))
    page.bookmarks.change(lambda now: now.starred(frozenset({agent.agent_id}), on=True))
    app.agent_watches.add(server.id, [agent], Awaited.OFFLINE)
    session = office.open()
    app.lists._kept_at.clear()
    rmm.break_("GET /agents/ ", good(rows(40)))
    page.watch.refresh()

    said = (
        "Your preferences could not be saved: No space left on device.",
        "The list of your servers could not be saved: No space left on device.",
        "Your stars and views of a server could not be saved: No space left on device.",
        "The list of agents that you watch could not be saved: No space left on device.",
        "The journal cannot be written: the disk is full.",
    )
    office.until(lambda: all(one in " ".join(office.messages()) for one in said), lambda: f"{office.messages()}")
    office.window.tabs.show_home()
    office.says("The list of agents could not be kept for the next start: No space left")
    assert all("Make room on the disk" in text for text in office.messages())
    office.until(lambda: len(page.watch.store) == 40, "the list does not go on")
    assert session.state is not State.CLOSED
    before = len(office.messages())
    office.window.remember(technician="Tess T.")
    page.bookmarks.change(lambda now: now.used(agent.agent_id))
    office.wait(200)
    assert len(office.messages()) == before, "it is said once"
    office.works()

    stuffing.unlink()
    for saver in (app._saver, app.accounts._saver, page.bookmarks._saver, app.agent_watches._saver):
        assert saver is not None
        assert saver._again.isActive(), "it is tried again by itself"
        saver._again.timeout.emit()
    app.journal.tick()
    office.until(lambda: app.journal.problem is None, "the journal does not go on")
    office.end()
    config = small_disk / "config"
    assert PreferenceFile(config / "preferences.json").load().technician == "Tess T."
    assert ServerBook(config / "servers.json").servers[0].name == "Renamed"
    assert [one.agent for one in AgentWatchFile(config / "watches.json").load()[0]] == [agent.agent_id]
    store = JournalStore(small_disk / "data" / "journal.sqlite")
    assert len(store.find(Query(""), 10).entries) == 1
    store.close()
    assert not list(small_disk.rglob("*.part*")), "no half of a file lies about"
    assert isinstance(page.bookmarks, FleetBookmarks)


def test_a_disk_that_is_slow_at_the_end_gets_the_last_change(office: Office) -> None:
    office.app.disk.run(lambda: _pause(0.5))
    office.window.remember(technician="Tess")
    office.end()
    assert PreferenceFile(office.places.config / "preferences.json").load().technician == "Tess"


def _pause(seconds: float) -> None:
    time.sleep(seconds)


ORDINARY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all"]
"""Root without what lets it write everywhere: an ordinary user may not read root's own Python."""
TECHNICIAN = """
import sys
from pathlib import Path
from console.app import application
from tests.faults.program import Rmm, Waiting
from tests.faults.window import Office
office = Office(application(), Waiting(), Path(sys.argv[1]))
office.sign_in(Rmm(sys.argv[2]))
session = office.open()
office.window.remember(technician="Tess")
office.until(lambda: len(office.messages()) >= 3)
office.until(lambda: str(session.state) == "failed")
office.works()
print("\\n".join(office.messages()))
print("AGENTS", len(office.page.watch.store))
office.end()
print("ENDED")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_a_home_that_cannot_be_written(tmp_path: Path, rmm: Faulty) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    as_ordinary = ORDINARY if sys.platform == "linux" and os.geteuid() == 0 else []
    if as_ordinary and not shutil.which(ORDINARY[0]):
        pytest.skip("root cannot work as an ordinary user without setpriv")
    environment = {
        **os.environ,
        "HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }
    run = subprocess.run(
        [*as_ordinary, sys.executable, "-c", TECHNICIAN, str(home), rmm.address],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Your preferences could not be saved: Permission denied." in run.stdout
    assert "The list of your servers could not be saved: Permission denied." in run.stdout
    assert f"The journal in {home}/data cannot be opened or written." in run.stdout
    assert "Allow your user to write there" in run.stdout
    assert "AGENTS 30" in run.stdout
    assert run.stdout.endswith("ENDED\n")
    assert "Traceback" not in run.stderr
    assert list(home.iterdir()) == []
