"""Asks for a note when a session was closed. The session is gone by then: nothing waits for the answer."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.problem import Problem
from console.rmm.errors import NotAllowed
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Ending, Entry, clean_note
from console.ui.journal import words
from console.ui.journal.note_edit import NoteEdit
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WIDTH = 460
_NOTE_HEIGHT = 96


class ClosingNotes(QObject):
    """Asks after each session that was connected, one after the other, while `ask` is set."""

    ask_changed = Signal(bool)
    """The technician does not want to be asked again: for the preferences."""
    not_added = Signal(object)
    """A Problem: the RMM did not take a note whose dialog is no longer there. It is in the journal."""

    def __init__(self, journal: Journal, appearance: Appearance, window: QWidget, ask: bool) -> None:
        super().__init__(window)
        self.ask = ask
        self._journal = journal
        self._appearance = appearance
        self._window = window
        self._also_rmm = True
        self._forbidden: set[str] = set()
        self._waiting: list[tuple[Entry, Connection]] = []
        self._open: ClosingNote | None = None
        journal.closed.connect(self._closed)

    def stop(self) -> None:
        """The console ends: nothing more is asked, and what was written already is kept in the journal."""
        self.ask = False
        self._waiting.clear()
        if self._open:
            if self._open.note():
                entry = self._open.entry
                self._journal.set_note(entry.id, self._open.note(), lambda: None, self.not_added.emit)
            self._open.close()

    def _closed(self, entry: Entry, connection: Connection) -> None:
        if self.ask and entry.ending != Ending.NOT_CONNECTED:
            self._waiting.append((entry, connection))
            self._next()

    def _next(self) -> None:
        if self._open is not None:
            self._open.show_waiting(len(self._waiting))
        elif self._waiting:
            entry, connection = self._waiting.pop(0)
            forbidden = entry.server_id in self._forbidden
            also = self._also_rmm and not forbidden
            self._open = sheet = ClosingNote(entry, self._appearance, self._window, also, forbidden)
            sheet.saved.connect(partial(self._save, sheet, connection))
            sheet.skipped_all.connect(self._waiting.clear)
            sheet.never_again.connect(self._never_again)
            sheet.gone.connect(partial(self._gone, sheet))
            sheet.show_waiting(len(self._waiting))
            sheet.show()

    def _gone(self, sheet: "ClosingNote") -> None:
        if self._open is sheet:
            self._open = None
            self._next()

    def _never_again(self) -> None:
        self.ask = False
        self._waiting.clear()
        self.ask_changed.emit(False)

    def _save(self, sheet: "ClosingNote", connection: Connection, note: str, also_rmm: bool) -> None:
        entry = sheet.entry
        there = _While(sheet)
        if not sheet.rmm_refused:
            self._also_rmm = also_rmm

        def kept() -> None:
            if also_rmm:
                there.do(sheet.show_adding)
                self._journal.add_to_rmm(connection, entry.id, entry.agent_id, note, finished, not_added)
            else:
                finished()

        def finished() -> None:
            there.do(sheet.close)

        def not_kept(problem: Problem) -> None:
            there.do(lambda: sheet.show_not_saved(problem))

        def not_added(problem: Problem) -> None:
            forbidden = isinstance(problem, NotAllowed)
            if forbidden:
                self._forbidden.add(entry.server_id)
            if not there.do(lambda: sheet.show_not_added(problem, not forbidden)):
                what = f"The note about {entry.host} is in the journal, but not in the RMM. {problem.what}"
                self.not_added.emit(Problem(what, "It can be added again from the journal.", problem.detail))

        self._journal.set_note(entry.id, note, kept, not_kept)


class _While:
    """Does things to a dialog for as long as it is there."""

    def __init__(self, sheet: "ClosingNote") -> None:
        self._there = True
        sheet.gone.connect(self._end)

    def do(self, what: Callable[[], object]) -> bool:
        if self._there:
            what()
            return True
        return False

    def _end(self) -> None:
        self._there = False


class ClosingNote(QDialog):
    """The question about one session. It stands beside the window and holds up nothing."""

    saved = Signal(str, bool)
    """The note, and whether it shall be added to the RMM."""
    skipped_all = Signal()
    never_again = Signal()
    gone = Signal()

    def __init__(
        self, entry: Entry, appearance: Appearance, window: QWidget, also_rmm: bool, rmm_refused: bool
    ) -> None:
        super().__init__(window)
        self.entry = entry
        self.rmm_refused = rmm_refused
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(f"Note about {entry.host}")
        self.setFixedWidth(_WIDTH)
        self.edit = NoteEdit("What was done, for whom, what is left to do")
        self.edit.setFixedHeight(_NOTE_HEIGHT)
        self.edit.done.connect(self._save)
        self.edit.left.connect(self.close)
        self.edit.textChanged.connect(self._written)
        self.also_rmm = QCheckBox("Also add it to the agent's notes in the RMM")
        self.also_rmm.setChecked(also_rmm)
        self.also_rmm.setEnabled(not rmm_refused)
        self._refused = label(f"Your role at {entry.server} does not allow adding notes.", "muted", wrap=True)
        self._refused.setVisible(rmm_refused)
        self.never = QCheckBox("Do not ask again")
        self._state = label(role="muted", wrap=True)
        self._state.hide()
        self._problem = ProblemText(appearance)
        self.skip_all = button("", self._skip_all, "link")
        self.skip = button("No note", self.close)
        self.save = button("Save", self._save, "primary")
        self._lay_out(appearance)
        self._written()
        self.edit.setFocus()

    def note(self) -> str:
        return clean_note(self.edit.toPlainText())

    def show_waiting(self, count: int) -> None:
        """How many more are going to be asked about."""
        self.skip_all.setVisible(count > 0)
        self.skip_all.setText(f"No note for the other {count} either" if count > 1 else "No note for the other one")

    def show_adding(self) -> None:
        """The journal has the note, and the RMM is asked."""
        self._settle("Saved. Adding it to the agent's notes…")
        self._problem.show_problem(None)
        self.skip.setText("Close")

    def show_not_saved(self, problem: Problem) -> None:
        """Nothing has the note."""
        self._problem.show_problem(problem)
        self.edit.setReadOnly(False)
        self._state.hide()
        self.save.setText("Try again")
        self.save.setEnabled(True)
        self.adjustSize()

    def show_not_added(self, problem: Problem, again: bool) -> None:
        """The journal has the note, the RMM does not; `again` says whether another try makes sense."""
        self._settle("The note is in the journal, but not among the agent's notes in the RMM.")
        self._problem.show_problem(problem)
        self.save.setText("Try again")
        self.save.setVisible(again)
        self.save.setEnabled(again)
        self.skip.setText("Close")
        self.skip.setFocus()
        self.adjustSize()

    def closeEvent(self, event: QCloseEvent, /) -> None:
        super().closeEvent(event)
        self._end()

    def reject(self) -> None:
        """Escape."""
        self.close()

    def _end(self) -> None:
        if self.never.isChecked():
            self.never.setChecked(False)
            self.never_again.emit()
        self.gone.emit()

    def _settle(self, words_: str) -> None:
        self.edit.setReadOnly(True)
        self.also_rmm.setEnabled(False)
        self.save.setEnabled(False)
        self._state.setText(words_)
        self._state.show()

    def _save(self) -> None:
        if self.save.isEnabled():
            self.save.setEnabled(False)
            self.edit.setReadOnly(True)
            self.saved.emit(self.note(), self.also_rmm.isChecked() and not self.rmm_refused)

    def _skip_all(self) -> None:
        self.skipped_all.emit()
        self.close()

    def _written(self) -> None:
        self.save.setEnabled(bool(self.note()))

    def _lay_out(self, appearance: Appearance) -> None:
        entry = self.entry
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(IconLabel(appearance, entry.kind if words.kind_of(entry) else "unknown", "muted", 18))
        first.addWidget(label(entry.host, "headline", wrap=True), 1)
        how_long = "" if entry.connected is None else f", connected for {words.connected(entry)}"
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self.never)
        last.addStretch(1)
        last.addWidget(self.skip)
        last.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(first)
        column.addWidget(label(f"{words.kind_words(entry)}{how_long}. {entry.how}", "muted", wrap=True))
        column.addWidget(self.edit)
        column.addWidget(self.also_rmm)
        column.addWidget(self._refused)
        column.addWidget(self._state)
        column.addWidget(self._problem)
        column.addWidget(self.skip_all)
        column.addStretch(1)  # else the wrapped texts share what room is left over
        column.addLayout(last)
