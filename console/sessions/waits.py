"""Waiting for agents that are offline: they are asked about, and remembered over a restart of the console."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from console.files import JsonFile, check_moment
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed, NotFound
from console.rmm.models import Agent, AgentStatus
from console.sessions.connection import Connection
from console.sessions.progress import State
from console.sessions.saver import Saver
from console.sessions.session import Session
from console.work import Runner

EVERY_MILLISECONDS = 15_000


class Wait(msgspec.Struct, frozen=True):
    """One session that waits for its agent. `server` is the id of a console.servers.Server; nothing here is secret."""

    server: str
    agent: str
    hostname: str
    client: str
    site: str
    kind: SessionKind
    since: datetime

    def __post_init__(self) -> None:
        check_moment(self.since)

    def agent_row(self) -> Agent:
        """The agent as far as it is known before the first list has come."""
        return Agent(
            agent_id=self.agent,
            hostname=self.hostname,
            client_name=self.client,
            site_name=self.site,
            status=AgentStatus.OFFLINE,
        )


class _Stored(msgspec.Struct):
    version: int = 1
    waits: list[Wait] = []


class WaitFile:
    """The waits in one JSON file. Both methods may be slow: call them on the disk's lane."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path, _Stored, "The list of agents that you wait for", "Open those sessions again.")

    def load(self) -> tuple[list[Wait], Problem | None]:
        """What is waited for, and what to say about a file that was put aside. Raises files.NotRead."""
        stored, put_aside = self._file.load()
        return (stored.waits if stored else []), put_aside

    def save(self, waits: list[Wait]) -> None:
        """Replaces the file. Raises files.NotSaved."""
        self._file.save(_Stored(waits=waits))


class Waits(QObject):
    """Watches over all sessions that wait: one status call for each agent every 15 s, however many wait for it."""

    back = Signal(object)
    """A Session whose agent is online again: it is still waiting."""
    told = Signal(object)
    """A Problem: the waits could not be read or written."""

    def __init__(
        self,
        sessions: Callable[[], Iterable[Session]],
        reopen: Callable[[Connection, Wait], None],
        file: WaitFile | None = None,
        disk: Runner | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`reopen` makes a waiting session anew. Without `file` and `disk` nothing outlasts the console."""
        super().__init__(parent)
        self._sessions = sessions
        self._reopen = reopen
        self._file = file
        self._saver = Saver(disk, self) if disk else None
        self._connections: dict[str, Connection] = {}
        self._asking: set[tuple[str, str]] = set()
        self._unclaimed: list[Wait] = []
        self._saved: list[Wait] = []
        self._writable = False
        self.timer = QTimer(self, interval=EVERY_MILLISECONDS)
        self.timer.timeout.connect(self.ask)
        if self._saver:
            self._saver.failed.connect(self.told)
        if file and disk:
            disk.run(file.load, self._loaded, self.told.emit)

    def signed_in(self, connection: Connection) -> None:
        """The technician is signed in to a server: what was waited for there is waited for again."""
        self._connections[connection.server.id] = connection
        mine = [wait for wait in self._unclaimed if wait.server == connection.server.id]
        self._unclaimed = [wait for wait in self._unclaimed if wait not in mine]
        for wait in mine:
            self._reopen(connection, wait)

    def sessions_changed(self) -> None:
        """A session began or ended to wait."""
        waiting = self._waiting()
        if bool(waiting) is not self.timer.isActive():
            if waiting:
                self.timer.start()
            else:
                self.timer.stop()
        waits = [*map(_wait_of, waiting), *self._unclaimed]
        if self._file and self._saver and self._writable and waits != self._saved:
            file = self._file
            self._saved = waits
            self._saver.save(lambda: file.save(waits))

    def freeze(self) -> None:
        """The console ends: what waits now is what is waited for after its next start."""
        self._writable = False

    def ask(self) -> None:
        """Asks about each agent that is waited for, unless an answer is still awaited."""
        for session in self._waiting():
            key = (session.connection.server.id, session.agent.agent_id)
            if key not in self._asking:
                self._asking.add(key)
                self._ask(key, session.connection)

    def agent_online(self, server_id: str, agent_id: str) -> None:
        """The agent is online: by its own status call, or by a fresh list."""
        for session in self._waiting():
            if (session.connection.server.id, session.agent.agent_id) == (server_id, agent_id):
                self.back.emit(session)
                session.came_online()

    def _ask(self, key: tuple[str, str], connection: Connection) -> None:
        server_id, agent_id = key

        def known(status: AgentStatus) -> None:
            self._asking.discard(key)
            if status is AgentStatus.ONLINE:
                self.agent_online(server_id, agent_id)

        def unknown(problem: Problem) -> None:
            self._asking.discard(key)
            if isinstance(problem, NotFound | NotAllowed):
                for session in self._waiting():
                    if (session.connection.server.id, session.agent.agent_id) == key:
                        session.cannot_wait(problem)

        client = connection.client
        connection.lane.run(lambda: client.agent_status(agent_id), known, unknown)

    def _waiting(self) -> list[Session]:
        return [session for session in self._sessions() if session.state is State.WAITING]

    def _loaded(self, found: tuple[list[Wait], Problem | None]) -> None:
        self._unclaimed, problem = found
        self._saved = list(self._unclaimed)
        self._writable = True
        if problem:
            self.told.emit(problem)
        for connection in tuple(self._connections.values()):
            self.signed_in(connection)
        self.sessions_changed()


def _wait_of(session: Session) -> Wait:
    agent = session.agent
    return Wait(
        session.connection.server.id,
        agent.agent_id,
        agent.hostname,
        agent.client_name,
        agent.site_name,
        session.kind,
        session.waiting_since or session.opened_at,
    )
