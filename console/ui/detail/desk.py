"""Puts the details of the selected agents beside the list of each server."""

from functools import partial

from PySide6.QtCore import QObject, QTimer

from console.fleet.store import Diff
from console.sessions.agent_details import AgentDetails
from console.sessions.agent_notes import AgentNotes
from console.sessions.connection import Connection
from console.ui.agents.page import AgentsPage
from console.ui.detail.pane import DetailPane
from console.ui.theme import Appearance
from console.ui.window import MainWindow

_SETTLED_MILLISECONDS = 60


class DetailDesk(QObject):
    """Notes that were begun outlive the page: whoever signs in again finds them. Closing the window asks about them."""

    def __init__(self, window: MainWindow, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = appearance
        self._notes: dict[str, AgentNotes] = {}
        self._servers: dict[str, str] = {}
        window.under_way.append(self._unsaved)

    def add(self, connection: Connection, page: AgentsPage) -> None:
        """Nothing is asked while the details are hidden."""
        server_id = connection.server.id
        self._servers[server_id] = connection.server.title
        notes = self._notes.get(server_id)
        if notes is None:
            notes = self._notes[server_id] = AgentNotes(AgentDetails(self))
        pane = DetailPane(notes.details, self._appearance, notes)
        pane.wanted.connect(page.wanted)
        pane.learnt.connect(lambda agent_id, node_id: page.watch.learn_node(agent_id, node_id or ""))
        # Counting many agents takes longer than drawing a row: it waits until no more come to it.
        settled = QTimer(pane, interval=_SETTLED_MILLISECONDS, singleShot=True)
        show = partial(_show, connection, page, pane)
        settled.timeout.connect(show)
        page.table.selection_changed.connect(lambda: settled.start() if page.table.selected_count() > 1 else show())
        page.watch.updated.connect(partial(_updated, page, pane))
        page.destroyed.connect(partial(_leave, connection, notes.details))
        page.put_beside(pane)
        show()

    def _unsaved(self) -> list[str]:
        return [
            f"A note that is not saved: {self._host(server_id, place.agent_id)}"
            for server_id, notes in self._notes.items()
            for place in notes.unsaved
        ]

    def _host(self, server_id: str, agent_id: str) -> str:
        page = self._window.page_of(server_id)
        agent = page.watch.store.get(agent_id) if page else None
        return agent.hostname if agent and agent.hostname else f"an agent of {self._servers[server_id]}"


def _show(connection: Connection, page: AgentsPage, pane: DetailPane) -> None:
    pane.show_agents(connection, page.table.selected_agents())


def _leave(connection: Connection, details: AgentDetails) -> None:
    """The page has gone; that of the next sign-in may be there already."""
    if details.connection is connection:
        details.select(None, "")


def _updated(page: AgentsPage, pane: DetailPane, diff: Diff) -> None:
    shown = pane.agent.agent_id if pane.agent else ""
    if shown in diff.changed and (agent := page.watch.store.get(shown)) is not None:
        pane.agent_changed(agent)
