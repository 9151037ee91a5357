"""The names of the custom fields, which the agents' rows give by number only."""

import logging
from collections.abc import Iterable

from PySide6.QtCore import QObject

from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.ui.agents.page import AgentsPage

_log = logging.getLogger(__name__)


class FieldNames(QObject):
    """Asks for them once for each page. Where the role may not see them, the fields that occur go by their numbers."""

    def __init__(self, connection: Connection, page: AgentsPage) -> None:
        super().__init__(page)
        self._connection = connection
        self._page = page
        self._numbers_wanted = False
        page.watch.updated.connect(lambda _: self._listed())
        self._job = connection.lane.run(connection.client.details.custom_fields, page.set_custom_fields, self._refused)
        page.destroyed.connect(lambda: self._job.cancel())

    def _refused(self, problem: Problem) -> None:
        _log.info("custom fields go by their numbers: %s", problem.what)
        self._numbers_wanted = True
        self._listed()

    def _listed(self) -> None:
        if self._numbers_wanted and len(self._page.watch.store):
            self._numbers_wanted = False
            agents = tuple(self._page.watch.store.agents())
            self._job = self._connection.lane.run(lambda: numbered(agents), self._page.set_custom_fields)


def numbered(agents: Iterable[Agent]) -> dict[int, str]:
    """Names made of the numbers of the fields that occur."""
    numbers = {one.field for agent in agents for one in agent.custom_fields}
    return {number: f"Custom field {number}" for number in sorted(numbers)}
