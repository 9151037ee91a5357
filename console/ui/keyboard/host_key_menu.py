"""The menu in which the technician chooses the host key."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from console.ui.keyboard.host_key import HostKey


class HostKeyMenu(QMenu):
    """Put it into another menu with `addMenu`."""

    chosen = Signal(object)
    """A HostKey."""

    def __init__(self, host_key: HostKey, parent: QWidget | None = None) -> None:
        super().__init__("Host key", parent)
        self.setToolTipsVisible(True)
        group = QActionGroup(self)
        self._actions: dict[HostKey, QAction] = {}
        for key in HostKey:
            action = QAction(key.title(), group, checkable=True, checked=key is host_key)
            action.setToolTip(f"{key.title()}, pressed alone, takes the keyboard out of a session")
            action.triggered.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._actions[key] = action
            self.addAction(action)

    def show_choice(self, host_key: HostKey) -> None:
        """Another part of the console changed it."""
        self._actions[host_key].setChecked(True)
