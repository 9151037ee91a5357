"""Connect when it comes online: several at once, and over a restart of the console."""

import sys

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from console.app import App, Options
from console.mesh.session_kind import SessionKind
from console.rmm.models import AgentStatus
from console.sessions.progress import State
from console.sessions.session import Session
from console.vault.store import MemoryVault
from tests.e2e.coming_back import elapse, shell_works, sign_in
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import words

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


def goes(rmm: Rmm, *places: int) -> None:
    for place in places:
        rmm.api.status_override[rmm.live[place].agent_id] = "offline"


def returns(rmm: Rmm, place: int) -> None:
    del rmm.api.status_override[rmm.live[place].agent_id]


def waiting(console: Console, rmm: Rmm, place: int, kind: SessionKind) -> Session:
    """Waits for an agent as a technician does."""
    console.window.tabs.show_home()
    session = console.open(rmm.live[place].hostname, kind)
    console.until(lambda: session.state is State.OFFLINE, "the agent is not taken for offline")
    console.hands.click(console.wait_for_button("Connect when it comes online", console.tab(session)))
    console.until(lambda: session.state is State.WAITING)
    return session


def kept(desk: Desk) -> list[str]:
    """The host names in the file of the waits."""
    file = desk.places.config / "waits.json"
    return [wait["hostname"] for wait in msgspec.json.decode(file.read_bytes())["waits"]]


def test_a_wait_outlasts_the_console(desk: Desk, rmm: Rmm) -> None:
    goes(rmm, 0)
    first = desk.signed_in(rmm)
    waiting(first, rmm, 0, SessionKind.TERMINAL)
    first.until(lambda: kept(desk) == [rmm.live[0].hostname])
    assert rmm.api.audit == []
    desk.end(first)
    assert kept(desk) == [rmm.live[0].hostname], "the end of the console ends no wait"
    second = desk.start(MemoryVault)
    elapse(second, 1)
    assert list(second.app.sessions) == [], "nobody is signed in yet"
    sign_in(second, rmm)
    second.until(lambda: len(list(second.app.sessions)) == 1, "nothing is waited for")
    (session,) = second.app.sessions
    assert (session.state, session.kind) == (State.WAITING, SessionKind.TERMINAL)
    assert session.agent.hostname == rmm.live[0].hostname
    online: list[Session] = []
    second.app.sessions.came_online.connect(online.append)
    second.window.workspace.show(session)
    assert f"Waiting for {rmm.live[0].hostname}." in words(second, session)
    returns(rmm, 0)
    second.connected(session)
    assert online == [session]
    assert session.agent.status is AgentStatus.ONLINE or session.agent.client_name
    assert kept(desk) == []
    assert len(rmm.api.audit) == 1
    shell_works(second, session, rmm)


def test_several_wait_at_once(desk: Desk, rmm: Rmm) -> None:
    goes(rmm, 0, 1)
    console = desk.signed_in(rmm)
    terminal = waiting(console, rmm, 0, SessionKind.TERMINAL)
    files = waiting(console, rmm, 1, SessionKind.FILES)
    same = waiting(console, rmm, 1, SessionKind.CONTROL)
    console.until(lambda: sorted(kept(desk)) == sorted(rmm.live[place].hostname for place in (0, 1, 1)))
    paths = [("GET", f"/agents/{rmm.live[place].agent_id}/") for place in (0, 1)]
    rmm.api.requests.clear()
    console.until(lambda: all(path in rmm.api.requests for path in paths), "nobody asks")
    assert [rmm.api.requests.count(path) for path in paths] == [1, 1], "one call for each agent"
    returns(rmm, 0)
    console.connected(terminal)
    assert (files.state, same.state) == (State.WAITING, State.WAITING)
    assert kept(desk) == [rmm.live[1].hostname] * 2
    console.app.sessions.close(same)
    console.until(lambda: kept(desk) == [rmm.live[1].hostname])
    returns(rmm, 1)
    console.connected(files)
    console.window.workspace.show(terminal)
    shell_works(console, terminal, rmm)


def test_a_damaged_list_is_put_aside_and_said(desk: Desk, qapp: QApplication, qtbot: QtBot, hands: Hands) -> None:
    file = desk.places.config / "waits.json"
    file.write_text('{"version": 1, "waits": [{"server"')
    app = App(qapp, Options(desk.places, MemoryVault))  # the desk would wait until the window has the keyboard
    console = Console(app, qtbot, hands)
    try:
        app.window.show()
        app.window.begin()

        def said() -> list[QMessageBox]:
            return [box for box in app.window.findChildren(QMessageBox) if "is damaged" in box.text()]

        console.until(lambda: bool(said()), "nobody was told")
        said()[0].close()
        console.until(app.window.isActiveWindow)
        assert file.with_name("waits.json.damaged").read_text().startswith('{"version": 1')
    finally:
        desk.end(console)
