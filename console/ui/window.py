"""The main window: the agents of the server shown, and a tab for each session."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QByteArray, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.mesh.session_kind import SessionKind
from console.preferences import Preferences
from console.problem import Problem
from console.rmm.address import agent_web_page, web_address_guess
from console.rmm.errors import SignInAgain
from console.rmm.models import Agent
from console.servers import Clipboard, Server
from console.sessions.accounts import Accounts
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.connection import Connection
from console.sessions.fleet_watches import FleetWatches
from console.sessions.manager import Sessions
from console.sessions.progress import State
from console.sessions.repair import RepairKind
from console.sessions.session import Session
from console.sessions.sign_in_flow import SignInFlow
from console.sessions.transfers import Transfers
from console.ui import dialogs
from console.ui.agent_care import AgentCare
from console.ui.agents.page import AgentsPage
from console.ui.attention import Attention
from console.ui.keyboard.host_key import HostKey
from console.ui.main_menu import MainMenuButton
from console.ui.notifications import to_front
from console.ui.screenshots import Screenshots
from console.ui.server_button import ServerButton
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.transfers.elsewhere import TransfersElsewhere
from console.ui.transfers.panel import TransferPanel
from console.ui.widgets import label
from console.ui.workspace.area import PaneArea
from console.ui.workspace.workspace import Workspace

if TYPE_CHECKING:
    from console.ui.sign_in.page import SignInPage

_MOST_PLACES = 100


class MainWindow(QWidget):
    """Built by the composition root. `keep` stores changed preferences."""

    host_key_chosen = Signal(str)
    """The value of a HostKey."""
    journal_wanted = Signal()
    ask_note_changed = Signal(bool)
    page_added = Signal(object, object)
    """The Connection that the technician signed in with, and its AgentsPage."""
    server_left = Signal(str)
    """The id of a server that the technician signed out of."""
    lock_wanted = Signal()
    closing = Signal()
    """It closes for good: nothing is asked any more."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        flow: SignInFlow,
        appearance: Appearance,
        preferences: Preferences,
        keep: Callable[[Preferences], None],
        screenshots: Screenshots,
        transfers: Transfers,
        watches: FleetWatches,
        bookmarks_of: Callable[[str], FleetBookmarks],
    ) -> None:
        super().__init__()
        self.setWindowTitle("Technician Console")
        self._accounts = accounts
        self._sessions = sessions
        self._flow = flow
        self._appearance = appearance
        self.preferences = preferences
        self._keep = keep
        self._closing = False
        self._pages: dict[str, AgentsPage] = {}
        self._covers: dict[str, QWidget] = {}
        self._shown: Server | None = None
        self.under_way: list[Callable[[], list[str]]] = []
        """Each says in lines what else would be stopped when the window closed."""
        self.server_button = ServerButton(accounts, appearance)
        self.home = QStackedWidget()
        self.area = PaneArea(appearance, self.home)
        self.tabs = self.area.left
        self.workspace = Workspace(sessions, appearance, self.area, preferences.places, self._keep_place)
        self._screenshots = screenshots
        self._transfers = transfers
        self._watches = watches
        self._bookmarks_of = bookmarks_of
        Attention(self).changed.connect(watches.seen)
        self.transfer_panel = TransferPanel(transfers, appearance)
        self.care = AgentCare(self, sessions, self.workspace)
        TransfersElsewhere(transfers, self.transfer_panel, lambda: self.workspace.tabs, self._show_transfers)
        self._notice = label("", "muted")
        self.menu = MainMenuButton(appearance, preferences)
        self.menu.changed.connect(self._preferences_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top_bar())
        column.addWidget(self.area, 1)
        column.addWidget(self.transfer_panel)
        self._connect()
        self.resize(1280, 800)
        if preferences.window_geometry:
            self.restoreGeometry(QByteArray.fromBase64(preferences.window_geometry.encode()))

    @cached_property
    def sign_in_page(self) -> "SignInPage":
        """Made when it is first wanted: who is signed in never sees it."""
        from console.ui.sign_in.page import SignInPage

        page = SignInPage(self._flow, self._appearance)
        self.home.addWidget(page)
        return page

    def begin(self) -> None:
        """Shows the server that was shown last, signed in where the keyring allows, else asks for one."""
        book = self._accounts.book
        server = book.get(self.preferences.last_server) or next(iter(book.servers), None)
        if server:
            self.show_server(server)
        else:
            self._sign_in(None)

    def show_server(self, server: Server) -> None:
        """Goes to a server's agents, or to its sign-in. Open sessions stay open."""
        self._shown = server
        self.server_button.show_server(server)
        self.tabs.show_home()
        if server.id in self._pages:
            self.home.setCurrentWidget(self._covers.get(server.id, self._pages[server.id]))
            self.remember(last_server=server.id)
            return
        self._accounts.resume(
            server,
            lambda connection: self._resumed(server, connection),
            lambda problem: self._sign_in(server, problem),
        )

    def cover(self, server_id: str, widget: QWidget) -> None:
        """Shows something in place of a server's list, until it is uncovered. What is typed there stays."""
        self._covers[server_id] = widget
        self.home.addWidget(widget)
        if self._shown is not None and self._shown.id == server_id:
            self.home.setCurrentWidget(widget)
            widget.setFocus()

    def uncover(self, server_id: str) -> None:
        cover, page = self._covers.pop(server_id, None), self._pages.get(server_id)
        if cover is not None:
            if page is not None and self.home.currentWidget() is cover:
                self.home.setCurrentWidget(page)
            self.home.removeWidget(cover)

    def say(self, text: str) -> None:
        """A line in the top bar, such as the demo's progress."""
        self._notice.setText(text)

    def add_tool(self, widget: QWidget) -> None:
        """Puts something more into the top bar, before the menu."""
        self._tools.insertWidget(self._tools.indexOf(self.menu), widget)

    def show_agents(self, server_id: str, agent_ids: Sequence[str]) -> None:
        """Goes to a server's list and selects these agents in it."""
        server, page = self._accounts.book.get(server_id), self._pages.get(server_id)
        if server is None or page is None:
            self.say("You are signed out of the server that these agents belong to.")
            return
        self.show_server(server)
        to_front(self)
        page.search.clear()
        if not page.table.select_agents(agent_ids):
            self.say("These agents are not in the list any more.")
        page.table.setFocus()

    @property
    def shown(self) -> Server | None:
        """The server whose list, or whose sign-in, is on the first tab."""
        return self._shown

    def page_of(self, server_id: str) -> AgentsPage | None:
        return self._pages.get(server_id)

    def closeEvent(self, event: QCloseEvent, /) -> None:
        live, moving = self._sessions.live, len(self._transfers.active)
        others = [line for part in self.under_way for line in part()]
        if (live or moving or others) and not self._closing:
            event.ignore()
            dialogs.ask_close(self, live, self.close_for_good, transfers=moving, others=others)
            return
        self.closing.emit()
        self.remember(window_geometry=bytes(self.saveGeometry().toBase64().data()).decode())
        self._sessions.close_all()
        self.workspace.close_windows()
        super().closeEvent(event)
        QApplication.quit()

    def close_for_good(self) -> None:
        """Closes it whatever is open, and asks nothing."""
        self._closing = True
        self.close()

    def _connect(self) -> None:
        self.server_button.switch_wanted.connect(self.show_server)
        self.server_button.add_wanted.connect(self._add_server)
        self.server_button.sign_out_wanted.connect(self._sign_out)
        self.server_button.remove_wanted.connect(self._remove_server)
        self._flow.finished.connect(self._signed_in)
        self.area.title_changed.connect(self._title_changed)
        self.workspace.agent_wish.connect(self._session_wish)
        self.workspace.clipboard_answered.connect(self._clipboard_answered)
        self.workspace.screenshot_wanted.connect(self._screenshots.take)
        self._accounts.not_saved.connect(lambda problem: dialogs.tell(self, problem))
        self._sessions.told.connect(lambda problem: dialogs.tell(self, problem))
        self.care.said.connect(self.say)
        self.menu.journal_wanted.connect(self.journal_wanted)

    def _top_bar(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("topBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 5, 8, 5)
        row.setSpacing(6)
        row.addWidget(self.server_button)
        row.addStretch(1)
        row.addWidget(self._notice)
        row.addWidget(self.menu)
        self._tools = row
        return bar

    # Servers

    def _resumed(self, server: Server, connection: Connection | None) -> None:
        if connection:
            self._signed_in(connection)
        elif self._shown is server:
            self._sign_in(server)

    def _sign_in(self, server: Server | None, problem: Problem | None = None) -> None:
        self._shown = server
        self.server_button.show_server(server)
        self.home.setCurrentWidget(self.sign_in_page)
        self._flow.start(server, problem)

    def _signed_in(self, connection: Connection) -> None:
        server = connection.server
        self._drop_page(server.id)
        self._sessions.signed_in_again(connection)
        watch = self._watches.watch(connection)
        page = AgentsPage(watch, self.preferences, self._appearance, self._bookmarks_of(server.id))
        page.table.default_kind = SessionKind.of(self.preferences.default_action)
        page.wanted.connect(lambda agent, kind: self._open(connection, agent, kind))
        page.wish.connect(lambda agent, wish: self._agent_wish(connection, agent, wish, self))
        page.columns_changed.connect(lambda: self._columns_changed(page))
        page.said.connect(self.say)
        watch.failed.connect(lambda problem: self._fleet_failed(connection, problem))
        self._pages[server.id] = page
        self.home.addWidget(page)
        self.home.setCurrentWidget(page)
        self._shown = server
        self.server_button.show_server(server)
        self.remember(last_server=server.id)
        if page.isVisible():
            page.search.setFocus()
        self.page_added.emit(connection, page)
        watch.start()

    def _fleet_failed(self, connection: Connection, problem: Problem) -> None:
        """Where it needs the technician, their sign-in page waits on the first tab; a session in front stays there."""
        if isinstance(problem, SignInAgain):
            self.must_sign_in(connection, problem)

    def must_sign_in(self, connection: Connection, problem: Problem) -> None:
        """The server cannot be asked any more; open sessions stay as they are."""
        server = connection.server
        self._accounts.ended(server.id)
        self._drop_page(server.id)
        if self._shown is not None and self._shown.id == server.id:
            self._sign_in(server, problem)

    def _add_server(self) -> None:
        self.tabs.show_home()
        self._sign_in(None)

    def _drop_page(self, server_id: str) -> None:
        page = self._pages.pop(server_id, None)
        if page:
            self._watches.drop(page.watch)
            self.home.removeWidget(page)
            page.deleteLater()

    def _sign_out(self, server: Server) -> None:
        def sign_out() -> None:
            self.leave(server)
            self._accounts.sign_out(server, lambda: None, lambda problem: dialogs.tell(self, problem))
            self._sign_in(server)

        self._once_sessions_may_end(server, "Sign out", f"Sign out of {server.title} and end its sessions?", sign_out)

    def _remove_server(self, server: Server) -> None:
        def remove() -> None:
            self.leave(server)
            self._accounts.remove(server, self._server_removed, self._server_removed_here)

        self._once_sessions_may_end(server, "Remove", f"Remove {server.title} and end its sessions?", remove)

    def _once_sessions_may_end(self, server: Server, action: str, title: str, go_on: Callable[[], None]) -> None:
        """Signing out ends the server's sessions too: they would keep MeshCentral open for whoever comes next."""
        live = [session for session in self._sessions.live if session.connection.server.id == server.id]
        moving = len(self._transfers.active_of(server.id))
        if live or moving:
            dialogs.ask_close(self, live, go_on, title, action, moving)
        else:
            go_on()

    def leave(self, server: Server) -> None:
        """Ends what is open at a server, and shows nothing of it any more."""
        for session in self._sessions:
            if session.connection.server.id == server.id:
                self._sessions.close(session)
        self._transfers.leave(server.id)
        self.server_left.emit(server.id)
        self._drop_page(server.id)
        self.tabs.show_home()

    def _server_removed(self) -> None:
        remaining = self._accounts.book.servers
        if remaining:
            self.show_server(remaining[0])
        else:
            self._sign_in(None)

    def _server_removed_here(self, problem: Problem) -> None:
        self._server_removed()
        dialogs.tell(self, problem)

    # Sessions

    def _open(self, connection: Connection, agent: Agent, kind: SessionKind | None) -> None:
        wanted = kind or SessionKind.of(self.preferences.default_action)
        for session in self._sessions.of(connection.server.id, agent.agent_id):
            if session.kind is wanted and session.state is State.WAITING:
                self.workspace.show(session)
                return
        self._sessions.open(connection, agent, wanted)

    def _open_web_page(self, server: Server, agent: Agent) -> None:
        web_address = server.web_address or web_address_guess(server.address)
        page = agent_web_page(web_address, agent.agent_id)
        if not QDesktopServices.openUrl(QUrl(page)):
            dialogs.tell(self, Problem("No browser could be started.", "Open this address in one yourself:", page))

    def _session_wish(self, session: Session, wish: Wish) -> None:
        tab = self.workspace.tab_of(session)
        over = tab.window() if tab else self
        if wish is Wish.UPLOAD:
            title, ask = f"Upload to {session.agent.hostname}", session.kind is not SessionKind.FILES
            dialogs.choose_files(over, title, lambda paths: self._transfers.upload(session, paths, ask=ask))
        else:
            self._agent_wish(session.connection, session.agent, wish, over)

    def _agent_wish(self, connection: Connection, agent: Agent, wish: Wish, over: QWidget) -> None:
        match wish:
            case Wish.WEB_PAGE:
                self._open_web_page(connection.server, agent)
            case Wish.REBOOT:
                self.care.reboot(connection, agent, over)
            case Wish.RESTART_AGENT:
                self.care.repair(connection, agent, RepairKind.RESTART)
            case Wish.RECOVER:
                self.care.repair(connection, agent, RepairKind.RECOVER)

    def _clipboard_answered(self, connection: Connection, share: bool) -> None:
        answer = Clipboard.SHARED if share else Clipboard.REFUSED
        self._accounts.put(msgspec.structs.replace(connection.server, clipboard=answer))
        for session in self._sessions:
            if session.connection.server.id == connection.server.id:
                session.answer_clipboard(share)

    # Preferences and looks

    def _title_changed(self, title: str) -> None:
        self.setWindowTitle(f"{title} – Technician Console" if title else "Technician Console")

    def _columns_changed(self, page: AgentsPage) -> None:
        model = page.model
        self.remember(
            columns=page.table.columns(), sorting=model.sorting, grouping=model.grouping.value, **page.panels.kept()
        )

    def _preferences_changed(self, preferences: Preferences) -> None:
        self._appearance.choose(preferences.theme)
        for page in self._pages.values():
            page.table.default_kind = SessionKind.of(preferences.default_action)
        if preferences.host_key != self.preferences.host_key:
            self.use_host_key(HostKey.of(preferences.host_key))
            self.host_key_chosen.emit(preferences.host_key)
        self.remember(theme=preferences.theme, default_action=preferences.default_action, host_key=preferences.host_key)

    def ask_note(self, ask: bool) -> None:
        """Whether a note is asked for when a session was closed."""
        self.remember(ask_note=ask)
        self.menu.show_ask_note(ask)
        self.ask_note_changed.emit(ask)

    def _show_transfers(self) -> None:
        self.workspace.leave_full_screen()
        self.raise_()
        self.activateWindow()

    def use_host_key(self, key: HostKey) -> None:
        """The technician agreed on the key that gives the keyboard back."""
        self.remember(host_key=key.value, host_key_known=True)
        self.menu.show_host_key(key)

    def _keep_place(self, key: str, geometry: str) -> None:
        """The latest last, and not for ever."""
        kept = {name: place for name, place in self.preferences.places.items() if name != key}
        self.remember(places=dict([*kept.items(), (key, geometry)][-_MOST_PLACES:]))

    def remember(self, **changes: object) -> None:
        """Keeps changed preferences, by their names."""
        changed = msgspec.structs.replace(self.preferences, **changes)
        if changed != self.preferences:
            self.preferences = changed
            self._keep(changed)
