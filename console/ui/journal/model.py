"""The model of the journal's table: the entries that were read so far, newest first, and how many there are."""

from collections.abc import Callable, Sequence
from html import escape

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from console.sessions.journal_entry import Entry
from console.ui import icons
from console.ui.journal import words
from console.ui.theme import Appearance

_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(msgspec.Struct, frozen=True):
    """`icon` gives an icon and the name of its colour in theme.Colours; `width` is in device-independent pixels."""

    title: str
    width: int
    text: Callable[[Entry], str]
    icon: Callable[[Entry], tuple[str, str] | None] = lambda entry: None
    tip: Callable[[Entry], str] = lambda entry: ""


def _kind_icon(entry: Entry) -> tuple[str, str] | None:
    kind = words.kind_of(entry)
    return (kind.value, "muted") if kind else None


def _note_tip(entry: Entry) -> str:
    return f"{entry.note}\n\nAlso among the agent's notes in the RMM." if entry.note_in_rmm else entry.note


COLUMNS = (
    Column("Time", 146, lambda entry: words.moment(entry.opened), tip=words.times),
    Column("Host name", 148, lambda entry: entry.host),
    Column("Client / site", 190, words.place),
    Column("Kind", 112, words.kind_words, _kind_icon),
    Column("Technician", 124, lambda entry: entry.who),
    Column("Connected", 96, words.connected),
    Column(
        "How it ended",
        150,
        lambda entry: words.ending(entry)[2],
        lambda entry: words.ending(entry)[:2],
        lambda entry: entry.how,
    ),
    Column("Note", 200, words.note, lambda entry: ("external", "muted") if entry.note_in_rmm else None, tip=_note_tip),
)


class JournalModel(QAbstractTableModel):
    more_wanted = Signal()
    """The view came to the end of what was read, and there is more."""

    def __init__(self, appearance: Appearance, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._entries: tuple[Entry, ...] = ()
        self._total = 0
        appearance.changed.connect(self._redraw)

    def show_entries(self, entries: Sequence[Entry], total: int) -> None:
        """Shows these; rows that stay in their place are kept, and with them what is selected."""
        before, after = [entry.id for entry in self._entries], [entry.id for entry in entries]
        self._total = total
        if after[: len(before)] == before:
            if len(after) > len(before):
                self.beginInsertRows(QModelIndex(), len(before), len(after) - 1)
                self._entries = tuple(entries)
                self.endInsertRows()
            self._entries = tuple(entries)
            self._redraw()
        else:
            self.beginResetModel()
            self._entries = tuple(entries)
            self.endResetModel()

    def entry_at(self, row: int) -> Entry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row_of(self, entry_id: str) -> int | None:
        return next((row for row, entry in enumerate(self._entries) if entry.id == entry_id), None)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def canFetchMore(self, parent: _Index, /) -> bool:
        return not parent.isValid() and len(self._entries) < self._total

    def fetchMore(self, parent: _Index, /) -> None:
        self.more_wanted.emit()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal:
            if role == _Role.DisplayRole:
                return COLUMNS[section].title
            if role == _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        entry = self.entry_at(index.row())
        if entry is None:
            return None
        column = COLUMNS[index.column()]
        if role == _Role.DisplayRole:
            return column.text(entry)
        if role == _Role.DecorationRole:
            wanted = column.icon(entry)
            return icons.icon(wanted[0], getattr(self._appearance.colours, wanted[1])) if wanted else None
        if role == _Role.ToolTipRole:
            return _tip(column.tip(entry) or column.text(entry))
        if role == _Role.ForegroundRole and column.title in ("Time", "Connected"):
            return QColor(self._appearance.colours.muted) if entry.connected is None else None
        return None

    def _redraw(self) -> None:
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, len(COLUMNS) - 1))


def _tip(text: str) -> str:
    """Marked as rich text and escaped, so that long ones wrap and nothing in them is taken for markup."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>" if text else ""
