"""A session on the whole screen, under a bar that hides itself."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QEnterEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.ui.session.tab import SessionTab

_SHOWN_MILLISECONDS = 2500
_LOOK_MILLISECONDS = 300
_EDGE = 3
"""Pixels at the top of the screen that bring the bar when the mouse touches them."""


class FullScreen(QWidget):
    """Holds one tab until it is left: by the bar's button, Escape or F11 outside of the page, or closing the window."""

    left = Signal()

    def __init__(self, tab: SessionTab) -> None:
        super().__init__()
        self.setWindowTitle(f"{tab.title} – Technician Console")
        self.tab = tab
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(tab)
        self._bar = tab.lend_bar()
        self._bar.setParent(self)
        self._edge = _Edge(self)
        self._edge.touched.connect(self.show_bar)
        self._hiding = QTimer(self, singleShot=True, interval=_SHOWN_MILLISECONDS)
        self._hiding.timeout.connect(self._hide_bar)
        self._gone = False

    def give_back(self) -> SessionTab:
        """The tab, whole again. The window is of no more use then."""
        self._gone = True
        self._hiding.stop()
        self._column.removeWidget(self.tab)
        self.tab.setParent(None)
        self.tab.leave_room(0)
        self.tab.take_bar_back()
        return self.tab

    def show_bar(self) -> None:
        """Shows the bar, for as long as the mouse or the keyboard is in it and a moment more."""
        self._bar.setGeometry(0, 0, self.width(), self._bar.sizeHint().height())
        self.tab.leave_room(self._bar.height() if self.tab.messages.isVisible() else 0)
        self._bar.show()
        self._bar.raise_()
        self._hiding.start(_SHOWN_MILLISECONDS)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._edge.setGeometry(0, 0, self.width(), _EDGE)
        self._edge.raise_()
        self.show_bar()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F11):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent, /) -> None:
        if self._gone:
            super().closeEvent(event)
        else:
            event.ignore()
            self.left.emit()

    def _hide_bar(self) -> None:
        focus: QWidget | None = self.focusWidget()
        at = self.mapFromGlobal(QCursor.pos())
        in_use = self._bar.geometry().contains(at) or (
            focus is not None and self._bar.isAncestorOf(focus) and self.isActiveWindow()
        )
        if in_use or QApplication.activePopupWidget() is not None:
            self._hiding.start(_LOOK_MILLISECONDS)
        else:
            self._bar.hide()
            self.tab.leave_room(0)
            self._edge.raise_()


class _Edge(QWidget):
    """An invisible strip over the page, which would keep the mouse's moves to itself."""

    touched = Signal()

    def enterEvent(self, event: QEnterEvent, /) -> None:
        self.touched.emit()
