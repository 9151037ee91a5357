"""One action on several agents: how it stands with each of them."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec
from PySide6.QtCore import QObject, Signal

from console.problem import Problem
from console.rmm.actions import may_have_happened
from console.rmm.models import Agent, AgentStatus
from console.sessions.fleet_action import FleetAction

_log = logging.getLogger(__name__)


class Standing(Enum):
    """The value is what the technician reads."""

    WAITING = "Waiting"
    ASKING = "Asking"
    DONE = "Done"
    FAILED = "Failed"
    NOT_ASKED = "Not asked"


@dataclass(eq=False)
class Ask:
    """How it stands with one agent. `said` is what the server said, `seconds` how long it took to.

    `open` is whether the machine may have done it although asking failed.
    """

    agent: Agent
    standing: Standing = Standing.WAITING
    said: str = ""
    problem: Problem | None = None
    open: bool = False
    seconds: float | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What came of asking one agent."""

    seconds: float
    said: str = ""
    problem: Problem | None = None


class FleetRun(QObject):
    """Each agent is asked once; again only where the technician says so. Made by a FleetActions, which asks."""

    changed = Signal(object)
    """An Ask whose standing changed."""
    ended = Signal()
    """Nothing is asked and nothing waits any more."""
    sign_in_changed = Signal()
    """`signed_in` is another: whether agents can be asked at all."""

    def __init__(
        self,
        server_id: str,
        action: FleetAction,
        agents: Iterable[Agent],
        go_on: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """`go_on` is called when there is something to ask."""
        super().__init__(parent)
        self.server_id = server_id
        self.action = action
        self.asks = tuple(Ask(agent) for agent in {agent.agent_id: agent for agent in agents}.values())
        self.signed_in = True
        self.stopped_by: Problem | None = None
        self._go_on = go_on
        self._queue = deque(self.asks)
        self._counts = Counter({Standing.WAITING: len(self.asks)})

    @property
    def running(self) -> bool:
        return self.count(Standing.WAITING) + self.count(Standing.ASKING) > 0

    @property
    def finished_count(self) -> int:
        """How many are done or failed."""
        return self.count(Standing.DONE) + self.count(Standing.FAILED)

    @property
    def failed(self) -> list[Ask]:
        return [ask for ask in self.asks if ask.standing is Standing.FAILED]

    @property
    def not_asked(self) -> list[Ask]:
        return [ask for ask in self.asks if ask.standing is Standing.NOT_ASKED]

    def count(self, standing: Standing) -> int:
        return self._counts[standing]

    def set_signed_in(self, signed_in: bool) -> None:
        """Whether the technician is signed in to the server."""
        if signed_in is not self.signed_in:
            self.signed_in = signed_in
            self.sign_in_changed.emit()

    def stop(self, reason: Problem | None = None) -> None:
        """Those that were not asked yet are not asked. What is asked already cannot be taken back."""
        if not self.running:
            return
        self.stopped_by = reason
        waiting, self._queue = self._queue, deque()
        for ask in waiting:
            self._move(ask, Standing.NOT_ASKED)
        self._perhaps_ended()

    def retry(self, asks: Sequence[Ask]) -> None:
        """Asks agents once more, which failed or were not asked before."""
        again = [ask for ask in asks if ask.standing in (Standing.FAILED, Standing.NOT_ASKED)]
        if not again or not self.signed_in:
            return
        self.stopped_by = None
        for ask in again:
            ask.said, ask.problem, ask.open, ask.seconds = "", None, False, None
            self._queue.append(ask)
            self._move(ask, Standing.WAITING)
        self._go_on()

    def take(self) -> Ask | None:
        """The next agent to ask: it is being asked from now on."""
        if not self._queue:
            return None
        ask = self._queue.popleft()
        self._move(ask, Standing.ASKING)
        return ask

    def answered(self, ask: Ask, outcome: Outcome) -> None:
        """What came of asking an agent."""
        ask.said, ask.problem, ask.seconds = outcome.said, outcome.problem, outcome.seconds
        online = ask.agent.status is AgentStatus.ONLINE
        ask.open = (
            outcome.problem is not None
            and not self.action.kind.harmless
            and may_have_happened(outcome.problem, online=online)
        )
        how = "done" if outcome.problem is None else type(outcome.problem).__name__
        _log.info("%s: agent %s: %s after %.1f s", self.action.kind.value, ask.agent.agent_id, how, outcome.seconds)
        self._move(ask, Standing.FAILED if outcome.problem else Standing.DONE)
        self._perhaps_ended()

    def _move(self, ask: Ask, standing: Standing) -> None:
        self._counts[ask.standing] -= 1
        self._counts[standing] += 1
        ask.standing = standing
        self.changed.emit(ask)

    def _perhaps_ended(self) -> None:
        if not self.running:
            counts = ", ".join(f"{self.count(one)} {one.value.lower()}" for one in Standing if self.count(one))
            _log.info("%s of %d agents: %s", self.action.kind.value, len(self.asks), counts)
            self.ended.emit()
