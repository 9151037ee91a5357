"""The tree in the panel beside the list, and how its rows are drawn: a name, what is wrong there, and how many."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from console.ui import icons
from console.ui.theme import Appearance

WHAT = Qt.ItemDataRole.UserRole
"""A View or a Scope."""
BESIDE = Qt.ItemDataRole.UserRole + 2
"""A Beside; without one, the text of the second column stands at the right."""
_EDGE = 8
_GAP = 6
_MARK = 10
_MARK_GAP = 2
_SMALL = 0.85
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class Mark(msgspec.Struct, frozen=True):
    """So many agents of a state. `colour` is the name of one in theme.Colours."""

    icon: str
    colour: str
    count: int


class Beside(msgspec.Struct, frozen=True):
    """What stands at the right of a name."""

    total: int
    marks: tuple[Mark, ...] = ()


class SideTree(QTreeWidget):
    """What is looked at is selected. The keys move only the focus, which has a rim; Enter chooses."""

    chosen = Signal(object)
    """What an item stands for, when it was clicked, or Enter was pressed on it."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._marking = False
        self.setObjectName("sideTree")
        self.setColumnCount(2)
        self.setColumnHidden(1, True)  # drawn with the name, in the room that it needs there
        self.setHeaderHidden(True)
        self.setRootIsDecorated(True)
        self.setIndentation(12)
        self.setUniformRowHeights(True)
        self.setAnimated(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setItemDelegate(_SideRows(appearance, self))
        self.itemClicked.connect(lambda item: self._choose(item))

    def items(self, under: QTreeWidgetItem | None = None) -> list[QTreeWidgetItem]:
        """Every item, or those below one."""
        found: list[QTreeWidgetItem] = []
        waiting = [under] if under else [self.topLevelItem(place) for place in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop()
            if item is None:
                continue
            found.append(item)
            waiting += [item.child(place) for place in range(item.childCount())]
        return found

    def mark(self, item: QTreeWidgetItem | None) -> None:
        """Shows that this is what is looked at."""
        if item is None:
            self.clearSelection()
            return
        self._marking = True
        self.setCurrentItem(item)
        self._marking = False

    def marked_what(self) -> object:
        chosen = self.selectedItems()
        return chosen[0].data(0, WHAT) if chosen else None

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None, /
    ) -> QItemSelectionModel.SelectionFlag:
        if self._marking:
            return super().selectionCommand(index, event)
        return QItemSelectionModel.SelectionFlag.NoUpdate

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item is not None:
            self._choose(item)
        else:
            super().keyPressEvent(event)

    def drawRow(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        super().drawRow(painter, option, index)
        if self.hasFocus() and index == self.currentIndex():
            rect: QRect = option.rect
            painter.setPen(QPen(QColor(self._appearance.colours.accent), 1))
            painter.drawRect(QRect(0, rect.top(), self.viewport().width() - 1, rect.height() - 1))

    def _choose(self, item: QTreeWidgetItem) -> None:
        what = item.data(0, WHAT)
        if what is None:
            item.setExpanded(not item.isExpanded())
        else:
            self.chosen.emit(what)


class _SideRows(QStyledItemDelegate):
    """The name has all the room that the numbers leave; a long one is cut in its middle: names often differ at their
    ends."""

    def __init__(self, appearance: Appearance, tree: SideTree) -> None:
        super().__init__(tree)
        self._appearance = appearance
        self._tree = tree

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        self.initStyleOption(option, index)
        style = self._tree.style()
        whole, text, picture = QRect(option.rect), option.text, QIcon(option.icon)
        painter.save()
        option.text, option.icon = "", QIcon()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, self._tree)  # its ground
        option.text, option.icon = text, picture
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        option.rect = whole.adjusted(0, 0, self._paint_beside(painter, whole, option.font, index) - whole.right(), 0)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, self._tree)
        painter.restore()

    def _paint_beside(
        self, painter: QPainter, rect: QRect, font: QFont, index: QModelIndex | QPersistentModelIndex
    ) -> int:
        """From the right edge; gives back where it begins."""
        beside = index.data(BESIDE)
        words = f"{beside.total:,}" if isinstance(beside, Beside) else index.sibling(index.row(), 1).data()
        right = rect.right() - _EDGE
        if words:
            right = self._paint_words(painter, rect, right, font, str(words)) - _GAP
        if isinstance(beside, Beside):
            right = self._paint_marks(painter, rect, right, font, beside.marks)
        return right

    def _paint_marks(self, painter: QPainter, rect: QRect, right: int, font: QFont, marks: Sequence[Mark]) -> int:
        small = QFont(font)
        small.setPointSizeF(font.pointSizeF() * _SMALL)
        for mark in reversed(marks):
            right = self._paint_words(painter, rect, right, small, f"{mark.count:,}") - _MARK - _MARK_GAP
            colour = getattr(self._appearance.colours, mark.colour)
            picture = icons.pixmap(mark.icon, colour, _MARK, self._tree.devicePixelRatioF())
            painter.drawPixmap(right, rect.top() + (rect.height() - _MARK) // 2, picture)
            right -= _GAP
        return right

    def _paint_words(self, painter: QPainter, rect: QRect, right: int, font: QFont, words: str) -> int:
        painter.setFont(font)
        painter.setPen(QColor(self._appearance.colours.muted))
        painter.drawText(QRect(rect.left(), rect.top(), right - rect.left(), rect.height()), _RIGHT, words)
        return right - painter.fontMetrics().horizontalAdvance(words)
