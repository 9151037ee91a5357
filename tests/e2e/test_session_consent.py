"""The person at the remote screen is asked: the tab says so, and tells what they answered apart."""

import shutil
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel

from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.mesh.errors import ConsentDenied, ConsentTimedOut
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.far_end import answer_consent
from tests.e2e.rmm import Rmm

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("xmessage") is None, reason="the agent has no xmessage to ask with"),
    pytest.mark.skipif(any(map(shutil.which, ("zenity", "kdialog"))), reason="the agent would not ask with xmessage"),
]

_BOTH = pytest.mark.parametrize("kind", [SessionKind.CONTROL, SessionKind.TERMINAL])


@pytest.fixture(scope="module")
def asking() -> Iterator[LocalMesh]:
    mesh = LocalMesh(ServerOptions(consent=True, consent_seconds=8))
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


@pytest.fixture
def asking_rmm(asking: LocalMesh) -> Iterator[Rmm]:
    with Rmm(asking) as made:
        yield made


def asked(desk: Desk, rmm: Rmm, kind: SessionKind) -> tuple[Console, Session]:
    """A session whose tab says that the remote user is being asked."""
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, kind)
    console.until(lambda: session.state is State.CONSENT, "the tab does not wait for the remote user")
    console.until(lambda: "The remote user is being asked." in words(console, session))
    return console, session


def words(console: Console, session: Session) -> list[str]:
    return [label.text() for label in console.tab(session).findChildren(QLabel) if label.isVisible()]


@_BOTH
def test_denied(desk: Desk, asking_rmm: Rmm, kind: SessionKind) -> None:
    console, session = asked(desk, asking_rmm, kind)
    assert asking_rmm.mesh.desktop is not None
    assert answer_consent(asking_rmm.mesh.desktop, accept=False)
    console.until(lambda: session.state is State.FAILED, "it does not say that it was denied")
    assert isinstance(session.problem, ConsentDenied)
    console.until(lambda: session.problem is not None and session.problem.what in words(console, session))


@_BOTH
def test_nobody_answers(desk: Desk, asking_rmm: Rmm, kind: SessionKind) -> None:
    console, session = asked(desk, asking_rmm, kind)
    console.until(lambda: session.state is State.FAILED, "it does not say that nobody answered")
    assert isinstance(session.problem, ConsentTimedOut)
    console.until(lambda: session.problem is not None and session.problem.what in words(console, session))


def test_accepted(desk: Desk, asking_rmm: Rmm) -> None:
    console, session = asked(desk, asking_rmm, SessionKind.CONTROL)
    assert asking_rmm.mesh.desktop is not None
    assert answer_consent(asking_rmm.mesh.desktop, accept=True)
    console.connected(session)
