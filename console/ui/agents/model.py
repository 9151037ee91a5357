"""The agents table's model: what a query finds, in order and in groups; a refresh is applied as a difference."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from console.fleet.grouping import Grouping, group_of
from console.fleet.order import Order
from console.fleet.query.parser import Query
from console.fleet.store import Diff, FleetStore
from console.rmm.models import Agent, AgentStatus
from console.ui import icons
from console.ui.agents.columns import COLUMNS, STATUS_WORDS, ColumnSpec, custom_columns, now, order_of
from console.ui.theme import Appearance
from console.ui.widgets import plain_tip

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_MOST_STEPS = 200
"""Past so many separate runs of removed or added rows a reset is quicker than telling the view of each."""
_WORTH_TELLING = (AgentStatus.OVERDUE, AgentStatus.OFFLINE)

Sorting = tuple[tuple[str, bool], ...]
"""Columns by their names, each with whether downwards."""


@dataclass
class Group:
    """A row of its own above the agents of a group. `rows` are theirs in the store."""

    name: str
    rows: list[int] = field(repr=False)
    store: FleetStore = field(repr=False)

    @cached_property
    def summary(self) -> str:
        """How many there are, and what is wrong with them."""
        counts = dict.fromkeys(AgentStatus, 0)
        for row in self.rows:
            if agent := self.store.at(row):
                counts[agent.status] += 1
        wrong = [f"{counts[each]} {STATUS_WORDS[each].lower()}" for each in _WORTH_TELLING if counts[each]]
        return "  ·  ".join([f"{len(self.rows)} agent{'' if len(self.rows) == 1 else 's'}", *wrong])


class AgentModel(QAbstractTableModel):
    """Shows the agents of a store. `about_to_arrange` and `arranged` surround a refresh, for whoever keeps the view
    where it is."""

    about_to_arrange = Signal()
    arranged = Signal()

    def __init__(self, store: FleetStore, appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._appearance = appearance
        self.columns: tuple[ColumnSpec, ...] = COLUMNS
        self.query = Query()
        self._sorting: Sorting = (("hostname", False),)
        self.grouping = Grouping.NOTHING
        self.closed: frozenset[str] = frozenset()
        """The names of the groups whose agents are not shown."""
        self._groups: list[Group] = []
        self._headings: list[int] = []
        """The rows of groups, from above."""
        self._rows: list[int] = []
        """What is shown: rows of the store, or -1 - n for the nth group."""
        self.moment: datetime = now()
        """Times are counted from it."""
        self.favourites: frozenset[str] = frozenset()
        """Ids of agents that have a star."""
        self.stale = ""
        """Why states may be old news, for a tool tip; "" when they are not."""
        appearance.changed.connect(self._repaint)

    # What is shown

    def agent_at(self, row: int) -> Agent | None:
        """None for the row of a group."""
        shown = self._rows[row] if 0 <= row < len(self._rows) else -1
        return self._store.at(shown) if shown >= 0 else None

    def group_at(self, row: int) -> Group | None:
        shown = self._rows[row] if 0 <= row < len(self._rows) else 0
        return self._groups[-1 - shown] if shown < 0 else None

    def agents_between(self, first: int, last: int) -> int:
        """How many of these rows are agents."""
        return last + 1 - first - (bisect_right(self._headings, last) - bisect_left(self._headings, first))

    def row_of(self, agent_id: str) -> int | None:
        """Where an agent is shown."""
        row = self._store.row(agent_id)
        return self.place_of(row) if row is not None else None

    def identity(self, row: int) -> int | None:
        """What stays the same about a shown agent while it is moved about: to be given to `place_of`."""
        shown = self._rows[row] if 0 <= row < len(self._rows) else -1
        return shown if shown >= 0 else None

    def place_of(self, identity: int) -> int | None:
        try:
            return self._rows.index(identity)
        except ValueError:
            return None

    def agents(self) -> list[Agent]:
        """The agents that are found, in order, those of closed groups as well."""
        return [agent for row in self._store.select(self.query.root) if (agent := self._store.at(row))]

    @property
    def found(self) -> int:
        """How many agents are found."""
        return self._store.count(self.query.root)

    @property
    def sorting(self) -> Sorting:
        return self._sorting

    # What is wanted

    def show(self, query: Query) -> None:
        """Narrows the rows to what a query finds."""
        self.query = query
        self._arrange(anew=True)

    def order_by(self, sorting: Sorting) -> None:
        """Sorts by several columns, the first above all; unknown columns are skipped."""
        known = {column.name for column in self.columns}
        self._sorting = tuple(one for one in sorting if one[0] in known)
        self._arrange()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def group_by(self, grouping: Grouping) -> None:
        self.grouping, self.closed = grouping, frozenset()
        self._arrange(anew=True)

    def toggle(self, name: str) -> None:
        """Opens a group that is closed, and closes one that is open."""
        self.closed = self.closed ^ {name}
        self._arrange(anew=True)

    def set_custom_fields(self, names: Mapping[int, str]) -> None:
        """Shows custom fields by these names, by their ids."""
        columns = COLUMNS + custom_columns(names)
        if [(one.name, one.title) for one in columns] != [(one.name, one.title) for one in self.columns]:
            self.beginResetModel()
            self.columns = columns
            self.endResetModel()

    def apply(self, diff: Diff) -> None:
        """Shows what the store holds after an update. Times are counted from now on."""
        self.moment = now()
        self.about_to_arrange.emit()
        self._arrange()
        self._repaint()
        self.arranged.emit()

    def order(self) -> Order:
        """What the store sorts by."""
        return order_of(self._sorting, self.grouping, self.columns)

    # Qt's questions

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.group_at(index.row()):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _Role.DisplayRole:
            name = self.columns[section].name
            places = [(place, down) for place, (one, down) in enumerate(self._sorting, 1) if one == name]
            if not places or len(self._sorting) < 2:
                return self.columns[section].title
            place, down = places[0]
            arrow = "" if place == 1 else " ▾" if down else " ▴"  # the header itself shows that of the first
            return f"{self.columns[section].title}  {place}{arrow}"
        if role == _Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        agent = self.agent_at(index.row())
        if agent is None:
            return self._group_data(index, role)
        column = self.columns[index.column()]
        if role == _Role.DisplayRole:
            return column.text(agent, self.moment)
        if role == _Role.DecorationRole:
            wanted = column.icon(agent)
            return icons.icon(wanted[0], getattr(self._appearance.colours, wanted[1])) if wanted else None
        if role == _Role.ToolTipRole:
            tip = column.tip(agent) or column.text(agent, self.moment) or "unknown"
            return plain_tip(f"{tip}\n{self.stale}" if self.stale and column.name == "status" else tip)
        if role == _Role.AccessibleTextRole:
            starred = ", favourite" if column.name == "hostname" and agent.agent_id in self.favourites else ""
            more = f". {column.tip(agent)}" if column.muted(agent) else ""
            return f"{column.title}: {column.text(agent, self.moment) or 'unknown'}{starred}{more}"
        if role == _Role.ForegroundRole and column.muted(agent):
            return QColor(self._appearance.colours.muted)
        return None

    def text(self, agent: Agent, column: int) -> str:
        return self.columns[column].text(agent, self.moment)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self.columns):
            self.order_by(((self.columns[column].name, order is Qt.SortOrder.DescendingOrder),))

    def _group_data(self, index: _Index, role: int) -> object:
        group = self.group_at(index.row())
        if group is None or index.column() != 0:
            return None
        if role == _Role.DisplayRole:
            return group.name
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            state = "closed" if group.name in self.closed else "open"
            words = f"{group.name}: {group.summary}, {state}"
            return plain_tip(words) if role == _Role.ToolTipRole else words
        return None

    # How

    def _wanted(self) -> list[int]:
        self._store.sort(self.order())
        rows = self._store.select(self.query.root)
        self._groups, self._headings = [], []
        if self.grouping is Grouping.NOTHING:
            return rows
        wanted: list[int] = []
        for name, members in groupby(rows, self._group_name):
            group = Group(name, list(members), self._store)
            self._groups.append(group)
            self._headings.append(len(wanted))
            wanted.append(-len(self._groups))
            if name not in self.closed:
                wanted += group.rows
        return wanted

    def _group_name(self, row: int) -> str:
        agent = self._store.at(row)
        return group_of(self.grouping, agent) if agent else ""

    def _arrange(self, *, anew: bool = False) -> None:
        """Goes from the rows shown to those wanted: removes, adds, and moves, so that selection and place survive."""
        if anew or self.grouping is not Grouping.NOTHING or self._groups:
            self.beginResetModel()
            self._rows = self._wanted()
            self.endResetModel()
            return
        wanted = self._wanted()
        if wanted == self._rows:
            return
        if not wanted or not self._rows:  # whoever keeps a selection over a reset keeps it while there is nothing
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()
            return
        keep, shown = set(wanted), set(self._rows)
        gone = _runs([row for row, one in enumerate(self._rows) if one not in keep])
        come = _runs([row for row, one in enumerate(wanted) if one not in shown])
        if len(gone) + len(come) > _MOST_STEPS:
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()
            return
        if gone or come:
            self._rows = self._rows.copy()  # it may be the store's own
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        self._reorder([one for one in wanted if one in shown])
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = wanted[first : last + 1]
            self.endInsertRows()

    def _reorder(self, wanted: list[int]) -> None:
        if wanted == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = {one: row for row, one in enumerate(wanted)} if before else {}
        after = [self.index(places[self._rows[index.row()]], index.column()) for index in before]
        self._rows = wanted
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _repaint(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring row numbers joined: [1, 2, 3, 7] gives [(1, 3), (7, 7)]."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
