"""Pictures of sessions: tabs, windows, transfers, the journal, and what is lost."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.transferring import go_to
from tests.e2e.web import WebPage
from tests.pictures.camera import HEIGHT, WIDTH, Camera

assert sys.platform == "linux", "the end-to-end tests need X11"
_HANDOVER = (("drivers.zip", 3_400_000), ("handover notes.txt", 2_100), ("printer.cfg", 900))


@pytest.fixture
def handover() -> Iterator[Path]:
    """A folder of the far end with a name that may be seen in a picture."""
    folder = Path("/tmp/Handover")
    folder.mkdir()
    for name in ("Invoices 2026", "Photos"):
        (folder / name).mkdir()
    for name, size in _HANDOVER:
        (folder / name).write_bytes(os.urandom(size))
    yield folder
    shutil.rmtree(folder)


def opened(console: Console, rmm: Rmm, live: int, kind: SessionKind) -> Session:
    console.window.tabs.show_home()
    session = console.open(rmm.live[live].hostname, kind)
    console.connected(session)
    return session


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_pictures(desk: Desk, rmm: Rmm, hands: Hands, qtbot: QtBot, theme: Theme, handover: Path) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    console = desk.signed_in(rmm)
    window = console.window
    window.resize(WIDTH, HEIGHT)
    window.move(20, 20)

    control = opened(console, rmm, 0, SessionKind.CONTROL)
    terminal = opened(console, rmm, 1, SessionKind.TERMINAL)
    WebPage(console, terminal).click(".xterm-screen")
    for line in ("PS1='tess@demo:~$ '; cd; clear", "date -u +%A; echo; df -h --output=pcent,target / | head -3"):
        hands.type(line)
        hands.press("Return")
    files = opened(console, rmm, 0, SessionKind.FILES)
    second = opened(console, rmm, 2, SessionKind.CONTROL)
    window.tabs.setCurrentWidget(console.tab(control))
    camera.take("four-tabs", window, 2500)

    window.area.other_side(console.tab(terminal))
    camera.take("side-by-side", window, 2500)
    window.area.other_side(console.tab(terminal))

    detached = window.workspace.detach(console.tab(terminal))
    detached.resize(900, 560)
    detached.move(180, 160)
    camera.take_display("detached", detached, 1500)
    window.workspace.bring_back(console.tab(terminal))

    window.tabs.setCurrentWidget(console.tab(control))
    window.workspace.enter_full_screen(console.tab(control))
    qtbot.wait(800)
    full_screen = window.workspace.full_screen
    assert full_screen is not None
    full_screen.show_bar()
    camera.take_display("full-screen", window, 500)
    window.workspace.leave_full_screen()
    qtbot.wait(600)

    waits(console, rmm, camera, qtbot)
    transfers(console, files, handover, desk.folder, camera, hands, qtbot)

    console.app.sessions.close(second)
    window.journal_wanted.emit()
    qtbot.wait(900)
    journal = console.app.journal_desk.page
    assert journal is not None
    journal.table.setFocus()
    journal.table.select_first()
    camera.take("journal", window)

    window.tabs.setCurrentWidget(console.tab(control))
    qtbot.wait(6500)  # until it has a last picture
    rmm.mesh.agent.stop()
    try:
        console.until(lambda: control.state is State.LOST)
        camera.take("lost", window, 1500)
    finally:
        rmm.mesh.agent.start()
    console.connected(control)


def waits(console: Console, rmm: Rmm, camera: Camera, qtbot: QtBot) -> None:
    agent = rmm.live[1]
    rmm.api.status_override[agent.agent_id] = "offline"
    console.window.tabs.show_home()
    console.agents.watch.refresh()
    qtbot.wait(800)
    waiting = console.open(agent.hostname, SessionKind.CONTROL)
    console.until(lambda: waiting.state is State.OFFLINE)
    waiting.wait_for_online()
    camera.take("waiting", console.window)
    console.app.sessions.close(waiting)
    del rmm.api.status_override[agent.agent_id]


def transfers(
    console: Console, files: Session, there: Path, folder: Path, camera: Camera, hands: Hands, qtbot: QtBot
) -> None:
    console.window.tabs.setCurrentWidget(console.tab(files))
    go_to(WebPage(console, files), hands, there)
    here = folder / "to send"
    here.mkdir()
    for name, size in (("report.pdf", 300_000), ("Read me.txt", 5), ("driver-pack.zip", 600_000_000)):
        (here / name).write_bytes(os.urandom(size))
    moved = console.app.transfers
    moved.upload(files, [here / "report.pdf", here / "Read me.txt", here / "driver-pack.zip"])
    camera.take("transfers", console.window, 2600)
    for transfer in moved:
        transfer.cancel()
    qtbot.wait(1500)
    for transfer in list(moved):
        moved.remove(transfer)
