"""Lost sessions come back without anybody touching anything; the remote machine is looked at for proof.

Each prints how long it took: from the loss to its being noticed, and from the moment at which connecting was possible
again to the live session. docs/sessions.md has the table.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtWidgets import QLabel

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.demo.mesh_token import tactical_login_token
from console.mesh.errors import FarEndEnded
from console.mesh.session_kind import SessionKind
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.proxy import Network, ProxiedRmm
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"

LONG = 90.0


@pytest.fixture(scope="module")
def own_mesh() -> Iterator[LocalMesh]:
    """A MeshCentral and an agent that these tests may stop."""
    yield from running(ServerOptions())


def running(options: ServerOptions) -> Iterator[LocalMesh]:
    mesh = LocalMesh(options)
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


@pytest.fixture
def own_rmm(own_mesh: LocalMesh) -> Iterator[Rmm]:
    with Rmm(own_mesh) as made:
        yield made


class Stopwatch:
    """Notes when sessions were lost and connected again."""

    def __init__(self, console: Console, name: str, *sessions: Session) -> None:
        self._console = console
        self._name = name
        self._sessions = sessions
        self._broke = time.monotonic()
        self._possible = self._broke
        self.noticed = 0.0

    def lost(self, seconds: float = LONG) -> None:
        """Waits until all are."""
        self._console.until(lambda: all(s.state is State.LOST for s in self._sessions), self._states, seconds)
        self.noticed = time.monotonic() - self._broke

    def possible(self) -> None:
        """From now on they can connect."""
        self._possible = time.monotonic()

    def connected(self, seconds: float = LONG) -> None:
        """Waits until all are connected again, and says how long it took."""
        self._console.until(lambda: all(s.state is State.CONNECTED for s in self._sessions), self._states, seconds)
        took = time.monotonic() - self._possible
        print(f"\nTIME {self._name}: noticed after {self.noticed:.1f} s, connected {took:.1f} s after it was possible")
        assert all(session.lost is None for session in self._sessions)

    def _states(self) -> str:
        return "; ".join(
            f"{s.kind} is {s.state}, {s.problem and s.problem.what} {s.lost and s.lost.step}" for s in self._sessions
        )


def meanwhile(console: Console, call: Callable[[], None]) -> None:
    """Does something that takes a while elsewhere; the console goes on."""
    thread = threading.Thread(target=call)
    thread.start()
    console.until(lambda: not thread.is_alive(), "it did not end", 120)


def words(console: Console, session: Session) -> str:
    labels = console.tab(session).findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible() and label.text())


def live(desk: Desk, rmm: Rmm, *kinds: SessionKind) -> tuple[Console, list[Session]]:
    """A console with sessions on one agent; the last is a terminal and in front."""
    console = desk.signed_in(rmm)
    sessions = []
    for kind in (*kinds, SessionKind.TERMINAL):
        console.window.tabs.show_home()
        session = console.open(rmm.live[0].hostname, kind)
        console.connected(session)
        sessions.append(session)
    WebPage(console, sessions[-1]).shell_works(rmm.mesh.home)
    return console, sessions


def shell_works(console: Console, session: Session, rmm: Rmm) -> None:
    """The session that came back is one: what is typed into it happens on the remote machine."""
    WebPage(console, session).shell_works(rmm.mesh.home)


@contextmanager
def agent_back(mesh: LocalMesh) -> Iterator[None]:
    """However a test ends, the next one finds an agent."""
    try:
        yield
    finally:
        if mesh.agent.pid is None:
            mesh.agent.start()


def test_a_killed_renderer(desk: Desk, rmm: Rmm) -> None:
    console, (session,) = live(desk, rmm)
    renderer = WebPage(console, session).page.renderProcessPid()
    os.kill(renderer, signal.SIGKILL)
    watch = Stopwatch(console, "renderer killed", session)
    watch.lost()
    assert "The view of this session stopped working." in words(console, session)
    watch.connected()
    assert WebPage(console, session).page.renderProcessPid() != renderer
    assert len(rmm.api.audit) == 1
    shell_works(console, session, rmm)


def test_a_restarted_meshcentral(desk: Desk, own_rmm: Rmm) -> None:
    mesh = own_rmm.mesh
    console, sessions = live(desk, own_rmm, SessionKind.FILES, SessionKind.CONTROL)
    meanwhile(console, mesh.server.halt)
    watch = Stopwatch(console, "MeshCentral stopped and started, three sessions", *sessions)
    watch.lost()
    console.until(lambda: all("Trying again in" in session.lost.step for session in sessions if session.lost))
    meanwhile(console, mesh.server.resume)
    watch.possible()
    watch.connected()
    assert len(own_rmm.api.audit) == 1, "the token at hand was traded for another cookie"
    shell_works(console, sessions[-1], own_rmm)


def test_a_restarted_agent(desk: Desk, own_rmm: Rmm) -> None:
    mesh = own_rmm.mesh
    console, sessions = live(desk, own_rmm, SessionKind.CONTROL)
    with agent_back(mesh):
        meanwhile(console, mesh.agent.stop)
        watch = Stopwatch(console, "agent stopped and started, two sessions", *sessions)
        watch.lost()
        console.until(lambda: all("is back in MeshCentral" in s.lost.step for s in sessions if s.lost))
        meanwhile(console, mesh.agent.start)
    watch.possible()
    watch.connected()
    assert len(own_rmm.api.audit) == 1
    shell_works(console, sessions[-1], own_rmm)


@pytest.fixture
def network(own_mesh: LocalMesh) -> Iterator[Network]:
    with Network(own_mesh.server.port) as made:
        yield made


@pytest.fixture
def proxied(own_mesh: LocalMesh, network: Network) -> Iterator[ProxiedRmm]:
    made = ProxiedRmm(own_mesh)
    made.network = network
    with made:
        yield made


def test_a_network_that_resets_connections(desk: Desk, proxied: ProxiedRmm, network: Network) -> None:
    console, sessions = live(desk, proxied, SessionKind.CONTROL)
    network.reset()
    watch = Stopwatch(console, "network resets connections", *sessions)
    watch.lost()
    console.until(lambda: all(session.lost and session.lost.tries >= 2 for session in sessions))
    network.heal()
    watch.possible()
    watch.connected()
    assert len(proxied.api.audit) == 1
    shell_works(console, sessions[-1], proxied)


def test_a_network_that_swallows_everything(desk: Desk, proxied: ProxiedRmm, network: Network) -> None:
    console, sessions = live(desk, proxied, SessionKind.CONTROL)
    network.swallow()
    watch = Stopwatch(console, "network swallows everything", *sessions)
    watch.lost()
    console.until(lambda: all(session.lost and session.lost.tries >= 2 for session in sessions))
    network.heal()
    watch.possible()
    watch.connected()
    assert len(proxied.api.audit) == 1
    shell_works(console, sessions[-1], proxied)


@pytest.fixture
def short_rmm() -> Iterator[Rmm]:
    """An RMM whose MeshCentral forgets a sign-in after a minute."""
    for mesh in running(ServerOptions(session_minutes=1)):
        with Rmm(mesh) as made:
            yield made


def test_an_expired_cookie(desk: Desk, short_rmm: Rmm) -> None:
    console, (session,) = live(desk, short_rmm)
    elapse(console, 65)
    assert session.state is State.CONNECTED, "what is open goes on"
    os.kill(WebPage(console, session).page.renderProcessPid(), signal.SIGKILL)
    watch = Stopwatch(console, "renderer killed, cookie expired (sessionTime)", session)
    watch.lost()
    watch.connected()
    assert len(short_rmm.api.audit) == 1, "the token at hand was traded for another cookie"
    shell_works(console, session, short_rmm)


class TestTheTokenIsTooOld:
    """The cookies are void after a restart of MeshCentral, and the login token at hand is more than an hour old."""

    def test_one_new_link_is_asked_for(self, desk: Desk, own_rmm: Rmm) -> None:
        console, session = self.with_an_old_token(desk, own_rmm)
        watch = Stopwatch(console, "MeshCentral restarted, token expired", session)
        meanwhile(console, own_rmm.mesh.server.restart)
        watch.possible()
        watch.connected()
        assert len(own_rmm.api.audit) == 2
        shell_works(console, session, own_rmm)

    def test_an_ended_sign_in_at_the_rmm_is_waited_for(self, desk: Desk, own_rmm: Rmm) -> None:
        console, session = self.with_an_old_token(desk, own_rmm)
        own_rmm.users.end_all_tokens()
        watch = Stopwatch(console, "the same, and the sign-in at the RMM had ended", session)
        meanwhile(console, own_rmm.mesh.server.restart)
        console.until(lambda: bool(session.lost and "Sign in to the RMM again" in session.lost.step), seconds=LONG)
        assert "Sign in to the RMM again" in words(console, session)
        assert len(own_rmm.api.audit) == 1
        self.sign_in_again(console, own_rmm)
        watch.possible()
        watch.connected()
        assert len(own_rmm.api.audit) == 2
        console.window.workspace.show(session)
        shell_works(console, session, own_rmm)

    @staticmethod
    def with_an_old_token(desk: Desk, rmm: Rmm) -> tuple[Console, Session]:
        """A session whose login token has expired since it was opened."""
        mesh, login = rmm.mesh, rmm._login
        life = 20

        def old(machine: Machine) -> MeshLogin | None:
            made = login(machine)
            token = tactical_login_token(mesh.server.login_key, mesh.user, time.time() - 3600 + life)
            return MeshLogin(made.site, token.reveal(), made.node_id) if made else None

        rmm.api.mesh = old
        console, (session,) = live(desk, rmm)
        rmm.api.mesh = login
        elapse(console, life)
        return console, session

    @staticmethod
    def sign_in_again(console: Console, rmm: Rmm) -> None:
        (server,) = console.app.accounts.book.servers
        token, _ = rmm.users.new_token(rmm.users.technician)
        if page := console.window.page_of(server.id):
            page.watch.refresh()
        console.until(lambda: console.window.page_of(server.id) is None, "the ended sign-in was not noticed")
        console.app.accounts.signed_in(
            server, SessionToken(Secret(token)), None, lambda _: console.window.show_server(server), lambda _: None
        )


def elapse(console: Console, seconds: float) -> None:
    """Lets the console work for as long as that."""
    end = time.monotonic() + seconds
    console.until(lambda: time.monotonic() > end, seconds=seconds + 30)


def test_a_shell_that_ends_is_not_opened_again(desk: Desk, rmm: Rmm) -> None:
    console, (session,) = live(desk, rmm)
    console.hands.type("exit")
    console.hands.press("Return")
    console.until(lambda: session.state is State.LOST, "the end of the shell was not noticed")
    console.until(lambda: isinstance(session.problem, FarEndEnded), lambda: f"{session.problem}")
    states: list[State] = []
    session.changed.connect(lambda: states.append(session.state))
    elapse(console, 8)
    assert {session.state, *states} == {State.LOST}
    assert session.lost is not None
    assert not session.lost.automatic
    session.reconnect()
    console.connected(session)
    shell_works(console, session, rmm)
