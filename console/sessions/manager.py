"""All sessions that are open, whichever server they belong to."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Signal

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.page import PageFactory
from console.sessions.session import Session


def _no_hold(agent: Agent) -> Problem | None:
    return None


class Sessions(QObject):
    """Opens and closes sessions."""

    opened = Signal(object)
    """A Session that was just made; its `open` follows once whoever shows it has taken it."""
    closed = Signal(object)

    def __init__(self, make_page: PageFactory, hold: Callable[[Agent], Problem | None] = _no_hold) -> None:
        super().__init__()
        self._make_page = make_page
        self._hold = hold
        self._sessions: list[Session] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions))

    @property
    def live(self) -> list[Session]:
        return [session for session in self._sessions if session.live]

    def open(self, connection: Connection, agent: Agent, kind: SessionKind) -> Session:
        """A new session on an agent."""
        session = Session(agent, kind, connection, self._make_page, self._hold, self)
        self._sessions.append(session)
        self.opened.emit(session)
        session.open()
        return session

    def close(self, session: Session) -> None:
        if session in self._sessions:
            self._sessions.remove(session)
            session.close()
            self.closed.emit(session)
            session.deleteLater()

    def close_all(self) -> None:
        for session in tuple(self._sessions):
            self.close(session)

    def retry_held(self) -> None:
        """What held sessions up is over: those that were not opened because of it are opened now."""
        for session in self:
            if session.held:
                session.open()

    def signed_in_again(self, connection: Connection) -> None:
        """Sessions of this server stay as they are, and go on with the new sign-in when they are opened anew."""
        for session in self:
            if session.connection.server.id == connection.server.id:
                session.connection = connection

    def fleet_refreshed(self, connection: Connection, agents: dict[str, Agent]) -> None:
        """Gives each session of a server its agent's fresh row."""
        for session in self:
            fresh = agents.get(session.agent.agent_id)
            if fresh is not None and session.connection is connection and fresh != session.agent:
                session.agent_refreshed(fresh)
