"""The doctor's place in the window: the menus and the failed sessions that call it, and what it is told."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.fleet.store import FleetStore
from console.mesh import link as mesh_link
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import AgentStatus
from console.servers import Server
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.sessions.session import Session
from console.ui import dialogs
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from console.vault.store import Vault
from console.work import Lane

if TYPE_CHECKING:
    from console.sessions.doctor.case import Folders, Question
    from console.ui.doctor.window import DoctorWindow


class DoctorDesk(QObject):
    """Listens to the window; built once. The checks are loaded when they are first wanted."""

    def __init__(
        self,
        window: MainWindow,
        accounts: Accounts,
        folders: "Callable[[], Folders]",
        open_vault: Callable[[], Vault],
        dropped: tuple[str, ...],
        appearance: Appearance,
    ) -> None:
        """`dropped` are the switches that were taken out of the environment at the start."""
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._folders = folders
        self._open_vault = open_vault
        self._dropped = dropped
        self._appearance = appearance
        self._lane: Lane | None = None
        window.menu.doctor_wanted.connect(lambda: self.examine(window.shown, window))
        window.server_button.doctor_wanted.connect(lambda server: self.examine(server, window))
        window.workspace.agent_wish.connect(self._session_wish)

    def examine(self, server: Server | None, over: QWidget, session: Session | None = None) -> "DoctorWindow":
        """Shows the window and looks at once. With a session it is that session's link that is looked at."""
        from console.ui.doctor.window import DoctorWindow

        if self._lane is None:
            self._lane = Lane("doctor", 4)  # one that was closed may still wait for something
        known = server and self._accounts.book.get(server.id)
        shown = DoctorWindow(
            known.title if known else "",
            lambda hostname: self._question(known.id if known else "", hostname, session),
            self._lane,
            self._appearance,
            over,
        )
        shown.hostname.setText(session.agent.hostname if session else self._selected(known))
        dialogs.present(shown, modal=False)
        shown.look()
        return shown

    def end(self) -> None:
        if self._lane is not None:
            self._lane.stop()

    def _question(self, server_id: str, hostname: str, session: Session | None) -> "Question":
        from console.sessions.doctor import engine
        from console.sessions.doctor.case import Question

        connection = self._accounts.connections.get(server_id)
        link, host = _link_at_hand(connection, session) if connection else (None, "")
        page = self._window.page_of(server_id)
        return Question(
            self._folders(),
            dict(os.environ),
            self._dropped,
            self._open_vault,
            engine.ask,
            self._accounts.book.get(server_id),
            connection.credential if connection else None,
            link,
            host,
            dict(connection.own_sign_ins) if connection else {},
            hostname=hostname,
            proxies=self._accounts.proxies,
            online=_online(page.watch.store) if page and page.watch.as_of is not None else None,
        )

    def _selected(self, server: Server | None) -> str:
        page = self._window.page_of(server.id) if server else None
        agent = page.table.current_agent() if page else None
        return agent.hostname if agent and agent.status is AgentStatus.ONLINE else ""

    def _session_wish(self, session: Session, wish: Wish) -> None:
        if wish is Wish.EXAMINE:
            tab = self._window.workspace.tab_of(session)
            self.examine(session.connection.server, tab.window() if tab else self._window, session)


def _link_at_hand(connection: Connection, session: Session | None) -> tuple[SessionLink | None, str]:
    """A session's own, else any that is fresh: the RMM is asked for none."""
    links = connection.links.at_hand(session.agent.agent_id) if session else connection.links.at_hand()
    if links is None:
        return None, ""
    try:
        return mesh_link.parse(links.control, SessionKind.CONTROL, links.hostname), links.hostname
    except Problem:
        return None, ""


def _online(store: FleetStore) -> int:
    return sum(agent.status is AgentStatus.ONLINE for agent in store.agents())
