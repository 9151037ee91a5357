"""The search box: a line for the query, and under it what was not understood."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.fleet.query.parser import Note, Query, parse
from console.ui.search.field import QueryField
from console.ui.search.note_line import NoteLine
from console.ui.theme import Appearance

_NOTES_AFTER_MS = 500
"""Half-typed words are explained only when the technician stops at them."""
_LIST_KEYS = (
    Qt.Key.Key_Down,
    Qt.Key.Key_Up,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)


class SearchBox(QWidget):
    """Reads the query with each letter; `changed` comes only when another one is meant."""

    changed = Signal(object)
    """The Query."""
    list_key = Signal(QKeyEvent)
    """An arrow, Page Up or Down, or Enter that the box does not use itself: it is meant for the list beside it."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.query = Query()
        self.field = QueryField(appearance)
        self.field.setPlaceholderText("Search: every word, in any field   (Ctrl+F)")
        self.field.setAccessibleName("Search agents")
        self.field.setMinimumWidth(320)
        self._note_line = NoteLine(appearance)
        self._note_line.taken.connect(self._take_suggestion)
        self._pause = QTimer(self, singleShot=True, interval=_NOTES_AFTER_MS)
        self._pause.timeout.connect(self._show_notes)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(line)
        column.addWidget(self._note_line)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._read)
        self.field.key.connect(self._key)

    def text(self) -> str:
        """The query as it was typed."""
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Another query, as if it had been typed."""
        self.field.setText(text)

    def clear(self) -> None:
        self.field.clear()

    def focus_field(self) -> None:
        """Gives the box the focus and selects its text, so that the next letter begins a new query."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _read(self, text: str) -> None:
        before, self.query = self.query, parse(text)
        self._pause.start()
        if not self.query.notes:
            self._show_notes()
        if self.query.root != before.root:
            self.changed.emit(self.query)

    def _show_notes(self) -> None:
        self._pause.stop()
        self.field.mark(self.query.notes)
        self._note_line.show_notes(self.query.notes)

    def _take_suggestion(self, note: Note) -> None:
        text = self.field.text()
        self.field.setText(text[: note.start] + note.suggestion + text[note.end :])
        self.field.setFocus()
        self.field.setCursorPosition(note.start + len(note.suggestion))

    def _key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
            event.accept()
        elif event.key() in _LIST_KEYS:
            event.accept()
            self.list_key.emit(event)
