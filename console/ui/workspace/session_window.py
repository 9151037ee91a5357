"""A window of its own for sessions that were moved out of the main window."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.sessions.session import Session
from console.ui import dialogs
from console.ui.theme import Appearance
from console.ui.workspace.area import PaneArea


class SessionWindow(QWidget):
    """Closing it ends its sessions, after asking when some are connected."""

    closed = Signal()
    """Asked for, and not refused: whoever owns the sessions ends those that are still in it."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.area = PaneArea(appearance)
        self.area.title_changed.connect(self._title_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)
        self.resize(1100, 720)
        self._sure = False

    @property
    def sessions(self) -> Sequence[Session]:
        return [tab.session for tab in self.area.tabs]

    def closeEvent(self, event: QCloseEvent, /) -> None:
        live = [session for session in self.sessions if session.live]
        if live and not self._sure:
            event.ignore()
            dialogs.ask_close(self, live, self._close_for_good)
            return
        super().closeEvent(event)
        self.closed.emit()

    def _close_for_good(self) -> None:
        self._sure = True
        self.close()

    def _title_changed(self, title: str) -> None:
        self.setWindowTitle(f"{title} – Technician Console" if title else "Technician Console")
