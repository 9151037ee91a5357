import logging
from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.errors import MeshProblem, NoMeshAgent, SessionNotTaken, TokenRefused
from console.mesh.report import SignInShown
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed, ServerFailed
from console.servers import Clipboard
from console.sessions.progress import State
from console.transport import CertificateUntrusted
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.desk import LIVE, OFFLINE, ONLINE, Desk, state_of
from tests.unit.sessions.parts import AGENT_ID, SESSION_TOKEN, TOKEN, Held, connection_to, far_server, mesh_page


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    runner = Held()
    with far_server(runner) as far:
        made = Desk(far, runner, qtbot)
        yield made
        made.sessions.close_all()


class TestOpening:
    def test_from_the_double_click_to_the_live_page(self, desk: Desk) -> None:
        session = desk.open(SessionKind.TERMINAL)
        assert state_of(session) is State.OPENING
        page = desk.pages[0]
        assert page.told == ["warm"], "the page starts while the link is being asked for"
        desk.runner.go()
        assert page.told == ["warm", "open"]
        link, cookies = page.opened[0]
        assert link.kind is SessionKind.TERMINAL
        assert list(cookies.cookies) == ["xid"]
        assert cookies.leaf is not None
        assert TOKEN not in link.page_url
        for report in LIVE:
            assert state_of(session) is not State.CONNECTED
            assert not session.live
            page.reported.emit(report)
        assert state_of(session) is State.CONNECTED
        assert session.live
        assert session.seconds_connected is not None
        assert desk.links_asked == 1
        assert desk.far.asked(f"/agents/{AGENT_ID}/") == 1, "the status of an agent that is online is not asked for"

    def test_the_three_kinds_share_one_audit_entry(self, desk: Desk) -> None:
        for kind in SessionKind:
            desk.open(kind)
        desk.runner.go()
        assert [page.opened[0][0].kind for page in desk.pages] == list(SessionKind)
        assert desk.links_asked == 1

    def test_a_connection_without_data_counts_after_a_while(self, desk: Desk, qtbot: QtBot) -> None:
        session, page = desk.opened()
        session._settle.setInterval(0)
        for report in LIVE[:-1]:
            page.reported.emit(report)
        qtbot.waitUntil(lambda: state_of(session) is State.CONNECTED, timeout=30_000)

    def test_a_link_without_a_token_shows_the_sign_in_and_goes_on(self, desk: Desk) -> None:
        desk.far.set_links(desk.far.links(login=""))
        session, page = desk.opened()
        assert state_of(session) is State.SIGNING_IN
        assert session.mesh.asks
        session.going_in.in_page()
        desk.runner.go()
        assert not session.mesh.asks
        assert page.opened[0][1].cookies == {}
        page.reported.emit(SignInShown())
        assert state_of(session) is State.SIGNING_IN
        for report in LIVE:
            page.reported.emit(report)
        assert state_of(session) is State.CONNECTED

    def test_while_something_holds_sessions_up_nothing_is_asked(self, desk: Desk) -> None:
        desk.hold = Problem("MeshCentral is still being installed.")
        session = desk.open()
        desk.runner.go()
        assert state_of(session) is State.FAILED
        assert session.problem is desk.hold
        assert session.held
        assert desk.pages == []
        assert desk.far.api.asked == []
        desk.hold = None
        desk.sessions.retry_held()
        desk.runner.go()
        assert not session.held
        assert desk.pages[0].opened


class TestOfflineAgents:
    def test_the_rmm_is_asked_before_the_technician_is(self, desk: Desk) -> None:
        session = desk.open(online=False)
        assert state_of(session) is State.ASKED
        desk.runner.go()
        assert state_of(session) is State.OPENING
        assert desk.pages[0].opened

    @pytest.mark.parametrize("status", ["offline", "overdue", "something new"])
    def test_then_the_technician_chooses(self, desk: Desk, status: str) -> None:
        desk.far.set_status(status)
        session = desk.open(online=False)
        desk.runner.go()
        assert state_of(session) is State.OFFLINE
        assert desk.links_asked == 0
        session.open_anyway()
        desk.runner.go()
        assert desk.pages[0].opened
        assert desk.links_asked == 1

    @pytest.mark.parametrize("waiting", [True, False])
    def test_a_fresh_list_opens_it_too(self, desk: Desk, waiting: bool) -> None:
        desk.far.set_status("offline")
        session = desk.open(online=False)
        desk.runner.go()
        if waiting:
            session.wait_for_online()
        state = session.state
        desk.sessions.fleet_refreshed(
            desk.far.connection, {AGENT_ID: msgspec.structs.replace(OFFLINE, site_name="x")}.get
        )
        assert state_of(session) is state
        assert session.agent.site_name == "x"
        desk.sessions.fleet_refreshed(desk.far.connection, {AGENT_ID: ONLINE}.get)
        desk.runner.go()
        assert desk.pages[0].opened

    def test_an_rmm_that_does_not_answer_is_told(self, desk: Desk) -> None:
        desk.far.set_status("online")
        desk.far.api.answers[f"/agents/{AGENT_ID}/"] = [answer("", 500)]
        session = desk.open(online=False)
        desk.runner.go()
        assert state_of(session) is State.FAILED
        assert isinstance(session.problem, ServerFailed)


class TestFailing:
    def test_no_right(self, desk: Desk) -> None:
        desk.far.set_links(answer({"detail": "You do not have permission to perform this action."}, 403))
        session = desk.open()
        desk.runner.go()
        assert state_of(session) is State.FAILED
        assert isinstance(session.problem, NotAllowed)
        assert desk.links_asked == 1
        assert "open" not in desk.pages[0].told

    def test_no_mesh_agent_and_the_next_try_asks_anew(self, desk: Desk) -> None:
        desk.far.set_links(desk.far.links(node="None"), desk.far.links())
        session = desk.open()
        desk.runner.go()
        assert isinstance(session.problem, NoMeshAgent)
        assert desk.far.mesh.asked == []
        session.open()
        desk.runner.go()
        assert desk.pages[1].opened
        assert desk.links_asked == 2

    def test_a_refused_token_and_the_next_try_asks_anew(self, desk: Desk) -> None:
        desk.far.mesh.answers["/"] = [mesh_page(user=""), mesh_page()]
        session = desk.open()
        desk.runner.go()
        assert isinstance(session.problem, TokenRefused)
        session.open()
        desk.runner.go()
        assert desk.pages[1].opened
        assert desk.links_asked == 2

    def test_a_page_that_does_not_take_the_session(self, desk: Desk) -> None:
        session, page = desk.opened()
        page.reported.emit(SignInShown())
        assert state_of(session) is State.FAILED
        assert isinstance(session.problem, SessionNotTaken)
        session.open()
        desk.runner.go()
        assert desk.links_asked == 2

    def test_an_untrusted_certificate_carries_what_is_presented(self, desk: Desk) -> None:
        server = msgspec.structs.replace(desk.far.connection.server, pins={})
        desk.far.connection = connection_to(server, desk.runner)
        session = desk.open()
        desk.runner.go()
        assert isinstance(session.problem, CertificateUntrusted)
        assert session.problem.certificate is not None
        assert desk.far.mesh.asked == [], "the token is not sent before"

    def test_a_page_that_dies_before_it_was_connected(self, desk: Desk) -> None:
        session, page = desk.opened()
        problem = MeshProblem("The view stopped working.")
        page.failed.emit(problem)
        assert state_of(session) is State.FAILED
        assert session.problem is problem
        assert session.lost is None, "what never worked is not tried again by itself"
        session.open()
        assert page.told[-1] == "close"
        assert session.problem is None
        desk.runner.go()
        assert desk.pages[1].opened

    def test_an_exchange_that_fails_reuses_the_fresh_link(self, desk: Desk) -> None:
        desk.far.mesh.answers["/"] = [answer(b"", 503), mesh_page()]
        session = desk.open()
        desk.runner.go()
        assert state_of(session) is State.FAILED
        session.open()
        desk.runner.go()
        assert desk.pages[1].opened
        assert desk.links_asked == 1


class TestLateAnswers:
    def test_a_link_that_comes_after_closing_opens_nothing(self, desk: Desk) -> None:
        session = desk.open()
        session.close()
        desk.runner.go()
        assert state_of(session) is State.CLOSED
        assert session.page is None
        assert desk.pages[0].told == ["warm", "close"]
        assert desk.far.mesh.asked == []

    def test_a_failure_that_comes_after_closing_is_not_told(self, desk: Desk) -> None:
        desk.far.set_links(answer("", 500))
        session = desk.open()
        session.close()
        desk.runner.go()
        assert state_of(session) is State.CLOSED
        assert session.problem is None

    def test_of_two_openings_only_the_last_counts(self, desk: Desk) -> None:
        session = desk.open()
        session.open()
        desk.runner.go()
        assert [len(page.opened) for page in desk.pages] == [0, 1]
        assert desk.pages[0].told == ["warm", "close"]
        assert session.page is desk.pages[1]
        assert desk.links_asked == 1

    def test_an_exchange_that_ends_after_closing_is_dropped(self, desk: Desk) -> None:
        session = desk.open()
        desk.runner.waiting.pop(0)()  # the link
        session.close()
        desk.runner.go()
        assert desk.pages[0].opened == []
        assert state_of(session) is State.CLOSED

    def test_a_status_that_comes_after_open_anyway_is_dropped(self, desk: Desk) -> None:
        desk.far.set_status("offline")
        session = desk.open(online=False)
        session.open_anyway()
        desk.runner.go()
        assert state_of(session) is State.OPENING
        assert len(desk.pages) == 1

    def test_what_an_earlier_page_says_is_dropped(self, desk: Desk) -> None:
        session, old = desk.live()
        session.open()
        desk.runner.go()
        for report in LIVE:
            old.reported.emit(report)
        old.failed.emit(Problem("late"))
        assert state_of(session) is State.OPENING
        assert session.problem is None


class TestClipboardAndFiles:
    def test_the_technician_is_asked_where_nothing_was_answered_yet(self, desk: Desk, qtbot: QtBot) -> None:
        session, page = desk.live()
        with qtbot.waitSignal(session.clipboard_wanted):
            page.clipboard_wanted.emit()
        session.answer_clipboard(True)
        assert page.told[-1] == "share"

    @pytest.mark.parametrize(("kept", "told"), [(Clipboard.SHARED, "share"), (Clipboard.REFUSED, "do not share")])
    def test_an_answer_for_the_server_holds(self, desk: Desk, kept: Clipboard, told: str) -> None:
        session, page = desk.live()
        asked: list[bool] = []
        session.clipboard_wanted.connect(lambda: asked.append(True))
        desk.far.connection.use(msgspec.structs.replace(desk.far.connection.server, clipboard=kept))
        page.clipboard_wanted.emit()
        assert page.told[-1] == told
        assert asked == []

    def test_an_answer_without_a_page_is_nothing(self, desk: Desk) -> None:
        session, page = desk.live()
        session.close()
        session.answer_clipboard(True)
        assert page.told[-1] == "close"

    def test_downloads_are_passed_on(self, desk: Desk) -> None:
        session, page = desk.live()
        given: list[object] = []
        session.download_started.connect(given.append)
        download = object()
        page.download_started.emit(download)
        assert given == [download]


class TestAllSessions:
    def test_they_are_listed_until_they_are_closed(self, desk: Desk, qtbot: QtBot) -> None:
        session, page = desk.live()
        other = desk.open(SessionKind.FILES)
        assert list(desk.sessions) == [session, other]
        assert desk.sessions.live == [session]
        closed: list[object] = []
        desk.sessions.closed.connect(closed.append)
        desk.sessions.close(session)
        desk.sessions.close(session)
        assert closed == [session]
        assert page.told[-1] == "close"
        desk.sessions.close_all()
        assert list(desk.sessions) == []
        assert closed == [session, other]

    def test_one_that_closes_while_all_are_refreshed(self, desk: Desk) -> None:
        session, _ = desk.live()
        desk.open(SessionKind.FILES)
        session.changed.connect(lambda: desk.sessions.close(session))
        desk.sessions.fleet_refreshed(
            desk.far.connection, {AGENT_ID: msgspec.structs.replace(ONLINE, site_name="x")}.get
        )
        assert [each.agent.site_name for each in desk.sessions] == ["x"]

    def test_agents_of_another_server_are_not_taken(self, desk: Desk) -> None:
        session, _ = desk.live()
        other = connection_to(desk.far.connection.server, desk.runner)
        desk.sessions.fleet_refreshed(other, {AGENT_ID: OFFLINE}.get)
        assert session.agent is ONLINE

    def test_a_new_sign_in_is_used_when_a_session_is_opened_anew(self, desk: Desk) -> None:
        session, page = desk.live()
        fresh = connection_to(desk.far.connection.server, desk.runner)
        desk.sessions.signed_in_again(fresh)
        assert session.connection is fresh
        assert state_of(session) is State.CONNECTED
        assert page.told == ["warm", "open"]


def test_no_secret_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="console"):
        desk.live()
    assert "now connected" in caplog.text
    cookie = desk.pages[0].opened[0][1].cookies["xid"].reveal()
    for secret in (TOKEN, SESSION_TOKEN, cookie):
        assert secret not in caplog.text


def test_trusting_a_certificate_counts_for_every_call(desk: Desk) -> None:
    """A session's certificate may be the API's: both are asked under the pins of the server."""
    connection = desk.far.connection
    before = (connection.transport, connection.client, connection.links)
    connection.use(msgspec.structs.replace(connection.server, name="Other"))
    assert (connection.transport, connection.client, connection.links) == before
    connection.use(msgspec.structs.replace(connection.server, pins={}))
    after = (connection.transport, connection.client, connection.links)
    assert not any(old is new for old, new in zip(before, after, strict=True))
