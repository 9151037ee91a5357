"""Keeps the agents of one server fresh: every minute, on request, one request at a time."""

from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from console.fleet.store import Diff, FleetStore
from console.problem import Problem
from console.rmm.models import Agent, AgentList
from console.sessions.connection import Connection
from console.work import Job

EVERY_MILLISECONDS = 60_000


class FleetWatch(QObject):
    """The agents of one connection. `as_of` is when the shown list was asked for, None before the first."""

    updated = Signal(object)
    """A Diff: the store holds a fresh list."""
    failed = Signal(object)
    """A Problem; the store keeps the last list."""
    busy_changed = Signal(bool)

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.connection = connection
        self.store = FleetStore()
        self.as_of: datetime | None = None
        self.bad_rows = 0
        self.problem: Problem | None = None
        self._job: Job | None = None
        self._timer = QTimer(self, interval=EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)

    @property
    def busy(self) -> bool:
        return self._job is not None

    def start(self) -> None:
        """Asks now, and from then on every minute."""
        self._timer.start()
        self.refresh()

    def stop(self) -> None:
        self._timer.stop()
        if self._job:
            self._job.cancel()
            self._job = None

    def refresh(self) -> None:
        """Asks for the list unless it is being asked for already."""
        if self._job:
            return
        asked = datetime.now(UTC)
        self._job = self.connection.lane.run(
            self.connection.client.agents, lambda answer: self._answered(asked, answer), self._refused
        )
        self.busy_changed.emit(True)

    def by_id(self) -> dict[str, Agent]:
        return {agent.agent_id: agent for agent in self.store.agents()}

    def _answered(self, asked: datetime, answer: AgentList) -> None:
        self._job, self.problem = None, None
        self.as_of, self.bad_rows = asked, len(answer.bad)
        diff: Diff = self.store.update(answer.agents)
        self._timer.start()  # a minute from now: a slow server is not asked again at once
        self.busy_changed.emit(False)
        self.updated.emit(diff)

    def _refused(self, problem: Problem) -> None:
        self._job, self.problem = None, problem
        self.busy_changed.emit(False)
        self.failed.emit(problem)
