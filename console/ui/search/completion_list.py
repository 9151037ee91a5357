"""The list of completions under the search box. It never has the focus: the box hands it the keys."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from console.fleet.query.completion import Candidate, Completion
from console.ui.theme import Appearance

_MEANS = Qt.ItemDataRole.UserRole + 1
_ROW_HEIGHT = 28
_MARGIN = 10
_BORDER = 5
_LEAST_WIDTH = 480

_Index = QModelIndex | QPersistentModelIndex


class CompletionList(QListView):
    """Lies over the window, below the box; the mouse and the box's keys choose in it."""

    taken = Signal(object)
    """A Candidate."""

    def __init__(self, appearance: Appearance, box: QWidget) -> None:
        super().__init__(box)
        self.setObjectName("completionList")
        self.setAccessibleName("Completions")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setItemDelegate(_Rows(appearance, self))
        self._box = box
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self._candidates: tuple[Candidate, ...] = ()
        self.clicked.connect(lambda index: self.taken.emit(self._candidates[index.row()]))
        self.hide()

    def offer(self, completion: Completion) -> None:
        """Shows candidates; the first is chosen already when what is typed means nothing without it."""
        if completion.candidates != self._candidates:
            self._candidates = completion.candidates
            self._items.clear()
            for candidate in completion.candidates:
                item = QStandardItem(candidate.text)
                item.setData(candidate.means, _MEANS)
                item.setData(f"{candidate.text}, {candidate.means}", Qt.ItemDataRole.AccessibleTextRole)
                self._items.appendRow(item)
        self.setCurrentIndex(self._items.index(0, 0) if completion.needed else QModelIndex())
        self._place()
        self.show()
        self.raise_()

    def current(self) -> Candidate | None:
        row = self.currentIndex().row()
        return self._candidates[row] if 0 <= row < len(self._candidates) else None

    def first(self) -> Candidate:
        return self._candidates[0]

    def step(self, by: int) -> None:
        """Chooses the next or the one before, around the ends."""
        row = self.currentIndex().row()
        start = row if row >= 0 else -1 if by > 0 else 0
        self.setCurrentIndex(self._items.index((start + by) % len(self._candidates), 0))

    def _place(self) -> None:
        window = self._box.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        corner = self._box.mapTo(window, QPoint(0, self._box.height() + 2))
        width = min(max(self._box.width(), _LEAST_WIDTH), window.width() - corner.x() - _MARGIN)
        rows = min(len(self._candidates), max(1, (window.height() - corner.y() - 2 * _MARGIN) // _ROW_HEIGHT))
        self.setGeometry(QRect(corner, QSize(width, rows * _ROW_HEIGHT + 2 * _BORDER)))


class _Rows(QStyledItemDelegate):
    """A candidate at the left, what it means at the right."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index, /) -> QSize:
        return QSize(100, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, /) -> None:
        colours = self._appearance.colours
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        ground = None
        if state & QStyle.StateFlag.State_Selected:
            ground = colours.selection
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = colours.hover
        if ground:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(rect, 4, 4)
        space = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        metrics = painter.fontMetrics()
        written = str(index.data())
        room = max(space.width() // 2, space.width() - metrics.horizontalAdvance(written) - 2 * _MARGIN)
        means = metrics.elidedText(str(index.data(_MEANS)), Qt.TextElideMode.ElideRight, room)
        room = space.width() - metrics.horizontalAdvance(means) - 2 * _MARGIN
        text = metrics.elidedText(written, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(QColor(colours.text))
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setPen(QColor(colours.text if ground == colours.selection else colours.muted))
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, means)
        painter.restore()
