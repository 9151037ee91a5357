"""The button that says which server is shown, and its menu: switch, add, sign out, remove. Two clicks switch."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from console.servers import Server
from console.sessions.accounts import Accounts
from console.ui import icons
from console.ui.theme import Appearance


class ServerButton(QToolButton):
    switch_wanted = Signal(object)
    """A Server of the book."""
    add_wanted = Signal()
    about_wanted = Signal(object)
    doctor_wanted = Signal(object)
    sign_out_wanted = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, accounts: Accounts, appearance: Appearance) -> None:
        super().__init__()
        self._accounts = accounts
        self._appearance = appearance
        self._current: Server | None = None
        self.setAccessibleName("Server")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        appearance.changed.connect(self._draw)
        self._draw()

    def show_server(self, server: Server | None) -> None:
        self._current = server
        self._draw()

    def _draw(self) -> None:
        server = self._current
        self.setText((server.title if server and server.address else "No server") + "  ▾")
        self.setIcon(icons.icon("server", server.colour if server else self._appearance.colours.muted))
        self.setToolTip(server.address if server else "")

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        colours = self._appearance.colours
        for server in self._accounts.book.servers:
            signed_in = server.id in self._accounts.connections
            action = QAction(icons.icon("server", server.colour), server.title, menu, checkable=True)
            action.setToolTip("signed in" if signed_in else "not signed in")
            action.setChecked(self._current is not None and server.id == self._current.id)
            action.triggered.connect(lambda _=False, server=server: self.switch_wanted.emit(server))
            group.addAction(action)
            menu.addAction(action)
        if self._accounts.book.servers:
            menu.addSeparator()
        menu.addAction(icons.icon("plus", colours.text), "Add a server…", self.add_wanted.emit)
        current = self._current and self._accounts.book.get(self._current.id)
        if current:
            menu.addSeparator()
            about = menu.addAction(icons.icon("info", colours.text), f"About {current.title}…")
            about.triggered.connect(lambda: self.about_wanted.emit(current))
            doctor = menu.addAction(icons.icon("checks", colours.text), f"Check {current.title}…")
            doctor.triggered.connect(lambda: self.doctor_wanted.emit(current))
            sign_out = menu.addAction(icons.icon("lock", colours.text), f"Sign out of {current.title}")
            sign_out.triggered.connect(lambda: self.sign_out_wanted.emit(current))
            sign_out.setEnabled(current.id in self._accounts.connections)
            remove = menu.addAction(icons.icon("close", colours.text), f"Remove {current.title} from the list")
            remove.triggered.connect(lambda: self.remove_wanted.emit(current))
