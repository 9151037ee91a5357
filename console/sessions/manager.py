"""All sessions that are open, whichever server they belong to."""

import time
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent, AgentStatus
from console.sessions.connection import Connection
from console.sessions.mesh_accounts import MeshAccounts
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.mesh_side import MeshSide
from console.sessions.page import PageFactory
from console.sessions.progress import State
from console.sessions.reboot import Reboot, RebootPatience
from console.sessions.recovery import Patience
from console.sessions.repair import Repair, RepairKind
from console.sessions.session import Session
from console.sessions.waits import Wait, WaitFile, Waits
from console.work import Runner

_TICK_MILLISECONDS = 5000
_SLEPT_SECONDS = 30.0
_NOT_OPEN = frozenset({State.OFFLINE, State.WAITING, State.FAILED, State.CLOSED})


def _no_hold(agent: Agent) -> Problem | None:
    return None


class Sessions(QObject):
    """Opens and closes sessions, and looks after what concerns several of them: waits, restarts, repairs, sleep."""

    opened = Signal(object)
    """A Session that was just made; its `open` follows once whoever shows it has taken it. One that waits already, its
    state is WAITING, was waiting when the console was closed: it belongs into the background."""
    closed = Signal(object)
    came_online = Signal(object)
    """A Session whose agent was waited for and is online again; it opens now."""
    told = Signal(object)
    """A Problem that concerns no single session: the file of the waits was damaged or cannot be written."""

    def __init__(
        self,
        make_page: PageFactory,
        hold: Callable[[Agent], Problem | None] = _no_hold,
        *,
        waits: WaitFile | None = None,
        disk: Runner | None = None,
        patience: Patience | None = None,
        reboot_patience: RebootPatience | None = None,
        clock: Callable[[], float] = time.time,
        secrets: MeshSecrets | None = None,
    ) -> None:
        """`waits` keeps what is waited for over a restart, on the lane `disk`. `clock` goes on while the computer
        sleeps: Unix seconds."""
        super().__init__()
        self._make_page = make_page
        self._hold = hold
        self._patience = patience or Patience()
        self._reboot_patience = reboot_patience or RebootPatience()
        self._clock = clock
        self.mesh_accounts = MeshAccounts(self)
        self._secrets = secrets
        self._sessions: list[Session] = []
        self._reboots: list[Reboot] = []
        self._waits = Waits(self.__iter__, self._reopen_wait, waits, disk, self)
        self._waits.back.connect(self.came_online)
        self._waits.told.connect(self.told)
        self._ticked = clock()
        self._tick = QTimer(self, interval=_TICK_MILLISECONDS)
        self._tick.timeout.connect(self.tick)
        self._tick.start()

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    @property
    def live(self) -> list[Session]:
        return [session for session in self._sessions if session.live]

    def of(self, server_id: str, agent_id: str) -> list[Session]:
        """The sessions on one agent."""
        return [
            session
            for session in self._sessions
            if (session.connection.server.id, session.agent.agent_id) == (server_id, agent_id)
        ]

    def busy_with(self, server_id: str) -> bool:
        """Whether anything that a server may be asked for goes on, or is waited for."""
        open_ones = (session for session in self._sessions if session.state not in (State.FAILED, State.CLOSED))
        return any(session.connection.server.id == server_id for session in open_ones) or any(
            reboot.connection.server.id == server_id and not reboot.finished for reboot in self._reboots
        )

    def open(self, connection: Connection, agent: Agent, kind: SessionKind) -> Session:
        """A new session on an agent."""
        session = self._made(connection, agent, kind)
        self.opened.emit(session)
        session.open()
        return session

    def close(self, session: Session) -> None:
        if session in self._sessions:
            self._sessions.remove(session)
            session.close()
            if session.reboot:
                session.reboot.left(session)
            self.closed.emit(session)
            self._waits.sessions_changed()
            session.deleteLater()

    def close_all(self) -> None:
        """The console ends. What is waited for is waited for again after its next start."""
        self._waits.freeze()
        self._tick.stop()
        for reboot in self._reboots:
            reboot.cancel()
        for session in tuple(self._sessions):
            self.close(session)

    def retry_held(self) -> None:
        """What held sessions up is over: those that were not opened because of it are opened now."""
        for session in self:
            if session.held:
                session.open()

    def signed_in_again(self, connection: Connection) -> None:
        """The technician signed in to a server, for the first time or anew. Its open sessions stay as they are; those
        that could not come back without the sign-in go on, and what was waited for is waited for again."""
        self.mesh_accounts.forget(connection.server.id)
        for session in self:
            if session.connection.server.id == connection.server.id:
                session.signed_in_again(connection)
        for reboot in self._reboots:
            if reboot.connection.server.id == connection.server.id:
                reboot.connection = connection
        self._waits.signed_in(connection)

    def fleet_refreshed(self, connection: Connection, fresh_row: Callable[[str], Agent | None]) -> None:
        """Gives each session of a server its agent's fresh row: by its id, None where there is none."""
        for session in self:
            fresh = fresh_row(session.agent.agent_id) if session.connection is connection else None
            if fresh is None:
                continue
            if fresh != session.agent:
                session.agent_refreshed(fresh)
            if fresh.status is AgentStatus.ONLINE:
                self._waits.agent_online(connection.server.id, fresh.agent_id)
                session.came_online()

    def reboot(self, connection: Connection, agent: Agent, kinds: Sequence[SessionKind] = ()) -> Reboot:
        """Restarts an agent's machine and comes back to it: its open sessions connect again. When none is open, `kinds`
        are opened once it is back. A restart that is under way already is answered instead of a second one."""
        server_id = connection.server.id
        for reboot in self._reboots:
            same = (reboot.connection.server.id, reboot.agent.agent_id) == (server_id, agent.agent_id)
            if same and not reboot.finished:
                return reboot
        self._reboots = [reboot for reboot in self._reboots if not reboot.finished]
        reboot = Reboot(
            agent,
            connection,
            lambda kind: self.open(reboot.connection, agent, kind),
            kinds,
            self._reboot_patience,
            self,
        )
        self._reboots.append(reboot)
        for session in self.of(server_id, agent.agent_id):
            if session.state not in _NOT_OPEN:
                reboot.follow(session)
        reboot.start()
        return reboot

    def repair(self, connection: Connection, agent: Agent, kind: RepairKind) -> Repair:
        """Repairs an agent's Mesh agent; its lost sessions then connect again."""
        server_id = connection.server.id
        repair = Repair(agent, kind, self)
        for session in self.of(server_id, agent.agent_id):
            session.repair = repair

        def done() -> None:
            for session in self.of(server_id, agent.agent_id):
                if session.state is State.LOST:
                    session.reconnect()

        repair.start(connection, done)
        return repair

    def tick(self) -> None:
        """Notices that this computer slept: each session then looks at once whether it is still connected."""
        now, before = self._clock(), self._ticked
        self._ticked = now
        if now - before > _SLEPT_SECONDS + _TICK_MILLISECONDS / 1000:
            for session in self:
                session.check()

    def _made(self, connection: Connection, agent: Agent, kind: SessionKind) -> Session:
        mesh = MeshSide(self.mesh_accounts, self._secrets)
        session = Session(agent, kind, connection, self._make_page, self._hold, self, self._patience, mesh)
        session.changed.connect(self._waits.sessions_changed)
        self._sessions.append(session)
        return session

    def _reopen_wait(self, connection: Connection, wait: Wait) -> None:
        session = self._made(connection, wait.agent_row(), wait.kind)
        session.wait_for_online(wait.since)
        self.opened.emit(session)
