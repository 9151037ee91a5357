"""The table of the journal."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView

from console.sessions.journal_entry import Entry
from console.ui import icons
from console.ui.journal.model import COLUMNS, JournalModel
from console.ui.theme import Appearance

_ROW_HEIGHT = 30


class JournalTable(QTableView):
    """Enter or a double-click goes to the note."""

    note_wanted = Signal()
    open_wanted = Signal(object)
    """An Entry whose session shall be opened again."""
    current_changed = Signal(object)
    """The current Entry, or None."""

    def __init__(self, model: JournalModel, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        self._appearance = appearance
        self._kept: Entry | None = None
        self.setModel(model)
        self.setAccessibleName("Sessions of the past")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        for place, column in enumerate(COLUMNS):
            header.resizeSection(place, column.width)
        self.doubleClicked.connect(lambda _: self.note_wanted.emit())
        self.selectionModel().currentRowChanged.connect(lambda *_: self.current_changed.emit(self.current()))
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)

    def current(self) -> Entry | None:
        index = self.currentIndex()
        return self._model.entry_at(index.row()) if index.isValid() else None

    def select_first(self) -> None:
        """Selects the first row when none is."""
        if self._model.rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(0, self.currentIndex().row()))

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current():
            self.note_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent, /) -> None:
        """The menu of the row under the mouse, or of the current row when a key asks for it."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        entry = self.current()
        menu = QMenu(self)
        colour = self._appearance.colours.text
        menu.addAction(icons.icon("duplicate", colour), "Open again", lambda: self.open_wanted.emit(entry))
        menu.addAction("Write a note", self.note_wanted.emit)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(self.visualRect(index).center() if by_key else event.pos()))

    def _keep(self) -> None:
        self._kept = self.current()
        self._scrolled = self.verticalScrollBar().value()

    def _restore(self) -> None:
        row = self._model.row_of(self._kept.id) if self._kept else None
        if row is not None:
            self.selectRow(row)
            self.verticalScrollBar().setValue(self._scrolled)
        self.current_changed.emit(self.current())
