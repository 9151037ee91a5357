"""Loads what is known of the agent that a technician looks at: each part when it is first looked at, and no sooner.

Moving along the list asks for nothing until it comes to rest. Few calls are under way at once, so that a slow part
holds up neither another nor the list of agents.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.details_models import Detail
from console.rmm.errors import NotAllowed
from console.sessions.connection import Connection

REST_MILLISECONDS = 150
FRESH_SECONDS = 60.0
_AT_ONCE = 2
_IN_ALL = 3
"""With those for agents that are not looked at any more, which cannot be called back."""
_MOST_KEPT = 300


class Part(Enum):
    """What is loaded by one call."""

    AGENT = "details"
    FIELDS = "names of the custom fields"
    CHECKS = "checks"
    TASKS = "tasks"
    SOFTWARE = "software"
    PATCHES = "Windows updates"
    PENDING = "pending actions"
    NOTES = "notes"
    HISTORY = "history"


class Loaded(msgspec.Struct, frozen=True):
    """How far a part is. `value` is what the last answer told, None before there was one; `problem` is why the newest
    question failed. A `forbidden` part is not asked for again in this run."""

    value: object = None
    problem: Problem | None = None
    busy: bool = False
    forbidden: bool = False
    at: float | None = None


class _Key(msgspec.Struct, frozen=True):
    """Whose part it is. Names of custom fields belong to a server: their `agent_id` is ""."""

    address: str
    agent_id: str
    part: Part


@dataclass(eq=False)
class _Question:
    key: _Key
    connection: Connection
    call: Callable[[RmmClient], object] = field(repr=False)


class AgentDetails(QObject):
    """What is known of the agent that is shown now. `clock` gives seconds that only go on."""

    changed = Signal(object)
    """A Part of the agent that is shown now."""
    learnt = Signal(str, object)
    """An agent's id and that of its Mesh agent, "" when it has none."""

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._connection: Connection | None = None
        self._agent_id = ""
        self._wanted: tuple[Part, ...] = ()
        self._kept: OrderedDict[_Key, Loaded] = OrderedDict()
        self._forbidden: dict[tuple[str, Part], Problem] = {}
        self._queue: list[_Question] = []
        self._running: list[_Question] = []
        self._rest = QTimer(self, interval=REST_MILLISECONDS, singleShot=True)
        self._rest.timeout.connect(self._ask)

    @property
    def agent_id(self) -> str:
        """Whose details are shown, "" when nobody's are."""
        return self._agent_id

    @property
    def connection(self) -> Connection | None:
        return self._connection

    def select(self, connection: Connection | None, agent_id: str) -> None:
        """Another agent is looked at; "" is none. What was to be asked about the one before is not asked any more."""
        if connection is self._connection and agent_id == self._agent_id:
            return
        if connection is not self._connection:
            self._running.clear()  # those of a connection that has ended never come back
        self._connection, self._agent_id = connection, agent_id
        self._queue.clear()
        if agent_id:
            self._rest.start()
        else:
            self._rest.stop()

    def want(self, *parts: Part) -> None:
        """These are looked at from now on."""
        self._wanted = parts
        if not self._rest.isActive():
            self._ask()

    def again(self, part: Part) -> None:
        """Asks for a part of the agent that is shown, however new it is."""
        if (key := self._key(part)) and self._connection and not self.state(part).forbidden:
            self._put(key, replace(self._kept.get(key, Loaded()), at=None, problem=None))
            self._enqueue(key, self._connection)

    def refresh(self) -> None:
        """Asks anew for all that is looked at; what else is kept of this agent counts as old."""
        for key in [key for key in self._kept if key.agent_id == self._agent_id]:
            self._kept[key] = replace(self._kept[key], at=None)
        for part in self._wanted:
            self.again(part)

    def outdated(self, address: str, agent_id: str, part: Part) -> None:
        """A part of an agent has changed at the server: it is asked for at once if it is shown, else when it is."""
        key = _Key(address, agent_id, part)
        if key == self._key(part):
            self.again(part)
        elif key in self._kept:
            self._kept[key] = replace(self._kept[key], at=None)

    def state(self, part: Part) -> Loaded:
        """How far a part of the agent shown is."""
        key = self._key(part)
        if key is None:
            return Loaded()
        if problem := self._forbidden.get((key.address, part)):
            return Loaded(problem=problem, forbidden=True)
        kept = self._kept.get(key, Loaded())
        under_way = any(one.key == key for one in (*self._queue, *self._running))
        return replace(kept, busy=under_way or (kept.at is None and kept.problem is None and self._rest.isActive()))

    def forbidden(self) -> frozenset[Part]:
        """What the role at this server does not allow, as far as it was tried."""
        address = self._connection.server.address if self._connection else ""
        return frozenset(part for server, part in self._forbidden if server == address)

    def _key(self, part: Part) -> _Key | None:
        if self._connection is None or not self._agent_id:
            return None
        return _Key(self._connection.server.address, "" if part is Part.FIELDS else self._agent_id, part)

    def _ask(self) -> None:
        connection = self._connection
        for part in self._wanted:
            if (key := self._key(part)) and connection and (key.address, part) not in self._forbidden:
                kept = self._kept.get(key)
                for_ever = part is Part.FIELDS and kept is not None and kept.at is not None
                if not for_ever and (kept is None or kept.at is None or self._clock() - kept.at > FRESH_SECONDS):
                    self._enqueue(key, connection)

    def _enqueue(self, key: _Key, connection: Connection) -> None:
        if not any(one.key == key for one in (*self._queue, *self._running)):
            self._queue.append(_Question(key, connection, _call(key)))
        self._ask_next()
        self.changed.emit(key.part)

    def _ask_next(self) -> None:
        while self._queue and len(self._running) < _IN_ALL and self._under_way() < _AT_ONCE:
            question = self._queue.pop(0)
            self._running.append(question)
            client = question.connection.client
            question.connection.lane.run(
                partial(question.call, client), partial(self._done, question), partial(self._failed, question)
            )

    def _under_way(self) -> int:
        return sum(1 for one in self._running if one.key.agent_id in ("", self._agent_id))

    def _done(self, question: _Question, value: object) -> None:
        self._put(question.key, Loaded(value, at=self._clock()))
        if isinstance(value, Detail) and value.fresh.node_id is not None:
            self.learnt.emit(question.key.agent_id, value.fresh.node_id)
        self._ended(question)

    def _failed(self, question: _Question, problem: Problem) -> None:
        key = question.key
        if isinstance(problem, NotAllowed):
            self._forbidden[key.address, key.part] = problem
        else:
            self._put(key, replace(self._kept.get(key, Loaded()), problem=problem))
        self._ended(question)

    def _ended(self, question: _Question) -> None:
        self._running = [one for one in self._running if one is not question]
        self._ask_next()
        if question.key == self._key(question.key.part):
            self.changed.emit(question.key.part)

    def _put(self, key: _Key, loaded: Loaded) -> None:
        self._kept[key] = loaded
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


def _call(key: _Key) -> Callable[[RmmClient], object]:
    return partial(_CALLS[key.part], key.agent_id)


_CALLS: dict[Part, Callable[[str, RmmClient], object]] = {
    Part.AGENT: lambda agent_id, client: client.details.agent(agent_id),
    Part.FIELDS: lambda agent_id, client: client.details.custom_fields(),
    Part.CHECKS: lambda agent_id, client: client.details.checks(agent_id),
    Part.TASKS: lambda agent_id, client: client.details.tasks(agent_id),
    Part.SOFTWARE: lambda agent_id, client: client.details.software(agent_id),
    Part.PATCHES: lambda agent_id, client: client.details.patches(agent_id),
    Part.PENDING: lambda agent_id, client: client.details.pending_actions(agent_id),
    Part.NOTES: lambda agent_id, client: client.details.notes(agent_id),
    Part.HISTORY: lambda agent_id, client: client.details.history(agent_id),
}
