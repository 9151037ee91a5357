"""Keeps the agents of one server fresh: by the whole list, one request at a time and at a pace that the server bears,
and by the agents that matter most, which are asked for on their own in between.

What is shown stays what a server said last: a list that fails, or comes in part, changes only the words beside it.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from console import memory
from console.fleet.cache import Extras, Kept
from console.fleet.store import FleetStore, Prepared
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.errors import Throttled
from console.rmm.models import Agent, AgentList, FreshAgent
from console.sessions.connection import Connection
from console.sessions.own_questions import OwnQuestions
from console.sessions.refresh_pace import RefreshPace
from console.sessions.sealed_lists import Opened, SealedLists
from console.work import Job

_USUAL = RefreshPace()
_MOST_FOR_SEALED = 1.0
"""Seconds: the server is asked then, even if the sealed list is still waiting for the keyring."""


class NowEmpty(Problem):
    """A server that listed agents before lists none."""

    def __init__(self, had: int) -> None:
        super().__init__(
            "The server shows you no agents any more.",
            f"There were {had} before. Your role may have changed, or they were removed: ask the RMM's administrator.",
        )


class _Answer(msgspec.Struct, frozen=True):
    """A list as it is to be shown. `unread` are agents in it that are only as they were known."""

    agents: tuple[Agent, ...]
    bad: int
    unread: frozenset[str]


class FleetWatch(QObject):
    """The agents of one connection.

    `as_of` is when what is shown was asked for, None before the first list. `from_cache` says that it is the sealed
    list of an earlier run. `bad_rows` counts the rows of the last list that could not be read; an agent that has one
    stays as it was known. `stale` tells which agents are not as fresh as `as_of` says.

    `problem` is why the last try failed, `notice` something else that the technician should know, `next_try` when the
    server is asked again, None while that is not planned. `without_mesh` are agents that are known to have no Mesh
    node, `nodes` the Mesh node ids that are known, by agent id.
    """

    updated = Signal(object)
    """A Diff: the store holds another list, or other rows."""
    failed = Signal(object)
    """A Problem; the store keeps the last list."""
    noticed = Signal()
    """`notice` is another."""
    busy_changed = Signal(bool)

    def __init__(
        self,
        connection: Connection,
        parent: QObject | None = None,
        lists: SealedLists | None = None,
        pace: RefreshPace = _USUAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without `lists` nothing outlasts the console."""
        super().__init__(parent)
        self.connection = connection
        self.store = FleetStore()
        self.store.retire = connection.lane.run
        self.as_of: datetime | None = None
        self.from_cache = False
        self.bad_rows = 0
        self.problem: Problem | None = None
        self.notice: Problem | None = None
        self.next_try: datetime | None = None
        self.without_mesh: set[str] = set()
        self.nodes: dict[str, str] = {}
        self._lists = lists
        self._pace = pace
        self._clock = clock
        self._server_id = connection.server.id
        self._running = False
        self._unseen_since: float | None = None
        self._asked = False
        self._failures = 0
        self._not_before = 0.0
        self._told: dict[str, tuple[datetime, FreshAgent]] = {}
        self._unread: frozenset[str] = frozenset()
        self._job: Job | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._due)
        self._questions = OwnQuestions(connection, pace, clock, self)
        self._questions.agent_told.connect(self._agent_told)
        self._questions.client_told.connect(self._client_told)
        if lists:
            lists.failed.connect(self._not_kept)

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def left_alone(self) -> float:
        """For how many seconds the server still wants to be asked for nothing, 0 when it may be asked."""
        return max(0.0, self._not_before - self._clock())

    @property
    def paused(self) -> bool:
        """Whether nobody has looked for so long that the list is not asked for."""
        return self._unseen_since is not None and self._clock() - self._unseen_since >= self._pace.unseen

    def start(self) -> None:
        """Shows the sealed list, if there is one, asks for a fresh one, and goes on asking."""
        self._running = True
        self._questions.start()
        if self._lists:
            self._plan(_MOST_FOR_SEALED)
            self._lists.take(self._server_id, self._opened)
        else:
            self.refresh()

    def stop(self) -> None:
        self._running = False
        self.next_try = None
        self._timer.stop()
        self._questions.stop()
        if self._job:
            self._job.cancel()
            self._job = None

    def rest(self) -> None:
        """Asks the server for nothing until `go_on`; what is shown stays."""
        busy = self.busy
        self.stop()
        if busy:
            self.busy_changed.emit(False)

    def go_on(self) -> None:
        """After `rest`."""
        if not self._running:
            self._running = True
            self._questions.start()
            self.refresh()

    def refresh(self) -> None:
        """Asks for the list, unless it is being asked for already or the server wants to be left alone for a while."""
        if self._job or self.left_alone:
            return
        self._timer.stop()
        self.next_try = None
        self._asked = True
        asked, begun, client = datetime.now(UTC), self._clock(), self.connection.client
        if self.from_cache:
            self.connection.lane.run(self.store.catch_up)
        self._job = self.connection.lane.run(
            lambda: self._read(client),
            lambda answer: self._answered(asked, self._clock() - begun, answer),
            lambda problem: self._refused(problem, self._clock() - begun),
        )
        self.busy_changed.emit(True)

    def by_id(self) -> dict[str, Agent]:
        return {agent.agent_id: agent for agent in self.store.agents()}

    def stale(self, agent_id: str) -> bool:
        """Whether an agent is known from the sealed list only, or its row could not be read this time."""
        return agent_id not in self._told and (self.from_cache or agent_id in self._unread)

    def fresh(self, agent_id: str) -> Agent | None:
        """An agent as the server told it last, None for one that is stale."""
        return None if self.stale(agent_id) else self.store.get(agent_id)

    def seen(self, seen: bool) -> None:
        """Whether the window can be looked at. After a while without, the list is left alone until it is back."""
        if not seen:
            self._unseen_since = self._clock() if self._unseen_since is None else self._unseen_since
            return
        self._unseen_since = None
        if self._running and not self._timer.isActive():  # it was due in the meantime
            self.refresh()

    def watch_also(self, name: str, agent_ids: Iterable[str]) -> None:
        """These agents are asked for on their own, every quarter of a minute, until `name` has others or none."""
        self._questions.want(name, agent_ids)

    def select_client(self, client_id: int | None) -> None:
        """The client that is looked at, by its id: its agents are asked for sooner than the whole list."""
        self._questions.select_client(client_id)

    def learn_node(self, agent_id: str, node_id: str) -> None:
        """What an answer told about an agent's MeshCentral node: "" when it has none."""
        if node_id:
            self.without_mesh.discard(agent_id)
            self.nodes[agent_id] = node_id
        else:
            self.nodes.pop(agent_id, None)
            self.without_mesh.add(agent_id)

    def dismiss_notice(self) -> None:
        """The technician has read it."""
        self._notice(None)

    def kept(self) -> Kept | None:
        """What is worth sealing; None before the server has told it."""
        if self.as_of is None or self.from_cache:
            return None
        store = self.store
        extras = Extras(
            frozenset(agent_id for agent_id in self.without_mesh if agent_id in store),
            {agent_id: node for agent_id, node in self.nodes.items() if agent_id in store},
        )
        return Kept(self.as_of, store.in_order(), self.bad_rows, extras)  # the next start sorts what is in order

    def _due(self) -> None:
        self.next_try = None
        if not self.paused:
            self.refresh()

    def _plan(self, seconds: float) -> None:
        self._timer.start(int(seconds * 1000) + 1)
        self.next_try = datetime.now(UTC) + timedelta(seconds=seconds)

    def _read(self, client: RmmClient) -> _Answer:
        """On a thread: the list with the agents whose rows could not be read this time, as they are known.

        Raises a Problem, also when no row could be read.
        """
        with memory.nothing_collected():
            answer = client.agents()
        if answer.bad and not answer.agents:
            raise _unreadable(answer)
        unread = _unread(list(self.store.agents()), answer) if answer.bad else []
        return _Answer((*answer.agents, *unread), len(answer.bad), frozenset(agent.agent_id for agent in unread))

    def _answered(self, asked: datetime, took: float, answer: _Answer) -> None:
        """What it changes is worked out beside the window, and then shown."""
        self.problem, self._failures = None, 0
        told = {agent_id: fresh for agent_id, (at, fresh) in self._told.items() if at > asked}
        agents, store = answer.agents, self.store
        self._job = self.connection.lane.run(
            lambda: _prepared(store, (told[one.agent_id].over(one) if one.agent_id in told else one for one in agents)),
            lambda prepared: self._listed(asked, took, answer, prepared),
        )

    def _listed(self, asked: datetime, took: float, answer: _Answer, prepared: Prepared) -> None:
        self._job = None
        had = len(self.store)
        self.as_of, self.from_cache, self.bad_rows, self._unread = asked, False, answer.bad, answer.unread
        self._told = {agent_id: told for agent_id, told in self._told.items() if told[0] > asked}
        diff = self.store.apply(prepared)
        self._plan(self._pace.after_answer(took))
        self._questions.listed(self.store)
        if had and not answer.agents:
            self._notice(NowEmpty(had))
        elif answer.agents and isinstance(self.notice, NowEmpty):
            self._notice(None)
        self.busy_changed.emit(False)
        self.updated.emit(diff)
        # What was told of single agents while this list was compared.
        known = ((fresh, self.store.get(agent_id)) for agent_id, (_, fresh) in self._told.items())
        if late := [told for fresh, row in known if row and (told := fresh.over(row)) != row]:
            self._change(late)
        if self._lists and self._running:
            self._lists.offer(self._server_id, self.kept)

    def _change(self, agents: Iterable[Agent]) -> None:
        """Shows agents that were asked for on their own."""
        fresh, store = tuple(agents), self.store
        self.connection.lane.run(lambda: store.prepare_changes(fresh), self._changed)

    def _changed(self, prepared: Prepared) -> None:
        if self._running:
            self.updated.emit(self.store.apply(prepared))

    def _refused(self, problem: Problem, took: float) -> None:
        self._job, self.problem = None, problem
        self._failures += 1
        if isinstance(problem, Throttled):
            self._not_before = self._clock() + problem.seconds
        self._plan(self._pace.after_failure(problem, self._failures, took))
        self.busy_changed.emit(False)
        self.failed.emit(problem)

    def _opened(self, opened: Opened) -> None:
        """The sealed list, or why there is none; too late once the server has answered."""
        if opened.problem:
            self._notice(opened.problem)
        if opened.kept and self._running and self.as_of is None:
            kept = opened.kept
            self.as_of, self.from_cache, self.bad_rows = kept.as_of, True, kept.bad_rows
            self.without_mesh |= kept.extras.without_mesh
            self.nodes |= kept.extras.nodes
            self.updated.emit(self.store.take_over(opened.store))
        if self._running and not self._asked:
            if self.from_cache:
                self._plan(self._pace.after_sealed)
            else:
                self.refresh()

    def _agent_told(self, asked: datetime, fresh: FreshAgent) -> None:
        if fresh.node_id is not None:
            self.learn_node(fresh.agent_id, fresh.node_id)
        self._told[fresh.agent_id] = (asked, fresh)
        row = self.store.get(fresh.agent_id)
        if row is not None:
            self._change([fresh.over(row)])

    def _client_told(self, asked: datetime, answer: AgentList) -> None:
        """Agents that it leaves out stay until the whole list does so too: the client may have been another's."""
        if self.as_of is None or asked < self.as_of:
            return
        self._change(answer.agents)

    def _not_kept(self, server_id: str, problem: Problem) -> None:
        if server_id == self._server_id:
            self._notice(problem)

    def _notice(self, problem: Problem | None) -> None:
        if problem is not self.notice:
            self.notice = problem
            self.noticed.emit()


def _prepared(store: FleetStore, agents: Iterable[Agent]) -> Prepared:
    with memory.nothing_collected():
        return store.prepare(agents)


def _unread(known: list[Agent], answer: AgentList) -> list[Agent]:
    """The known agents that a bad row of this answer is about, or may be about."""
    listed = {agent.agent_id for agent in answer.agents}
    named = {bad.agent_id for bad in answer.bad}
    missing = [agent for agent in known if agent.agent_id not in listed]
    unread = [agent for agent in missing if agent.agent_id in named]
    nameless = sum(not bad.agent_id for bad in answer.bad)
    return missing if len(missing) - len(unread) <= nameless else unread


def _unreadable(answer: AgentList) -> Problem:
    count = len(answer.bad)
    return Problem(
        "The list of agents could not be read: "
        + ("its only row" if count == 1 else f"each of its {count} rows")
        + " holds something else than expected.",
        "Try again. If it stays so, this version of Tactical RMM may be newer than this console.",
        f"row {answer.bad[0].position}: {answer.bad[0].reason}",
    )
