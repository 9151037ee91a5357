"""The clients that the RMM has, beside those that the agents tell of."""

import logging

from PySide6.QtCore import QObject

from console.problem import Problem
from console.rmm.models import Client
from console.sessions.connection import Connection
from console.ui.agents.page import AgentsPage
from console.ui.fleet.scope import Scope

_log = logging.getLogger(__name__)


class KnownClients(QObject):
    """Asks for them once for each page: their ids let the client that is looked at be asked for sooner than the whole
    list, and clients without agents stand in the panel too. A role that may not list them does without both."""

    def __init__(self, connection: Connection, page: AgentsPage) -> None:
        super().__init__(page)
        self._page = page
        self._ids: dict[str, int] = {}
        page.looked_at.connect(self._looked_at)
        client = connection.client
        self._job = connection.lane.run(client.clients, self._know, self._refused)
        page.destroyed.connect(self._job.cancel)

    def _know(self, clients: tuple[Client, ...]) -> None:
        self._ids = {client.name: client.client_id for client in clients}
        sites: dict[str, tuple[str, ...]] = {}
        for client in clients:  # two may have one name
            sites[client.name] = (*sites.get(client.name, ()), *client.sites)
        self._page.side.know_clients(sites)
        self._looked_at(self._page.scope)

    def _looked_at(self, scope: Scope) -> None:
        self._page.watch.select_client(self._ids.get(scope.client) if scope.client else None)

    def _refused(self, problem: Problem) -> None:
        _log.info("the clients are taken from the agents alone: %s", problem.what)
