"""Restarting a machine and coming back to it: each stage, what may go wrong, and what becomes of its sessions."""

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.command import Connect
from console.mesh.report import (
    AgentMessage,
    AgentPresence,
    Control,
    FarEndAwake,
    FirstData,
    Ready,
    TunnelState,
)
from console.mesh.session_kind import SessionKind
from console.rmm.errors import AgentRefused, AgentSilent, NotAllowed
from console.rmm.models import Agent
from console.sessions.progress import State
from console.sessions.reboot import Reboot, RebootPatience, Stage
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.desk import LIVE, ONLINE, Desk, say, state_of
from tests.unit.sessions.parts import AGENT_ID, FakePage, Held, connection_to, far_server

REBOOT = f"/agents/{AGENT_ID}/reboot/"
PING = f"/agents/{AGENT_ID}/ping/"
BOOTED = msgspec.structs.replace(ONLINE, boot_time=1000.0)
GOES = (TunnelState(1, 0), AgentPresence(1, online=False))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    runner = Held()
    with far_server(runner) as far:
        far.api.answers[REBOOT] = [answer("ok")]
        made = Desk(far, runner, qtbot)
        ping(made, True)
        yield made
        made.sessions.close_all()


def ping(desk: Desk, there: bool, boot_time: float = 1000.0) -> None:
    """What the RMM says from now on."""
    status = "online" if there else "offline"
    desk.far.api.answers[PING] = [answer({"name": "HOST", "status": status})]
    desk.far.api.answers[f"/agents/{AGENT_ID}/"] = [answer({"status": "online", "boot_time": boot_time})]


def restarted(desk: Desk, *kinds: SessionKind, agent: Agent = BOOTED) -> Reboot:
    """A machine that was asked to restart."""
    reboot = desk.sessions.reboot(desk.far.connection, agent, kinds)
    assert reboot.words == "Asking HOST to restart."
    desk.until(lambda: Stage.ASKED in reboot.stages)
    return reboot


def returns(page: FakePage, attempt: int = 2) -> None:
    say(page, AgentPresence(1, online=True), *connection(attempt))


def connection(attempt: int) -> tuple[TunnelState, TunnelState, FirstData]:
    return TunnelState(attempt, 1), TunnelState(attempt, 3), FirstData(attempt)


class TestTheStages:
    def test_all_of_them_for_three_sessions(self, desk: Desk) -> None:
        live = [desk.live(kind) for kind in SessionKind]
        reboot = restarted(desk)
        assert all(session.reboot is reboot for session, _ in live)
        assert reboot.going_down
        assert list(reboot.stages) == [Stage.ASKED]
        assert "was asked to restart and is still there" in reboot.words
        for _, page in live:
            say(page, Control(1), *GOES)
        ping(desk, False)
        assert list(reboot.stages) == [Stage.ASKED, Stage.AWAY]
        assert "is restarting" in reboot.words
        desk.until(lambda: desk.far.asked("/ping/") > 2)
        ping(desk, True)
        desk.until(lambda: Stage.IN_RMM in reboot.stages)
        assert "is back in the RMM; MeshCentral has no connection" in reboot.words
        for count, (_, page) in enumerate(live, 1):
            assert not reboot.finished
            returns(page)
            if count < 3:
                assert f"{count} of 3 sessions are connected" in reboot.words
        assert list(reboot.stages) == list(Stage)
        assert sorted(reboot.stages.values()) == list(reboot.stages.values())
        assert reboot.finished
        assert reboot.problem is None
        assert reboot.words == "HOST has restarted and is connected again."
        assert desk.far.asked("/reboot/") == 1
        assert desk.links_asked == 1
        before = desk.far.asked("/ping/")
        desk.for_a_while()
        assert desk.far.asked("/ping/") == before, "nothing is asked any more"

    def test_a_restart_that_the_rmm_never_saw_is_known_by_its_time(self, desk: Desk) -> None:
        reboot = restarted(desk)
        ping(desk, True, boot_time=2000.0)
        desk.until(lambda: reboot.finished)
        assert list(reboot.stages) == [Stage.ASKED, Stage.AWAY, Stage.IN_RMM]
        assert reboot.words == "HOST has restarted."

    def test_one_whose_time_is_not_known_is_not_taken_for_another(self, desk: Desk) -> None:
        reboot = restarted(desk, agent=ONLINE)
        ping(desk, True, boot_time=2000.0)
        desk.for_a_while()
        assert list(reboot.stages) == [Stage.ASKED]

    def test_a_quick_one_is_seen_by_the_pages(self, desk: Desk) -> None:
        session, page = desk.live()
        reboot = restarted(desk)
        say(page, Control(1), *GOES)
        desk.for_a_while()
        assert Stage.IN_RMM not in reboot.stages, "the RMM has not missed it yet"
        returns(page)
        assert reboot.finished
        assert state_of(session) is State.CONNECTED
        assert list(reboot.stages) == [Stage.ASKED, Stage.AWAY, Stage.IN_MESH, Stage.CONNECTED]

    def test_what_was_connected_all_along_is_not_connected_again(self, desk: Desk) -> None:
        _, page = desk.live()
        reboot = restarted(desk)
        ping(desk, False)
        desk.until(lambda: Stage.AWAY in reboot.stages)
        ping(desk, True)
        desk.until(lambda: Stage.IN_RMM in reboot.stages)
        desk.for_a_while()
        assert not reboot.finished
        say(page, Control(1), *GOES)
        returns(page)
        assert reboot.finished

    def test_an_agent_that_was_there_before_it_went_is_not_back(self, desk: Desk) -> None:
        _, page = desk.live()
        reboot = restarted(desk)
        say(page, AgentPresence(1, online=True), Ready(1, online=True))
        assert list(reboot.stages) == [Stage.ASKED]

    def test_an_rmm_that_fails_meanwhile_is_outlasted(self, desk: Desk) -> None:
        reboot = restarted(desk)
        desk.far.api.answers[PING] = [answer("", 500)]
        before = desk.far.asked("/ping/")
        desk.until(lambda: desk.far.asked("/ping/") > before + 2)
        ping(desk, False)
        desk.until(lambda: Stage.AWAY in reboot.stages)


class TestItsSessions:
    def test_a_shell_that_ended_on_the_way_down_comes_back(self, desk: Desk) -> None:
        session, page = desk.live(SessionKind.TERMINAL)
        reboot = restarted(desk)
        say(page, Control(1), TunnelState(1, 0), FarEndAwake(1))
        desk.for_a_while()
        assert page.commands == [], "the machine is still there"
        assert session.lost is not None
        assert session.lost.held
        assert session.lost.step == "Waiting until HOST has restarted."
        say(page, AgentPresence(1, online=False))
        returns(page)
        assert page.commands == [Connect()]
        assert reboot.finished

    def test_none_was_open_and_some_are_wanted(self, desk: Desk) -> None:
        reboot = restarted(desk, SessionKind.TERMINAL, SessionKind.FILES)
        assert list(desk.sessions) == []
        ping(desk, False)
        desk.until(lambda: Stage.AWAY in reboot.stages)
        ping(desk, True)
        desk.until(lambda: len(desk.pages) == 2 and all(page.opened for page in desk.pages))
        assert [session.kind for session in desk.sessions] == [SessionKind.TERMINAL, SessionKind.FILES]
        for page in desk.pages:
            assert not reboot.finished
            say(page, *LIVE)
        assert reboot.finished
        assert Stage.CONNECTED in reboot.stages

    def test_kinds_are_not_opened_beside_what_is_open(self, desk: Desk) -> None:
        _, page = desk.live(SessionKind.FILES)
        reboot = restarted(desk, SessionKind.TERMINAL)
        say(page, Control(1), *GOES)
        ping(desk, False)
        desk.until(lambda: desk.far.asked("/ping/") > 2)
        ping(desk, True)
        desk.until(lambda: Stage.IN_RMM in reboot.stages)
        assert len(list(desk.sessions)) == 1

    def test_the_last_that_is_missing_is_closed(self, desk: Desk) -> None:
        first, second = desk.live(), desk.live(SessionKind.FILES)
        reboot = restarted(desk)
        for _, page in (first, second):
            say(page, Control(1), *GOES)
        returns(first[1])
        assert not reboot.finished
        desk.sessions.close(second[0])
        assert reboot.finished

    @pytest.mark.parametrize("ended_there", [True, False])
    def test_one_that_the_remote_user_refuses_is_asked_once(self, desk: Desk, ended_there: bool) -> None:
        session, page = desk.live()
        reboot = restarted(desk)
        say(page, Control(1), TunnelState(1, 0), *([FarEndAwake(1)] if ended_there else []))
        say(page, AgentPresence(1, online=False), AgentPresence(1, online=True))
        assert page.commands == [Connect()]
        say(page, TunnelState(2, 1), TunnelState(2, 3), AgentMessage(2, 1, "asking"))
        assert state_of(session) is State.CONSENT
        say(page, AgentMessage(2, 2, "denied"), TunnelState(2, 0))
        ping(desk, False)
        desk.for_a_while()
        ping(desk, True)
        desk.for_a_while()
        assert page.commands == [Connect()]
        assert state_of(session) is State.LOST
        assert reboot.finished
        assert "Not all of its sessions" in reboot.words

    def test_one_that_never_opened_is_not_followed(self, desk: Desk) -> None:
        session, page = desk.opened()
        page.failed.emit(AgentSilent("no"))
        assert state_of(session) is State.FAILED
        restarted(desk)
        assert session.reboot is None


class TestFailing:
    @pytest.mark.parametrize(
        ("said", "status", "problem"),
        [
            ("Unable to contact the agent", 400, AgentSilent),
            ("natsdown", 200, AgentSilent),
            ("no", 200, AgentRefused),
            ({"detail": "You do not have permission to perform this action."}, 403, NotAllowed),
        ],
    )
    def test_it_is_refused(self, desk: Desk, said: object, status: int, problem: type[Exception]) -> None:
        desk.far.api.answers[REBOOT] = [answer(said, status)]
        session, _ = desk.live()
        reboot = desk.sessions.reboot(desk.far.connection, BOOTED)
        desk.runner.go()
        assert isinstance(reboot.problem, problem)
        assert reboot.words == reboot.problem.what
        assert reboot.stages == {}
        assert reboot.finished
        assert not reboot.going_down
        desk.for_a_while()
        assert desk.far.asked("/reboot/") == 1
        assert desk.far.asked("/ping/") == 0
        assert state_of(session) is State.CONNECTED

    def test_it_does_not_go_away(self, desk: Desk) -> None:
        desk.sessions._reboot_patience = RebootPatience(pause=0.01, away=0.1)
        _session, page = desk.live(SessionKind.TERMINAL)
        reboot = restarted(desk)
        say(page, Control(1), TunnelState(1, 0), FarEndAwake(1))
        desk.until(lambda: reboot.finished)
        assert reboot.problem is not None
        assert "has not restarted within" in reboot.words
        assert "refused" in reboot.problem.advice
        assert page.commands == [Connect()], "what was held for it goes on"

    def test_it_does_not_come_back(self, desk: Desk) -> None:
        desk.sessions._reboot_patience = RebootPatience(pause=0.01, away=0.2)
        reboot = restarted(desk)
        ping(desk, False)
        desk.until(lambda: Stage.AWAY in reboot.stages)
        desk.for_a_while()
        desk.for_a_while()
        assert not reboot.finished
        assert "It is away since" in reboot.words

    def test_it_is_followed_no_longer(self, desk: Desk) -> None:
        session, page = desk.live()
        reboot = restarted(desk)
        say(page, Control(1), *GOES)
        reboot.cancel()
        assert reboot.finished
        assert reboot.cancelled
        assert "not followed" in reboot.words
        asked = desk.far.asked("/ping/")
        desk.for_a_while()
        assert desk.far.asked("/ping/") <= asked + 1
        assert Stage.CONNECTED not in reboot.stages
        returns(page)
        assert state_of(session) is State.CONNECTED, "it comes back by itself all the same"

    def test_it_is_asked_for_once(self, desk: Desk) -> None:
        reboot = restarted(desk)
        assert desk.sessions.reboot(desk.far.connection, BOOTED) is reboot
        reboot.cancel()
        assert desk.sessions.reboot(desk.far.connection, BOOTED) is not reboot

    def test_another_sign_in_is_used_from_then_on(self, desk: Desk) -> None:
        reboot = restarted(desk)
        fresh = connection_to(desk.far.connection.server, desk.runner)
        desk.sessions.signed_in_again(fresh)
        assert reboot.connection is fresh
