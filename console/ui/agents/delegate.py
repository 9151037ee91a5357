"""Draws the cells of the agents table.

A cell is drawn with one look at its agent: Qt's own delegate asks the model eight times for each, which with a screen
full of cells takes longer than a frame.
"""

import time
from functools import lru_cache

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import ColumnSpec
from console.ui.agents.matches import marked, only_hidden
from console.ui.agents.model import AgentModel, Group
from console.ui.theme import Appearance

FLASH_SECONDS = 0.9
_EDGE = 8
_ICON = 16
_SMALL_ICON = 12
_GAP = 6
_MARK = 3
_FLASH = 90
"""How strong a changed cell is coloured at first, of 255."""
_HIGHLIGHT = 70
_MOST_MEASURED = 8192


class AgentDelegate(QStyledItemDelegate):
    """`words` are marked where they stand. `flashes` has the moment (time.monotonic) at which a cell changed, by the
    row's identity and the column; `painted` what was last drawn, by the same."""

    def __init__(self, model: AgentModel, appearance: Appearance, view: QTableView) -> None:
        super().__init__(view)
        self._model = model
        self._appearance = appearance
        self._view = view
        self.flashes: dict[tuple[int, int], float] = {}
        self.painted: dict[tuple[int, int], str] = {}
        self._elided: dict[tuple[str, int], str] = {}
        self._widths: dict[str, int] = {}
        self._metrics = QFontMetrics(view.font())
        self._leaning = _italic(view.font())

    def font_changed(self) -> None:
        """The view has another font: what was measured does not count any more."""
        self._metrics = QFontMetrics(self._view.font())
        self._leaning = _italic(self._view.font())
        self._elided.clear()
        self._widths.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /) -> QSize:
        """For a column that is made as wide as its content."""
        agent = self._model.agent_at(index.row())
        if agent is None:
            return QSize(0, 0)
        column = index.column()
        text = self._model.text(agent, column)
        icon = _ICON + _GAP if self._model.columns[column].icon(agent) else 0
        return QSize(self._metrics.horizontalAdvance(text) + icon + 2 * _EDGE + 2, 0)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        /,
    ) -> bool:
        """Says as well why the row is there, when none of the columns shows it."""
        agent = self._model.agent_at(index.row())
        why = self._why(agent) if agent else []
        if event.type() is not QEvent.Type.ToolTip or not why:
            return super().helpEvent(event, view, option, index)
        lines = [str(index.data(Qt.ItemDataRole.ToolTipRole)), *(f"Found in {title}: {text}" for title, text in why)]
        QToolTip.showText(event.globalPos(), "\n".join(lines), view)
        return True

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        row, column = index.row(), index.column()
        agent = self._model.agent_at(row)
        rect: QRect = option.rect
        if agent is None:
            group = self._model.group_at(row)
            if group is not None:
                self._paint_group(painter, rect, group, row)
            return
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_cell(painter, rect, agent, column, self._model.identity(row), selected=selected)
        if row == self._view.currentIndex().row() and self._view.hasFocus():
            self._paint_current(painter, rect, column)

    def _paint_cell(
        self, painter: QPainter, rect: QRect, agent: Agent, column: int, identity: int | None, *, selected: bool
    ) -> None:
        colours, model = self._appearance.colours, self._model
        spec = model.columns[column]
        if selected:
            painter.fillRect(rect, _colour(colours.selection))
        text = model.text(agent, column)
        if identity is not None:
            self.painted[identity, column] = text
            began = self.flashes.get((identity, column))
            if began is not None:
                left = 1 - (time.monotonic() - began) / FLASH_SECONDS
                if left > 0:
                    painter.fillRect(rect, _colour(colours.accent, round(_FLASH * left)))
        x = rect.left() + _EDGE
        starred = spec.name == "hostname" and agent.agent_id in model.favourites
        icon = ("star", "accent") if starred else spec.icon(agent)
        dimmed = bool(model.stale) and spec.name == "status"
        if icon:
            colour = colours.muted if dimmed else getattr(colours, icon[1])
            picture = icons.pixmap(icon[0], colour, _ICON, self._view.devicePixelRatioF())
            painter.drawPixmap(x, rect.top() + (rect.height() - _ICON) // 2, picture)
            x += _ICON + _GAP
        width = rect.right() - _EDGE - x
        if spec.name == "hostname" and self._why(agent):
            width -= _ICON
            picture = icons.pixmap("search", colours.warning, _SMALL_ICON, self._view.devicePixelRatioF())
            painter.drawPixmap(x + width + _GAP, rect.top() + (rect.height() - _SMALL_ICON) // 2, picture)
        unknown = not text and spec.unknown
        if width <= 0 or not (text or unknown):
            return
        shown = self._fitted(text, width) if text else "–"
        words = model.query.words
        if words:
            self._paint_marks(painter, rect, x, text, shown, words)
        bygone = spec.muted(agent)
        painter.setPen(_colour(colours.muted if dimmed or unknown or bygone else colours.text))
        if bygone:
            painter.setFont(self._leaning)
        painter.drawText(x, rect.top(), width + _EDGE, rect.height(), _LEFT, shown)
        if bygone:
            painter.setFont(self._view.font())

    def _paint_marks(
        self, painter: QPainter, rect: QRect, x: int, text: str, shown: str, words: tuple[str, ...]
    ) -> None:
        for start, end in marked(text, shown, words):
            place = QRect(x + self._width(shown[:start]), rect.top() + _MARK + 2, self._width(shown[start:end]), 0)
            place.setBottom(rect.bottom() - _MARK - 2)
            painter.fillRect(place, _colour(self._appearance.colours.warning, _HIGHLIGHT))

    def _why(self, agent: Agent) -> list[tuple[str, str]]:
        """What hidden columns alone have of what was searched for."""
        model, header = self._model, self._view.horizontalHeader()
        if not model.query.words:
            return []
        parts: tuple[list[ColumnSpec], list[ColumnSpec]] = ([], [])
        for place, column in enumerate(model.columns):
            parts[header.isSectionHidden(place)].append(column)
        return only_hidden(agent, model.query.words, *parts, model.moment)

    def _fitted(self, text: str, width: int) -> str:
        """The text, cut with dots where it is too wide; remembered, for measuring takes longer than drawing."""
        shown = self._elided.get((text, width))
        if shown is None:
            if len(self._elided) > _MOST_MEASURED:
                self._elided.clear()
            shown = self._elided[text, width] = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return shown

    def _width(self, text: str) -> int:
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > _MOST_MEASURED:
                self._widths.clear()
            width = self._widths[text] = self._metrics.horizontalAdvance(text)
        return width

    def _paint_current(self, painter: QPainter, rect: QRect, column: int) -> None:
        """A bar at the edge of the row that the keys act on: with several selected it is one of them."""
        if self._view.horizontalHeader().visualIndex(column) == 0:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), _colour(self._appearance.colours.accent))

    def _paint_group(self, painter: QPainter, rect: QRect, group: Group, row: int) -> None:
        """A group's name over all columns: each cell draws its part of it."""
        colours = self._appearance.colours
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, _colour(colours.hover))
        left = self._view.horizontalHeader().sectionViewportPosition(self._view.horizontalHeader().logicalIndex(0))
        closed = group.name in self._model.closed
        picture = icons.pixmap("right" if closed else "down", colours.muted, _ICON, self._view.devicePixelRatioF())
        x = left + _EDGE
        painter.drawPixmap(x, rect.top() + (rect.height() - _ICON) // 2, picture)
        x += _ICON + _GAP
        font = QFont(self._view.font())
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(_colour(colours.text))
        name = group.name
        painter.drawText(x, rect.top(), 100_000, rect.height(), _LEFT, name)
        x += QFontMetrics(font).horizontalAdvance(name) + 14
        painter.setFont(self._view.font())
        painter.setPen(_colour(colours.muted))
        painter.drawText(x, rect.top(), 100_000, rect.height(), _LEFT, group.summary)
        if row == self._view.currentIndex().row() and self._view.hasFocus():
            painter.fillRect(left, rect.top(), 3, rect.height(), _colour(colours.accent))
        painter.restore()


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


def _italic(font: QFont) -> QFont:
    leaning = QFont(font)
    leaning.setItalic(True)
    return leaning


@lru_cache(maxsize=64)
def _colour(name: str, alpha: int = 255) -> QColor:
    colour = QColor(name)
    colour.setAlpha(alpha)
    return colour
