"""Which MeshCentral account a session works with, as the real one tells it: in the bar, on the server's page."""

import secrets
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel

from console.demo.mesh_local import REAL_NAME, LocalMesh
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.sessions.entry_way import EntryWay
from console.sessions.mesh_accounts import Standing
from console.sessions.session import Session
from console.ui.mesh.about_server import AboutServer
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import choose

pytestmark = pytest.mark.e2e


@pytest.fixture
def shared(rmm: Rmm, local_mesh: LocalMesh) -> Iterator[Rmm]:
    """An RMM without "Sync Mesh with TRMM": its links sign everybody in as one administrator."""
    name = f"super-{secrets.token_hex(4)}"
    local_mesh.server.add_user(name, Secret(secrets.token_urlsafe(18)), real_name="RMM", admin=True)
    local_mesh.server.allow(name, local_mesh.agent.node_id)
    usual, local_mesh.user = local_mesh.user, name
    try:
        yield rmm
    finally:
        local_mesh.user = usual


def told(console: Console, rmm: Rmm) -> Session:
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    console.until(lambda: session.mesh_account is not None, "MeshCentral did not tell whose account it is")
    return session


def page_words(console: Console) -> str:
    console.until(lambda: bool(console.window.findChildren(AboutServer)), "no page about the server")
    (page,) = console.window.findChildren(AboutServer)
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisible())


def test_an_account_of_ones_own(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = told(console, rmm)
    assert session.mesh_account is not None
    assert session.mesh_account.way is EntryWay.LINK
    assert session.mesh_account.standing is Standing.OWN
    action = console.tab(session).actions_of.account
    assert action.isVisible()
    assert "own account" in action.text()
    assert REAL_NAME in action.toolTip()
    choose(console, "About Test RMM")
    words = page_words(console)
    assert "Own account" in words
    assert f"The remote user sees the name “{REAL_NAME}”." in words
    assert "Sync Mesh with TRMM" not in words


def test_the_shared_administrator(desk: Desk, shared: Rmm, hands: Hands) -> None:
    console = desk.signed_in(shared)
    session = told(console, shared)
    assert session.mesh_account is not None
    assert session.mesh_account.standing is Standing.SHARED
    action = console.tab(session).actions_of.account
    assert "shared administrator account" in action.text()
    assert "Any technician can reach every machine" in action.toolTip()
    bar = console.tab(session).bar
    button = next(one for one, what in bar._tools if what is action)
    console.until(button.isVisible, "the bar does not show whose account it is")
    hands.click(button)
    words = page_words(console)
    assert "Shared administrator account" in words
    assert "Any technician can reach every machine through it" in words
    assert "Sync Mesh with TRMM" in words
    assert "The remote user sees the name “RMM”." in words


def test_the_server_is_asked_once(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm)
    first = told(console, rmm)
    console.window.tabs.setCurrentIndex(0)
    asked: list[object] = []
    console.app.sessions.mesh_accounts.changed.connect(asked.append)
    second = console.open(rmm.live[0].hostname, SessionKind.FILES)
    console.connected(second)
    assert second.mesh_account is first.mesh_account
    assert asked == []
