"""The agents table: keys, columns that are moved and hidden, and the menu of an agent."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView

from console.mesh.session_kind import SessionKind
from console.preferences import Column, Preferences
from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import COLUMNS
from console.ui.agents.model import AgentModel
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance

ACTIONS = (
    (SessionKind.CONTROL, "Take control", "control"),
    (SessionKind.TERMINAL, "Terminal", "terminal"),
    (SessionKind.FILES, "Files", "files"),
)
_WISHES = (
    (Wish.REBOOT, "Restart and come back", "reboot"),
    (Wish.RESTART_AGENT, "Restart the Mesh agent", "repair"),
    (Wish.RECOVER, "Recover the Mesh connection", "repair"),
    (Wish.WEB_PAGE, "Open in the RMM's web page", "external"),
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KIND_KEYS = {
    Qt.KeyboardModifier.ControlModifier: SessionKind.TERMINAL,
    Qt.KeyboardModifier.ShiftModifier: SessionKind.FILES,
}
_ROW_HEIGHT = 30


MenuSection = Callable[[QMenu, list[Agent]], None]
"""Adds entries about some agents to a menu."""


class AgentTable(QTableView):
    """Enter or double-click asks for the default action, Ctrl+Enter for the terminal, Shift+Enter for files."""

    wanted = Signal(object, object)
    """An Agent and a SessionKind, or None for the default action."""
    wish = Signal(object, object)
    """An Agent and a Wish."""
    columns_changed = Signal()

    def __init__(self, model: AgentModel, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        self._appearance = appearance
        self.default_kind = SessionKind.CONTROL
        self.sections: list[MenuSection] = []
        self.setModel(model)
        self.setAccessibleName("Agents")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.doubleClicked.connect(lambda index: self._want(None))
        self._kept: Agent | None = None
        model.modelAboutToBeReset.connect(self._keep_current)
        model.modelReset.connect(self._restore_current)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._header_menu_wanted)
        self._header = header

    def restore(self, preferences: Preferences) -> None:
        """Puts the columns as they were left; unknown ones are skipped, new ones stand at the end."""
        places = {column.name: place for place, column in enumerate(COLUMNS)}
        for place, spec in enumerate(COLUMNS):
            self._header.resizeSection(place, spec.width)
        kept = [column for column in preferences.columns if column.name in places]
        for target, column in enumerate(kept):
            logical = places[column.name]
            self._header.moveSection(self._header.visualIndex(logical), target)
            self._header.resizeSection(logical, column.width)
            self._header.setSectionHidden(logical, column.hidden)
        order = Qt.SortOrder.DescendingOrder if preferences.sort_descending else Qt.SortOrder.AscendingOrder
        self.setSortingEnabled(True)
        self.sortByColumn(places.get(preferences.sort_column, places["hostname"]), order)
        for changed in (self._header.sectionMoved, self._header.sectionResized, self._header.sortIndicatorChanged):
            changed.connect(lambda *_: self.columns_changed.emit())

    def columns(self) -> tuple[Column, ...]:
        """The columns as they stand, in the order shown."""
        order = [self._header.logicalIndex(place) for place in range(self._header.count())]
        return tuple(
            Column(
                COLUMNS[logical].name,
                self._header.sectionSize(logical) or COLUMNS[logical].width,
                self._header.isSectionHidden(logical),
            )
            for logical in order
        )

    def sorted_by(self) -> tuple[str, bool]:
        """The name of the sorted column, and whether downwards."""
        column = COLUMNS[self._header.sortIndicatorSection()]
        return column.name, self._header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder

    def current_agent(self) -> Agent | None:
        index = self.currentIndex()
        return self._model.agent_at(index.row()) if index.isValid() else None

    def selected_agents(self) -> list[Agent]:
        """In the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [agent for row in rows if (agent := self._model.agent_at(row))]

    def select_agents(self, agent_ids: Iterable[str]) -> int:
        """Selects those of the agents that are shown, and goes to the first; how many there are."""
        rows = sorted(row for agent_id in agent_ids if (row := self._model.row_of(agent_id)) is not None)
        chosen = QItemSelection()
        for row in rows:
            index = self._model.index(row, 0)
            chosen.merge(QItemSelection(index, index), QItemSelectionModel.SelectionFlag.Select)
        flags = QItemSelectionModel.SelectionFlag
        if rows:
            first = self._model.index(rows[0], 0)
            self.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(first)
        return len(rows)

    def select_first(self) -> None:
        """Selects the first row when none is."""
        if self._model.rowCount() and not self.currentIndex().isValid():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() in _ENTER:
            modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if modifiers in _KIND_KEYS or modifiers == Qt.KeyboardModifier.NoModifier:
                self._want(_KIND_KEYS.get(modifiers))
                return
        super().keyPressEvent(event)

    def _keep_current(self) -> None:
        self._kept = self.current_agent()

    def _restore_current(self) -> None:
        row = self._model.row_of(self._kept.agent_id) if self._kept else None
        if row is not None:
            self.selectRow(row)

    def _want(self, kind: SessionKind | None) -> None:
        agent = self.current_agent()
        if agent:
            self.wanted.emit(agent, kind)

    def contextMenuEvent(self, event: QContextMenuEvent, /) -> None:
        """The menu of the row under the mouse, or of the current row when a key asks for it."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            if self.selectionModel().isRowSelected(index.row(), QModelIndex()):  # the menu is about all that are
                self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            else:
                self.setCurrentIndex(index)
            self._show_menu(self.visualRect(index).center() if by_key else event.pos())

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int, /) -> None:
        """Without the base class's choice of a neighbour: the next Enter would act on a machine that nobody chose."""
        if start <= self.currentIndex().row() <= end:
            self.selectionModel().clear()
        super().rowsAboutToBeRemoved(parent, start, end)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        colour = self._appearance.colours.text
        keys = {SessionKind.TERMINAL: "Ctrl+Return", SessionKind.FILES: "Shift+Return"}
        for kind, title, picture in ACTIONS:
            action = QAction(icons.icon(picture, colour), title, menu)
            if kind is self.default_kind:
                menu.setDefaultAction(action)
                action.setShortcut(QKeySequence("Return"))
            elif kind in keys:
                action.setShortcut(QKeySequence(keys[kind]))
            action.triggered.connect(lambda _=False, kind=kind: self._want(kind))
            menu.addAction(action)
        menu.addSeparator()
        agent = self.current_agent()
        for wish, title, picture in _WISHES:
            action = QAction(icons.icon(picture, colour), title, menu)
            action.triggered.connect(lambda _=False, wish=wish: self.wish.emit(agent, wish))
            action.setEnabled(len(self.selected_agents()) < 2)  # which of them would it be?
            menu.addAction(action)
        for section in self.sections:
            section(menu, self.selected_agents())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(place))

    def _header_menu_wanted(self, place: QPoint) -> None:
        menu = QMenu(self)
        shown = [logical for logical in range(len(COLUMNS)) if not self._header.isSectionHidden(logical)]
        for logical, column in enumerate(COLUMNS):
            action = QAction(column.title, menu, checkable=True, checked=logical in shown)
            action.setEnabled(len(shown) > 1 or logical not in shown)  # the last one stays
            action.toggled.connect(lambda on, logical=logical: self._show_column(logical, on))
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._header.mapToGlobal(place))

    def _show_column(self, logical: int, on: bool) -> None:
        self._header.setSectionHidden(logical, not on)
        if on and self._header.sectionSize(logical) < 30:
            self._header.resizeSection(logical, COLUMNS[logical].width)
        self.columns_changed.emit()
