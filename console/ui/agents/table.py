"""The agents table: keys, selection, columns that are moved and hidden, and what of it is copied."""

import time
from collections.abc import Iterable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView

from console import turns
from console.fleet.grouping import Grouping
from console.mesh.session_kind import SessionKind
from console.preferences import Column, Preferences
from console.rmm.models import Agent
from console.ui.agents.columns import SORTED_AT_FIRST, ColumnSpec
from console.ui.agents.delegate import FLASH_SECONDS, AgentDelegate
from console.ui.agents.menus import ACTIONS, MenuSection, agent_menu, column_menu
from console.ui.agents.model import AgentModel, Sorting
from console.ui.agents.staying import Staying, selected_rows
from console.ui.theme import Appearance

__all__ = ["ACTIONS", "AgentTable", "MenuSection"]

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KIND_KEYS = {
    Qt.KeyboardModifier.ControlModifier: SessionKind.TERMINAL,
    Qt.KeyboardModifier.ShiftModifier: SessionKind.FILES,
}
_ROW_HEIGHT = 30
_FLASH_STEP_MILLISECONDS = 60
_MOST_SORTED = 4


class AgentTable(QTableView):
    """Enter or double-click asks for the default action, Ctrl+Enter for the terminal, Shift+Enter for files."""

    wanted = Signal(object, object)
    """An Agent and a SessionKind, or None for the default action."""
    wish = Signal(object, object)
    """An Agent and a Wish."""
    columns_changed = Signal()
    """Columns, sorting or grouping are other ones."""
    selection_changed = Signal()
    """Other agents are selected, or another is current; not while a list is only arranged anew."""

    def __init__(self, model: AgentModel, appearance: Appearance) -> None:
        super().__init__()
        self._model = model
        self._appearance = appearance
        self.default_kind = SessionKind.CONTROL
        self.sections: list[MenuSection] = []
        self._told: tuple[str, frozenset[str]] = ("", frozenset())
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell_selection)
        self._delegate = AgentDelegate(model, appearance, self)
        self.setModel(model)  # tells of a selection at once
        self.setItemDelegate(self._delegate)
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
        self.doubleClicked.connect(self._double_clicked)
        self._staying = Staying(model, self)
        self._before: dict[tuple[int, int], str] = {}
        self._flashing = QTimer(self, interval=_FLASH_STEP_MILLISECONDS)
        self._flashing.timeout.connect(self._fade)
        model.modelReset.connect(self._telling.start)  # a reset does not tell of the selection that it ended
        model.about_to_arrange.connect(self._remember_painted)
        model.arranged.connect(self._flash_changed)
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.sectionClicked.connect(self._sort_clicked)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._header_menu_wanted)
        self._header = header
        self._restoring = False
        for changed in (header.sectionMoved, header.sectionResized):
            changed.connect(lambda *_: None if self._restoring else self.columns_changed.emit())

    # What was chosen

    def restore(self, preferences: Preferences) -> None:
        """Puts the columns as they were left; unknown ones are skipped, new ones stand at the end."""
        self.show_columns(preferences.columns)
        self.order_by(preferences.sorting or SORTED_AT_FIRST)
        self._model.group_by(Grouping(preferences.grouping))

    def show_columns(self, wanted: Iterable[Column]) -> None:
        """Puts columns into this order; those that it does not name are as they are at first."""
        self._restoring = True
        columns = self._model.columns
        places = {column.name: place for place, column in enumerate(columns)}
        for place, spec in enumerate(columns):
            self._header.moveSection(self._header.visualIndex(place), place)
            self._header.resizeSection(place, spec.width)
            self._header.setSectionHidden(place, not spec.shown)
        for target, column in enumerate(one for one in wanted if one.name in places):
            logical = places[column.name]
            self._header.moveSection(self._header.visualIndex(logical), target)
            self._header.setSectionHidden(logical, column.hidden)
            self._header.resizeSection(logical, column.width)
        self._restoring = False

    def columns(self) -> tuple[Column, ...]:
        """The columns as they stand, in the order shown."""
        return tuple(
            Column(
                self._model.columns[logical].name,
                self._header.sectionSize(logical) or self._model.columns[logical].width,
                self._header.isSectionHidden(logical),
            )
            for logical in self._logical()
        )

    def shown_columns(self) -> list[ColumnSpec]:
        """The columns that are not hidden, in the order shown."""
        return [self._model.columns[one] for one in self._logical() if not self._header.isSectionHidden(one)]

    def set_custom_fields(self, names: dict[int, str], wanted: Iterable[Column]) -> None:
        """Offers columns for custom fields; `wanted` is how the columns were left."""
        before = self._model.columns
        self._model.set_custom_fields(names)
        if self._model.columns is not before:
            self.show_columns(wanted)
            self._show_sorting()

    def order_by(self, sorting: Sorting) -> None:
        """Sorts by several columns, the first above all."""
        self._model.order_by(sorting)
        self._show_sorting()
        self.columns_changed.emit()

    def group_by(self, grouping: Grouping) -> None:
        self._model.group_by(grouping)
        self.columns_changed.emit()

    def _show_sorting(self) -> None:
        names = [column.name for column in self._model.columns]
        for name, down in self._model.sorting[:1]:
            order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            self._header.setSortIndicator(names.index(name), order)

    def _sort_clicked(self, logical: int) -> None:
        """A click sorts by the column, another turns it over; with Shift it is added to what is sorted by."""
        name, sorting = self._model.columns[logical].name, self._model.sorting
        held = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        down = next((not down for one, down in sorting if one == name), False)
        if held:
            others = tuple(one for one in sorting if one[0] != name)
            at = next((place for place, one in enumerate(sorting) if one[0] == name), len(others))
            self.order_by((*others[:at], (name, down), *others[at:])[:_MOST_SORTED])
        else:
            self.order_by(((name, down),))

    def _logical(self) -> list[int]:
        return [self._header.logicalIndex(place) for place in range(self._header.count())]

    # What is selected

    def current_agent(self) -> Agent | None:
        index = self.currentIndex()
        return self._model.agent_at(index.row()) if index.isValid() else None

    def selected_agents(self) -> list[Agent]:
        """In the order shown."""
        return [agent for row in selected_rows(self) if (agent := self._model.agent_at(row))]

    def selected_count(self) -> int:
        """How many agents are selected. Selected spans may have groups in them."""
        selection = self.selectionModel().selection()
        spans = (selection.at(place) for place in range(selection.count()))
        return sum(self._model.agents_between(span.top(), span.bottom()) for span in spans)

    def select_agents(self, agent_ids: Iterable[str]) -> int:
        """Selects those of the agents that are shown, and goes to the first; how many there are."""
        rows = sorted(row for agent_id in agent_ids if (row := self._model.row_of(agent_id)) is not None)
        chosen = QItemSelection()
        for row in rows:
            index = self._model.index(row, 0)
            chosen.select(index, index)
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

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection, /) -> None:
        super().selectionChanged(selected, deselected)
        self._telling.start()

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        super().currentChanged(current, previous)
        self._telling.start()
        self.viewport().update()  # the mark of the current row

    def _tell_selection(self) -> None:
        current = self.current_agent()
        now = (current.agent_id if current else "", frozenset(agent.agent_id for agent in self.selected_agents()))
        if now != self._told:
            self._told = now
            self.selection_changed.emit()

    # Keys and mouse

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        group = self._model.group_at(self.currentIndex().row()) if self.currentIndex().isValid() else None
        if event.key() in _ENTER and (modifiers in _KIND_KEYS or modifiers == Qt.KeyboardModifier.NoModifier):
            if group:
                self._model.toggle(group.name)
            else:
                self._want(_KIND_KEYS.get(modifiers))
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif group and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if (event.key() == Qt.Key.Key_Left) == (group.name not in self._model.closed):
                self._toggle(group.name)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        group = self._model.group_at(self.indexAt(event.position().toPoint()).row())
        if group and event.button() is Qt.MouseButton.LeftButton:
            self._toggle(group.name)
        else:
            super().mousePressEvent(event)

    def _toggle(self, name: str) -> None:
        """Opens or closes a group, and stays on its row."""
        row = self.currentIndex().row()
        self._model.toggle(name)
        on = next((one for one in range(self._model.rowCount()) if self._is_group(one, name)), row)
        self.selectionModel().setCurrentIndex(self._model.index(on, 0), QItemSelectionModel.SelectionFlag.NoUpdate)

    def _is_group(self, row: int, name: str) -> bool:
        group = self._model.group_at(row)
        return group is not None and group.name == name

    def _double_clicked(self, index: QModelIndex) -> None:
        if self._model.agent_at(index.row()):
            self._want(None)

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
            self.selectionModel().clearCurrentIndex()
        super().rowsAboutToBeRemoved(parent, start, end)

    def _show_menu(self, place: QPoint) -> None:
        agent = self.current_agent()
        if agent is None:
            return
        menu = agent_menu(
            self,
            self._appearance,
            self.default_kind,
            self._want,
            lambda wish: self.wish.emit(agent, wish),
            several=len(self.selected_agents()) > 1,
        )
        for section in self.sections:
            section(menu, self.selected_agents())
        copy = menu.addMenu("Copy")
        column = self.currentIndex().column()
        copy.addAction("Cell", lambda: self._copy(self._model.text(agent, column)))
        rows = copy.addAction("Rows", self.copy_rows)
        rows.setShortcut(QKeySequence.StandardKey.Copy)
        copy.addAction("Host names", lambda: self._copy("\n".join(one.hostname for one in self.selected_agents())))
        copy.addAction(
            "Local addresses", lambda: self._copy("\n".join(one.local_ips for one in self.selected_agents()))
        )
        copy.addAction(
            "Public addresses", lambda: self._copy("\n".join(one.public_ip for one in self.selected_agents()))
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(place))

    def copy_rows(self) -> None:
        """The selected agents as lines, the columns that are shown parted by tabs."""
        logical = [one for one in self._logical() if not self._header.isSectionHidden(one)]
        lines = ("\t".join(self._model.text(agent, one) for one in logical) for agent in self.selected_agents())
        self._copy("\n".join(lines))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _header_menu_wanted(self, place: QPoint) -> None:
        self.show_column_menu(self._header.mapToGlobal(place))

    def show_column_menu(self, place: QPoint) -> None:
        """The choice of columns, at a place of the screen."""
        columns = self._model.columns
        shown = [logical for logical in range(len(columns)) if not self._header.isSectionHidden(logical)]
        menu = column_menu(self, columns, shown, self._show_column)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _show_column(self, logical: int, on: bool) -> None:
        self._header.setSectionHidden(logical, not on)
        if on and self._header.sectionSize(logical) < 30:
            self._header.resizeSection(logical, self._model.columns[logical].width)
        self.columns_changed.emit()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        with turns.drawing():
            super().paintEvent(event)

    # What changed

    def changeEvent(self, event: QEvent, /) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._delegate.font_changed()

    def _remember_painted(self) -> None:
        self._before, self._delegate.painted = self._delegate.painted, {}

    def _flash_changed(self) -> None:
        """Colours the cells in sight that show something else than before, for a moment."""
        now, flashes = time.monotonic(), self._delegate.flashes
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = self._model.rowCount() - 1 if last < 0 else last
        steady = [place for place, column in enumerate(self._model.columns) if not column.relative]
        for row in range(max(first, 0), last + 1):
            identity, agent = self._model.identity(row), self._model.agent_at(row)
            if identity is None or agent is None:
                continue
            for column in steady:
                before = self._before.get((identity, column))
                if before is not None and before != self._model.text(agent, column):
                    flashes[identity, column] = now
        if flashes:
            self._flashing.start()

    def _fade(self) -> None:
        flashes, now = self._delegate.flashes, time.monotonic()
        for cell in [cell for cell, began in flashes.items() if now - began > FLASH_SECONDS]:
            del flashes[cell]
        if not flashes:
            self._flashing.stop()
        self.viewport().update()
