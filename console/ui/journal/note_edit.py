"""Where a note is written."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from console.sessions.journal_entry import MOST_NOTE_CHARACTERS


class NoteEdit(QPlainTextEdit):
    """Ctrl+Enter is done, Escape leaves, Tab goes on to what follows. No longer than a note may be."""

    done = Signal()
    left = Signal()

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName("Note")
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._limit)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _limit(self) -> None:
        text = self.toPlainText()
        if len(text) > MOST_NOTE_CHARACTERS:
            self.setPlainText(text[:MOST_NOTE_CHARACTERS])
            self.moveCursor(QTextCursor.MoveOperation.End)
