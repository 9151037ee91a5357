"""Reboot and come back: one action, every stage seen, and the same sessions on the machine that has restarted.

A restart here is one of the agent: the machine is this computer.
"""

import sys
from collections.abc import Iterator

import pytest

from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.credentials import SessionToken
from console.rmm.errors import AgentSilent, NotAllowed
from console.rmm.models import Agent
from console.secret import Secret
from console.sessions.progress import State
from console.sessions.reboot import Reboot, Stage
from tests.e2e.coming_back import LONG, Stopwatch, connection_of, live, meanwhile, running, shell_works
from tests.e2e.desk import Console, Desk
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import words

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"

AWAY_SECONDS = 5.0


@pytest.fixture(scope="module")
def own_mesh() -> Iterator[LocalMesh]:
    yield from running()


@pytest.fixture
def own_rmm(own_mesh: LocalMesh) -> Iterator[Rmm]:
    with Rmm(own_mesh) as made:
        made.api.actions.on_reboot = lambda machine: own_mesh.restart_agent(AWAY_SECONDS)
        try:
            yield made
        finally:
            made.api.actions.wait()
            if own_mesh.agent.pid is None:
                own_mesh.agent.start()


def agent_of(console: Console, rmm: Rmm) -> Agent:
    return console.agents.watch.by_id()[rmm.live[0].agent_id]


def rebooted(console: Console, rmm: Rmm, *kinds: SessionKind) -> Reboot:
    return console.app.sessions.reboot(connection_of(console), agent_of(console, rmm), kinds)


def posts(rmm: Rmm) -> int:
    return sum(method == "POST" and path.endswith("/reboot/") for method, path in rmm.api.requests)


def test_three_sessions_come_back(desk: Desk, own_rmm: Rmm) -> None:
    console, sessions = live(desk, own_rmm, SessionKind.FILES, SessionKind.CONTROL)
    reboot = rebooted(console, own_rmm)
    watch = Stopwatch(console, "reboot and come back, three sessions (away for 5 s)", *sessions)
    watch.lost()
    console.until(lambda: Stage.AWAY in reboot.stages, lambda: reboot.words, LONG)
    assert reboot.words in words(console, sessions[-1])
    console.until(lambda: Stage.IN_MESH in reboot.stages, lambda: reboot.words, LONG)
    watch.possible()
    watch.connected()
    console.until(lambda: reboot.finished, lambda: reboot.words)
    assert reboot.stages.keys() >= {Stage.ASKED, Stage.AWAY, Stage.IN_MESH, Stage.CONNECTED}
    asked = reboot.stages[Stage.ASKED]
    print("\nTIME", {stage.value: round((at - asked).total_seconds(), 1) for stage, at in reboot.stages.items()})
    assert reboot.problem is None
    assert posts(own_rmm) == 1
    assert len(own_rmm.api.audit) == 1
    assert [session.state for session in console.app.sessions] == [State.CONNECTED] * 3
    shell_works(console, sessions[-1], own_rmm)


def test_what_was_not_open_is_opened(desk: Desk, own_rmm: Rmm) -> None:
    console = desk.signed_in(own_rmm)
    reboot = rebooted(console, own_rmm, SessionKind.TERMINAL)
    console.until(lambda: Stage.IN_RMM in reboot.stages, lambda: reboot.words, LONG)
    assert own_rmm.live[0].inventory["boot_time"] != agent_of(console, own_rmm).boot_time
    console.until(lambda: reboot.finished, lambda: reboot.words, LONG)
    (session,) = console.app.sessions
    assert session.state is State.CONNECTED
    assert list(reboot.stages) == [Stage.ASKED, Stage.AWAY, Stage.IN_RMM, Stage.IN_MESH, Stage.CONNECTED]
    shell_works(console, session, own_rmm)


def test_a_machine_that_takes_its_time(desk: Desk, own_rmm: Rmm) -> None:
    mesh = own_rmm.mesh

    def stays_away(machine: Machine) -> None:
        mesh.agent.stop()
        raise Problem("It does not start.")

    own_rmm.api.actions.on_reboot = stays_away
    console, (session,) = live(desk, own_rmm)
    reboot = rebooted(console, own_rmm)
    console.until(lambda: session.state is State.LOST and Stage.AWAY in reboot.stages, lambda: reboot.words, LONG)
    console.until(lambda: "It is away since" in reboot.words)
    assert reboot.words in words(console, session)
    assert not reboot.finished
    meanwhile(console, mesh.agent.start)
    console.until(lambda: reboot.finished, lambda: reboot.words, LONG)
    assert Stage.CONNECTED in reboot.stages
    shell_works(console, session, own_rmm)


def test_one_that_is_followed_no_longer(desk: Desk, own_rmm: Rmm) -> None:
    console, (session,) = live(desk, own_rmm)
    reboot = rebooted(console, own_rmm)
    console.until(lambda: Stage.ASKED in reboot.stages)
    reboot.cancel()
    assert reboot.finished
    watch = Stopwatch(console, "reboot that is not followed", session)
    watch.lost()
    watch.connected()
    assert Stage.CONNECTED not in reboot.stages
    assert posts(own_rmm) == 1


def test_an_agent_that_is_not_reached(desk: Desk, rmm: Rmm) -> None:
    console, (session,) = live(desk, rmm)
    rmm.api.status_override[rmm.live[0].agent_id] = "offline"
    reboot = rebooted(console, rmm)
    console.until(lambda: reboot.finished)
    assert isinstance(reboot.problem, AgentSilent)
    assert reboot.stages == {}
    assert posts(rmm) == 1
    assert session.state is State.CONNECTED


def test_a_role_that_may_not(desk: Desk, rmm: Rmm) -> None:
    console, (session,) = live(desk, rmm)
    connection = connection_of(console)
    token, _ = rmm.users.new_token(rmm.users.viewer)
    connection.client._calls._credential = SessionToken(Secret(token))
    reboot = rebooted(console, rmm)
    console.until(lambda: reboot.finished)
    assert isinstance(reboot.problem, NotAllowed)
    assert "can_reboot_agents" in reboot.problem.report()
    assert session.state is State.CONNECTED
