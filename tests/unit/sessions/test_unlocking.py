"""What unlocks the console: a PIN in the keyring or in memory, a password or an API key that the server takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keyring.errors
import msgspec
import pytest
from pytestqt.qtbot import QtBot

from console.demo import fleet
from console.demo.accounts import Accounts as Users
from console.demo.api import DemoApi, serve
from console.problem import Problem
from console.rmm.credentials import ApiKey
from console.secret import Secret
from console.servers import Server, ServerBook, Way
from console.sessions.accounts import Accounts
from console.sessions.lock import MOST_TRIES, Lock, LockFile, LockReason
from console.sessions.unlocking import NoTries, Unlocking, WrongProof
from console.transport import CertificateUntrusted
from console.vault.errors import NoVault, VaultFailed, VaultProblem
from console.vault.store import THIS_CONSOLE, KeyringVault, Kind, Vault
from tests.unit.sessions.parts import Inline
from tests.unit.vault.backend import InMemory

PIN = Secret("704913")


@dataclass
class Door:
    """A locked console with a keyring, and a server to ask."""

    backend: InMemory
    users: Users
    server: Server
    path: Path
    book: ServerBook
    vault_problem: Problem | None = None
    told: list[Problem | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()
        self.lock.lock(LockReason.HAND)

    def start(self) -> None:
        """As the next start of the console finds it."""
        file = LockFile(self.path)
        self.lock = Lock(file, Inline(), file.load())
        self.accounts = Accounts(self.book, self._vault, Inline(), Inline())
        self.unlocking = Unlocking(self.lock, self.accounts, Inline())

    def _vault(self) -> Vault:
        if self.vault_problem:
            raise self.vault_problem
        return KeyringVault(self.backend)

    def set_pin(self, pin: Secret = PIN) -> Problem | None:
        failed: list[Problem] = []
        self.unlocking.set_pin(pin, lambda: None, failed.append)
        return failed[0] if failed else None

    def try_pin(self, text: str) -> Problem | None:
        self.told.clear()
        self.unlocking.try_pin(Secret(text), self.told.append)
        (problem,) = self.told
        return problem

    def try_server(self, text: str, server: Server | None = None) -> Problem | None:
        self.told.clear()
        self.unlocking.try_server(server or self.server, Secret(text), self.told.append)
        (problem,) = self.told
        return problem

    @property
    def password(self) -> str:
        return self.users.technician.password.reveal()


@pytest.fixture
def door(qtbot: QtBot, tmp_path: Path) -> Iterator[Door]:
    machines = fleet.make(5)
    api = DemoApi(machines, Users(machines.machines[0].client, per_minute=None))
    with serve(api) as running:
        server = Server(address=running.address, name="Example", username=api.accounts.technician.name)
        book = ServerBook(tmp_path / "servers.json")
        book.put(server)
        yield Door(InMemory(), api.accounts, server, tmp_path / "lock.json", book)


class TestPin:
    def test_it_opens_and_a_wrong_one_says_how_many_tries_are_left(self, door: Door) -> None:
        assert door.set_pin() is None
        problem = door.try_pin("704914")
        assert isinstance(problem, WrongProof)
        assert f"{MOST_TRIES - 1} tries are left" in problem.advice
        assert door.lock.locked
        assert door.try_pin("704913") is None
        assert not door.lock.locked
        assert door.lock.tries_left == MOST_TRIES

    def test_it_is_kept_hashed_and_works_at_the_next_start(self, door: Door) -> None:
        door.set_pin()
        (kept,) = door.backend.kept.values()
        assert PIN.reveal() not in kept
        door.start()
        assert door.unlocking.has_pin
        assert door.try_pin("704913") is None

    def test_after_the_last_try_the_right_one_is_not_taken_either(self, door: Door) -> None:
        door.set_pin()
        exhausted: list[bool] = []
        door.lock.exhausted.connect(lambda: exhausted.append(True))
        for _ in range(MOST_TRIES):
            door.try_pin("000")
        assert exhausted == [True]
        assert isinstance(door.try_pin("704913"), NoTries)
        door.start()
        assert isinstance(door.try_pin("704913"), NoTries), "a restart gave tries back"
        assert door.try_server(door.password) is None
        door.lock.lock(LockReason.HAND)
        assert door.try_pin("704913") is None, "who has proved himself uses the PIN again"

    def test_one_that_is_no_pin_is_not_set(self, door: Door) -> None:
        assert door.set_pin(Secret("12")) is not None
        assert not door.unlocking.has_pin
        assert door.backend.kept == {}

    def test_without_a_keyring_it_is_for_this_run(self, door: Door) -> None:
        door.vault_problem = NoVault()
        assert isinstance(door.set_pin(), VaultProblem)
        done: list[bool] = []
        door.unlocking.use_for_run(PIN, lambda: done.append(True), lambda _: None)
        assert done
        assert door.unlocking.has_pin
        assert isinstance(door.try_pin("1"), WrongProof)
        assert door.try_pin("704913") is None
        door.start()
        assert not door.unlocking.has_pin

    def test_who_keeps_secrets_in_memory_has_the_pin_there(self, door: Door) -> None:
        door.accounts.use_memory()
        assert door.set_pin() is None
        assert door.backend.kept == {}
        assert door.try_pin("704913") is None
        door.start()
        assert not door.unlocking.has_pin

    def test_a_keyring_that_does_not_answer_costs_no_try(self, door: Door) -> None:
        door.set_pin()
        door.backend.error = RuntimeError("broken")
        assert isinstance(door.try_pin("704913"), VaultFailed)
        door.backend.error = keyring.errors.KeyringLocked("locked")
        assert isinstance(door.try_pin("704913"), VaultProblem)
        assert door.lock.tries_left == MOST_TRIES
        assert door.lock.locked

    def test_one_that_was_taken_out_of_the_keyring_opens_nothing(self, door: Door) -> None:
        door.set_pin()
        door.backend.kept.clear()
        assert door.try_pin("704913") is not None
        assert door.lock.locked

    def test_it_opens_where_the_state_of_the_lock_was_damaged(self, door: Door) -> None:
        door.set_pin()
        door.path.write_text("{", encoding="utf-8")
        door.start()
        assert door.lock.locked
        assert door.try_pin("704913") is None
        assert door.lock.tries_left == MOST_TRIES

    def test_where_that_was_damaged_and_there_was_none_nothing_is_used_up(self, door: Door) -> None:
        door.path.write_text("{", encoding="utf-8")
        door.start()
        assert door.try_pin("704913") is not None
        assert door.lock.tries_left == 1
        assert door.try_server(door.password) is None
        assert not door.unlocking.has_pin, "a PIN is asked for that nobody has"

    def test_it_can_be_removed(self, door: Door) -> None:
        door.set_pin()
        door.unlocking.remove_pin(lambda: None, lambda _: None)
        assert not door.unlocking.has_pin
        assert KeyringVault(door.backend).get(THIS_CONSOLE, Kind.LOCK_PIN) is None

    def test_signing_out_leaves_it(self, door: Door) -> None:
        door.set_pin()
        door.accounts.sign_out(door.server, lambda: None, lambda _: None)
        assert door.try_pin("704913") is None

    def test_before_a_change_it_is_asked_for_and_counted_too(self, door: Door) -> None:
        door.set_pin()
        door.lock.unlock()
        assert isinstance(door.try_pin("1"), WrongProof)
        assert door.lock.tries_left == MOST_TRIES - 1
        assert door.try_pin("704913") is None
        assert door.lock.tries_left == MOST_TRIES


class TestServer:
    def test_the_password_opens(self, door: Door) -> None:
        problem = door.try_server("wrong horse")
        assert isinstance(problem, WrongProof)
        assert door.lock.tries_left == MOST_TRIES - 1
        assert door.try_server(door.password) is None
        assert not door.lock.locked

    def test_no_password_is_sent_while_a_certificate_there_is_undecided(self, door: Door) -> None:
        server = msgspec.structs.replace(door.server, pins={"mesh.example.test:443": "ab" * 32})
        door.accounts.signed_in(server, ApiKey(door.users.key.secret), None, lambda _: None, door.told.append)
        transport = door.accounts.connections[server.id].transport
        transport.distrust(CertificateUntrusted("mesh.example.test:443", None, "ab" * 32, ""))
        assert isinstance(door.try_server(door.password, server), CertificateUntrusted)
        assert door.lock.locked
        assert door.lock.tries_left == MOST_TRIES
        door.accounts.sign_out(server, lambda: None, lambda _: None)
        assert door.try_server(door.password, server) is None

    def test_so_does_an_api_key_and_no_other(self, door: Door) -> None:
        server = msgspec.structs.replace(door.server, way=Way.API_KEY)
        assert isinstance(door.try_server("A" * 32, server), WrongProof)
        assert door.lock.tries_left == MOST_TRIES - 1
        assert door.try_server(door.users.key.secret.reveal(), server) is None
        assert not door.lock.locked

    def test_a_server_that_does_not_answer_costs_no_try(self, door: Door) -> None:
        away = msgspec.structs.replace(door.server, address="http://127.0.0.1:9")
        problem = door.try_server(door.password, away)
        assert problem is not None
        assert not isinstance(problem, WrongProof)
        assert door.lock.locked
        assert door.lock.tries_left == MOST_TRIES

    def test_an_empty_password_is_not_sent_and_costs_no_try(self, door: Door) -> None:
        assert door.try_server("") is not None
        assert door.lock.tries_left == MOST_TRIES

    def test_wrong_ones_use_up_the_tries_and_then_only_the_server_counts(self, door: Door) -> None:
        exhausted: list[bool] = []
        door.lock.exhausted.connect(lambda: exhausted.append(True))
        for _ in range(MOST_TRIES + 2):
            assert isinstance(door.try_server("wrong horse"), WrongProof)
        assert exhausted == [True]
        assert door.try_server(door.password) is None


def test_what_counts_as_a_way_back(door: Door) -> None:
    assert door.unlocking.has_way
    door.book.put(msgspec.structs.replace(door.server, way=Way.API_KEY))
    assert not door.unlocking.has_way, "nobody knows an API key by heart"
    door.set_pin()
    assert door.unlocking.has_way
