"""What leaves memory while the console is locked, and comes back."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.demo import fleet
from console.demo.accounts import Accounts as Users
from console.demo.api import DemoApi, serve
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.credentials import Credential, SessionToken
from console.rmm.models import Agent
from console.secret import Secret
from console.servers import Server, ServerBook
from console.sessions.accounts import Accounts
from console.sessions.agent_watches import AgentWatches, Awaited
from console.sessions.connection import Connection
from console.sessions.fleet_actions import FleetActions
from console.sessions.fleet_watch import FleetWatch
from console.sessions.fleet_watches import FleetWatches
from console.sessions.lock import Lock, LockFile, LockReason
from console.sessions.locked_away import LockedAway
from console.sessions.manager import Sessions
from console.sessions.sign_in_flow import SignInFlow, Step
from console.sessions.transfers import Transfers
from console.vault.store import KeyringVault, MemoryVault
from tests.unit.sessions.parts import FakePage, Held, Inline
from tests.unit.vault.backend import InMemory


@dataclass
class House:
    """A console that is signed in, by its real parts; calls of the keyring wait until `go`."""

    server: Server
    users: Users
    api: DemoApi
    folder: Path
    qtbot: QtBot
    backend: InMemory = field(default_factory=InMemory)
    keyring: Held = field(default_factory=Held)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = Lock(LockFile(self.folder / "lock.json"), Inline())
        book = ServerBook(self.folder / "servers.json")
        self.accounts = Accounts(book, lambda: KeyringVault(self.backend), self.keyring, Inline())
        self.sessions = Sessions(FakePage)
        self.transfers = Transfers(self.sessions)
        self.actions, self.watched = FleetActions(), AgentWatches()
        self.watches = FleetWatches(self.sessions)
        self.flow = SignInFlow(self.accounts, Inline())
        self.away = LockedAway(
            self.lock,
            self.accounts,
            self.sessions,
            self.transfers,
            self.actions,
            self.watched,
            self.watches,
            self.flow,
            Inline(),
        )
        self.away.not_back.connect(lambda _, problem: self.problems.append(problem))

    def sign_in(self) -> Connection:
        token = SessionToken(Secret(self.users.new_token(self.users.technician)[0]))
        self.accounts.signed_in(self.server, token, None, lambda _: None, self.problems.append)
        self.keyring.go()
        return self.accounts.connections[self.server.id]

    def watch(self, connection: Connection) -> FleetWatch:
        watch = self.watches.watch(connection)
        watch.start()
        self.qtbot.waitUntil(lambda: watch.as_of is not None, timeout=30_000)
        return watch

    def locks(self) -> None:
        self.lock.lock(LockReason.HAND)
        self.keyring.go()

    def unlocks(self) -> None:
        self.lock.unlock()
        self.keyring.go()

    @property
    def lists_asked(self) -> int:
        return self.api.requests.count(("GET", "/agents/"))


@pytest.fixture
def house(qtbot: QtBot, tmp_path: Path) -> Iterator[House]:
    machines = fleet.make(5)
    api = DemoApi(machines, Users(machines.machines[0].client, per_minute=None))
    with serve(api) as running:
        made = House(Server(address=running.address, name="Example"), api.accounts, api, tmp_path, qtbot)
        yield made
        made.watches.stop()
        made.transfers.stop()


def of(connection: Connection) -> Credential:
    """The credential now: a type checker takes an attribute for unchanged."""
    return connection.credential


def test_a_credential_is_freed_and_read_again(house: House) -> None:
    connection = house.sign_in()
    watch = house.watch(connection)
    kept = of(connection).secret
    alone = sys.getrefcount(Secret("x")) + 1  # with the name here
    assert sys.getrefcount(kept) > alone
    house.locks()
    assert connection.withheld
    house.qtbot.waitUntil(lambda: sys.getrefcount(kept) == alone, timeout=30_000)
    with pytest.raises(Problem, match="locked"):
        connection.client.agents()
    asked = house.lists_asked
    watch.seen(True)
    assert house.lists_asked == asked
    assert not watch.busy, "the list is asked for without a credential"
    house.unlocks()
    assert of(connection).secret == kept
    house.qtbot.waitUntil(lambda: house.lists_asked > asked, timeout=30_000)
    assert house.problems == []


def test_one_that_only_memory_has_stays(house: House) -> None:
    house.accounts._vault = MemoryVault()
    connection = house.sign_in()
    token = of(connection)
    house.locks()
    assert of(connection) is token
    house.unlocks()
    assert of(connection) is token


def test_one_that_is_not_kept_stays(house: House) -> None:
    connection = house.sign_in()
    house.backend.kept.clear()
    house.locks()
    assert not connection.withheld


def test_a_keyring_that_is_gone_takes_nothing_along(house: House) -> None:
    connection = house.sign_in()
    house.backend.error = RuntimeError("broken")
    house.locks()
    assert not connection.withheld


@pytest.mark.parametrize("what", ["session", "watched"])
def test_what_something_needs_stays_until_it_is_over(house: House, what: str) -> None:
    connection = house.sign_in()
    agent = Agent(agent_id="a" * 40, hostname="pc")
    if what == "session":
        session = house.sessions.open(connection, agent, SessionKind.TERMINAL)
        session.wait_for_online()
    else:
        house.watched.add(house.server.id, [agent], Awaited.ONLINE)
    house.locks()
    assert not connection.withheld
    if what == "session":
        house.sessions.close(session)
    else:
        house.watched.remove(house.watched.watched)
    house.away.put_away()
    house.keyring.go()
    assert connection.withheld
    house.unlocks()


def test_links_that_were_asked_for_are_forgotten(house: House) -> None:
    connection = house.sign_in()
    house.watched.add(house.server.id, [Agent(agent_id="a" * 40)], Awaited.ONLINE)
    links = connection.links
    house.locks()
    assert connection.links is not links


def test_unlocking_at_once_wins_over_the_keyring(house: House) -> None:
    connection = house.sign_in()
    token = of(connection)
    house.lock.lock(LockReason.HAND)
    house.lock.unlock()
    house.keyring.go()
    assert of(connection) is token


def test_what_the_keyring_does_not_have_any_more_is_told(house: House) -> None:
    connection = house.sign_in()
    house.locks()
    assert connection.withheld
    house.backend.kept.clear()
    house.unlocks()
    assert [problem.advice for problem in house.problems] == ["Sign in again."]
    house.locks()
    house.backend.error = RuntimeError("broken")
    house.unlocks()
    assert len(house.problems) == 2


def step_of(flow: SignInFlow) -> Step:
    return flow.step


def test_a_password_that_waits_for_its_code_is_typed_again(house: House) -> None:
    user = house.users.technician
    house.flow.start(house.server)
    house.flow.give_password(user.name, user.password, True, False)
    assert step_of(house.flow) is Step.CODE
    house.locks()
    assert step_of(house.flow) is Step.CREDENTIALS
    assert house.flow._password is None
    assert house.flow.problem is None
