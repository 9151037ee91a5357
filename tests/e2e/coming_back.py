"""What the tests of lost sessions share: a MeshCentral that may be stopped, live sessions, and how long things took."""

import threading
import time
from collections.abc import Callable, Iterator

from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.mesh.session_kind import SessionKind
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.sessions.connection import Connection
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

LONG = 90.0


def running(options: ServerOptions | None = None) -> Iterator[LocalMesh]:
    """A MeshCentral and an agent that a test may stop."""
    mesh = LocalMesh(options)
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


class Stopwatch:
    """Notes when sessions were lost and connected again."""

    def __init__(self, console: Console, name: str, *sessions: Session) -> None:
        self._console = console
        self._name = name
        self._sessions = sessions
        self._broke = time.monotonic()
        self._possible = self._broke
        self.noticed = 0.0

    def lost(self, seconds: float = LONG) -> None:
        """Waits until all are."""
        self._console.until(lambda: all(s.state is State.LOST for s in self._sessions), self._states, seconds)
        self.noticed = time.monotonic() - self._broke

    def possible(self) -> None:
        """From now on they can connect."""
        self._possible = time.monotonic()

    def connected(self, seconds: float = LONG) -> None:
        """Waits until all are connected again, and says how long it took."""
        self._console.until(lambda: all(s.state is State.CONNECTED for s in self._sessions), self._states, seconds)
        took = time.monotonic() - self._possible
        print(f"\nTIME {self._name}: noticed after {self.noticed:.1f} s, connected {took:.1f} s after it was possible")
        assert all(session.lost is None for session in self._sessions)

    def _states(self) -> str:
        return "; ".join(
            f"{s.kind} is {s.state}, {s.problem and s.problem.what} {s.lost and s.lost.step}" for s in self._sessions
        )


def meanwhile(console: Console, call: Callable[[], None]) -> None:
    """Does something that takes a while elsewhere; the console goes on."""
    thread = threading.Thread(target=call)
    thread.start()
    console.until(lambda: not thread.is_alive(), "it did not end", 120)


def live(desk: Desk, rmm: Rmm, *kinds: SessionKind) -> tuple[Console, list[Session]]:
    """A console with sessions on one agent; the last is a terminal and in front."""
    console = desk.signed_in(rmm)
    sessions = []
    for kind in (*kinds, SessionKind.TERMINAL):
        console.window.tabs.show_home()
        session = console.open(rmm.live[0].hostname, kind)
        console.connected(session)
        sessions.append(session)
    WebPage(console, sessions[-1]).shell_works(rmm.mesh.home)
    return console, sessions


def shell_works(console: Console, session: Session, rmm: Rmm) -> None:
    """The session that came back is one: what is typed into it happens on the remote machine."""
    WebPage(console, session).shell_works(rmm.mesh.home)


def elapse(console: Console, seconds: float) -> None:
    """Lets the console work for as long as that."""
    end = time.monotonic() + seconds
    console.until(lambda: time.monotonic() > end, seconds=seconds + 30)


def connection_of(console: Console) -> Connection:
    """The one server that is signed in to."""
    (connection,) = console.app.accounts.connections.values()
    return connection


def sign_in(console: Console, rmm: Rmm) -> None:
    """Signs in anew to the one server that the console knows."""
    (server,) = console.app.accounts.book.servers
    token, _ = rmm.users.new_token(rmm.users.technician)
    console.app.accounts.signed_in(
        server, SessionToken(Secret(token)), None, lambda _: console.window.show_server(server), lambda _: None
    )
    console.until(lambda: console.window.page_of(server.id) is not None, "nobody was signed in")
