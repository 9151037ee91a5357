"""A tab bar whose tabs can be closed with the middle button, and dragged to another bar or out of their window."""

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

MIME = "application/x-technician-console-tab"
_OUT_PIXELS = 28
"""How far above or below its bar a tab is dragged before it leaves it."""


@dataclass
class DraggedTab:
    """The tab that is being dragged; `taken` by the bar that it was dropped on."""

    widget: QWidget
    taken: bool = False


class TabBar(QTabBar):
    """`fixed` tabs at the beginning stay where they are and cannot be dragged or closed."""

    close_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    dropped = Signal(QWidget, int)
    """A tab of this or another bar, and the place that it shall have."""
    dragged_out = Signal(QWidget, QPoint)
    """A tab that was dropped outside of every bar, and where on the screen."""

    dragging: DraggedTab | None = None
    """One mouse, one drag: whichever bar it came from."""

    def __init__(self, owner: QTabWidget, fixed: int) -> None:
        super().__init__(owner)
        self._owner = owner
        self._fixed = fixed
        self._pressed: QWidget | None = None
        self._drop_place: int | None = None
        self.setMovable(True)
        self.setAcceptDrops(True)
        self.tabMoved.connect(self._moved)

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        place = self.tabAt(event.position().toPoint())
        left = event.button() is Qt.MouseButton.LeftButton
        self._pressed = self._owner.widget(place) if left and place >= self._fixed else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        height = event.position().y()
        if self._pressed is not None and not -_OUT_PIXELS <= height <= self.height() + _OUT_PIXELS:
            widget, self._pressed = self._pressed, None
            self._end_move(event)
            self._drag(widget)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        self._pressed = None
        place = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and place >= self._fixed:
            self.close_wanted.emit(place)
            return
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent, /) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        place = self.currentIndex() if by_key else self.tabAt(event.pos())
        if place >= self._fixed:
            self.menu_wanted.emit(place, self.mapToGlobal(self.tabRect(place).bottomLeft() if by_key else event.pos()))

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        if event.mimeData().hasFormat(MIME) and TabBar.dragging is not None:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent, /) -> None:
        self._mark(self._place_at(event.position().toPoint()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: object, /) -> None:
        self._mark(None)

    def dropEvent(self, event: QDropEvent, /) -> None:
        dragged = TabBar.dragging
        self._mark(None)
        if dragged is not None:
            dragged.taken = True
            event.acceptProposedAction()
            self.dropped.emit(dragged.widget, self._place_at(event.position().toPoint()))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        if self._drop_place is not None:
            last = self.tabRect(self.count() - 1)
            edge = self.tabRect(self._drop_place).left() if self._drop_place < self.count() else last.right()
            painter = QPainter(self)
            painter.fillRect(max(0, edge - 1), 4, 3, self.height() - 4, self.palette().color(QPalette.ColorRole.Accent))
            painter.end()

    def _place_at(self, point: QPoint) -> int:
        for place in range(self._fixed, self.count()):
            if point.x() < self.tabRect(place).center().x():
                return place
        return self.count()

    def _mark(self, place: int | None) -> None:
        self._drop_place = place
        self.update()

    def _moved(self, old: int, new: int) -> None:
        """The fixed ones stay first: whoever dragged over them is put behind them."""
        if self._fixed and min(old, new) < self._fixed:
            self.blockSignals(True)
            self.moveTab(new, old)
            self.blockSignals(False)

    def _end_move(self, event: QMouseEvent) -> None:
        """Ends the moving about inside the bar that Qt has begun, where it began."""
        super().mouseReleaseEvent(
            QMouseEvent(
                QMouseEvent.Type.MouseButtonRelease,
                event.position(),
                event.globalPosition(),
                Qt.MouseButton.LeftButton,
                Qt.MouseButton.NoButton,
                event.modifiers(),
            )
        )

    def _drag(self, widget: QWidget) -> None:
        place = self._owner.indexOf(widget)
        if place < 0:
            return
        data = QMimeData()
        data.setData(MIME, QByteArray(b"tab"))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab(self.tabRect(place)))
        drag.setHotSpot(QPoint(30, 15))
        TabBar.dragging = dragged = DraggedTab(widget)
        drag.exec(Qt.DropAction.MoveAction)
        TabBar.dragging = None
        # The tab may have gone while it was dragged: its session may have been closed.
        if not dragged.taken and self._owner.indexOf(widget) >= 0:
            self.dragged_out.emit(widget, QCursor.pos())
