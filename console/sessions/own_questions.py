"""Asks for what matters most in between two lists: agents one by one, and the client that is looked at.

One question at a time, so that a slow server is not asked for more by this than by its own web page.
"""

import time
from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from console.problem import Problem
from console.rmm.errors import NotAllowed, NotFound, Throttled
from console.rmm.models import AgentList, FreshAgent
from console.sessions.connection import Connection
from console.sessions.refresh_pace import RefreshPace
from console.sessions.sooner import Sooner
from console.work import Job


class OwnQuestions(QObject):
    """What fails here is asked again later, and said by the list, which fails too when it is the server."""

    agent_told = Signal(object, object)
    """When it was asked for (datetime), and a FreshAgent."""
    client_told = Signal(object, object)
    """When it was asked for (datetime), and an AgentList."""

    def __init__(
        self,
        connection: Connection,
        pace: RefreshPace,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self._pace = pace
        self._clock = clock
        self._agents = Sooner(pace.agent, clock)
        self._client: int | None = None
        self._client_due = 0.0
        self._failures = 0
        self._running = False
        self._job: Job | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        self._running = True
        self._plan()

    def stop(self) -> None:
        self._running = False
        self._timer.stop()
        if self._job:
            self._job.cancel()
            self._job = None

    def want(self, name: str, agent_ids: Iterable[str]) -> None:
        self._agents.want(name, agent_ids)
        self._plan()

    def select_client(self, client_id: int | None) -> None:
        if client_id != self._client:
            self._client = client_id
            self._client_due = self._clock() + self._pace.client
            self._plan()

    def listed(self, agent_ids: Container[str]) -> None:
        """The whole list has just come with these agents."""
        self._agents.listed(agent_ids)
        self._client_due = self._clock() + self._pace.client
        self._plan()

    def ask(self) -> None:
        """Asks for what is due, unless an answer is still awaited."""
        if self._job or not self._running:
            return
        client, begun, asked = self._connection.client, self._clock(), datetime.now(UTC)
        if (agent_id := self._agents.next()) is not None:
            wanted = agent_id
            self._job = self._connection.lane.run(
                lambda: client.fresh_agent(wanted),
                lambda fresh: self._agent_answered(asked, fresh),
                lambda problem: self._agent_refused(wanted, problem),
            )
        elif (client_id := self._client) is not None and self._clock() >= self._client_due:
            self._job = self._connection.lane.run(
                lambda: client.agents_of_client(client_id),
                lambda answer: self._client_answered(client_id, asked, begun, answer),
                lambda problem: self._client_refused(begun, problem),
            )
        else:
            self._plan()

    def _plan(self) -> None:
        if self._job or not self._running:
            return
        waits = [self._agents.seconds()]
        if self._client is not None:
            waits.append(max(0.0, self._client_due - self._clock()))
        known = [seconds for seconds in waits if seconds is not None]
        if known:
            self._timer.start(int(min(known) * 1000) + 1)
        else:
            self._timer.stop()

    def _agent_answered(self, asked: datetime, fresh: FreshAgent) -> None:
        self._job, self._failures = None, 0
        self.agent_told.emit(asked, fresh)
        self._plan()

    def _agent_refused(self, agent_id: str, problem: Problem) -> None:
        self._job = None
        if isinstance(problem, NotFound | NotAllowed):
            self._agents.leave_out(agent_id)
        else:
            self._hold(problem)
        self._plan()

    def _client_answered(self, client_id: int, asked: datetime, begun: float, answer: AgentList) -> None:
        self._job, self._failures = None, 0
        took = self._clock() - begun
        self._client_due = self._clock() + max(self._pace.client, self._pace.slow_factor * took)
        if client_id == self._client:
            self.client_told.emit(asked, answer)
        self._plan()

    def _client_refused(self, begun: float, problem: Problem) -> None:
        self._job = None
        self._hold(problem)
        self._client_due = self._clock() + self._pace.after_failure(problem, self._failures, self._clock() - begun)
        self._plan()

    def _hold(self, problem: Problem) -> None:
        self._failures += 1
        seconds = problem.seconds if isinstance(problem, Throttled) else 0.0
        self._agents.hold(max(seconds, self._pace.after_failure(problem, self._failures, 0.0)))
