"""The question for a note about a session that was closed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.problem import Problem
from console.sessions.journal_entry import Entry, clean_note
from console.ui.journal import words
from console.ui.journal.note_edit import NoteEdit
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WIDTH = 460
_NOTE_HEIGHT = 96


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
        self.finished.connect(lambda _: self._end())
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
