"""The search box: a line for the query, its completions and help, and beside it what was not understood."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.fleet.query.completion import Candidate, Completion, complete, taken
from console.fleet.query.parser import Note, Query, parse
from console.fleet.query.vocabulary import Vocabulary
from console.ui.search.completion_list import CompletionList
from console.ui.search.field import QueryField
from console.ui.search.help import QueryHelp
from console.ui.search.note_line import NoteLine
from console.ui.theme import Appearance
from console.ui.widgets import tool_button

_NOTES_AFTER_MS = 500
"""Half-typed words are explained only when the technician stops at them."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LIST_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, *_ENTER)


class SearchBox(QWidget):
    """Reads the query with each letter; `changed` comes only when another one is meant."""

    changed = Signal(object)
    """The Query."""
    list_key = Signal(QKeyEvent)
    """An arrow, Page Up or Down, or Enter that the box does not use itself: it is meant for the list beside it."""
    words_wanted = Signal()
    """The box is being used: its vocabulary should be one of the list as it is."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.query = Query()
        self._words = Vocabulary()
        self._completion: Completion | None = None
        self._refused: int | None = None
        """Where the word begins whose completions the technician closed."""
        self._written = False
        """Whether the text is being written by the console itself."""
        self._help: QueryHelp | None = None
        self.field = QueryField(appearance)
        self.field.setPlaceholderText("Search every field   (Ctrl+F)")
        self.field.setAccessibleName("Search agents")
        self.field.setMinimumWidth(200)
        self._list = CompletionList(appearance, self.field)
        self.notes = NoteLine(appearance)
        """What was not understood: to be put below the box, where there is more room than in it."""
        self._pause = QTimer(self, singleShot=True, interval=_NOTES_AFTER_MS)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        line.addWidget(tool_button(appearance, "help", "What can be searched for (F1)", self.show_help))
        self.setFocusProxy(self.field)
        self._pause.timeout.connect(self._show_notes)
        self.notes.taken.connect(self._take_suggestion)
        self._list.taken.connect(self._take)
        self.field.textChanged.connect(self._read)
        self.field.textEdited.connect(lambda _: None if self._written else self._offer())
        self.field.cursorPositionChanged.connect(self._cursor_moved)
        self.field.key.connect(self._key)
        self.field.left.connect(self._close_list)
        self.field.entered.connect(self.words_wanted)

    def text(self) -> str:
        """The query as it was typed."""
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Another query, without completions. What was typed before comes back with Ctrl+Z."""
        self._close_list()
        self._written = True
        self.field.selectAll()
        self.field.insert(text)
        self._written = False

    def clear(self) -> None:
        self.set_text("")

    def set_vocabulary(self, words: Vocabulary) -> None:
        """The values that completion offers, and the custom fields that there are."""
        before, self._words = self._words, words
        if before.custom_names != words.custom_names:
            self._read(self.field.text())

    def focus_field(self) -> None:
        """Gives the box the focus and selects its text, so that the next letter begins a new query."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def show_help(self) -> None:
        self._close_list()
        if self._help is None:
            self._help = QueryHelp(self)
            self._help.chosen.connect(self._add_example)
        self._help.show_below(self.field)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._close_list()  # it would stay as wide and where it was

    def _read(self, text: str) -> None:
        before, self.query = self.query, parse(text, self._words.folded_names)
        self._pause.start()
        if not self.query.notes:
            self._show_notes()
        if self.query.root != before.root:
            self.changed.emit(self.query)

    def _show_notes(self) -> None:
        """What is being completed is not explained: the list shows what it may become."""
        self._pause.stop()
        doing = self._completion
        notes = tuple(
            note for note in self.query.notes if not (doing and note.start <= doing.end and note.end >= doing.start)
        )
        self.field.mark(notes)
        self.notes.show_notes(notes)

    def _take_suggestion(self, note: Note) -> None:
        text = self.field.text()
        self._write(text[: note.start] + note.suggestion + text[note.end :], note.start + len(note.suggestion))

    def _add_example(self, example: str) -> None:
        before = self.field.text().rstrip()
        text = f"{before} {example}" if before else example
        self._write(text, len(text))

    def _write(self, text: str, cursor: int) -> None:
        self.set_text(text)
        self.field.setFocus()
        self.field.setCursorPosition(cursor)

    def _offer(self, *, asked: bool = False) -> None:
        self.words_wanted.emit()
        cursor = self.field.cursorPosition()
        found = complete(self.field.text(), cursor, self._words, asked=asked)
        if found is None or asked or found.start != self._refused:
            self._refused = None
        if found is None or self._refused is not None:
            self._close_list()
            return
        self._completion = found
        self._list.offer(found)

    def _take(self, candidate: Candidate) -> None:
        if self._completion:
            self._write(*taken(self.field.text(), self._completion, candidate))
            if not candidate.finished:
                self._offer()

    def _close_list(self) -> None:
        if self._completion:
            self._completion = None
            self._list.hide()
            self._pause.start()

    def _cursor_moved(self, _: int, cursor: int) -> None:
        if self._completion and not self._completion.start <= cursor <= self._completion.end + 1:
            self._close_list()

    def _key(self, event: QKeyEvent) -> None:
        if self._completion and self._list_takes(self._completion, event):
            event.accept()
        elif event.key() == Qt.Key.Key_F1:
            self.show_help()
            event.accept()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._offer(asked=True)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
            event.accept()
        elif event.key() in _LIST_KEYS:
            self._close_list()
            event.accept()
            self.list_key.emit(event)

    def _list_takes(self, completion: Completion, event: QKeyEvent) -> bool:
        """Whether a key is for the completions. Enter is only when one of them was chosen."""
        key, chosen = event.key(), self._list.current()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._list.step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Tab:
            self._take(chosen or self._list.first())
        elif key in _ENTER and chosen:
            self._take(chosen)
        elif key == Qt.Key.Key_Escape:
            self._refused = completion.start
            self._close_list()
        else:
            return False
        return True
