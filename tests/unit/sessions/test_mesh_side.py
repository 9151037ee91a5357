"""The emergency key on offer, one's own sign-in asked for and offered to be kept: without a window and a server."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite, SessionLink
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed, ServerFailed, SignInAgain
from console.secret import Secret
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.mesh_side import MeshSide, is_down
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.transport import BrokenOff, CertificateUntrusted, PlainHttpRefused, TimedOut, Unreachable
from tests.unit.sessions.desk import Desk
from tests.unit.sessions.parts import AGENT_ID, NODE, Held, far_server

SITE = MeshSite("https://mesh.example.com")
KEY = EmergencyKey(SITE, "tess", Secret("0" * 160))
OWN = OwnSignIn("Tess", Secret("hunter2"))
NO_COOKIES = MeshCookies({}, None)


class Secrets(MeshSecrets):
    """Answers at once, or when a test says so."""

    def __init__(self, key: EmergencyKey | None = None, own: OwnSignIn | None = None) -> None:
        self._key = key
        self._own = own
        self.held: list[Callable[[], object]] | None = None

    def key(self, server_id: str, done: Callable[[EmergencyKey | None], object]) -> None:
        self._answer(lambda: done(self._key))

    def sign_in(self, server_id: str, site: MeshSite, done: Callable[[OwnSignIn | None], object]) -> None:
        self._answer(lambda: done(self._own))

    def _answer(self, call: Callable[[], object]) -> None:
        if self.held is None:
            call()
        else:
            self.held.append(call)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with far_server(Held()) as far:
        yield far.connection


def problem(kind: type[Problem]) -> Problem:
    return CertificateUntrusted("x:443", None, None, "") if kind is CertificateUntrusted else kind("It failed.")


@pytest.mark.parametrize("kind", [Unreachable, TimedOut, BrokenOff, ServerFailed])
def test_what_an_outage_is(kind: type[Problem]) -> None:
    assert is_down(problem(kind))


@pytest.mark.parametrize("kind", [CertificateUntrusted, PlainHttpRefused, NotAllowed, SignInAgain, Problem])
def test_what_no_outage_is(kind: type[Problem]) -> None:
    assert not is_down(problem(kind))


class TestKey:
    def test_it_is_on_offer_while_the_rmm_is_down(self, connection: Connection, qtbot: QtBot) -> None:
        side = MeshSide(secrets=Secrets(KEY))
        with qtbot.waitSignal(side.changed):
            side.rmm_failed(connection, Unreachable("It is away."))
        assert side.key is KEY
        side.over()
        assert side.key is None

    def test_not_when_the_rmm_refused(self, connection: Connection) -> None:
        side = MeshSide(secrets=Secrets(KEY))
        side.rmm_failed(connection, NotAllowed("You may not."))
        assert side.key is None

    def test_not_without_one(self, connection: Connection) -> None:
        for side in (MeshSide(), MeshSide(secrets=Secrets())):
            side.rmm_failed(connection, Unreachable("It is away."))
            assert side.key is None

    def test_not_when_the_keyring_answers_too_late(self, connection: Connection) -> None:
        secrets = Secrets(KEY)
        secrets.held = []
        side = MeshSide(secrets=secrets)
        side.rmm_failed(connection, Unreachable("It is away."))
        side.over()
        secrets.held[0]()
        assert side.key is None


class TestKeeping:
    @staticmethod
    def entry() -> Entry:
        entry = Entry(SessionKind.TERMINAL)
        entry.link = SessionLink(SITE.origin, SITE.path, NODE, SessionKind.TERMINAL, None)
        return entry

    def test_what_worked_is_offered_once(self, connection: Connection) -> None:
        side, entry = MeshSide(), self.entry()
        side.ask(None)
        side.given(OWN)
        assert side.to_keep is None, "it has not worked yet"
        side.connected(connection, entry, NO_COOKIES)
        assert side.to_keep is OWN
        side.keeping_answered()
        side.connected(connection, entry, NO_COOKIES)
        assert side.to_keep is None

    def test_what_was_refused_is_not(self, connection: Connection) -> None:
        side = MeshSide()
        side.given(OWN)
        side.ask(Problem("Wrong."))
        side.given(None)  # the page asks now
        side.connected(connection, self.entry(), NO_COOKIES)
        assert side.to_keep is None

    def test_never_for_a_host(self, connection: Connection) -> None:
        connection.use(msgspec.structs.replace(connection.server, never_keep=(SITE.url,)))
        side = MeshSide()
        side.given(OWN)
        side.connected(connection, self.entry(), NO_COOKIES)
        assert side.to_keep is None


def test_a_session_link_tells_the_node(qtbot: QtBot) -> None:
    runner = Held()
    with far_server(runner) as far:
        desk = Desk(far, runner, qtbot)
        desk.opened()
        assert far.connection.nodes.of(AGENT_ID) == NODE
        desk.sessions.close_all()
