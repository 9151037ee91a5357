"""Draws what the palette found: an icon, the name with the letters that were typed, and what it is at the right."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QStandardItem
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.palette.entries import Entry
from console.ui.palette.haystack import matched
from console.ui.theme import Appearance
from console.ui.widgets import plain_tip

LINE = Qt.ItemDataRole.UserRole + 1
ROW_HEIGHT = 34
_EDGE = 12
_ICON = 16
_GAP = 10
_STATUS_WIDTH = 84
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class Line(msgspec.Struct, frozen=True):
    """One row. Icons are names with the names of their colours; `state` stands at the right, `keys` too."""

    icon: tuple[str, str]
    title: str
    beside: str
    state: str
    state_icon: tuple[str, str] | None
    marked: frozenset[int]


def line_of(entry: Entry, typed: str, *, starred: bool) -> Line:
    if isinstance(entry, Agent):
        beside = " / ".join(filter(None, (entry.client_name, entry.site_name)))
        picture = ("star", "accent") if starred else ("displays", "muted")
        name = entry.hostname or entry.agent_id
        words, icon = STATUS_WORDS[entry.status], STATUS_ICONS[entry.status]
        return Line(picture, name, beside, words, icon, matched(name, typed))
    return Line((entry.icon, "muted"), entry.title, entry.kind, entry.keys, None, matched(entry.title, typed))


def item_of(line: Line) -> QStandardItem:
    item = QStandardItem(line.title)
    item.setEditable(False)
    item.setData(line, LINE)
    words = ", ".join(filter(None, (line.title, line.beside, line.state)))
    item.setData(words, Qt.ItemDataRole.AccessibleTextRole)
    item.setToolTip(plain_tip(words))
    return item


class PaletteRows(QStyledItemDelegate):
    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        line = index.data(LINE)
        if not isinstance(line, Line):
            return
        colours, ratio = self._appearance.colours, painter.device().devicePixelRatio()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(colours.accent))
        top = rect.top() + (rect.height() - _ICON) // 2
        left, right = rect.left() + _EDGE, rect.right() - _EDGE
        painter.drawPixmap(left, top, icons.pixmap(line.icon[0], getattr(colours, line.icon[1]), _ICON, ratio))
        left += _ICON + _GAP
        painter.setFont(font)
        metrics = QFontMetrics(font)
        painter.setPen(QColor(colours.muted))
        if line.state_icon:
            name, colour = line.state_icon
            right -= _STATUS_WIDTH
            painter.drawPixmap(right, top, icons.pixmap(name, getattr(colours, colour), _ICON, ratio))
            words = QRect(right + _ICON + 6, rect.top(), _STATUS_WIDTH, rect.height())
            painter.drawText(words, _LEFT, line.state)
        else:
            painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _RIGHT, line.state)
            right -= metrics.horizontalAdvance(line.state)
        right -= _GAP
        left = self._paint_title(painter, rect, left, right, line, font) + 12
        if line.beside and right - left > 40:
            painter.setFont(font)
            painter.setPen(QColor(colours.muted))
            beside = metrics.elidedText(line.beside, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _LEFT, beside)
        painter.restore()

    def _paint_title(self, painter: QPainter, rect: QRect, left: int, right: int, line: Line, font: QFont) -> int:
        """Letter runs in bold where they were typed; where the title ends, in pixels."""
        colours = self._appearance.colours
        bold = QFont(font)
        bold.setWeight(QFont.Weight.Bold)
        for text, marked in _runs(line.title, line.marked):
            used = bold if marked else font
            metrics = QFontMetrics(used)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, right - left))
            painter.setFont(used)
            painter.setPen(QColor(colours.accent if marked else colours.text))
            width = metrics.horizontalAdvance(shown)
            painter.drawText(QRect(left, rect.top(), width + 2, rect.height()), _LEFT, shown)
            left += width
            if shown != text:
                break
        return left


def _runs(text: str, marked: frozenset[int]) -> Sequence[tuple[str, bool]]:
    """Neighbouring letters that are both marked, or both not, together."""
    runs: list[tuple[str, bool]] = []
    for place, letter in enumerate(text):
        on = place in marked
        if runs and runs[-1][1] is on:
            runs[-1] = (runs[-1][0] + letter, on)
        else:
            runs.append((letter, on))
    return runs
