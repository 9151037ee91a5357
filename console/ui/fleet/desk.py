"""Joins the page of a server's agents with what is kept about them and with the sessions."""

from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMenu

from console.fleet.bookmarks import BookmarkFile
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.accounts import Accounts
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.connection import Connection
from console.sessions.manager import Sessions
from console.sessions.session import Session
from console.ui import dialogs, icons
from console.ui.agents.page import AgentsPage
from console.ui.detail.desk import DetailDesk
from console.ui.fleet.field_names import FieldNames
from console.ui.fleet.known_clients import KnownClients
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from console.work import Runner


class BookmarkShelf(QObject):
    """The bookmarks of every server, read once each, and removed with the server."""

    def __init__(self, file: BookmarkFile, disk: Runner, accounts: Accounts) -> None:
        super().__init__()
        self._file = file
        self._disk = disk
        self._accounts = accounts
        self._shelf: dict[str, FleetBookmarks] = {}
        self._servers = {server.id for server in accounts.book.servers}
        accounts.changed.connect(self._servers_changed)

    def of(self, server_id: str) -> FleetBookmarks:
        marks = self._shelf.get(server_id)
        if marks is None:
            marks = self._shelf[server_id] = FleetBookmarks(self._file, server_id, self._disk, self)
            marks.load()
        return marks

    def _servers_changed(self) -> None:
        servers = {server.id for server in self._accounts.book.servers}
        for gone in self._servers - servers:
            self._shelf.pop(gone, None)
            self._disk.run(partial(self._file.remove, gone))
        self._servers = servers


class PageDesk(QObject):
    """Looks after each agents page that the window gets."""

    def __init__(
        self, window: MainWindow, shelf: BookmarkShelf, sessions: Sessions, appearance: Appearance, disk: Runner
    ) -> None:
        super().__init__(window)
        self._window = window
        self._shelf = shelf
        self._appearance = appearance
        self._disk = disk
        self._details = DetailDesk(window, appearance)
        window.page_added.connect(self._page_added)
        sessions.opened.connect(self._session_opened)

    def _page_added(self, connection: Connection, page: AgentsPage) -> None:
        KnownClients(connection, page)
        FieldNames(connection, page)
        page.bookmarks.failed.connect(self._not_kept)
        page.head.export_wanted.connect(lambda: self._choose_file(page))
        page.table.sections.append(lambda menu, agents: self._star(menu, page, agents))
        self._details.add(connection, page)

    def _session_opened(self, session: Session) -> None:
        agent_id = session.agent.agent_id
        self._shelf.of(session.connection.server.id).change(lambda now: now.used(agent_id))

    def _star(self, menu: QMenu, page: AgentsPage, agents: list[Agent]) -> None:
        chosen = frozenset(agent.agent_id for agent in agents)
        words = "Take the star away" if chosen <= page.bookmarks.now.favourites else "Mark with a star"
        action = menu.addAction(icons.icon("star", self._appearance.colours.text), f"{words}\tCtrl+D", page.star)
        action.setEnabled(bool(chosen))

    def _choose_file(self, page: AgentsPage) -> None:
        name = f"agents {datetime.now().astimezone():%Y-%m-%d}.csv"
        dialog = QFileDialog(self._window, "Export the agents that are shown", str(Path.home() / name), "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: page.export_csv(Path(path), self._disk))
        dialog.open()

    def _not_kept(self, problem: Problem) -> None:
        dialogs.tell(self._window, problem)
