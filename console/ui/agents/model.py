"""The agents table's model: filtered and sorted here, so that a refresh is applied row by row."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from console.fleet.store import Diff, FleetStore
from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import COLUMNS, ColumnSpec, now
from console.ui.theme import Appearance

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MOST_STEPS = 200
"""Past so many separate runs of removed or added rows a reset is quicker than telling the view of each."""


class AgentModel(QAbstractTableModel):
    """Shows the agents of a store that match a query, sorted by one column and then by host name."""

    def __init__(self, store: FleetStore, appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._appearance = appearance
        self._rows: list[str] = []
        self._query = ""
        self._column = COLUMNS[1]
        self._descending = False
        self._now: datetime = now()
        appearance.changed.connect(self._recolour)

    def agent_at(self, row: int) -> Agent | None:
        return self._store.get(self._rows[row]) if 0 <= row < len(self._rows) else None

    def row_of(self, agent_id: str) -> int | None:
        try:
            return self._rows.index(agent_id)
        except ValueError:
            return None

    def search(self, query: str) -> None:
        """Narrows the rows to those in which every word occurs."""
        self._query = query
        self._arrange()

    def apply(self, diff: Diff) -> None:
        """Shows what the store holds after an update. Times are counted from now on."""
        self._now = now()
        self._arrange()
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal:
            if role == _Role.DisplayRole:
                return COLUMNS[section].title
            if role == _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        agent = self.agent_at(index.row())
        if agent is None:
            return None
        column = COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return column.text(agent, self._now)
        if role == _Role.DecorationRole:
            wanted = column.icon(agent)
            return icons.icon(wanted[0], getattr(self._appearance.colours, wanted[1])) if wanted else None
        if role == _Role.ToolTipRole:
            return column.tip(agent) or column.text(agent, self._now)
        if role == _Role.ForegroundRole and column.muted(agent):
            return QColor(self._appearance.colours.muted)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(COLUMNS):
            self._column, self._descending = COLUMNS[column], order is Qt.SortOrder.DescendingOrder
            self._arrange()

    def _arrange(self) -> None:
        """Goes from the rows shown to those wanted: removes, adds, and moves, so that selection and place survive."""
        wanted = sorted_ids(self._store.matching(self._query), self._column, self._descending)
        if wanted == self._rows:
            return
        keep = set(wanted)
        gone = _runs([row for row, agent_id in enumerate(self._rows) if agent_id not in keep])
        shown = set(self._rows)
        come = _runs([row for row, agent_id in enumerate(wanted) if agent_id not in shown])
        if len(gone) + len(come) > _MOST_STEPS:
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        self._reorder([agent_id for agent_id in wanted if agent_id in shown])
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = wanted[first : last + 1]
            self.endInsertRows()

    def _reorder(self, wanted: list[str]) -> None:
        if wanted == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        places = {agent_id: row for row, agent_id in enumerate(wanted)}
        before = self.persistentIndexList()
        after = [self.index(places[self._rows[index.row()]], index.column()) for index in before]
        self._rows = wanted
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _recolour(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))


def sorted_ids(agents: Sequence[Agent], column: ColumnSpec, descending: bool) -> list[str]:
    """Agent ids by the column, equal ones by host name and then by id, whichever way the column is sorted."""
    ordered = sorted(agents, key=lambda agent: (agent.hostname.casefold(), agent.agent_id))
    ordered.sort(key=column.key, reverse=descending)
    return [agent.agent_id for agent in ordered]


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring row numbers joined: [1, 2, 3, 7] gives [(1, 3), (7, 7)]."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
