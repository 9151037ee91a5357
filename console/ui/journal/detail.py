"""The current session of the journal in full, and its note."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.sessions.journal_entry import Entry, clean_note
from console.ui.journal import words
from console.ui.journal.note_edit import NoteEdit
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_HEIGHT = 186


class Detail(QWidget):
    """A note that was begun is never dropped: it is saved when another session becomes the current one."""

    open_wanted = Signal(object)
    """An Entry whose session shall be opened again."""
    note_written = Signal(object, str)
    """An Entry and its note, to be saved."""
    rmm_wanted = Signal(object, str)
    """An Entry and its note, to be saved and added to the agent's notes in the RMM."""
    left = Signal()
    """Escape: back to the table."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("listFooter")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        self._entry: Entry | None = None
        self._busy: set[str] = set()
        self._kind = IconLabel(appearance, "control", "muted", 16)
        self._host = label(role="headline", selectable=True)
        self._facts = [label(role="muted", selectable=True) for _ in range(2)]
        self._times = label(selectable=True)
        self._ending_icon = IconLabel(appearance, "check", "neutral", 15)
        self._how = label(selectable=True, wrap=True)
        self._again = button("Open again", self._open)
        self.edit = NoteEdit("What was done, for whom, what is left to do")
        self.edit.done.connect(self._save)
        self.edit.left.connect(self._leave)
        self.edit.textChanged.connect(self._written)
        self._save_button = button("Save note", self._save, "primary")
        self._rmm = button("Add to the agent's notes", self._to_rmm)
        self._rmm.setToolTip("Adds this note to the agent's notes in the RMM, under your name there")
        self._tick = IconLabel(appearance, "check", "good", 15)
        self._state = label(role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 12, 12)
        row.setSpacing(24)
        row.addLayout(self._left(), 5)
        row.addLayout(self._right(), 6)

    @property
    def entry(self) -> Entry | None:
        return self._entry

    def show_entry(self, entry: Entry | None) -> None:
        """Shows a session. What was written about the one before is saved; about the same one it stays."""
        before, written = self._entry, self._text()
        unsaved = before if before is not None and written != before.note else None
        same = unsaved is not None and entry is not None and entry.id == unsaved.id
        self._entry = entry
        if entry is not None:
            self._show(entry, keep_text=same)
        self.setVisible(entry is not None)
        if unsaved is not None and not same:
            self.note_written.emit(unsaved, written)

    def show_busy(self, entry_id: str, busy: bool) -> None:
        """While a note is on its way to the RMM it is not sent a second time."""
        (self._busy.add if busy else self._busy.discard)(entry_id)
        self._written()

    def _show(self, entry: Entry, *, keep_text: bool) -> None:
        if not keep_text and self._text() != entry.note:
            self.edit.setPlainText(entry.note)
        self._kind.show_icon(entry.kind if words.kind_of(entry) else "unknown", "muted")
        self._host.setText(entry.host)
        self._facts[0].setText("  ·  ".join(filter(None, (words.place(entry), words.kind_words(entry)))))
        self._facts[1].setText("  ·  ".join(filter(None, (entry.who, entry.server))))
        seconds = words.connected(entry)
        self._times.setText(words.times(entry) + ("" if entry.connected is None else f", connected for {seconds}"))
        icon, colour, ending = words.ending(entry)
        self._ending_icon.show_icon(icon, colour)
        self._how.setText(entry.how or ending)
        self._again.setEnabled(words.kind_of(entry) is not None)
        self._written()

    def _left(self) -> QVBoxLayout:
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._kind)
        first.addWidget(self._host, 1)
        how = QHBoxLayout()
        how.setSpacing(7)
        how.addWidget(self._ending_icon, 0, Qt.AlignmentFlag.AlignTop)
        how.addWidget(self._how, 1)
        last = QHBoxLayout()
        last.addWidget(self._again)
        last.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(first)
        for facts in self._facts:
            column.addWidget(facts)
        column.addWidget(self._times)
        column.addLayout(how)
        column.addStretch(1)
        column.addLayout(last)
        return column

    def _right(self) -> QVBoxLayout:
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self._save_button)
        last.addWidget(self._rmm)
        last.addWidget(self._tick)
        last.addWidget(self._state, 1)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(self.edit, 1)
        column.addLayout(last)
        return column

    def _text(self) -> str:
        return clean_note(self.edit.toPlainText())

    def _written(self) -> None:
        entry = self._entry
        if entry is None:
            return
        text, busy = self._text(), entry.id in self._busy
        changed, there = text != entry.note, entry.note_in_rmm
        self._save_button.setEnabled(changed)
        self._rmm.setVisible(changed or not there)
        self._rmm.setEnabled(bool(text) and not busy)
        self._tick.setVisible(there and not changed)
        if busy:
            self._state.setText("Adding it to the agent's notes…")
        elif changed:
            self._state.setText("Not saved yet (Ctrl+Enter)")
        else:
            self._state.setText("Also among the agent's notes in the RMM" if there else "")

    def _open(self) -> None:
        if self._entry:
            self.open_wanted.emit(self._entry)

    def _save(self) -> None:
        if self._entry and self._text() != self._entry.note:
            self.note_written.emit(self._entry, self._text())

    def _to_rmm(self) -> None:
        if self._entry and self._text():
            self.rmm_wanted.emit(self._entry, self._text())

    def _leave(self) -> None:
        if self._entry:
            self.edit.setPlainText(self._entry.note)
        self.left.emit()
