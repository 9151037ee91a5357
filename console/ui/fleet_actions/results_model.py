"""The model of an action's results: a row for each agent, in the order that the technician sorted them."""

from collections.abc import Callable, Sequence
from html import escape

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.sessions.fleet_action import FleetAction
from console.sessions.fleet_run import Ask, FleetRun, Standing
from console.ui import icons
from console.ui.fleet_actions import words
from console.ui.fleet_actions.machines import place
from console.ui.theme import Appearance

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ORDER = (Standing.FAILED, Standing.NOT_ASKED, Standing.ASKING, Standing.WAITING, Standing.DONE)


class Column(msgspec.Struct, frozen=True):
    """`width` is in device-independent pixels."""

    title: str
    width: int
    text: Callable[[Ask, FleetAction], str]
    key: Callable[[Ask], tuple[object, ...]] | None = None


COLUMNS = (
    Column("Host name", 170, lambda ask, _: ask.agent.hostname),
    Column("Client / site", 180, lambda ask, _: place(ask.agent)),
    Column(
        "Result", 110, lambda ask, _: words.standing(ask)[2], lambda ask: (_ORDER.index(ask.standing), not ask.open)
    ),
    Column("What happened", 290, words.happened),
    Column("What to do", 250, lambda ask, _: words.advice(ask)),
    Column("Time", 60, lambda ask, _: words.seconds(ask), lambda ask: (ask.seconds is None, ask.seconds or 0.0)),
)
_RESULT = 2


class ResultsModel(QAbstractTableModel):
    """Rows change where they are; they are sorted anew only when the technician asks for it."""

    def __init__(self, run: FleetRun, appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self._appearance = appearance
        self._rows = list(run.asks)
        self._row_of = {ask: row for row, ask in enumerate(self._rows)}
        run.changed.connect(self._changed)
        appearance.changed.connect(self._redraw)

    def ask_at(self, row: int) -> Ask | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rows(self) -> Sequence[Ask]:
        """In the order shown."""
        return tuple(self._rows)

    def texts(self, ask: Ask) -> list[str]:
        """The cells of a row."""
        return [column.text(ask, self.run.action) for column in COLUMNS]

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
        ask = self._rows[index.row()]
        column = COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return column.text(ask, self.run.action)
        if role == _Role.ToolTipRole:
            text = column.text(ask, self.run.action)
            return f"<qt>{escape(text)}</qt>" if text else None
        if role == _Role.DecorationRole and index.column() == _RESULT:
            name, colour, _ = words.standing(ask)
            return icons.icon(name, getattr(self._appearance.colours, colour))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Equal rows keep the order they had, so that one may sort by one column after the other."""
        if not 0 <= column < len(COLUMNS):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [(self._rows[index.row()], index.column()) for index in before]
        chosen = COLUMNS[column]
        key = chosen.key or (lambda ask: (chosen.text(ask, self.run.action).casefold(),))
        self._rows.sort(key=key, reverse=order is Qt.SortOrder.DescendingOrder)
        self._row_of = {ask: row for row, ask in enumerate(self._rows)}
        self.changePersistentIndexList(before, [self.index(self._row_of[ask], place_) for ask, place_ in kept])
        self.layoutChanged.emit()

    def _changed(self, ask: Ask) -> None:
        row = self._row_of[ask]
        self.dataChanged.emit(self.index(row, _RESULT), self.index(row, len(COLUMNS) - 1))

    def _redraw(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))
