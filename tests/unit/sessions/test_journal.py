"""The journal of real sessions on a page without a web engine; the file is a real one."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from console.mesh.report import FirstData, Ready, TunnelState, Unfamiliar
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed
from console.rmm.models import AgentStatus
from console.servers import Way
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_csv import TITLES
from console.sessions.journal_entry import MOST_NOTE_CHARACTERS, Ending, Entry, Query, Totals, clean_note
from console.sessions.journal_store import UNEXPECTED, JournalStore
from console.sessions.manager import Sessions
from console.sessions.session import Session
from tests.unit.fleet.agents import named
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.journals import NOON, entry, open_entry
from tests.unit.sessions.parts import AGENT_ID, FakePage, Far, Inline, far_server

ONLINE = named(AGENT_ID, hostname="HOST", client_name="Acme", site_name="Hamburg", status=AgentStatus.ONLINE)
LIVE = (Ready(), TunnelState(1, 1), TunnelState(1, 3), FirstData(1))


@dataclass
class Desk:
    """Sessions, and a journal that watches them. `now` is the journal's clock."""

    far: Far
    path: Path
    pages: list[FakePage] = field(default_factory=list)
    said: list[Problem] = field(default_factory=list)
    ended: list[tuple[Entry, Connection]] = field(default_factory=list)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.sessions = Sessions(self._make)
        self.journal = self.begin()

    def begin(self) -> Journal:
        """A start of the console."""
        journal = Journal(self.path, Inline(), clock=lambda: self.now)
        journal.trouble.connect(self.said.append)
        journal.closed.connect(lambda entry, connection: self.ended.append((entry, connection)))
        journal.begin()
        journal.watch(self.sessions)
        return journal

    def _make(self, parent: QObject) -> FakePage:
        self.pages.append(FakePage(parent))
        return self.pages[-1]

    def open(self, kind: SessionKind = SessionKind.CONTROL) -> Session:
        return self.sessions.open(self.far.connection, ONLINE, kind)

    def live(self) -> Session:
        session = self.open()
        for report in LIVE:
            self.pages[-1].reported.emit(report)
        return session

    def rows(self, text: str = "") -> tuple[Entry, ...]:
        """What is on disk, read by another connection."""
        store = JournalStore(self.path)
        try:
            return store.find(Query(text), 1000).entries
        finally:
            store.close()

    @property
    def row(self) -> Entry:
        (row,) = self.rows()
        return row


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    with far_server() as far:
        server = msgspec.structs.replace(far.connection.server, username="anna")
        far.connection.use(server)
        made = Desk(far, tmp_path / "journal.db")
        yield made
        made.sessions.close_all()
        made.journal.end()


def by_key(desk: Desk) -> None:
    server = desk.far.connection.server
    desk.far.connection.use(msgspec.structs.replace(server, way=Way.API_KEY, username="", name="Keys"))


def test_a_session_has_a_row_as_soon_as_it_is_opened(desk: Desk) -> None:
    session = desk.open(SessionKind.TERMINAL)
    server = desk.far.connection.server
    assert desk.row == Entry(
        id=desk.row.id,
        server_id=server.id,
        server="Example",
        address=server.address,
        agent_id=AGENT_ID,
        host="HOST",
        client="Acme",
        site="Hamburg",
        kind="terminal",
        who="anna",
        opened=session.opened_at,
        connected=None,
        ended=None,
        updated=NOON,
        seconds=0.0,
        ending=Ending.OPEN,
        how="",
    )


def test_it_is_brought_up_to_date_when_it_connects_and_each_minute(desk: Desk, qtbot: QtBot) -> None:
    session = desk.live()
    assert desk.row.connected == session.first_connected_at
    assert desk.row.connected is not None
    desk.now += timedelta(minutes=1)
    qtbot.wait(20)
    desk.journal.tick()
    assert desk.row.updated == desk.now
    assert 0.0 < desk.row.seconds <= session.total_seconds
    assert desk.row.ended is None


def test_a_refresh_of_the_list_is_written_only_where_it_changes_something(desk: Desk) -> None:
    session = desk.live()
    writings: list[None] = []
    desk.journal.changed.connect(lambda: writings.append(None))
    session.agent_refreshed(msgspec.structs.replace(ONLINE, logged_username="bob"))
    assert writings == []
    session.agent_refreshed(msgspec.structs.replace(ONLINE, client_name="Acme & Co"))
    assert desk.row.client == "Acme & Co"


def test_closing_it_finishes_the_row(desk: Desk, qtbot: QtBot) -> None:
    session = desk.live()
    qtbot.wait(20)
    desk.now += timedelta(minutes=5)
    desk.sessions.close(session)
    row = desk.row
    assert (row.ended, row.ending, row.how) == (desk.now, Ending.CLOSED, "Closed by the technician.")
    assert 0.0 < row.seconds < 60.0
    assert desk.ended == [(row, desk.far.connection)]


def test_one_that_never_connected(desk: Desk) -> None:
    desk.sessions.close(desk.open())
    assert (desk.row.ending, desk.row.how) == (Ending.NOT_CONNECTED, "Closed before it was connected.")
    assert desk.row.seconds == 0.0
    assert desk.row.connected is None


def test_one_that_was_refused_says_why(desk: Desk) -> None:
    desk.far.set_links(answer({"detail": "no"}, 403))
    desk.sessions.close(desk.open())
    assert desk.row.ending == Ending.NOT_CONNECTED
    assert "role" in desk.row.how or "allow" in desk.row.how


def test_one_that_was_lost_says_why(desk: Desk) -> None:
    session = desk.live()
    desk.pages[-1].reported.emit(TunnelState(1, 0))
    desk.sessions.close(session)
    assert (desk.row.ending, desk.row.how) == (Ending.LOST, "The connection to the remote machine ended.")


def test_one_that_was_connected_by_hand(desk: Desk) -> None:
    session = desk.open()
    desk.pages[-1].reported.emit(Unfamiliar(0))
    desk.sessions.close(session)
    assert desk.row.ending == Ending.CLOSED
    assert "by hand" in desk.row.how


def test_what_a_crash_left_open_is_finished_at_the_next_start(desk: Desk) -> None:
    store = JournalStore(desk.path)
    store.put([open_entry()])
    store.close()
    desk.journal.end()
    desk.journal = desk.begin()
    left = open_entry()
    assert desk.row == replace(left, ended=left.updated, ending=Ending.UNEXPECTED, how=UNEXPECTED)


def refused(self: JournalStore, entries: object) -> None:
    """In place of `put`."""
    raise Problem("The journal cannot be written: the disk is full.")


# Who


def test_with_an_api_key_it_is_who_said_so_also_when_it_comes_later(desk: Desk) -> None:
    by_key(desk)
    desk.open()
    desk.open()
    assert [row.who for row in desk.rows()] == ["", ""]
    desk.journal.technician = "Bea"
    desk.open()
    assert [row.who for row in desk.rows()] == ["Bea"] * 3


def test_a_known_name_does_not_replace_a_user_name(desk: Desk) -> None:
    desk.journal.technician = "Bea"
    desk.open()
    by_key(desk)
    desk.open()
    assert sorted(row.who for row in desk.rows()) == ["Bea", "anna"]


# Notes


def test_a_note_is_kept(desk: Desk) -> None:
    desk.sessions.close(desk.live())
    done: list[str] = []
    desk.journal.set_note(desk.row.id, "  changed\r\nthe toner\x00 \n", lambda: done.append("done"), desk.said.append)
    assert desk.row.note == "changed\nthe toner"
    assert done == ["done"]
    assert desk.said == []


def test_a_note_about_a_session_that_is_not_on_disk_yet(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(JournalStore, "put", refused)
        desk.sessions.close(desk.live())
    desk.said.clear()
    desk.journal.set_note(desk.ended[0][0].id, "toner", lambda: None, desk.said.append)
    assert desk.row.note == "toner"
    assert desk.said == []


def test_a_note_is_added_to_the_rmm_once_and_marked(desk: Desk) -> None:
    desk.far.api.answers["/agents/notes/"] = [answer("Note added!")]
    desk.sessions.close(desk.live())
    closed, connection = desk.ended[0]
    desk.journal.set_note(closed.id, "toner", lambda: None, desk.said.append)
    done: list[str] = []
    desk.journal.add_to_rmm(connection, closed.id, AGENT_ID, "toner", lambda: done.append("done"), desk.said.append)
    assert done == ["done"]
    assert desk.row.note_in_rmm
    assert desk.far.asked("/agents/notes/") == 1


@pytest.mark.parametrize("status", [403, 500, 502])
def test_a_note_that_the_rmm_does_not_take_stays_in_the_journal(desk: Desk, status: int) -> None:
    desk.far.api.answers["/agents/notes/"] = [answer({"detail": "no"}, status)]
    desk.sessions.close(desk.live())
    closed, connection = desk.ended[0]
    desk.journal.set_note(closed.id, "toner", lambda: None, desk.said.append)
    problems: list[Problem] = []
    desk.journal.add_to_rmm(connection, closed.id, AGENT_ID, "toner", lambda: problems.clear(), problems.append)
    assert len(problems) == 1
    assert isinstance(problems[0], NotAllowed) is (status == 403)
    assert (desk.row.note, desk.row.note_in_rmm) == ("toner", False)
    assert desk.far.asked("/agents/notes/") == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u2029b\rc\r\nd", "a\nb\nc\nd"),
        ("a\tb\x1b[1m\ud800", "a\tb[1m"),
        ("x" * (MOST_NOTE_CHARACTERS + 5), "x" * MOST_NOTE_CHARACTERS),
    ],
)
def test_a_note_is_text(typed: str, kept: str) -> None:
    assert clean_note(typed) == kept


# How long


def test_what_is_too_old_goes_at_the_start_and_each_day(desk: Desk) -> None:
    store = JournalStore(desk.path)
    store.put([entry(1), entry(60 * 24 * 6), entry(60 * 24 * 8)])
    store.close()
    counted: list[int] = []
    desk.journal.older_than(7, counted.append, desk.said.append)
    desk.journal.older_than(0, counted.append, desk.said.append)
    assert counted == [1, 0]
    desk.journal.keep(7)
    assert len(desk.rows()) == 2
    desk.now += timedelta(days=0.9)
    desk.journal.tick()
    assert len(desk.rows()) == 2
    desk.now += timedelta(days=0.2)
    desk.journal.tick()
    assert len(desk.rows()) == 1
    desk.now += timedelta(days=4000)
    desk.journal.keep(0)
    assert len(desk.rows()) == 1
    desk.journal.keep(10**9)
    assert len(desk.rows()) == 1


# Trouble


def test_a_full_disk_is_said_once_and_what_is_missing_is_written_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(JournalStore, "put", refused)
        session = desk.live()
        desk.open()
        desk.journal.tick()
        assert [problem.what for problem in desk.said] == ["The journal cannot be written: the disk is full."]
        assert desk.journal.problem is not None
        assert session.live
        desk.sessions.close(session)
        assert desk.rows() == ()
    desk.journal.tick()
    assert sorted(row.ending for row in desk.rows()) == [Ending.CLOSED, Ending.OPEN]
    assert desk.journal.problem is None
    assert len(desk.said) == 1


def test_a_damaged_file_is_said(desk: Desk) -> None:
    desk.journal.end()
    desk.path.write_bytes(b"rubbish" * 1000)
    desk.journal = desk.begin()
    assert [problem.what for problem in desk.said] == [
        "The journal's file is damaged, so a new journal was begun.",
    ]
    desk.open()
    assert desk.row.host == "HOST"


# Search and export


def test_what_is_found_and_exported_is_the_same(desk: Desk, tmp_path: Path) -> None:
    store = JournalStore(desk.path)
    store.put([entry(number) for number in range(30)] + [entry(99, host="=1+1", client="", note="")])
    store.set_note(entry(99).id, "@mention\nsecond line")
    store.close()
    found: list[object] = []
    desk.journal.find(Query("hamburg"), 10, found.append, desk.said.append)
    assert found[0].totals == Totals(31, 31 * 90.0)  # type: ignore[attr-defined]
    assert len(found[0].entries) == 10  # type: ignore[attr-defined]
    counts: list[int] = []
    target = tmp_path / "out.csv"
    desk.journal.export(Query("hamburg"), target, counts.append, desk.said.append)
    assert counts == [31]
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == TITLES
    assert len(rows) == 32
    last = dict(zip(TITLES, rows[-1], strict=True))
    assert (last["Host name"], last["Note"]) == ("'=1+1", "'@mention\nsecond line")
    assert (last["Opened (UTC)"], last["Seconds connected"]) == ("2026-03-04T10:21:00Z", "90")
    assert datetime.fromisoformat(last["Opened"]) == entry(99).opened


def test_a_file_that_cannot_be_exported_is_said(desk: Desk, tmp_path: Path) -> None:
    desk.journal.export(Query(), tmp_path / "no" / "out.csv", lambda count: None, desk.said.append)
    assert "could not be written" in desk.said[0].what
