"""Waiting for agents that are offline: who is asked about, what outlasts the console, and what ends a wait."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotFound
from console.sessions.progress import State
from console.sessions.session import Session
from console.sessions.waits import Wait, WaitFile
from tests.unit.fleet.agents import named
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.desk import OFFLINE, ONLINE, Desk, state_of
from tests.unit.sessions.parts import AGENT_ID, NODE, SESSION_TOKEN, TOKEN, Far, Held, far_server

OTHER_ID = "B" * 40
STATUS = f"/agents/{AGENT_ID}/"


class Office:
    """Starts one console after the other on the same file."""

    def __init__(self, far: Far, path: Path, qtbot: QtBot) -> None:
        self.far = far
        self.path = path
        self._qtbot = qtbot
        self.desks: list[Desk] = []

    def start(self, *, sign_in: bool = True) -> Desk:
        runner = self.far.connection.lane
        assert isinstance(runner, Held)
        desk = Desk(self.far, runner, self._qtbot, waits=WaitFile(self.path))
        self.desks.append(desk)
        if sign_in:
            desk.sessions.signed_in_again(self.far.connection)
        return desk

    def end(self) -> None:
        for desk in self.desks:
            desk.sessions.close_all()


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    with far_server(Held()) as far:
        far.set_status("offline")
        made = Office(far, tmp_path / "waits.json", qtbot)
        yield made
        made.end()


def waiting(desk: Desk, kind: SessionKind = SessionKind.CONTROL) -> Session:
    session = desk.open(kind, online=False)
    desk.runner.go()
    session.wait_for_online()
    assert state_of(session) is State.WAITING
    return session


def asked(office: Office) -> int:
    return [path for _, path in office.far.api.asked].count(STATUS)


def sessions_of(desk: Desk) -> list[tuple[str, SessionKind, State]]:
    return [(session.agent.hostname, session.kind, session.state) for session in desk.sessions]


class TestAsking:
    def test_one_call_for_each_agent(self, office: Office) -> None:
        desk = office.start()
        for kind in SessionKind:
            waiting(desk, kind)
        before = asked(office)
        desk.sessions._waits.ask()
        desk.sessions._waits.ask()
        desk.runner.go()
        assert asked(office) == before + 1
        desk.sessions._waits.ask()
        desk.runner.go()
        assert asked(office) == before + 2

    def test_it_is_asked_by_itself_while_anybody_waits(self, office: Office) -> None:
        desk = office.start()
        timer = desk.sessions._waits.timer
        assert not timer.isActive()
        assert timer.interval() == 15_000
        session = waiting(desk)
        assert timer.isActive()
        timer.setInterval(1)
        office.far.set_status("offline", "offline", "online")
        desk.until(lambda: bool(desk.pages) and bool(desk.pages[-1].opened))
        assert state_of(session) is State.OPENING
        assert not timer.isActive()
        assert desk.links_asked == 1

    def test_all_who_wait_are_told_before_they_open(self, office: Office) -> None:
        desk = office.start()
        sessions = [waiting(desk, kind) for kind in SessionKind]
        heard: list[tuple[Session, State]] = []
        desk.sessions.came_online.connect(lambda session: heard.append((session, session.state)))
        office.far.set_status("online")
        desk.sessions._waits.ask()
        desk.runner.go()
        assert heard == [(session, State.WAITING) for session in sessions]
        assert all(page.opened for page in desk.pages)
        assert desk.links_asked == 1

    def test_a_fresh_list_will_do(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        heard: list[Session] = []
        desk.sessions.came_online.connect(heard.append)
        desk.sessions.fleet_refreshed(office.far.connection, {AGENT_ID: ONLINE}.get)
        desk.runner.go()
        assert heard == [session]
        assert desk.pages[-1].opened

    def test_another_agent_s_return_is_not_this_one_s(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        desk.sessions.fleet_refreshed(office.far.connection, {OTHER_ID: msgspec.structs.replace(ONLINE)}.get)
        desk.sessions._waits.agent_online("another server", AGENT_ID)
        assert state_of(session) is State.WAITING

    def test_an_rmm_that_is_away_is_outlasted(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        office.far.api.answers[STATUS] = [answer("", 500), answer({"detail": "Invalid token."}, 401)]
        for _ in range(2):
            desk.sessions._waits.ask()
            desk.runner.go()
        assert state_of(session) is State.WAITING

    def test_an_agent_that_was_deleted_is_not_waited_for(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        office.far.api.answers[STATUS] = [answer({"detail": "No Agent matches the given query."}, 404)]
        desk.sessions._waits.ask()
        desk.runner.go()
        assert state_of(session) is State.FAILED
        assert isinstance(session.problem, NotFound)
        assert not desk.sessions._waits.timer.isActive()


class TestRemembering:
    def test_waits_outlast_the_console(self, office: Office) -> None:
        first = office.start()
        session = waiting(first, SessionKind.TERMINAL)
        waiting(first, SessionKind.FILES)
        since = session.waiting_since
        first.sessions.close_all()
        second = office.start(sign_in=False)
        assert sessions_of(second) == [], "without a sign-in nobody could be asked"
        shown: list[State] = []
        second.sessions.opened.connect(lambda session: shown.append(session.state))
        second.sessions.signed_in_again(office.far.connection)
        assert shown == [State.WAITING, State.WAITING]
        assert sessions_of(second) == [
            ("HOST", SessionKind.TERMINAL, State.WAITING),
            ("HOST", SessionKind.FILES, State.WAITING),
        ]
        assert next(iter(second.sessions)).waiting_since == since
        second.sessions.fleet_refreshed(office.far.connection, {AGENT_ID: ONLINE}.get)
        second.runner.go()
        assert [len(page.opened) for page in second.pages] == [1, 1]
        assert all(session.agent is ONLINE for session in second.sessions)

    def test_another_server_s_waits_stay_on_disk(self, office: Office) -> None:
        other = Wait("elsewhere", OTHER_ID, "OTHER", "C", "S", SessionKind.FILES, datetime(2026, 1, 2, tzinfo=UTC))
        WaitFile(office.path).save([other])
        desk = office.start()
        session = waiting(desk)
        assert [wait.hostname for wait in WaitFile(office.path).load()[0]] == ["HOST", "OTHER"]
        desk.sessions.close(session)
        assert WaitFile(office.path).load() == ([other], None)

    def test_closing_the_tab_ends_the_wait(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        assert len(WaitFile(office.path).load()[0]) == 1
        desk.sessions.close(session)
        assert session.ending == "The wait for the agent was ended."
        assert WaitFile(office.path).load() == ([], None)

    def test_one_that_opens_is_no_wait_any_more(self, office: Office) -> None:
        desk = office.start()
        waiting(desk)
        desk.sessions.fleet_refreshed(office.far.connection, {AGENT_ID: ONLINE}.get)
        assert WaitFile(office.path).load() == ([], None)

    def test_the_file_is_written_when_something_changes_only(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        office.path.unlink()
        session.agent_refreshed(msgspec.structs.replace(OFFLINE, description="new"))
        assert not office.path.exists()

    def test_no_secret_is_in_it(self, office: Office) -> None:
        desk = office.start()
        waiting(desk)
        session = desk.open(SessionKind.FILES, online=False)
        session.open_anyway()
        desk.runner.go()
        waiting(desk, SessionKind.TERMINAL)
        text = office.path.read_text()
        assert "HOST" in text
        assert not any(secret in text for secret in (TOKEN, SESSION_TOKEN, NODE))
        assert office.path.stat().st_mode & 0o077 == 0

    def test_a_damaged_file_is_put_aside_and_said(self, office: Office) -> None:
        office.path.write_text('{"waits": [')
        desk = office.start(sign_in=False)
        assert sessions_of(desk) == []
        kept = office.path.with_name("waits.json.damaged")
        assert kept.read_text() == '{"waits": ['
        found, problem = WaitFile(kept).load()
        assert found == []
        assert problem is not None
        assert "is damaged" in problem.what
        assert "Open those sessions again." in problem.advice

    def test_what_is_said_reaches_who_listens(self, office: Office, qtbot: QtBot) -> None:
        desk = office.start()
        told: list[Problem] = []
        desk.sessions.told.connect(told.append)
        problem = Problem("The list was damaged.")
        desk.sessions._waits._loaded(([], problem))
        assert told == [problem]

    def test_a_disk_that_takes_nothing_is_said(self, office: Office) -> None:
        desk = office.start()
        told: list[Problem] = []
        desk.sessions.told.connect(told.append)
        office.path.mkdir()
        waiting(desk)
        waiting(desk, SessionKind.TERMINAL)
        assert [problem.what for problem in told] == [
            "The list of agents that you wait for could not be saved: Is a directory."
        ], "it is said once"
        office.path.rmdir()
        desk.sessions._waits._saver._once_more()  # type: ignore[union-attr]
        assert len(WaitFile(office.path).load()[0]) == 2, "it is tried again"

    def test_a_file_that_cannot_be_read_is_not_overwritten(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.path.write_text('{"version": 1}')

        def refuse(path: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", refuse)
            desk = office.start()
            waiting(desk)
        assert office.path.read_text() == '{"version": 1}'

    def test_a_wait_that_ends_in_a_sign_in_anew_goes_on(self, office: Office) -> None:
        desk = office.start()
        session = waiting(desk)
        desk.sessions.signed_in_again(office.far.connection)
        assert list(desk.sessions) == [session]


def test_what_is_known_of_an_agent_before_the_list() -> None:
    wait = Wait("s", AGENT_ID, "HOST", "Client", "Site", SessionKind.CONTROL, datetime(2026, 1, 2, tzinfo=UTC))
    row = wait.agent_row()
    assert (row.agent_id, row.hostname, row.client_name, row.site_name) == (AGENT_ID, "HOST", "Client", "Site")
    assert row == msgspec.structs.replace(
        named(AGENT_ID, hostname="HOST", client_name="Client", site_name="Site"), status=OFFLINE.status
    )
