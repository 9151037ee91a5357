"""One action on many agents: how many are asked at a time, what stops it, what is asked again, and what is open."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.rmm.actions import Recovery
from console.rmm.errors import AgentSilent, NotAllowed, SignInAgain
from console.rmm.models import Agent, AgentStatus, Platform
from console.servers import Server
from console.sessions.connection import Connection
from console.sessions.fleet_action import ActionKind, FleetAction, NoAnswer
from console.sessions.fleet_actions import PARALLEL, FleetActions
from console.sessions.fleet_run import FleetRun, Standing
from console.transport import TimedOut
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Held

REBOOT = FleetAction(ActionKind.REBOOT)
PING = FleetAction(ActionKind.PING)


@dataclass
class Calls:
    """The calls of a client as a test wants them: `answers` maps an agent id to a problem to raise."""

    answers: dict[str, Problem] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def _ask(self, what: str, agent_id: str) -> None:
        self.asked.append((what, agent_id))
        if agent_id in self.answers:
            raise self.answers[agent_id]

    def ping(self, agent_id: str) -> bool:
        self._ask("ping", agent_id)
        return agent_id not in self.silent

    def wake(self, agent_id: str) -> str:
        self._ask("wake", agent_id)
        return "sent"

    def reboot(self, agent_id: str) -> None:
        self._ask("reboot", agent_id)

    def reboot_at(self, agent_id: str, moment: datetime) -> str:
        self._ask(f"reboot at {moment:%H:%M}", agent_id)
        return "later"

    def shut_down(self, agent_id: str) -> None:
        self._ask("shut down", agent_id)

    def set_maintenance(self, agent_id: str, on: bool) -> None:
        self._ask(f"maintenance {on}", agent_id)

    def run_checks(self, agent_id: str) -> str:
        self._ask("checks", agent_id)
        return "run"

    def recover(self, agent_id: str, recovery: Recovery) -> str:
        self._ask(recovery.value, agent_id)
        return "recovered"


class Desk:
    def __init__(self) -> None:
        self.calls = Calls()
        self.held = Held()
        self.connection = self.connect(self.calls)
        self.actions = FleetActions(lambda _: self.held)
        self.actions.signed_in(self.connection)

    @staticmethod
    def connect(calls: Calls, server_id: str = "one") -> Connection:
        server = msgspec.structs.replace(Server(address="https://api.example.com", name="One"), id=server_id)
        client = SimpleNamespace(actions=calls)
        return cast(Connection, SimpleNamespace(server=server, client=client))

    def begin(self, count: int, action: FleetAction = REBOOT, status: AgentStatus = AgentStatus.ONLINE) -> FleetRun:
        return self.actions.begin(self.connection, action, agents(count, status))

    def go(self, count: int = 1) -> None:
        """Lets the calls go on that began first."""
        for _ in range(count):
            self.held.waiting.pop(0)()


def agents(count: int, status: AgentStatus = AgentStatus.ONLINE) -> list[Agent]:
    return [named(f"id-{n}", hostname=f"pc-{n}", status=status) for n in range(count)]


def standings(run: FleetRun) -> list[Standing]:
    return [ask.standing for ask in run.asks]


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


class TestAsking:
    def test_not_more_than_some_at_a_time_and_each_once(self, desk: Desk) -> None:
        run = desk.begin(12)
        assert len(desk.held.waiting) == PARALLEL
        assert run.count(Standing.ASKING) == PARALLEL
        assert run.count(Standing.WAITING) == 12 - PARALLEL
        desk.go()
        assert len(desk.held.waiting) == PARALLEL
        assert run.count(Standing.DONE) == 1
        desk.held.go()
        assert standings(run) == [Standing.DONE] * 12
        assert desk.calls.asked == [("reboot", f"id-{n}") for n in range(12)]
        assert not run.running

    def test_runs_at_one_server_take_turns(self, desk: Desk) -> None:
        long, short = desk.begin(20), desk.begin(2, PING)
        desk.go(4)
        assert len(desk.held.waiting) == PARALLEL
        desk.held.go()
        places = [place for place, (what, _) in enumerate(desk.calls.asked) if what == "ping"]
        assert max(places) < 12
        assert not long.running
        assert not short.running

    def test_an_agent_that_is_named_twice_is_asked_once(self, desk: Desk) -> None:
        run = desk.actions.begin(desk.connection, REBOOT, [*agents(2), *agents(2)])
        desk.held.go()
        assert len(run.asks) == 2
        assert len(desk.calls.asked) == 2

    def test_progress_is_told_and_the_end_once(self, desk: Desk) -> None:
        run = desk.begin(3)
        changes, ends = [], []
        run.changed.connect(lambda ask: changes.append((ask.agent.agent_id, ask.standing)))
        run.ended.connect(lambda: ends.append(run.finished_count))
        desk.held.go()
        assert changes == [(f"id-{n}", Standing.DONE) for n in range(3)]
        assert ends == [3]

    def test_what_was_done_is_told_so_that_rows_are_asked_for(self, desk: Desk, qtbot: QtBot) -> None:
        desk.calls.answers["id-1"] = NotAllowed("no")
        desk.begin(3)
        with qtbot.waitSignal(desk.actions.touched, timeout=10_000) as told:
            desk.held.go()
        assert told.args == ["one", frozenset({"id-0", "id-2"})]

    @pytest.mark.parametrize(
        ("kind", "call"),
        [
            (ActionKind.PING, "ping"),
            (ActionKind.WAKE, "wake"),
            (ActionKind.REBOOT, "reboot"),
            (ActionKind.REBOOT_AT, "reboot at 03:00"),
            (ActionKind.SHUT_DOWN, "shut down"),
            (ActionKind.MAINTENANCE_ON, "maintenance True"),
            (ActionKind.MAINTENANCE_OFF, "maintenance False"),
            (ActionKind.RUN_CHECKS, "checks"),
            (ActionKind.RECOVER_MESH, "mesh"),
            (ActionKind.RECOVER_TACTICAL, "tacagent"),
        ],
    )
    def test_each_kind_is_its_own_call(self, desk: Desk, kind: ActionKind, call: str) -> None:
        run = desk.begin(1, FleetAction(kind, datetime(2031, 1, 1, 3) if kind is ActionKind.REBOOT_AT else None))
        desk.held.go()
        assert desk.calls.asked == [(call, "id-0")]
        assert standings(run) == [Standing.DONE]

    def test_a_ping_that_is_not_answered_has_failed(self, desk: Desk) -> None:
        desk.calls.silent = {"id-1"}
        run = desk.begin(2, PING)
        desk.held.go()
        assert standings(run) == [Standing.DONE, Standing.FAILED]
        assert isinstance(run.asks[1].problem, NoAnswer)
        assert not run.asks[1].open


class TestStopping:
    def test_those_not_begun_stay_undone_and_the_others_end(self, desk: Desk) -> None:
        run = desk.begin(9)
        desk.go(2)
        ends: list[None] = []
        run.ended.connect(lambda: ends.append(None))
        run.stop()
        assert run.running
        assert run.count(Standing.NOT_ASKED) == 2
        assert ends == []
        desk.held.go()
        assert standings(run) == [Standing.DONE] * 7 + [Standing.NOT_ASKED] * 2
        assert ends == [None]
        assert len(desk.calls.asked) == 7
        run.stop()
        assert ends == [None]

    def test_those_not_asked_can_be_asked_later(self, desk: Desk) -> None:
        run = desk.begin(9)
        run.stop()
        desk.held.go()
        run.retry(run.not_asked)
        desk.held.go()
        assert standings(run) == [Standing.DONE] * 9
        assert sorted(desk.calls.asked) == sorted(("reboot", f"id-{n}") for n in range(9))

    def test_a_lost_sign_in_stops_all_at_that_server(self, desk: Desk) -> None:
        desk.calls.answers["id-1"] = SignInAgain("ended")
        run, other = desk.begin(12), desk.begin(12, PING)
        elsewhere_calls = Calls()
        elsewhere = desk.actions.begin(desk.connect(elsewhere_calls, "two"), PING, agents(7))
        desk.held.go()
        assert isinstance(run.stopped_by, SignInAgain)
        assert run.not_asked
        assert other.not_asked
        assert elsewhere.count(Standing.DONE) == 7

    def test_signing_out_stops_and_nothing_is_asked_there_again(self, desk: Desk) -> None:
        desk.calls.answers["id-0"] = NotAllowed("no")
        run = desk.begin(9)
        desk.actions.signed_out("one")
        desk.held.go()
        assert run.count(Standing.NOT_ASKED) == 4
        run.retry([*run.failed, *run.not_asked])
        desk.held.go()
        assert len(desk.calls.asked) == 5
        again = Calls()
        desk.actions.signed_in(desk.connect(again))
        run.retry([*run.failed, *run.not_asked])
        desk.held.go()
        assert len(again.asked) == 5
        assert standings(run) == [Standing.DONE] * 9


class TestAgain:
    def test_only_what_failed_and_only_when_it_is_wanted(self, desk: Desk) -> None:
        desk.calls.answers = {"id-1": AgentSilent("silent"), "id-3": NotAllowed("no")}
        run = desk.begin(5)
        desk.held.go()
        assert [ask.agent.agent_id for ask in run.failed] == ["id-1", "id-3"]
        assert len(desk.calls.asked) == 5
        desk.calls.answers.clear()
        run.retry(run.failed)
        assert run.running
        desk.held.go()
        assert desk.calls.asked[5:] == [("reboot", "id-1"), ("reboot", "id-3")]
        assert standings(run) == [Standing.DONE] * 5
        assert run.asks[1].problem is None

    def test_what_is_done_is_never_asked_again(self, desk: Desk) -> None:
        run = desk.begin(2)
        desk.held.go()
        run.retry(run.asks)
        desk.held.go()
        assert len(desk.calls.asked) == 2

    @pytest.mark.parametrize(
        ("action", "problem", "status", "open_"),
        [
            (REBOOT, TimedOut("late"), AgentStatus.OFFLINE, True),
            (REBOOT, AgentSilent("silent"), AgentStatus.ONLINE, True),
            (REBOOT, AgentSilent("silent"), AgentStatus.OFFLINE, False),
            (REBOOT, AgentSilent("nats", asked_nothing=True), AgentStatus.ONLINE, False),
            (REBOOT, NotAllowed("no"), AgentStatus.ONLINE, False),
            (FleetAction(ActionKind.RUN_CHECKS), TimedOut("late"), AgentStatus.ONLINE, False),
        ],
    )
    def test_a_failure_that_leaves_it_open_is_known(
        self, desk: Desk, action: FleetAction, problem: Problem, status: AgentStatus, open_: bool
    ) -> None:
        desk.calls.answers["id-0"] = problem
        run = desk.begin(1, action, status)
        desk.held.go()
        assert run.asks[0].open is open_

    def test_an_error_of_our_own_ends_in_its_row(self, desk: Desk) -> None:
        run = desk.begin(2, FleetAction(ActionKind.REBOOT_AT))
        desk.held.go()
        assert standings(run) == [Standing.FAILED] * 2
        assert run.asks[0].problem is not None
        assert "inside the console" in run.asks[0].problem.what


def test_results_stay_until_they_are_closed(desk: Desk) -> None:
    run = desk.begin(1)
    desk.actions.close(run)
    assert desk.actions.runs == [run], "it is under way"
    desk.held.go()
    assert desk.actions.runs == [run]
    assert desk.actions.running == []
    desk.actions.close(run)
    assert desk.actions.runs == []


def test_the_end_of_the_console_stops_what_is_not_asked_yet(desk: Desk) -> None:
    run = desk.begin(9)
    desk.actions.stop_all()
    desk.held.go()
    assert run.count(Standing.NOT_ASKED) == 4


@pytest.mark.parametrize(
    ("kind", "agent", "words"),
    [
        (ActionKind.REBOOT_AT, named("a", plat=Platform.LINUX), "Windows only"),
        (ActionKind.REBOOT_AT, named("a", plat=Platform.MACOS), "Windows only"),
        (ActionKind.REBOOT_AT, named("a", plat=Platform.WINDOWS), ""),
        (ActionKind.REBOOT_AT, named("a", plat=Platform.UNKNOWN), ""),
        (ActionKind.MAINTENANCE_ON, named("a", maintenance_mode=True), "already"),
        (ActionKind.MAINTENANCE_OFF, named("a", maintenance_mode=False), "not in maintenance"),
        (ActionKind.SHUT_DOWN, named("a", plat=Platform.LINUX), ""),
    ],
)
def test_what_cannot_be_done_to_an_agent(kind: ActionKind, agent: Agent, words: str) -> None:
    assert words in kind.why_not(agent)
    assert bool(kind.why_not(agent)) is bool(words)


def test_the_log_names_no_machine(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        desk.begin(2)
        desk.held.go()
    assert "reboot of 2 agents: 2 done" in caplog.text
    assert "pc-" not in caplog.text
