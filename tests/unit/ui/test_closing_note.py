"""The question after a session, with a journal on a real file and an RMM on loopback."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from werkzeug.wrappers import Response

from console.preferences import Theme
from console.problem import Problem
from console.servers import Server
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Ending, Entry, Query
from console.sessions.journal_store import JournalStore
from console.ui.journal.ask_name import MOST_CHARACTERS, ask_name
from console.ui.journal.closing_note import ClosingNote
from console.ui.journal.closing_notes import ClosingNotes
from console.ui.theme import Appearance
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.journals import entry
from tests.unit.sessions.parts import Far, Held, Inline, connection_to, far_server


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@dataclass
class Desk:
    path: Path
    far: Far
    window: QWidget
    appearance: Appearance
    qtbot: QtBot
    changed: list[bool] = field(default_factory=list)
    said: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = Journal(self.path, Inline(), days=0)
        self.notes = ClosingNotes(self.journal, self.appearance, self.window, ask=True)
        self.notes.ask_changed.connect(self.changed.append)
        self.notes.not_added.connect(self.said.append)

    def answers(self, *prepared: Response) -> None:
        self.far.api.answers["/agents/notes/"] = list(prepared)

    def closed(self, number: int, connection: Connection | None = None, **changes: object) -> Entry:
        """A session ends."""
        one = entry(number, **changes)
        self.journal._store.put([one])
        self.journal.closed.emit(one, connection or self.far.connection)
        return one

    @property
    def sheets(self) -> list[ClosingNote]:
        return [one for one in self.window.findChildren(ClosingNote) if one.isVisible()]

    @property
    def sheet(self) -> ClosingNote:
        (one,) = self.sheets
        return one

    def words(self) -> str:
        return "\n".join(one.text() for one in self.sheet.findChildren(QLabel) if one.isVisible())

    def write(self, text: str) -> None:
        QTest.keyClicks(self.sheet.edit, text)

    def click(self, text: str) -> None:
        buttons = self.sheet.findChildren(QPushButton)
        one = next(one for one in buttons if one.text() == text and one.isVisible())
        QTest.mouseClick(one, Qt.MouseButton.LeftButton)

    def tick(self, box: QCheckBox) -> None:
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))

    def row(self, number: int) -> Entry:
        rows = self.journal._store.find(Query(), 100).entries
        return next(one for one in rows if one.id == entry(number).id)


@pytest.fixture
def desk(appearance: Appearance, qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    with far_server() as far:
        made = Desk(tmp_path / "journal.db", far, window, appearance, qtbot)
        made.answers(answer("Note added!"))
        yield made
        made.journal.end()


def test_a_note_goes_to_the_journal_and_to_the_rmm(desk: Desk) -> None:
    desk.closed(1)
    assert not desk.sheet.isModal()
    assert "Control, connected for 1:30. Closed by the technician." in desk.words()
    assert not desk.sheet.save.isEnabled()
    desk.write("toner")
    desk.click("Save")
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", True)
    assert desk.sheets == []
    assert desk.far.asked("/agents/notes/") == 1


def test_without_the_tick_the_rmm_is_not_asked_and_the_choice_holds(desk: Desk) -> None:
    desk.closed(1)
    desk.tick(desk.sheet.also_rmm)
    desk.write("toner")
    QTest.keyClick(desk.sheet.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", False)
    assert desk.far.asked("/agents/notes/") == 0
    desk.closed(2)
    assert not desk.sheet.also_rmm.isChecked()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, None])
def test_no_note_is_an_answer(desk: Desk, key: Qt.Key | None) -> None:
    desk.closed(1)
    desk.write("never mind")
    if key:
        QTest.keyClick(desk.sheet.edit, key)
    else:
        desk.click("No note")
    assert desk.sheets == []
    assert desk.row(1).note == ""


def test_one_that_never_connected_is_not_asked_about(desk: Desk) -> None:
    desk.closed(1, connected=None, seconds=0.0, ending=Ending.NOT_CONNECTED)
    assert desk.sheets == []


def test_several_are_asked_about_one_after_the_other(desk: Desk) -> None:
    for number in (1, 2, 3, 4):
        desk.closed(number)
    assert desk.sheet.entry.host == "PC-1"
    assert desk.sheet.skip_all.text() == "No note for the other 3 either"
    desk.write("toner")
    desk.click("Save")
    assert desk.sheet.entry.host == "PC-2"
    desk.click("No note for the other 2 either")
    assert desk.sheets == []
    desk.closed(5)
    assert desk.sheet.entry.host == "PC-5"
    assert not desk.sheet.skip_all.isVisible()


@pytest.mark.parametrize("words", ["Save", "No note"])
def test_do_not_ask_again_holds_whichever_way_it_is_left(desk: Desk, words: str) -> None:
    desk.closed(1)
    desk.closed(2)
    desk.write("toner")
    desk.tick(desk.sheet.never)
    desk.click(words)
    assert desk.changed == [False]
    desk.closed(3)
    assert desk.sheets == []
    assert desk.row(1).note == ("toner" if words == "Save" else "")


def test_a_role_without_the_right_is_named_and_not_tried_again(desk: Desk) -> None:
    desk.answers(answer({"detail": "You do not have permission to perform this action."}, 403))
    desk.closed(1)
    desk.write("toner")
    desk.click("Save")
    assert "can_manage_notes" in desk.words()
    assert "in the journal, but not among" in desk.words()
    assert not desk.sheet.save.isVisible()
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", False)
    desk.click("Close")
    desk.closed(2)
    assert not desk.sheet.also_rmm.isEnabled()
    assert "Your role at Example RMM does not allow adding notes." in desk.words()
    desk.write("paper")
    desk.click("Save")
    assert desk.row(2).note == "paper"
    assert desk.far.asked("/agents/notes/") == 1


def test_another_try_adds_it_once(desk: Desk) -> None:
    desk.answers(answer(b"", 502), answer("Note added!"))
    desk.closed(1)
    desk.write("toner")
    desk.click("Save")
    assert desk.sheet.edit.isReadOnly()
    desk.click("Try again")
    assert desk.sheets == []
    assert desk.row(1).note_in_rmm
    assert desk.far.asked("/agents/notes/") == 2


def test_a_note_that_the_journal_cannot_keep_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: JournalStore, entry_id: str, note: str) -> None:
        raise Problem("The disk is full.", "Make room.")

    desk.closed(1)
    desk.write("toner")
    with monkeypatch.context() as patched:
        patched.setattr(JournalStore, "set_note", full)
        desk.click("Save")
        assert "The disk is full." in desk.words()
    desk.click("Try again")
    assert (desk.row(1).note, desk.row(1).note_in_rmm) == ("toner", True)


def test_leaving_while_the_rmm_is_asked_loses_nothing(desk: Desk) -> None:
    held = Held()
    connection = connection_to(desk.far.connection.server, held)
    desk.answers(answer({"detail": "no"}, 403))
    desk.closed(1, connection)
    desk.write("toner")
    desk.click("Save")
    assert "Adding it to the agent's notes…" in desk.words()
    desk.click("Close")
    held.go()
    assert len(desk.said) == 1
    assert "The note about PC-1 is in the journal, but not in the RMM." in desk.said[0].what
    assert desk.row(1).note == "toner"


def test_at_the_end_of_the_console_what_was_written_is_kept(desk: Desk) -> None:
    desk.closed(1)
    desk.closed(2)
    desk.write("half a")
    desk.notes.stop()
    assert desk.sheets == []
    assert desk.row(1).note == "half a"
    assert desk.far.asked("/agents/notes/") == 0


def test_the_name_is_asked_for(desk: Desk) -> None:
    names: list[str] = []
    server = Server(address="https://api.example.com", name="Example")
    dialog = ask_name(desk.window, server, names.append)
    assert not dialog.isModal()
    (edit,) = dialog.findChildren(QLineEdit)
    (save,) = [one for one in dialog.findChildren(QPushButton) if one.text() == "Save"]
    QTest.keyClicks(edit, "   ")
    assert not save.isEnabled()
    edit.insert("Bea  B\u202e" + "x" * 200)
    assert len(edit.text()) == MOST_CHARACTERS
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert len(names) == 1
    assert names[0].startswith("Bea B")
    assert "\u202e" not in names[0]


def test_nobody_has_to_say_who_they_are(desk: Desk) -> None:
    names: list[str] = []
    dialog = ask_name(desk.window, Server(address="https://api.example.com"), names.append)
    (skip,) = [one for one in dialog.findChildren(QPushButton) if one.text() == "Not now"]
    QTest.mouseClick(skip, Qt.MouseButton.LeftButton)
    assert names == []
