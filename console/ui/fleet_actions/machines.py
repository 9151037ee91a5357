"""The list of exactly those machines that an action is about."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QTableView

from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.theme import Appearance
from console.ui.widgets import plain_tip

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TITLES = (("Host name", 200), ("Client / site", 230), ("Kind", 115), ("Status", 110))
_KINDS = {"server": "Server", "workstation": "Workstation"}


class Row(msgspec.Struct, frozen=True):
    """`left_out` says why nothing is asked of this agent, "" when it is asked."""

    agent: Agent
    left_out: str = ""


class MachineModel(QAbstractTableModel):
    """Servers first, then by name; those that are left out at the end, their reason in the tool tip."""

    def __init__(self, rows: Sequence[Row], appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows = sorted(
            rows,
            key=lambda row: (
                bool(row.left_out),
                row.agent.monitoring_type != "server",
                row.agent.hostname.casefold(),
            ),
        )

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal:
            if role == _Role.DisplayRole:
                return _TITLES[section][0]
            if role == _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        row = self._rows[index.row()]
        colours = self._appearance.colours
        if role == _Role.DisplayRole:
            return self._text(row, index.column())
        if role == _Role.ToolTipRole:
            return plain_tip(row.left_out or (self._text(row, index.column()) if index.column() < 2 else ""))
        if role == _Role.ForegroundRole and row.left_out:
            return QColor(colours.muted)
        if role == _Role.DecorationRole:
            if index.column() == 2 and row.agent.monitoring_type == "server":
                return icons.icon("server", colours.muted if row.left_out else colours.bad)
            if index.column() == 3 and not row.left_out:
                name, colour = STATUS_ICONS[row.agent.status]
                return icons.icon(name, getattr(colours, colour))
        return None

    @staticmethod
    def _text(row: Row, column: int) -> str:
        agent = row.agent
        match column:
            case 0:
                return agent.hostname
            case 1:
                return place(agent)
            case 2:
                return _KINDS.get(agent.monitoring_type, "")
        return "Left out" if row.left_out else STATUS_WORDS[agent.status]


def place(agent: Agent) -> str:
    """Where an agent belongs: "Client / Site"."""
    return " / ".join(part for part in (agent.client_name, agent.site_name) if part)


class MachineTable(QTableView):
    """As high as its rows, up to a limit; from there on it scrolls."""

    def __init__(self, rows: Sequence[Row], appearance: Appearance) -> None:
        super().__init__()
        self.setModel(MachineModel(rows, appearance, self))
        self.setAccessibleName("Machines that this is about")
        plain(self)
        for place_, (_, width) in enumerate(_TITLES):
            self.horizontalHeader().resizeSection(place_, width)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        height = self.verticalHeader().defaultSectionSize()
        self.setMinimumHeight(height * min(len(rows), 5) + 40)


def plain(view: QTableView) -> None:
    """The look and the ways of all tables of actions."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(30)
    view.horizontalHeader().setStretchLastSection(True)
    view.horizontalHeader().setHighlightSections(False)
