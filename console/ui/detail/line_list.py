"""A list of lines about an agent, of any length, with a search field and what a line unfolds below it."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.ui import icons
from console.ui.detail.lines import Line
from console.ui.theme import Appearance
from console.ui.widgets import button, label, plain_tip, tool_button

_EDGE = 12
_ICON = 16
_GAP = 8
_SEARCHED = 12
"""From so many lines on there is a search field."""
_OPENING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Right)
_Index = QModelIndex | QPersistentModelIndex


class LineModel(QAbstractListModel):
    """The lines in which each of the searched words occurs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._all: tuple[Line, ...] = ()
        self._folded: list[str] = []
        self._words: list[str] = []
        self.shown: list[Line] = []

    def show(self, lines: tuple[Line, ...]) -> None:
        if lines != self._all:
            self._all = lines
            self._folded = [f"{line.title}\n{line.facts}".casefold() for line in lines]
            self._choose()

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self._choose()

    def _choose(self) -> None:
        self.beginResetModel()
        self.shown = [
            line
            for line, folded in zip(self._all, self._folded, strict=True)
            if all(word in folded for word in self._words)
        ]
        self.endResetModel()

    def __len__(self) -> int:
        return len(self._all)

    def rowCount(self, parent: _Index = QModelIndex(), /) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole, /) -> object:
        if not 0 <= index.row() < len(self.shown):
            return None
        line = self.shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{line.title}\n{line.facts}")
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{line.title}, {line.facts}"
        return None


class _Delegate(QStyledItemDelegate):
    """A title, and the facts below it. What unfolds has an arrow at the right."""

    def __init__(self, model: LineModel, appearance: Appearance, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._appearance = appearance
        self._view = view
        self.unfolded: Line | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index, /) -> QSize:
        return QSize(100, 2 * QFontMetrics(self._view.font()).height() + 13)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, /) -> None:
        line = self._model.shown[index.row()]
        colours, rect = self._appearance.colours, option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.selection))
            if self._view.hasFocus():
                painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(colours.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(colours.hover))
        ratio, metrics = self._view.devicePixelRatioF(), QFontMetrics(self._view.font())
        name, colour = line.icon
        top, height = rect.top() + 6, metrics.height()
        picture = icons.pixmap(name, getattr(colours, colour), _ICON, ratio)
        painter.drawPixmap(rect.left() + _EDGE, top + (height - _ICON) // 2, picture)
        left, right = rect.left() + _EDGE + _ICON + _GAP, rect.right() - _EDGE
        if line.more:
            arrow = "down" if line == self.unfolded else "right"
            right -= _ICON
            painter.drawPixmap(
                right, rect.top() + (rect.height() - _ICON) // 2, icons.pixmap(arrow, colours.muted, _ICON, ratio)
            )
            right -= _GAP
        width, elided = right - left, Qt.TextElideMode.ElideRight
        painter.setPen(QColor(colours.text))
        painter.drawText(left, top, width, height, _LEFT, metrics.elidedText(line.title, elided, width))
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QColor(colours.text if selected else colours.muted))
        painter.drawText(left, top + height + 1, width, height, _LEFT, metrics.elidedText(line.facts, elided, width))


class _View(QListView):
    toggled = Signal(object)
    """A Line was clicked, or its key pressed."""
    copied = Signal(object)
    closed = Signal()

    def __init__(self, model: LineModel) -> None:
        super().__init__()
        self.setModel(model)
        self._model = model
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def line(self) -> Line | None:
        row = self.currentIndex().row()
        return self._model.shown[row] if 0 <= row < len(self._model.shown) else None

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        line = self.line()
        if event.matches(QKeySequence.StandardKey.Copy) and line:
            self.copied.emit(line)
        elif event.key() in _OPENING_KEYS and line:
            self.toggled.emit(line)
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Left):
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.toggled.emit(self._model.shown[index.row()])

    def _menu(self, place: QPoint) -> None:
        line = self.line()
        if line is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", lambda: self.copied.emit(line))
        menu.popup(self.viewport().mapToGlobal(place))


class LineList(QWidget):
    """`what` names the lines, in the plural: for the search field and screen readers."""

    def __init__(self, appearance: Appearance, what: str) -> None:
        super().__init__()
        self._what = what
        self.model = LineModel(self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(f"Find in the {what}")
        self.search.setAccessibleName(f"Find in the {what}")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._searched)
        self.count = label(role="muted")
        self.view = _View(self.model)
        self.view.setAccessibleName(what.capitalize())
        self._delegate = _Delegate(self.model, appearance, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.toggled.connect(self._toggle)
        self.view.copied.connect(_copy)
        self.view.closed.connect(self._fold)
        self._title = label(role="strong", wrap=True)
        self.output = QPlainTextEdit(readOnly=True)
        self.output.setObjectName("detailOutput")
        self.output.setTabChangesFocus(True)
        self.output.setAccessibleName("What was unfolded")
        self._closer = tool_button(appearance, "close", "Fold (Escape)", self._fold)
        self.unfolded = self._fold_out()
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(12, 4, 12, 8)
        head.addWidget(self.search, 1)
        head.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.view, 3)
        column.addWidget(self.unfolded, 2)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        current = self.view.currentIndex().row()
        unfolded = self._delegate.unfolded
        self.model.show(lines)
        self._head.setVisible(len(lines) >= _SEARCHED or bool(self.search.text()))
        if unfolded is not None and unfolded not in lines:
            same = next((line for line in lines if line.title == unfolded.title and line.more), None)
            self._unfold(same) if same else self._fold()
        if 0 <= current < len(self.model.shown):
            self.view.setCurrentIndex(self.model.index(current, 0))
        self._show_count()

    def clear_search(self) -> None:
        """Before another agent is shown: what was searched and unfolded was about the one before."""
        self.search.clear()
        self._fold()
        self.view.scrollToTop()

    def _fold_out(self) -> QFrame:
        panel = QFrame()
        panel.setObjectName("listFooter")
        first = QHBoxLayout()
        first.addWidget(self._title, 1)
        first.addWidget(button("Copy", self._copy_unfolded, "link"), 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self._closer, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(panel)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self.output, 1)
        panel.setMinimumHeight(150)
        panel.hide()
        return panel

    def _searched(self, text: str) -> None:
        self.model.search(text)
        self._show_count()

    def _show_count(self) -> None:
        shown, total = len(self.model.shown), len(self.model)
        self.count.setText(str(total) if shown == total else f"{shown} of {total}")
        self.count.setAccessibleName(f"{shown} of {total} {self._what}")

    def _toggle(self, line: Line) -> None:
        if line == self._delegate.unfolded or not line.more:
            self._fold()
        else:
            self._unfold(line)

    def _unfold(self, line: Line) -> None:
        self._delegate.unfolded = line
        self._title.setText(line.title)
        self.output.setPlainText(line.more)
        self.unfolded.show()
        self.view.viewport().update()
        self.view.scrollTo(self.view.currentIndex())

    def _fold(self) -> None:
        if self._delegate.unfolded is not None:
            self._delegate.unfolded = None
            if self.output.hasFocus() or self._closer.hasFocus():
                self.view.setFocus()
            self.unfolded.hide()
            self.view.viewport().update()

    def _copy_unfolded(self) -> None:
        QGuiApplication.clipboard().setText(self.output.toPlainText())


def _copy(line: Line) -> None:
    QGuiApplication.clipboard().setText(line.text)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
