"""What the window shows of MeshCentral beside the sessions: the page about a server."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.servers import Server
from console.sessions.accounts import Accounts
from console.sessions.manager import Sessions
from console.sessions.session import Session
from console.ui.mesh.about_server import AboutServer
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.window import MainWindow


class MeshDesk(QObject):
    """Listens to the window; built once."""

    def __init__(self, window: MainWindow, accounts: Accounts, sessions: Sessions, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._sessions = sessions
        self._appearance = appearance
        window.server_button.about_wanted.connect(lambda server: self.about(server, window))
        window.workspace.agent_wish.connect(self._session_wish)

    def about(self, server: Server, over: QWidget) -> AboutServer:
        """Shows the page about a server."""
        signed_in = server.id in self._accounts.connections
        dialog = AboutServer(server, signed_in, self._sessions.mesh_accounts, self._appearance, over)
        dialog.open()
        return dialog

    def _session_wish(self, session: Session, wish: Wish) -> None:
        if wish is Wish.ABOUT_SERVER:
            tab = self._window.workspace.tab_of(session)
            self.about(session.connection.server, tab.window() if tab else self._window)
