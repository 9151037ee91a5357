"""The journal's place in the window: its tab, the notes after a session, and the question who works here."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from console.mesh.session_kind import SessionKind
from console.preferences import Preferences
from console.problem import Problem
from console.rmm.models import Agent
from console.servers import Way
from console.sessions.accounts import Accounts
from console.sessions.journal import Journal
from console.sessions.manager import Sessions
from console.ui import dialogs
from console.ui.journal.ask_name import ask_name
from console.ui.journal.closing_notes import ClosingNotes
from console.ui.theme import Appearance
from console.ui.window import MainWindow

if TYPE_CHECKING:
    from console.ui.journal.page import JournalPage


class JournalDesk(QObject):
    """Put together once the window stands. The page is made when it is first wanted."""

    def __init__(
        self,
        journal: Journal,
        window: MainWindow,
        accounts: Accounts,
        sessions: Sessions,
        appearance: Appearance,
        preferences: Preferences,
    ) -> None:
        super().__init__(window)
        self._journal = journal
        self._window = window
        self._accounts = accounts
        self._sessions = sessions
        self._appearance = appearance
        self._page: JournalPage | None = None
        self.notes = ClosingNotes(journal, appearance, window, preferences.ask_note)
        self.notes.ask_changed.connect(window.ask_note)
        window.ask_note_changed.connect(self._ask_note)
        self.notes.not_added.connect(lambda problem: dialogs.tell(window, problem))
        journal.trouble.connect(lambda problem: dialogs.tell(window, problem))
        self._name_asked = False
        accounts.changed.connect(lambda: QTimer.singleShot(0, self, self._ask_name))
        window.journal_wanted.connect(self.show)
        window.closing.connect(self.notes.stop)

    @property
    def page(self) -> "JournalPage | None":
        return self._page

    def show(self) -> None:
        """Brings the journal to the front."""
        if self._page is None:
            from console.ui.journal.page import JournalPage  # not on the way to the first window

            self._page = JournalPage(self._journal, self._appearance, self._accounts.connections.get)
            self._page.days_changed.connect(lambda days: self._window.remember(journal_days=days))
            self._page.open_wanted.connect(self._open)
        self._window.tabs.put_page(self._page, "Journal", "clock")
        self._page.search.setFocus()

    def _ask_note(self, ask: bool) -> None:
        self.notes.ask = ask

    def _ask_name(self) -> None:
        """Once a server is signed in to with an API key: later a session may have the keyboard."""
        servers = [connection.server for connection in self._accounts.connections.values()]
        server = next((server for server in servers if server.way is Way.API_KEY), None)
        if server and not self._name_asked and not self._journal.technician:
            self._name_asked = True
            ask_name(self._window, server, self._named)

    def _named(self, name: str) -> None:
        self._journal.technician = name
        self._window.remember(technician=name)

    def _open(self, server_id: str, agent_id: str, kind: str) -> None:
        connection = self._accounts.connections.get(server_id)
        if connection is None:
            server = self._accounts.book.get(server_id)
            where = server.title if server else "that server, which is not in your list any more"
            dialogs.tell(self._window, Problem(f"You are not signed in to {where}.", "Sign in there, then try again."))
            return
        page = self._window.page_of(server_id)
        known = page.watch.by_id() if page else {}
        self._sessions.open(connection, known.get(agent_id) or Agent(agent_id=agent_id), SessionKind(kind))
