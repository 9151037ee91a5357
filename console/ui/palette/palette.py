"""The palette: a line to type a few letters in, and what they may mean, over the window."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.mesh.session_kind import SessionKind
from console.rmm.models import Agent
from console.ui.palette.entries import ENTER, WITH_CONTROL, WITH_SHIFT, Command, Entry
from console.ui.palette.rows import ROW_HEIGHT, Line, PaletteRows, item_of
from console.ui.theme import Appearance
from console.ui.widgets import label

_WIDTH = 640
_TOP = 64
_MOST_ROWS = 12
_SHADE = 70
"""How much the window behind it is darkened, of 255."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST_ROWS, Qt.Key.Key_PageUp: -_MOST_ROWS}
_HINT_AGENT = "Enter: control    Ctrl+Enter: terminal    Shift+Enter: files    Esc: close"
_HINT_COMMAND = "Enter: go    Esc: close"
_HINT_NOTHING = "Esc: close"


class Palette(QWidget):
    """Lies over a window while it is open, and gives the focus back when it closes."""

    agent_chosen = Signal(object, object)
    """An Agent and a SessionKind."""
    command_chosen = Signal(object)
    """A Command."""
    closed = Signal()

    def __init__(
        self,
        window: QWidget,
        appearance: Appearance,
        find: Callable[[str], Sequence[Entry]],
        line: Callable[[Entry, str], Line],
    ) -> None:
        """`find` gives what some letters may mean, the best first; `line` how it looks."""
        super().__init__(window)
        self._window = window
        self._find = find
        self._line = line
        self._entries: Sequence[Entry] = ()
        self._before: QWidget | None = None
        self.field = _Field()
        self.field.setPlaceholderText("Agent, view, client or action")
        self.field.setAccessibleName("Go to an agent, a view, a client or an action")
        self.field.textChanged.connect(lambda _: self.look())
        self.field.key.connect(self._key)
        self.rows = QListView()
        self.rows.setObjectName("paletteRows")
        self.rows.setAccessibleName("What it may be")
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.setMouseTracking(True)
        self.rows.setUniformItemSizes(True)
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setItemDelegate(PaletteRows(appearance, self.rows))
        self._items = QStandardItemModel(self)
        self.rows.setModel(self._items)
        self.rows.selectionModel().currentChanged.connect(lambda now, _: self._show_hint(now.row()))
        self.rows.entered.connect(self.rows.setCurrentIndex)
        self.rows.clicked.connect(lambda index: self._choose(index.row(), ENTER))
        self.nothing = label("", "muted")
        self.nothing.setContentsMargins(12, 8, 12, 8)
        self._card = QFrame(self)
        self._card.setObjectName("palette")
        self._card.setFixedWidth(_WIDTH)
        self.hint = label(_HINT_NOTHING, "muted")
        self.hint.setContentsMargins(12, 2, 12, 2)
        column = self._column = QVBoxLayout(self._card)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for part in (self.field, self.rows, self.nothing, self.hint):
            column.addWidget(part)
        window.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Begins anew, with the focus in its line."""
        if self.isVisible():
            self.field.selectAll()
            return
        self._before = QApplication.focusWidget()
        self.setGeometry(self._window.rect())
        self.field.clear()
        self.look()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """The focus goes back to where it was."""
        if self.isHidden():
            return
        before, self._before = self._before, None
        self.hide()
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()

    def look(self) -> None:
        """Shows what the letters may mean now; an entry that was chosen stays so while the letters are the same."""
        typed = self.field.text()
        self._entries = self._find(typed)
        self._items.clear()
        for entry in self._entries:
            self._items.appendRow(item_of(self._line(entry, typed)))
        there = bool(self._entries)
        self.rows.setVisible(there)
        self.nothing.setVisible(not there)
        self.nothing.setText(f"Nothing here is called “{typed.strip()[:40]}”.")
        if there:
            self.rows.setCurrentIndex(self._items.index(0, 0))
            self.rows.scrollToTop()
        self._show_hint(0)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if watched is self._window and event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent, /) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, _SHADE))

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        """Beside the card: it was not meant."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def _show_hint(self, row: int) -> None:
        """What Enter does with the entry that is chosen."""
        entry = self._entries[row] if 0 <= row < len(self._entries) else None
        self.hint.setText(_HINT_AGENT if isinstance(entry, Agent) else _HINT_COMMAND if entry else _HINT_NOTHING)

    def _place(self) -> None:
        shown = min(len(self._entries), _MOST_ROWS)
        room = (self.height() - _TOP - 140) // ROW_HEIGHT
        self.rows.setFixedHeight(max(1, min(shown, room)) * ROW_HEIGHT)
        self._column.activate()
        self._card.adjustSize()
        self._card.move(max(0, (self.width() - self._card.width()) // 2), min(_TOP, self.height() // 8))

    def _key(self, event: QKeyEvent) -> None:
        """What the line does not use itself."""
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        row = self.rows.currentIndex().row()
        if key == Qt.Key.Key_Escape or (key == Qt.Key.Key_K and held == Qt.KeyboardModifier.ControlModifier):
            self.close_palette()
        elif key in _ENTER:
            kinds = {
                Qt.KeyboardModifier.NoModifier: ENTER,
                Qt.KeyboardModifier.ControlModifier: WITH_CONTROL,
                Qt.KeyboardModifier.ShiftModifier: WITH_SHIFT,
            }
            if held in kinds:
                self._choose(row, kinds[held])
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            pass  # there is nowhere else to go
        elif key in _STEPS and self._entries:
            last = len(self._entries) - 1
            beyond = row + _STEPS[Qt.Key(key)]
            if abs(_STEPS[Qt.Key(key)]) == 1:
                beyond %= last + 1
            self.rows.setCurrentIndex(self._items.index(min(max(beyond, 0), last), 0))
        else:
            return
        event.accept()

    def _choose(self, row: int, kind: SessionKind) -> None:
        if not 0 <= row < len(self._entries):
            return
        entry = self._entries[row]
        self.close_palette()
        if isinstance(entry, Agent):
            self.agent_chosen.emit(entry, kind)
        elif isinstance(entry, Command):
            self.command_chosen.emit(entry)


class _Field(QLineEdit):
    """While it has the focus no shortcut of the console acts."""

    key = Signal(QKeyEvent)
    """A key; accepted by who used it."""

    def event(self, event: QEvent, /) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            event.ignore()
            self.key.emit(event)
            if event.isAccepted():
                return True
        return super().event(event)
