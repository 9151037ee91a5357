"""“Tell me when”: what is watched for at agents, until it happens. It outlasts a restart of the console."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from console.files import JsonFile, check_moment
from console.problem import Problem
from console.rmm.models import Agent, AgentStatus
from console.sessions.fleet_watch import FleetWatch
from console.sessions.saver import Saver
from console.work import Runner

_SOONER = "tell me when"
_MOST_SOONER = 40
"""Of so many agents the server is asked on their own; the others are seen with the whole list."""
_MOST_TOLD = 50
_SAME_START = 20.0
"""Seconds by which the time that an agent says it started may differ without a restart."""
_AWAY = (AgentStatus.OFFLINE, AgentStatus.OVERDUE)


class Awaited(Enum):
    """The value is what the file says."""

    ONLINE = "online"
    OFFLINE = "offline"
    REBOOTED = "rebooted"
    CHECKS = "checks pass"

    def already(self, agent: Agent) -> bool:
        """Whether it is so now, so that there is nothing to wait for."""
        match self:
            case Awaited.ONLINE:
                return agent.status is AgentStatus.ONLINE
            case Awaited.OFFLINE:
                return agent.status in _AWAY
            case Awaited.CHECKS:
                return _checks_pass(agent)
        return False


class Watched(msgspec.Struct, frozen=True):
    """One thing that is watched for. `server` is the id of a console.servers.Server; nothing here is secret.

    `boot_time` is when the machine had started when the watch began, in Unix seconds, None while unknown; `went` is
    whether it was seen away since.
    """

    server: str
    agent: str
    hostname: str
    client: str
    site: str
    awaited: Awaited
    since: datetime
    boot_time: float | None = None
    went: bool = False

    def __post_init__(self) -> None:
        check_moment(self.since)

    @property
    def key(self) -> tuple[str, str, Awaited]:
        return self.server, self.agent, self.awaited


class Told(msgspec.Struct, frozen=True):
    """What a watch ended with. `gone` is whether the server does not list the agent any more."""

    watched: Watched
    at: datetime
    gone: bool = False


class _Stored(msgspec.Struct):
    version: int = 1
    watched: list[Watched] = []


class AgentWatchFile:
    """What is watched, in one JSON file. Both methods may be slow: call them on the disk's lane."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(
            path, _Stored, "The list of agents that you watch", "Choose “Tell me when” for them again."
        )

    def load(self) -> tuple[list[Watched], Problem | None]:
        """What is watched, and what to say about a file that was put aside. Raises files.NotRead."""
        stored, put_aside = self._file.load()
        return (stored.watched if stored else []), put_aside

    def save(self, watched: list[Watched]) -> None:
        """Replaces the file. Raises files.NotSaved."""
        self._file.save(_Stored(watched=watched))


class AgentWatches(QObject):
    """Looks at what each server tells of the watched agents, and has those asked for sooner."""

    changed = Signal()
    """Something is watched, or is not watched any more."""
    happened = Signal(object)
    """A tuple of Told with the same `awaited` and `gone`, seen at the same moment."""
    told = Signal(object)
    """A Problem: what is watched could not be read or written."""

    def __init__(
        self, file: AgentWatchFile | None = None, disk: Runner | None = None, parent: QObject | None = None
    ) -> None:
        """Without `file` and `disk` nothing outlasts the console."""
        super().__init__(parent)
        self._file = file
        self._saver = Saver(disk, self) if disk else None
        self._watched: list[Watched] = []
        self._happened: list[Told] = []
        self._looks: dict[str, FleetWatch] = {}
        self._writable = file is None
        if self._saver:
            self._saver.failed.connect(self.told)
        if file and disk:
            disk.run(file.load, self._loaded, self.told.emit)

    @property
    def watched(self) -> list[Watched]:
        """Oldest first."""
        return list(self._watched)

    @property
    def ended(self) -> list[Told]:
        """What happened since the console started, oldest first, unless it was put away."""
        return list(self._happened)

    def add(self, server_id: str, agents: Iterable[Agent], awaited: Awaited) -> list[Watched]:
        """Watches for something at agents; those at which it is so already, or which are watched for it, are left
        out. What was added."""
        there = {one.key for one in self._watched}
        now = datetime.now(UTC)
        added = [
            Watched(
                server_id,
                agent.agent_id,
                agent.hostname,
                agent.client_name,
                agent.site_name,
                awaited,
                now,
                agent.boot_time,
                agent.status in _AWAY,
            )
            for agent in agents
            if not awaited.already(agent) and (server_id, agent.agent_id, awaited) not in there
        ]
        if added:
            self._replace([*self._watched, *added])
        return added

    def remove(self, watched: Sequence[Watched]) -> None:
        """Watches for these no longer."""
        keys = {one.key for one in watched}
        self._replace([one for one in self._watched if one.key not in keys])

    def put_away(self, ended: Sequence[Told]) -> None:
        """These were read."""
        self._happened = [one for one in self._happened if one not in ended]
        self.changed.emit()

    def attach(self, watch: FleetWatch) -> None:
        """The technician signed in to a server: this is how its agents are seen from now on."""
        server_id = watch.connection.server.id
        self._looks[server_id] = watch
        watch.updated.connect(lambda _: self._look(watch))
        watch.destroyed.connect(lambda: self._detach(server_id, watch))
        self._ask_sooner(server_id)

    def signed_out(self, server_id: str) -> None:
        """The technician left a server: nothing of it is kept."""
        self._happened = [one for one in self._happened if one.watched.server != server_id]
        self._replace([one for one in self._watched if one.server != server_id])

    def _detach(self, server_id: str, watch: FleetWatch) -> None:
        if self._looks.get(server_id) is watch:
            del self._looks[server_id]

    def _look(self, watch: FleetWatch) -> None:
        server_id = watch.connection.server.id
        if self._looks.get(server_id) is not watch or watch.from_cache:
            return
        kept: list[Watched] = []
        ended: dict[tuple[Awaited, bool], list[Told]] = {}
        now = datetime.now(UTC)
        for one in self._watched:
            seen = one
            if one.server == server_id:
                gone = len(watch.store) > 0 and one.agent not in watch.store
                agent = watch.fresh(one.agent)
                seen = one if agent is None else _seen(one, agent)
                if gone or (agent is not None and _is_so(seen, agent)):
                    ended.setdefault((one.awaited, gone), []).append(Told(seen, now, gone))
                    continue
            kept.append(seen)
        if kept != self._watched:
            self._happened = [*self._happened, *(told for group in ended.values() for told in group)][-_MOST_TOLD:]
            self._replace(kept)
        for group in ended.values():
            self.happened.emit(tuple(group))

    def _replace(self, watched: list[Watched]) -> None:
        servers = {one.server for one in (*watched, *self._watched)}
        self._watched = watched
        if self._file and self._saver and self._writable:
            file, saved = self._file, list(watched)
            self._saver.save(lambda: file.save(saved))
        for server_id in servers:
            self._ask_sooner(server_id)
        self.changed.emit()

    def _ask_sooner(self, server_id: str) -> None:
        watch = self._looks.get(server_id)
        if watch:
            ids = dict.fromkeys(one.agent for one in self._watched if one.server == server_id)
            watch.watch_also(_SOONER, list(ids)[:_MOST_SOONER])

    def _loaded(self, found: tuple[list[Watched], Problem | None]) -> None:
        loaded, problem = found
        self._writable = True
        there = {one.key for one in self._watched}
        before = [one for one in loaded if one.key not in there]
        if self._watched:
            self._replace([*before, *self._watched])  # some were added before the file was read
        elif before:
            self._watched = before
            for server_id in {one.server for one in before}:
                self._ask_sooner(server_id)
            self.changed.emit()
        if problem:
            self.told.emit(problem)


def _seen(watched: Watched, agent: Agent) -> Watched:
    """The watch with what a look at the agent adds to it."""
    if agent.status in _AWAY and not watched.went:
        return msgspec.structs.replace(watched, went=True)
    return watched


def _is_so(watched: Watched, agent: Agent) -> bool:
    if watched.awaited is not Awaited.REBOOTED:
        return watched.awaited.already(agent)
    if agent.status is not AgentStatus.ONLINE:
        return False
    if watched.boot_time is None:
        return watched.went
    return agent.boot_time is not None and agent.boot_time > watched.boot_time + _SAME_START


def _checks_pass(agent: Agent) -> bool:
    """Known and all of them: counts of zero may mean that the server has none at hand."""
    checks = agent.checks
    return checks.total > 0 and checks.failing == 0 and checks.warning == 0
