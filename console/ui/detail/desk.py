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

_SETTLED_MILLISECONDS = 60


class DetailDesk(QObject):
    """Notes that were begun outlive the page: whoever signs in again finds them."""

    def __init__(self, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._notes: dict[str, AgentNotes] = {}

    def add(self, connection: Connection, page: AgentsPage) -> None:
        """Nothing is asked while the details are hidden."""
        server_id = connection.server.id
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
