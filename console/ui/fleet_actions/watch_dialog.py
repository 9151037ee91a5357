"""What is watched, and what happened of it."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedLayout, QTableView, QVBoxLayout, QWidget

from console.sessions.agent_watches import AgentWatches, Told, Watched
from console.ui import icons
from console.ui.fleet_actions import watch_words
from console.ui.fleet_actions.machines import plain
from console.ui.theme import Appearance
from console.ui.widgets import button, label, plain_tip

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TITLES = (("Host name", 180), ("Client / site", 210), ("Tell me when", 170), ("How it stands", 190))
_KEPT = "You are told once it happens. A restart of the console keeps the list: it looks again when you are signed in."
_EMPTY = "Nothing is watched. Choose “Tell me when” in the menu of an agent."


class WatchModel(QAbstractTableModel):
    """What happened, the latest first, then what is still watched for."""

    def __init__(self, watches: AgentWatches, appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watches = watches
        self._appearance = appearance
        self._rows: list[Told | Watched] = []
        watches.changed.connect(self.read)
        appearance.changed.connect(self.read)
        self.read()

    def read(self) -> None:
        self.beginResetModel()
        self._rows = [*reversed(self._watches.ended), *self._watches.watched]
        self.endResetModel()

    def at(self, row: int) -> Told | Watched:
        return self._rows[row]

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
        watched = row.watched if isinstance(row, Told) else row
        colours = self._appearance.colours
        if role == _Role.DisplayRole or (role == _Role.ToolTipRole and index.column() < 2):
            words = (
                watched.hostname,
                " / ".join(part for part in (watched.client, watched.site) if part),
                watch_words.of(watched.awaited).title,
                _stands(row),
            )[index.column()]
            return plain_tip(words) if role == _Role.ToolTipRole else words
        if role == _Role.DecorationRole and index.column() == 3:
            name, colour = ("wait", "muted") if isinstance(row, Watched) else ("check", "good")
            if isinstance(row, Told) and row.gone:
                name, colour = "warning", "warning"
            return icons.icon(name, getattr(colours, colour))
        if role == _Role.ForegroundRole and isinstance(row, Watched) and index.column() == 3:
            return QColor(colours.muted)
        return None


class WatchDialog(QDialog):
    """Not modal. Delete takes the selected rows away."""

    connect_wanted = Signal(object)
    """A Watched at whose agent a session is wanted."""

    def __init__(self, watches: AgentWatches, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._watches = watches
        self.setWindowTitle("Watched agents")
        self.resize(820, 380)
        self._model = WatchModel(watches, appearance, self)
        self.table = QTableView()
        self.table.setModel(self._model)
        self.table.setAccessibleName("Watched agents")
        plain(self.table)
        for place, (_, width) in enumerate(_TITLES):
            self.table.horizontalHeader().resizeSection(place, width)
        empty = label(_EMPTY, "muted")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(empty)
        self.remove = button("Remove", self._remove)
        self.connect_ = button("Connect", self._connect)
        buttons = QHBoxLayout()
        buttons.addWidget(self.connect_)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        buttons.addWidget(button("Close", self.close))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(
            label(
                _KEPT,
                "muted",
            )
        )
        column.addLayout(self._stack, 1)
        column.addLayout(buttons)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self._model.modelReset.connect(self._show_state)
        self.table.doubleClicked.connect(lambda _: self._connect())
        self._show_state()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    def _selected(self) -> Sequence[Told | Watched]:
        return [self._model.at(index.row()) for index in self.table.selectionModel().selectedRows()]

    def _show_state(self) -> None:
        self._stack.setCurrentIndex(0 if self._model.rowCount() else 1)
        selected = self._selected()
        self.remove.setEnabled(bool(selected))
        self.connect_.setEnabled(len(selected) == 1)

    def _remove(self) -> None:
        selected = self._selected()
        self._watches.put_away([row for row in selected if isinstance(row, Told)])
        self._watches.remove([row for row in selected if isinstance(row, Watched)])

    def _connect(self) -> None:
        selected = self._selected()
        if len(selected) == 1:
            row = selected[0]
            self.connect_wanted.emit(row.watched if isinstance(row, Told) else row)


def _stands(row: Told | Watched) -> str:
    if isinstance(row, Watched):
        since, now = row.since.astimezone(), datetime.now().astimezone()
        return f"watched since {since:%H:%M}" if since.date() == now.date() else f"watched since {since:%Y-%m-%d}"
    return f"{'not listed since' if row.gone else 'happened at'} {row.at.astimezone():%H:%M:%S}"
