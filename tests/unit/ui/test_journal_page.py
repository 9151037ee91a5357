"""The journal's page on a real file, worked by keys and clicks that Qt makes."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.problem import Problem
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Ending, Entry
from console.sessions.journal_store import JournalStore
from console.ui.journal.page import JournalPage
from console.ui.journal.ranges import Range
from console.ui.theme import Appearance
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.journals import NOON, entry, open_entry
from tests.unit.sessions.parts import Far, Inline, far_server


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@dataclass
class Desk:
    path: Path
    appearance: Appearance
    qtbot: QtBot
    connections: dict[str, Connection] = field(default_factory=dict)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.store = JournalStore(self.path)

    def show(self, *entries: Entry, days: int = 0) -> JournalPage:
        """The page over a journal of these entries."""
        self.store.put(entries)
        self.journal = Journal(self.path, Inline(), days=days, clock=lambda: self.now)
        self.page = JournalPage(self.journal, self.appearance, self.connections.get, lambda: self.now)
        self.qtbot.addWidget(self.page)
        self.page.resize(1200, 700)
        self.page.show()
        self.page.activateWindow()
        self.qtbot.waitUntil(self.page.isActiveWindow)
        return self.page

    def hosts(self) -> list[str]:
        model = self.page.model
        return [str(model.index(row, 1).data()) for row in range(model.rowCount())]

    def words(self) -> str:
        return "\n".join(one.text() for one in self.page.findChildren(QLabel) if one.isVisible())

    def button(self, text: str) -> QPushButton:
        return next(one for one in self.page.findChildren(QPushButton) if one.text() == text and one.isVisible())

    def click(self, text: str) -> None:
        QTest.mouseClick(self.button(text), Qt.MouseButton.LeftButton)

    def search(self, text: str) -> None:
        self.page.search.setFocus()
        self.page.search.selectAll()
        QTest.keyClicks(self.page.search, text)
        wanted = self.page.query()
        asked: list[object] = []
        find = self.journal.find

        def watched(query: object, *rest: object) -> object:
            asked.append(query)
            return find(query, *rest)  # type: ignore[arg-type]

        self.journal.find = watched  # type: ignore[method-assign, assignment]
        self.qtbot.waitUntil(lambda: wanted in asked)
        self.journal.find = find  # type: ignore[method-assign]

    def row(self, number: int) -> Entry:
        return next(one for one in self.store.every(self.page.query()) if one.host == f"PC-{number}")


@pytest.fixture
def desk(appearance: Appearance, qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "journal.db", appearance, qtbot)
    yield made
    made.journal.end()
    made.store.close()


@pytest.fixture
def far(desk: Desk) -> Iterator[Far]:
    with far_server() as made:
        desk.connections["server"] = made.connection
        yield made


def test_the_newest_is_first_and_the_line_below_counts(desk: Desk) -> None:
    desk.show(entry(3), entry(1), entry(2, connected=None, seconds=0.0, ending=Ending.NOT_CONNECTED))
    assert desk.hosts() == ["PC-1", "PC-2", "PC-3"]
    assert "3 sessions, 3:00 connected" in desk.words()
    cells = [desk.page.model.index(1, column).data() for column in range(8)]
    local = entry(2).opened.astimezone()
    assert cells == [f"{local:%Y-%m-%d %H:%M}", "PC-2", "Acme / Hamburg", "Control", "anna", "–", "Not connected", ""]


def test_typing_time_and_kind_narrow_it_together(desk: Desk) -> None:
    page = desk.show(entry(1, kind="files"), entry(2), entry(60 * 24 * 40, kind="files"))
    page.kind._choose("files")
    assert desk.hosts() == ["PC-1", "PC-57600"]
    page.range._choose(Range.TODAY)
    assert desk.hosts() == ["PC-1"]
    desk.search("nothing")
    assert "No session matches." in desk.words()
    assert not page.detail.isVisible()
    desk.click("Show all")
    assert len(desk.hosts()) == 3
    assert page.search.text() == ""
    assert (page.kind.value, page.range.value) == ("", Range.ANY)


def test_before_the_first_session_the_page_says_what_it_is_for(desk: Desk) -> None:
    desk.show()
    assert "No sessions yet." in desk.words()
    assert not desk.button("Export…").isEnabled()


def test_a_journal_that_cannot_be_read_says_why_and_can_be_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: JournalStore, query: object, most: int) -> None:
        raise Problem("The journal is broken.", "Mend it.")

    with monkeypatch.context() as patched:
        patched.setattr(JournalStore, "find", broken)
        desk.show(entry(1))
        assert "The journal is broken." in desk.words()
    desk.click("Try again")
    assert desk.hosts() == ["PC-1"]


def test_what_could_not_be_written_is_said_below(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.show(entry(1))
    desk.journal.problem = Problem("The disk is full.")
    page.refresh()
    assert "The disk is full." in desk.words()
    desk.journal.problem = None
    page.refresh()
    assert "The disk is full." not in desk.words()


def test_more_is_read_as_the_table_is_scrolled(desk: Desk) -> None:
    page = desk.show(*(entry(number) for number in range(1000)))
    read = page.model.rowCount()
    assert 0 < read < 1000
    assert "1,000 sessions" in desk.words()
    page.table.selectRow(5)
    while page.model.canFetchMore(QModelIndex()):
        page.model.fetchMore(QModelIndex())
    assert desk.hosts() == [f"PC-{number}" for number in range(1000)]
    current = page.table.current()
    assert current is not None
    assert current.host == "PC-5"


def test_a_session_that_is_opened_meanwhile_comes_on_top_and_the_selection_stays(desk: Desk) -> None:
    page = desk.show(*(entry(number) for number in range(1, 50)))
    page.table.selectRow(3)
    desk.store.put([open_entry(0)])
    page.refresh()
    assert desk.hosts()[:2] == ["PC-0", "PC-1"]
    assert page.table.current() == entry(4)
    assert page.detail.entry == entry(4)


def test_the_keyboard_leads_from_the_search_to_the_note_and_back(desk: Desk) -> None:
    page = desk.show(entry(1), entry(2))
    page.search.setFocus()
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.detail.edit.hasFocus()
    QTest.keyClicks(page.detail.edit, "toner")
    QTest.keyClick(page.detail.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert desk.row(2).note == "toner"
    QTest.keyClicks(page.detail.edit, " and more")
    QTest.keyClick(page.detail.edit, Qt.Key.Key_Escape)
    assert page.table.hasFocus()
    assert page.detail.edit.toPlainText() == "toner"
    assert desk.row(2).note == "toner"


def test_a_note_that_was_begun_is_saved_when_another_session_is_looked_at(desk: Desk) -> None:
    page = desk.show(entry(1), entry(2))
    page.table.selectRow(0)
    assert not desk.button("Save note").isEnabled()
    QTest.keyClicks(page.detail.edit, "half a")
    assert "Not saved yet" in desk.words()
    page.refresh()
    assert page.detail.edit.toPlainText() == "half a"
    page.table.selectRow(1)
    assert desk.row(1).note == "half a"
    assert page.detail.edit.toPlainText() == ""


def test_a_note_that_cannot_be_saved_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    page = desk.show(entry(1), entry(2))
    page.table.selectRow(0)
    QTest.keyClicks(page.detail.edit, "toner")

    def full(self: JournalStore, entry_id: str, note: str) -> None:
        raise Problem("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(JournalStore, "set_note", full)
        page.table.selectRow(1)
        assert "The note about PC-1 is not saved. The disk is full. Make room." in desk.words()
    desk.click("Try again")
    assert desk.row(1).note == "toner"
    assert not page.message.isVisible()


def test_a_note_goes_to_the_rmm_once_and_the_row_says_so(desk: Desk, far: Far) -> None:
    far.api.answers["/agents/notes/"] = [answer("Note added!")]
    page = desk.show(entry(1))
    page.table.selectRow(0)
    assert not desk.button("Add to the agent's notes").isEnabled()
    QTest.keyClicks(page.detail.edit, "toner")
    desk.click("Add to the agent's notes")
    page.refresh()
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", True)
    assert "Also among the agent's notes in the RMM" in desk.words()
    assert far.asked("/agents/notes/") == 1
    assert not any(
        one.text() == "Add to the agent's notes" for one in page.findChildren(QPushButton) if one.isVisible()
    )


def test_a_role_without_the_right_is_named_and_the_note_stays(desk: Desk, far: Far) -> None:
    far.api.answers["/agents/notes/"] = [answer({"detail": "You do not have permission."}, 403), answer("Note added!")]
    page = desk.show(entry(1))
    page.table.selectRow(0)
    QTest.keyClicks(page.detail.edit, "toner")
    desk.click("Add to the agent's notes")
    assert "can_manage_notes" in desk.words()
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", False)
    desk.click("Add to the agent's notes")
    assert desk.row(1).note_in_rmm


def test_without_a_sign_in_the_note_is_kept_and_the_server_named(desk: Desk) -> None:
    page = desk.show(entry(1))
    page.table.selectRow(0)
    QTest.keyClicks(page.detail.edit, "toner")
    desk.click("Add to the agent's notes")
    assert "You are not signed in to Example RMM." in desk.words()
    assert desk.row(1).note == "toner"


def test_a_session_can_be_opened_again(desk: Desk, qtbot: QtBot) -> None:
    page = desk.show(entry(1, kind="terminal"), entry(2, kind="hologram"))
    page.table.selectRow(0)
    with qtbot.waitSignal(page.open_wanted) as wanted:
        desk.click("Open again")
    assert wanted.args == ["server", entry(1).agent_id, "terminal"]
    page.table.selectRow(1)
    assert not desk.button("Open again").isEnabled()


def test_what_is_shown_is_exported_whole(desk: Desk, tmp_path: Path) -> None:
    page = desk.show(*(entry(number) for number in range(500)), entry(501, kind="files"))
    page.kind._choose("control")
    target = tmp_path / "out.csv"
    page.export_to(target)
    assert "500 sessions were written to out.csv." in desk.words()
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 501
    page.export_to(tmp_path / "missing" / "out.csv")
    assert "out.csv could not be written" in desk.words()
    assert desk.button("Export…").isEnabled()


def box(page: JournalPage) -> QMessageBox | None:
    return next((one for one in page.findChildren(QMessageBox) if one.isVisible()), None)


def test_keeping_for_less_long_asks_before_it_removes(desk: Desk, qtbot: QtBot) -> None:
    page = desk.show(entry(1), entry(60 * 24 * 100))
    days: list[int] = []
    page.days_changed.connect(days.append)
    keeping = page._keeping
    keeping._choose(365)
    assert (days, box(page)) == ([365], None)
    for words, left, value in (("Keep them", 2, 365), ("Remove", 1, 90)):
        keeping._choose(90)
        question = box(page)
        assert question is not None
        assert question.text() == "Remove 1 session from the journal?"
        press = next(one for one in question.buttons() if one.text() == words)
        QTest.mouseClick(press, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: box(page) is None)
        assert (len(list(desk.store.every(page.query()))), keeping.value) == (left, value)
    assert days == [365, 90]


def test_an_unusual_choice_of_days_is_shown_as_it_is(desk: Desk) -> None:
    page = desk.show(days=77)
    assert page._keeping.text().startswith("for 77 days")
    page._keeping._choose(0)
    assert desk.journal.days == 0


def test_texts_from_a_server_are_no_markup(desk: Desk) -> None:
    page = desk.show(replace(entry(1), host="<img src=x>"))
    tip = page.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;img src=x&gt;</qt>"


def test_time_goes_on(desk: Desk) -> None:
    page = desk.show(entry(1))
    page.range._choose(Range.TODAY)
    assert desk.hosts() == ["PC-1"]
    desk.now += timedelta(days=1)
    page.refresh()
    assert desk.hosts() == []
