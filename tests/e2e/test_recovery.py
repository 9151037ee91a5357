"""Lost sessions come back without anybody touching anything; the remote machine is looked at for proof.

Each prints how long it took: from the loss to its being noticed, and from the moment at which connecting was possible
again to the live session. docs/sessions.md has the table.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.demo.mesh_token import tactical_login_token
from console.mesh.errors import FarEndEnded
from console.mesh.report import Control
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.recovery import Patience
from console.sessions.session import Session
from tests.e2e.coming_back import (
    LONG,
    Stopwatch,
    elapse,
    live,
    meanwhile,
    running,
    shell_works,
    sign_in,
)
from tests.e2e.desk import Console, Desk
from tests.e2e.proxy import Network, ProxiedRmm
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import words
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


@pytest.fixture(scope="module")
def own_mesh() -> Iterator[LocalMesh]:
    """A MeshCentral and an agent that these tests may stop."""
    yield from running()


@pytest.fixture
def own_rmm(own_mesh: LocalMesh) -> Iterator[Rmm]:
    with Rmm(own_mesh) as made:
        yield made


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


def test_a_killed_screen_reader(desk: Desk, own_rmm: Rmm) -> None:
    """The agent's process that reads the screen dies, and the agent goes on."""
    console, sessions = live(desk, own_rmm, SessionKind.CONTROL)
    control = sessions[0]
    readers = screen_readers(own_rmm.mesh)
    assert len(readers) == 1
    os.kill(readers[0], signal.SIGKILL)
    watch = Stopwatch(console, "screen reader of the agent killed", control)
    watch.lost()
    watch.connected()
    assert screen_readers(own_rmm.mesh) not in ([], readers)
    assert len(own_rmm.api.audit) == 1


def screen_readers(mesh: LocalMesh) -> list[int]:
    """The agent's own program, forked by the agent."""
    agent = mesh.agent.pid
    name = Path(f"/proc/{agent}/comm").read_text()
    children = Path(f"/proc/{agent}/task/{agent}/children").read_text().split()
    return [int(child) for child in children if Path(f"/proc/{child}/comm").read_text() == name]


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


class TestThisComputerSlept:
    def test_a_connection_that_outlasted_it_is_kept(self, desk: Desk, own_rmm: Rmm) -> None:
        console, (session,) = live(desk, own_rmm)
        heard: list[Control] = []
        session.reported.connect(lambda report: heard.append(report) if isinstance(report, Control) else None)
        sleep(console)
        console.until(lambda: heard == [Control(1, alive=True)], "the page did not confirm its connection")
        elapse(console, Patience().confirm + 1)
        assert session.state is State.CONNECTED

    def test_one_that_did_not_is_noticed_at_once(self, desk: Desk, proxied: ProxiedRmm, network: Network) -> None:
        console, (session,) = live(desk, proxied)
        network.swallow()
        sleep(console)
        watch = Stopwatch(console, "computer slept, connection gone", session)
        watch.lost()
        assert watch.noticed < 15, "sooner than the page finds out by itself"
        network.heal()
        watch.possible()
        watch.connected()
        assert len(proxied.api.audit) == 1
        shell_works(console, session, proxied)


def sleep(console: Console) -> None:
    """What waking up looks like: the clock has gone on without the console."""
    sessions = console.app.sessions
    sessions._ticked -= 3600
    sessions.tick()


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
        (server,) = console.app.accounts.book.servers
        if page := console.window.page_of(server.id):
            page.watch.refresh()
        console.until(lambda: console.window.page_of(server.id) is None, "the ended sign-in was not noticed")
        sign_in(console, own_rmm)
        watch.possible()
        watch.connected()
        assert len(own_rmm.api.audit) == 2
        console.window.workspace.show(session)
        shell_works(console, session, own_rmm)

    @staticmethod
    def with_an_old_token(desk: Desk, rmm: Rmm) -> tuple[Console, Session]:
        """A session whose login token has expired since it was opened."""
        mesh, login = rmm.mesh, rmm._login
        life, begun = 14, time.time()

        def old(machine: Machine) -> MeshLogin | None:
            made = login(machine)
            token = tactical_login_token(mesh.server.login_key, mesh.user, begun - 3600 + life)
            return MeshLogin(made.site, token.reveal(), made.node_id) if made else None

        rmm.api.mesh = old
        console, (session,) = live(desk, rmm)
        rmm.api.mesh = login
        elapse(console, begun + life + 2 - time.time())
        return console, session


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
