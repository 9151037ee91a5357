"""Repairing the Mesh agent from the console: the session that it had lost is a session again."""

import sys
from collections.abc import Iterator

import pytest

from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.problem import Problem
from console.rmm.errors import AgentSilent, NotOnThisSystem
from console.sessions.progress import State
from console.sessions.repair import Repair, RepairKind
from console.sessions.session import Session
from tests.e2e.coming_back import Stopwatch, connection_of, live, meanwhile, running, shell_works
from tests.e2e.desk import Console, Desk
from tests.e2e.rmm import Rmm

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


@pytest.fixture(scope="module")
def own_mesh() -> Iterator[LocalMesh]:
    yield from running()


@pytest.fixture
def own_rmm(own_mesh: LocalMesh) -> Iterator[Rmm]:
    with Rmm(own_mesh) as made:
        made.api.actions.on_repair = lambda machine: own_mesh.restart_agent()
        try:
            yield made
        finally:
            if own_mesh.agent.pid is None:
                own_mesh.agent.start()


def without_agent(desk: Desk, rmm: Rmm) -> tuple[Console, Session]:
    """A lost session on a machine whose Mesh agent does not run any more."""
    console, (session,) = live(desk, rmm)
    meanwhile(console, rmm.mesh.agent.stop)
    console.until(lambda: session.state is State.LOST)
    return console, session


def repaired(console: Console, session: Session, kind: RepairKind) -> Repair:
    repair = console.app.sessions.repair(connection_of(console), session.agent, kind)
    assert session.repair is repair
    assert repair.running
    console.until(lambda: not repair.running, lambda: repair.words, 90)
    return repair


@pytest.mark.parametrize("kind", RepairKind)
def test_what_was_lost_is_connected(desk: Desk, own_rmm: Rmm, kind: RepairKind) -> None:
    own_rmm.live[0].plat = "windows"  # Linux has no service to restart
    console, session = without_agent(desk, own_rmm)
    session.stop_recovering()
    watch = Stopwatch(console, kind.value, session)
    repair = repaired(console, session, kind)
    assert repair.problem is None, repair.words
    assert repair.words in ("The service was restarted successfully", "Repaired mesh agent on DEMO-DESKTOP")
    watch.possible()
    watch.connected()
    assert len(own_rmm.api.audit) == 1
    shell_works(console, session, own_rmm)


def test_on_linux_the_other_way_is_offered_and_goes(desk: Desk, own_rmm: Rmm) -> None:
    console, session = without_agent(desk, own_rmm)
    repair = repaired(console, session, RepairKind.RESTART)
    assert isinstance(repair.problem, NotOnThisSystem)
    assert repair.other is RepairKind.RECOVER
    assert session.state is State.LOST
    assert repaired(console, session, repair.other).problem is None
    console.connected(session)
    shell_works(console, session, own_rmm)


@pytest.mark.parametrize("reached", [True, False])
def test_it_fails(desk: Desk, rmm: Rmm, reached: bool) -> None:
    def broken(machine: Machine) -> None:
        raise Problem("It does not start.")

    console, (session,) = live(desk, rmm)
    rmm.api.actions.on_repair = broken
    if not reached:
        rmm.api.status_override[rmm.live[0].agent_id] = "offline"
    repair = repaired(console, session, RepairKind.RECOVER)
    assert isinstance(repair.problem, AgentSilent)
    assert "could not reach the agent" in repair.words
    assert session.state is State.CONNECTED
