"""Repairing a Mesh agent through the RMM: what is said while it runs, when it is done and when it is not."""

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.command import Connect
from console.mesh.report import AgentPresence, Control, TunnelState
from console.rmm.errors import AgentRefused, AgentSilent, NotAllowed, NotOnThisSystem
from console.rmm.models import Platform
from console.sessions.repair import RepairKind
from console.sessions.session import Session
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.desk import ONLINE, Desk, say, state_of
from tests.unit.sessions.parts import AGENT_ID, Held, far_server

PATHS = {
    RepairKind.RESTART: f"/services/{AGENT_ID}/mesh agent/",
    RepairKind.RECOVER: f"/agents/{AGENT_ID}/meshcentral/recover/",
}
BOTH = pytest.mark.parametrize("kind", list(RepairKind))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    runner = Held()
    with far_server(runner) as far:
        made = Desk(far, runner, qtbot)
        yield made
        made.sessions.close_all()


@BOTH
def test_what_was_lost_connects_again(desk: Desk, kind: RepairKind) -> None:
    desk.far.api.answers[PATHS[kind]] = [answer("The service was restarted successfully")]
    session, page = desk.live()
    say(page, Control(1), TunnelState(1, 0), AgentPresence(1, online=False))
    session.stop_recovering()
    repair = desk.sessions.repair(desk.far.connection, session.agent, kind)
    assert session.repair is repair
    assert repair.running
    assert repair.words.startswith(("Restarting", "Repairing"))
    assert str(kind.seconds) in repair.words
    told: list[str] = []
    repair.changed.connect(lambda: told.append(repair.words))
    desk.runner.go()
    assert told == ["The service was restarted successfully"]
    assert not repair.running
    assert repair.problem is None
    assert page.commands[-1] == Connect()
    assert session.lost is not None
    assert session.lost.automatic
    assert desk.far.asked(PATHS[kind]) == 1


@BOTH
@pytest.mark.parametrize(
    ("said", "status", "problem"),
    [
        ("Unable to contact the agent", 400, AgentSilent),
        ("natsdown", 200, AgentSilent),
        ("timeout", 200, AgentSilent),
        ("timeout", 400, AgentSilent),
        ("The specified service does not exist as an installed service.", 400, AgentRefused),
        ({"detail": "You do not have permission to perform this action."}, 403, NotAllowed),
    ],
)
def test_why_it_failed(desk: Desk, kind: RepairKind, said: object, status: int, problem: type[Exception]) -> None:
    desk.far.api.answers[PATHS[kind]] = [answer(said, status)]
    session, page = desk.live()
    repair = desk.sessions.repair(desk.far.connection, session.agent, kind)
    desk.runner.go()
    assert isinstance(repair.problem, problem)
    assert repair.words == repair.problem.what
    assert repair.problem.advice
    assert not repair.running
    assert repair.other is None
    assert page.commands == []
    assert desk.far.asked(PATHS[kind]) == 1, "what has an effect is not repeated"


def test_elsewhere_than_on_windows_the_other_is_offered(desk: Desk) -> None:
    desk.far.api.answers[PATHS[RepairKind.RESTART]] = [answer("Please use 'Recover Connection' instead.", 400)]
    session, _ = desk.live()
    repair = desk.sessions.repair(desk.far.connection, session.agent, RepairKind.RESTART)
    desk.runner.go()
    assert isinstance(repair.problem, NotOnThisSystem)
    assert repair.other is RepairKind.RECOVER


@pytest.mark.parametrize(("plat", "may"), [(Platform.WINDOWS, True), (Platform.LINUX, False), (Platform.MACOS, False)])
def test_what_is_known_beforehand_is_said_beforehand(plat: Platform, may: bool) -> None:
    agent = msgspec.structs.replace(ONLINE, plat=plat)
    assert (RepairKind.RESTART.why_not(agent) == "") is may
    assert RepairKind.RECOVER.why_not(agent) == ""


def test_an_agent_of_another_name_is_left_alone(desk: Desk) -> None:
    session, page = desk.live()
    say(page, Control(1), TunnelState(1, 0), AgentPresence(1, online=False))
    session.stop_recovering()
    commands = list(page.commands)
    other = "B" * 40
    desk.far.api.answers[f"/agents/{other}/meshcentral/recover/"] = [answer("Repaired mesh agent on OTHER")]
    repair = desk.sessions.repair(
        desk.far.connection, msgspec.structs.replace(ONLINE, agent_id=other), RepairKind.RECOVER
    )
    desk.runner.go()
    assert repair.words == "Repaired mesh agent on OTHER"
    assert session.repair is None
    assert page.commands == commands
    assert isinstance(session, Session)
    assert state_of(session)
