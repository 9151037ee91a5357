"""Lost sessions on a page without a web engine: what they do to come back, and what they leave to a person."""

from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.command import Confirm, Connect, Disconnect, Refresh
from console.mesh.errors import (
    CertificateChanged,
    ConsentDenied,
    Disconnected,
    FarEndEnded,
    MeshProblem,
    NodeNotFound,
    SessionNotTaken,
    TokenRefused,
)
from console.mesh.report import (
    AgentMessage,
    AgentPresence,
    Control,
    FarEndAwake,
    FirstData,
    FolderShown,
    NodeMissing,
    Ready,
    SignInShown,
    TunnelState,
    Unfamiliar,
)
from console.mesh.session_kind import SessionKind
from console.rmm.errors import ServerFailed, SignInAgain
from console.sessions.progress import State
from console.sessions.recovery import Patience
from console.sessions.session import Session
from console.transport import CertificateUntrusted
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.desk import LIVE, QUICK, Desk, say, state_of
from tests.unit.sessions.parts import AGENT_ID, FakePage, Held, connection_to, far_server, mesh_page

DIED = MeshProblem("The view stopped working.")
HEALTH = "/health.ashx"


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    runner = Held()
    with far_server(runner) as far:
        made = Desk(far, runner, qtbot)
        yield made
        made.sessions.close_all()


def back(session: Session, page: FakePage, attempt: int = 1) -> None:
    """The page connects again."""
    say(page, TunnelState(attempt, 1), TunnelState(attempt, 3), FirstData(attempt))
    assert state_of(session) is State.CONNECTED
    assert session.lost is None
    assert session.problem is None


def probes(desk: Desk) -> int:
    return [path for _, path in desk.far.mesh.asked].count(HEALTH)


def reloads(page: FakePage) -> int:
    return page.told.count("reload")


class TestAScreenThatStops:
    LOST = AgentMessage(1, None, "KVM Child process has unexpectedly exited")

    def test_the_connection_is_made_anew(self, desk: Desk) -> None:
        session, page = desk.live()
        mark = len(page.told)
        say(page, self.LOST)
        desk.until(lambda: "Connect" in page.told[mark:])
        assert page.told[mark:] == ["Disconnect", "Connect"]
        say(page, TunnelState(1, 0))
        back(session, page, attempt=2)
        assert desk.links_asked == 1

    def test_also_before_anything_was_seen_and_again_with_pauses(self, desk: Desk) -> None:
        session, page = desk.opened()
        say(page, *LIVE[:-1], self.LOST)
        assert state_of(session) is State.LOST
        desk.until(lambda: page.told.count("Connect") == 1)
        say(page, TunnelState(2, 1), TunnelState(2, 3), msgspec.structs.replace(self.LOST, attempt=2))
        assert session.lost is not None
        assert session.lost.next_try is not None
        desk.until(lambda: page.told.count("Connect") == 2)


class TestAPageThatDies:
    def test_it_is_loaded_anew_with_the_cookie_that_is_there(self, desk: Desk) -> None:
        session, page = desk.live()
        page.failed.emit(DIED)
        assert state_of(session) is State.LOST
        assert session.lost is not None
        assert session.lost.automatic
        assert session.problem is DIED
        assert session.connected_at is None
        assert reloads(page) == 0, "MeshCentral is asked first whether it is there"
        desk.until(lambda: reloads(page) == 1)
        assert probes(desk) == 1
        say(page, Ready())
        back(session, page)
        assert len(desk.pages) == 1
        assert (desk.links_asked, len(page.opened)) == (1, 1)

    def test_what_the_earlier_page_reported_does_not_count(self, desk: Desk) -> None:
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: reloads(page) == 1)
        say(page, FirstData(1))
        assert state_of(session) is State.LOST
        say(page, Ready(), TunnelState(1, 1))
        assert state_of(session) is State.LOST
        say(page, TunnelState(1, 3), FirstData(1))
        assert state_of(session) is State.CONNECTED

    def test_what_it_had_reported_of_itself_is_forgotten(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, FolderShown(0, "/home"))
        assert session.facts.folder == "/home"
        page.failed.emit(DIED)
        desk.until(lambda: reloads(page) == 1)
        assert session.facts.folder is None

    def test_one_that_says_nothing_is_loaded_again(self, desk: Desk, qtbot: QtBot) -> None:
        desk.sessions._patience = impatient(load=0.05)
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: reloads(page) >= 3)
        assert session.lost is not None
        assert session.lost.tries >= 2

    def test_one_that_was_connected_by_hand(self, desk: Desk) -> None:
        session, page = desk.opened()
        say(page, Unfamiliar(0, "go"))
        page.failed.emit(DIED)
        assert state_of(session) is State.LOST
        desk.until(lambda: reloads(page) == 1)
        say(page, Unfamiliar(0, "go"))
        assert state_of(session) is State.BY_HAND
        assert session.lost is None

    def test_another_certificate_is_for_a_person(self, desk: Desk) -> None:
        session, page = desk.live()
        page.failed.emit(CertificateChanged("mesh.example.com:443", None, None))
        desk.for_a_while()
        assert (reloads(page), probes(desk)) == (0, 0)
        assert session.lost is not None
        assert not session.lost.automatic


class TestAServerThatIsAway:
    def test_it_is_asked_until_it_answers(self, desk: Desk) -> None:
        desk.far.mesh.answers[HEALTH] = [answer(b"", 502), answer(b"", 503), answer(b"ok")]
        session, page = desk.live()
        say(page, TunnelState(1, 0), Control(1, alive=False))
        assert state_of(session) is State.LOST
        desk.until(lambda: reloads(page) == 1)
        assert probes(desk) == 3
        say(page, Ready())
        back(session, page)

    def test_the_words_say_what_is_done(self, desk: Desk, qtbot: QtBot) -> None:
        desk.far.mesh.answers[HEALTH] = [answer(b"", 503)]
        desk.sessions._patience = Patience()
        session, page = desk.live()
        say(page, Control(1, alive=False))
        desk.until(lambda: session.lost is not None and session.lost.next_try is not None)
        assert session.lost is not None
        assert "answered with an error (503)" in session.lost.step
        assert "Trying again in" in session.lost.step

    def test_a_cookie_that_is_void_costs_no_audit_entry(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, SignInShown())
        assert state_of(session) is State.LOST
        desk.until(lambda: len(page.opened) == 2)
        assert page.opened[0][0] is page.opened[1][0], "the same link"
        say(page, Ready())
        back(session, page)
        assert desk.links_asked == 1
        assert reloads(page) == 1

    def test_a_token_that_is_refused_costs_one(self, desk: Desk) -> None:
        session, page = desk.live()
        desk.far.mesh.answers["/"] = [mesh_page(user=""), mesh_page()]
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, SignInShown())
        desk.until(lambda: len(page.opened) == 2)
        say(page, Ready())
        back(session, page)
        assert desk.links_asked == 2

    def test_a_token_that_is_too_old_is_not_even_sent(self, desk: Desk) -> None:
        session, page = desk.live()
        session.entry._fresh_until = 0.0
        traded = [path for _, path in desk.far.mesh.asked].count("/")
        desk.far.connection.links._asked.clear()
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, SignInShown())
        desk.until(lambda: len(page.opened) == 2)
        assert [path for _, path in desk.far.mesh.asked].count("/") == traded + 1
        assert desk.links_asked == 2

    def test_the_new_link_is_asked_for_once(self, desk: Desk) -> None:
        session, page = desk.live()
        desk.far.mesh.answers["/"] = [mesh_page(user="")]
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, SignInShown())
        desk.until(lambda: session.lost is not None and not session.lost.automatic)
        desk.for_a_while()
        assert isinstance(session.problem, TokenRefused)
        assert desk.links_asked == 2

    def test_a_page_that_never_takes_the_cookie(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1, alive=False))
        for opened in (2, 3):
            desk.until(lambda: reloads(page) == 1)
            say(page, SignInShown())
            desk.until(lambda: len(page.opened) == opened)  # noqa: B023
        say(page, SignInShown())
        desk.for_a_while()
        assert isinstance(session.problem, SessionNotTaken)
        assert state_of(session) is State.LOST
        assert desk.links_asked == 2

    def test_several_sessions_of_an_agent_share_the_new_link(self, desk: Desk) -> None:
        live = [desk.live(kind) for kind in SessionKind]
        desk.far.mesh.answers["/"] = [mesh_page(user="")] * 3 + [mesh_page()]
        for _, page in live:
            say(page, Control(1, alive=False))
        desk.until(lambda: all(reloads(page) == 1 for _, page in live))
        for _, page in live:
            say(page, SignInShown())
        desk.until(lambda: all(len(page.opened) == 2 for _, page in live))
        for session, page in live:
            say(page, Ready())
            back(session, page)
        assert desk.links_asked == 2

    def test_without_a_token_the_technician_signs_in_in_the_page(self, desk: Desk) -> None:
        desk.far.set_links(desk.far.links(login=""))
        session, page = desk.opened()
        say(page, SignInShown(), *LIVE)
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, SignInShown())
        assert state_of(session) is State.SIGNING_IN
        say(page, Ready())
        back(session, page)
        assert desk.links_asked == 1

    def test_an_untrusted_certificate_is_for_a_person(self, desk: Desk) -> None:
        session, page = desk.live()
        desk.far.connection.use(msgspec.structs.replace(desk.far.connection.server, pins={}))
        say(page, Control(1, alive=False))
        desk.until(lambda: session.lost is not None and not session.lost.automatic)
        assert isinstance(session.problem, CertificateUntrusted)
        assert session.problem.certificate is not None
        assert reloads(page) == 0


class TestTheRmmIsNeeded:
    @staticmethod
    def refused(desk: Desk) -> tuple[Session, FakePage]:
        """A session whose token MeshCentral does not take any more, at the point where only a new link helps."""
        session, page = desk.live()
        desk.far.mesh.answers["/"] = [mesh_page(user=""), mesh_page()]
        say(page, Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        return session, page

    def test_an_ended_sign_in_is_waited_for(self, desk: Desk) -> None:
        session, page = self.refused(desk)
        status = f"/agents/{AGENT_ID}/"
        desk.far.api.answers[status] = [answer({"detail": "Invalid token."}, 401)]
        say(page, SignInShown())
        desk.until(lambda: isinstance(session.problem, SignInAgain))
        desk.for_a_while()
        assert session.lost is not None
        assert session.lost.automatic
        assert "Sign in to the RMM again" in session.lost.step
        assert desk.links_asked == 1
        desk.far.set_status("online")
        desk.sessions.signed_in_again(connection_to(desk.far.connection.server, desk.runner))
        desk.until(lambda: len(page.opened) == 2)
        say(page, Ready())
        back(session, page)
        assert desk.links_asked == 2

    def test_an_rmm_that_is_away_is_asked_without_a_trace(self, desk: Desk) -> None:
        _session, page = self.refused(desk)
        status = f"/agents/{AGENT_ID}/"
        before = [path for _, path in desk.far.api.asked].count(status)
        desk.far.api.answers[status] = [answer("", 500), answer("", 500), answer({"status": "online"})]
        say(page, SignInShown())
        desk.until(lambda: len(page.opened) == 2)
        assert [path for _, path in desk.far.api.asked].count(status) == before + 3
        assert desk.links_asked == 2

    def test_a_link_that_is_refused_is_not_asked_for_again(self, desk: Desk) -> None:
        session, page = self.refused(desk)
        desk.far.set_links(answer("", 500))
        say(page, SignInShown())
        desk.until(lambda: session.lost is not None and not session.lost.automatic)
        desk.for_a_while()
        assert isinstance(session.problem, ServerFailed)
        assert desk.links_asked == 2

    def test_a_role_that_may_not_list_agents_may_still_use_sessions(self, desk: Desk) -> None:
        _session, page = self.refused(desk)
        desk.far.api.answers[f"/agents/{AGENT_ID}/"] = [answer({"detail": "You do not have permission."}, 403)]
        say(page, SignInShown())
        desk.until(lambda: len(page.opened) == 2)


class TestAnAgentThatGoes:
    def test_the_page_waits_for_it(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0), AgentPresence(1, online=False))
        assert page.commands == [Connect()]
        assert session.lost is not None
        assert "is back in MeshCentral" in session.lost.step
        desk.for_a_while()
        assert page.commands == [Connect()], "nothing is asked meanwhile"
        say(page, AgentPresence(1, online=True))
        back(session, page, 2)
        assert (reloads(page), desk.links_asked, probes(desk)) == (0, 1, 0)

    def test_one_that_is_silent_is_connected_to(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0))
        assert page.commands == []
        desk.until(lambda: page.commands == [Connect()])
        back(session, page, 2)

    def test_a_connection_that_is_not_taken_is_tried_again(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0))
        for attempt in (2, 3, 4):
            desk.until(lambda: len(page.commands) == attempt - 1)  # noqa: B023
            say(page, TunnelState(attempt, 1), TunnelState(attempt, 0))
            assert state_of(session) is State.LOST
        desk.until(lambda: len(page.commands) == 4)
        say(page, FirstData(4), TunnelState(3, 3), FirstData(3))
        assert state_of(session) is State.LOST, "of an attempt that has ended"
        back(session, page, 5)

    def test_a_shell_that_ended_is_not_opened_again(self, desk: Desk) -> None:
        session, page = desk.live(SessionKind.TERMINAL)
        say(page, Control(1), TunnelState(1, 0), FarEndAwake(1))
        desk.for_a_while()
        assert page.commands == []
        assert isinstance(session.problem, FarEndEnded)
        assert session.lost is not None
        assert not session.lost.automatic
        session.reconnect()
        assert page.commands == [Connect()]
        back(session, page, 2)

    def test_an_agent_that_is_stopped_ends_its_sessions_first(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0), FarEndAwake(1), AgentPresence(1, online=False))
        assert session.lost is not None
        assert session.lost.automatic
        say(page, AgentPresence(1, online=True))
        back(session, page, 2)

    def test_the_server_goes_while_the_agent_is_waited_for(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0), AgentPresence(1, online=False), Control(1, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready(online=False))
        assert state_of(session) is State.LOST
        assert session.lost is not None
        assert "is back in MeshCentral" in session.lost.step
        say(page, AgentPresence(0, online=True))
        back(session, page)

    def test_the_node_is_gone(self, desk: Desk) -> None:
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: reloads(page) == 1)
        say(page, NodeMissing())
        desk.for_a_while()
        assert isinstance(session.problem, NodeNotFound)
        assert session.lost is not None
        assert not session.lost.automatic

    def test_one_that_is_awaited_in_a_first_opening_outlasts_the_server(self, desk: Desk) -> None:
        session, page = desk.opened()
        say(page, Ready(online=False))
        assert state_of(session) is State.MESH_OFFLINE
        say(page, Control(0, alive=False))
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready())
        back(session, page)


class TestConsent:
    def test_a_denial_ends_it(self, desk: Desk) -> None:
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready(), TunnelState(1, 1), TunnelState(1, 3), AgentMessage(1, 1, "Waiting for user"))
        assert state_of(session) is State.CONSENT
        assert session.problem is None
        desk.for_a_while()
        assert state_of(session) is State.CONSENT
        say(page, AgentMessage(1, 2, "denied"), TunnelState(1, 0))
        desk.for_a_while()
        assert state_of(session) is State.LOST
        assert isinstance(session.problem, ConsentDenied)
        assert page.commands == []
        assert session.lost is not None
        assert not session.lost.automatic


class TestByHand:
    def test_a_pause_is_cut_short(self, desk: Desk) -> None:
        desk.sessions._patience = Patience(pauses=(1000.0,))
        desk.far.mesh.answers[HEALTH] = [answer(b"", 503), answer(b"ok")]
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.runner.go()
        assert session.lost is not None
        assert session.lost.next_try is not None
        session.reconnect()
        desk.runner.go()
        assert reloads(page) == 1

    def test_stopped_and_taken_up_again(self, desk: Desk) -> None:
        desk.far.mesh.answers[HEALTH] = [answer(b"", 503)]
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: probes(desk) > 1)
        session.stop_recovering()
        asked = probes(desk)
        desk.for_a_while()
        assert probes(desk) == asked
        assert session.lost is not None
        assert not session.lost.automatic
        desk.far.mesh.answers[HEALTH] = [answer(b"ok")]
        session.reconnect()
        assert session.lost.automatic
        desk.until(lambda: reloads(page) == 1)

    def test_waiting_in_the_page_is_stopped_there(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), TunnelState(1, 0), AgentPresence(1, online=False))
        session.stop_recovering()
        assert page.commands == [Connect(), Disconnect()]

    def test_what_ends_because_of_it_starts_nothing(self, desk: Desk) -> None:
        session, page = desk.live()
        say(page, Control(1), *(TunnelState(1, 0), AgentPresence(1, online=False), AgentPresence(1, online=True)))
        say(page, TunnelState(2, 1))
        session.stop_recovering()
        say(page, TunnelState(2, 0))
        desk.for_a_while()
        assert page.commands == [Connect(), Disconnect()]
        assert session.lost is not None
        assert not session.lost.automatic

    def test_one_that_is_connected_is_loaded_anew(self, desk: Desk) -> None:
        session, page = desk.live()
        session.reconnect()
        assert state_of(session) is State.LOST
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready())
        back(session, page)
        assert desk.links_asked == 1

    def test_one_that_never_was_is_opened(self, desk: Desk) -> None:
        session, page = desk.opened()
        page.failed.emit(DIED)
        session.reconnect()
        desk.runner.go()
        assert desk.pages[1].opened

    def test_the_technician_disconnects(self, desk: Desk) -> None:
        session, page = desk.live()
        session.do(Disconnect())
        say(page, TunnelState(1, 0))
        desk.for_a_while()
        assert isinstance(session.problem, Disconnected)
        assert page.commands == [Disconnect()]
        session.do(Refresh())
        assert page.commands[-1] == Refresh()

    def test_closing_ends_it_all(self, desk: Desk) -> None:
        desk.far.mesh.answers[HEALTH] = [answer(b"", 503)]
        session, page = desk.live()
        page.failed.emit(DIED)
        desk.until(lambda: probes(desk) > 1)
        session.close()
        asked = probes(desk)
        desk.for_a_while()
        assert probes(desk) == asked
        assert state_of(session) is State.CLOSED
        assert session.lost is None


class TestSleep:
    def test_a_page_that_does_not_confirm_is_loaded_anew(self, desk: Desk) -> None:
        session, page = desk.live()
        desk.now += 36
        desk.sessions.tick()
        assert state_of(session) is State.CONNECTED
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready())
        back(session, page)

    def test_one_that_does_is_left_alone(self, desk: Desk) -> None:
        session, page = desk.live()
        desk.now += 3600
        desk.sessions.tick()
        assert page.commands == [Confirm()]
        say(page, Control(1, alive=True))
        desk.for_a_while()
        assert reloads(page) == 0
        assert state_of(session) is State.CONNECTED

    def test_a_busy_moment_is_no_sleep(self, desk: Desk) -> None:
        _session, page = desk.live()
        for seconds in (5, 20, 5):
            desk.now += seconds
            desk.sessions.tick()
        assert page.commands == []

    def test_pauses_end_with_it(self, desk: Desk) -> None:
        desk.sessions._patience = Patience(pauses=(1000.0,))
        desk.far.mesh.answers[HEALTH] = [answer(b"", 503), answer(b"ok")]
        _session, page = desk.live()
        page.failed.emit(DIED)
        desk.runner.go()
        desk.now += 3600
        desk.sessions.tick()
        desk.runner.go()
        assert reloads(page) == 1


class TestTheRecord:
    def test_seconds_add_up_over_connections(self, desk: Desk, qtbot: QtBot) -> None:
        session, page = desk.opened()
        assert session.total_seconds == 0
        assert session.first_connected_at is None
        say(page, *LIVE)
        first = session.first_connected_at
        assert first is not None
        assert session.opened_at <= first
        qtbot.wait(30)
        page.failed.emit(DIED)
        before = session.total_seconds
        assert before > 0.02
        qtbot.wait(30)
        assert session.total_seconds == before, "while it is lost nothing is added"
        desk.until(lambda: reloads(page) == 1)
        say(page, Ready())
        back(session, page)
        qtbot.wait(30)
        assert session.total_seconds > before
        assert session.first_connected_at is first
        desk.sessions.close(session)
        assert session.ending == "Closed by the technician."
        assert session.total_seconds > before

    @pytest.mark.parametrize("connected", [True, False])
    def test_how_it_ended(self, desk: Desk, connected: bool) -> None:
        session, page = desk.live() if connected else desk.opened()
        page.failed.emit(DIED)
        desk.sessions.close(session)
        assert session.ending == DIED.what

    def test_reports_are_passed_on_after_they_were_taken_in(self, desk: Desk) -> None:
        session, page = desk.opened()
        heard: list[tuple[object, State]] = []
        session.reported.connect(lambda report: heard.append((report, session.state)))
        say(page, *LIVE)
        assert [report for report, _ in heard] == list(LIVE)
        assert heard[-1][1] is State.CONNECTED


def impatient(load: float) -> Patience:
    """The quick patience, with another limit for a page that says nothing."""
    return Patience(QUICK.pauses, QUICK.spread, QUICK.far_end, load, QUICK.connect, QUICK.confirm, QUICK.steady)


def test_a_connection_that_does_not_last_is_followed_by_a_pause(desk: Desk) -> None:
    desk.sessions._patience = Patience(pauses=(1000.0,), steady=1000.0)
    session, page = desk.live()
    page.failed.emit(DIED)
    desk.runner.go()
    say(page, Ready())
    back(session, page)
    page.failed.emit(DIED)
    desk.runner.go()
    assert reloads(page) == 1
    assert session.lost is not None
    assert session.lost.next_try is not None
