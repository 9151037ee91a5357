"""The notes of an agent: read, added, changed and deleted."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.rmm.details_models import Note
from console.sessions.agent_notes import AgentNotes, Place
from console.ui import dialogs
from console.ui.agents.columns import ago, local
from console.ui.journal.note_edit import NoteEdit
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import button, label

_AT_FIRST = 40
_HEIGHT = 74


class _Writer(QWidget):
    """Where a note is written, its buttons, and why it could not be saved."""

    def __init__(self, notes: AgentNotes, appearance: Appearance, save: str, cancel: bool) -> None:
        super().__init__()
        self._notes = notes
        self._place: Place | None = None
        self.edit = NoteEdit("Write a note about this agent")
        self.edit.setFixedHeight(_HEIGHT)
        self.edit.textChanged.connect(self._written)
        self.edit.done.connect(self._save)
        self.edit.left.connect(self._leave)
        self._problem = ProblemText(appearance)
        self.save = button(save, self._save, "primary")
        self.cancel = button("Cancel", self._leave)
        self.cancel.setVisible(cancel)
        self._busy = label(role="muted")
        last = QHBoxLayout()
        last.addWidget(self.save)
        last.addWidget(self.cancel)
        last.addWidget(self._busy, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.edit)
        column.addWidget(self._problem)
        column.addLayout(last)

    def show_place(self, place: Place | None) -> None:
        """Shows what is written there."""
        self._place = place
        text = (self._notes.draft(place) if place else None) or ""
        if text != self.edit.toPlainText():
            self.edit.setPlainText(text)
        busy = place is not None and self._notes.busy(place)
        self._problem.show_problem(self._notes.problem(place) if place else None)
        self.save.setEnabled(bool(text.strip()) and not busy)
        self._busy.setText("Saving…" if busy else "")

    def _written(self) -> None:
        text = self.edit.toPlainText()
        if self._place and text != (self._notes.draft(self._place) or ""):
            self._notes.write(self._place, text)
            self.save.setEnabled(bool(text.strip()) and not self._notes.busy(self._place))

    def _save(self) -> None:
        if self._place:
            self._notes.save(self._place)

    def _leave(self) -> None:
        if self._place and not self.cancel.isHidden():
            self._notes.give_up(self._place)


class _NoteCard(QFrame):
    def __init__(self, notes: AgentNotes, appearance: Appearance, note: Note, place: Place) -> None:
        super().__init__()
        self.setObjectName("detailNote")
        self._notes, self.note, self._place = notes, note, place
        self._appearance = appearance
        self._text = label(note.text, wrap=True, selectable=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._text.setMinimumWidth(1)
        who = "  ·  ".join(part for part in (note.username, ago(note.at, datetime.now(UTC)) if note.at else "") if part)
        about = label(who, "muted", selectable=True)
        about.setToolTip(local(note.at))
        self._read = QWidget()
        row = QHBoxLayout()
        row.addWidget(about, 1)
        change, delete = button("Edit", self._change, "link"), button("Delete", self._ask, "link")
        for one, words in ((change, "Edit"), (delete, "Delete")):
            one.setAccessibleName(f"{words} the note “{note.text[:40]}”")
            row.addWidget(one)
        self._problem = ProblemText(appearance)
        read = QVBoxLayout(self._read)
        read.setContentsMargins(0, 0, 0, 0)
        read.setSpacing(2)
        read.addWidget(self._text)
        read.addWidget(self._problem)
        read.addLayout(row)
        self._writer: _Writer | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 10, 6)
        self._column.addWidget(self._read)
        self.refresh()

    def refresh(self) -> None:
        """Shows whether it is being written on, and what became of that."""
        writing = self._notes.draft(self._place) is not None
        if writing and self._writer is None:
            self._writer = _Writer(self._notes, self._appearance, "Save", cancel=True)
            self._column.addWidget(self._writer)
        self._read.setHidden(writing)
        self._problem.show_problem(None if writing else self._notes.problem(self._place))
        if self._writer:
            self._writer.setVisible(writing)
            self._writer.show_place(self._place if writing else None)

    def _change(self) -> None:
        self._notes.begin(self._place, self.note.text)
        self.refresh()
        if self._writer:
            self._writer.edit.moveCursor(QTextCursor.MoveOperation.End)
            self._writer.edit.setFocus()

    def _ask(self) -> None:
        dialogs.ask(
            self,
            "Delete this note?",
            f"“{self.note.text[:200]}”\nIt is deleted from the RMM, for everybody.",
            "Delete",
            lambda: self._notes.delete(self._place),
            careful=True,
        )


class NoteList(QWidget):
    def __init__(self, notes: AgentNotes, appearance: Appearance) -> None:
        super().__init__()
        self._notes = notes
        self._appearance = appearance
        self._all: tuple[Note, ...] = ()
        self._agent = ""
        self._most = _AT_FIRST
        self.cards: list[_NoteCard] = []
        inner = QWidget()
        inner.setObjectName("detailColumn")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(8)
        self._empty = label("Nobody has written a note about this agent yet.", "muted", wrap=True)
        self._more = button("Show older notes", self._show_more, "link")
        self._column.addWidget(self._empty)
        self._column.addWidget(self._more)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Notes")
        self.writer = _Writer(notes, appearance, "Add note", cancel=False)
        foot = QFrame()
        foot.setObjectName("listFooter")
        row = QVBoxLayout(foot)
        row.setContentsMargins(12, 10, 12, 10)
        row.addWidget(self.writer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addWidget(foot)
        notes.changed.connect(self._changed)

    def show_notes(self, agent_id: str, notes: tuple[Note, ...] | None) -> None:
        """None while they are not known yet."""
        if agent_id != self._agent:
            self._agent, self._most = agent_id, _AT_FIRST
        self._empty.setVisible(notes == ())
        self._build(agent_id, notes or ())
        self.writer.show_place(self._notes.place())
        for card in self.cards:
            card.refresh()

    def _build(self, agent_id: str, notes: tuple[Note, ...]) -> None:
        shown = notes[: self._most]
        self._all = notes
        self._more.setVisible(len(notes) > len(shown))
        if [card.note for card in self.cards] == list(shown):
            return
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        for note in shown:
            place = self._notes.place(note.number)
            if place is not None:
                self.cards.append(_NoteCard(self._notes, self._appearance, note, place))
                self._column.insertWidget(len(self.cards), self.cards[-1])

    def _show_more(self) -> None:
        self._most += _AT_FIRST
        self._build(self._agent, self._all)

    def _changed(self, agent_id: str) -> None:
        if agent_id == self._agent:
            self.writer.show_place(self._notes.place())
            for card in self.cards:
                card.refresh()
