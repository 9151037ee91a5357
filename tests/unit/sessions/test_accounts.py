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
from console.files import NotSaved
from console.problem import Problem
from console.rmm.credentials import ApiKey, Credential, SessionToken
from console.secret import Secret
from console.servers import Server, ServerBook, Way
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.sessions.sealed_lists import NothingKept
from console.transport import CertificateUntrusted
from console.vault.errors import NoVault, VaultLocked, VaultProblem
from console.vault.store import KeyringVault, Kind, Vault
from tests.unit.sessions.parts import Held
from tests.unit.vault.backend import InMemory

PASSWORD = Secret("correct-horse")


@dataclass
class Home:
    """Accounts with a keyring of their own and a real RMM; calls of keyring and disk wait until `go`."""

    accounts: Accounts
    backend: InMemory
    keyring: Held
    disk: Held
    users: Users
    api: DemoApi
    server: Server
    book_file: Path
    done: list[object] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)
    connected: list[Connection | None] = field(default_factory=list)

    def go(self) -> None:
        self.keyring.go()
        self.disk.go()

    def token(self) -> SessionToken:
        """A session token that the RMM takes."""
        return SessionToken(Secret(self.users.new_token(self.users.technician)[0]))

    def sign_in(self, server: Server | None = None, credential: Credential | None = None) -> None:
        self.accounts.signed_in(
            server or self.server, credential or self.token(), PASSWORD, self.connected.append, self.failed.append
        )
        self.go()

    def sign_out(self, server: Server | None = None) -> None:
        self.accounts.sign_out(server or self.server, lambda: self.done.append(True), self.failed.append)
        self.go()

    def stored(self) -> set[Kind]:
        return {kind for kind in Kind if (f"technician-console {self.server.id}", kind.value) in self.backend.kept}

    def started_again(self) -> Accounts:
        """What the next start of the console finds."""
        return Accounts(ServerBook(self.book_file), lambda: KeyringVault(self.backend), self.keyring, self.disk)


@pytest.fixture
def open_vault() -> list[Problem]:
    """Problems that opening the keyring meets, in turn."""
    return []


@pytest.fixture
def home(qtbot: QtBot, tmp_path: Path, open_vault: list[Problem]) -> Iterator[Home]:
    machines = fleet.make(5)
    api = DemoApi(machines, Users(machines.machines[0].client, per_minute=None))
    backend, keyring_lane, disk = InMemory(), Held(), Held()

    def opened() -> Vault:
        if open_vault:
            raise open_vault[0]
        return KeyringVault(backend)

    path = tmp_path / "servers.json"
    with serve(api) as running:
        accounts = Accounts(ServerBook(path), opened, keyring_lane, disk)
        server = Server(address=running.address, name="Example")
        yield Home(accounts, backend, keyring_lane, disk, api.accounts, api, server, path)


def variant(server: Server, signed_in: bool, password: bool) -> Server:
    return msgspec.structs.replace(server, keep_signed_in=signed_in, keep_password=password)


class TestSigningIn:
    @pytest.mark.parametrize(
        ("signed_in", "password", "stored"),
        [
            (True, False, {Kind.SESSION_TOKEN}),
            (True, True, {Kind.SESSION_TOKEN, Kind.PASSWORD}),
            (False, True, {Kind.PASSWORD}),
            (False, False, set()),
        ],
    )
    def test_only_what_was_asked_for_is_stored(
        self, home: Home, signed_in: bool, password: bool, stored: set[Kind]
    ) -> None:
        home.sign_in(variant(home.server, signed_in, password))
        assert home.stored() == stored
        assert home.failed == []
        assert home.connected == [home.accounts.connections[home.server.id]]
        assert ServerBook(home.book_file).get(home.server.id) == variant(home.server, signed_in, password)

    @pytest.mark.parametrize("credential", ["token", "key"])
    def test_what_was_stored_before_and_is_no_longer_wanted_goes(self, home: Home, credential: str) -> None:
        home.sign_in(variant(home.server, True, True))
        home.sign_in(
            variant(home.server, False, False),
            home.token() if credential == "token" else ApiKey(home.users.key.secret),
        )
        assert home.stored() == set()

    def test_an_api_key_takes_the_place_of_a_session_token(self, home: Home) -> None:
        home.sign_in()
        home.sign_in(credential=ApiKey(home.users.key.secret))
        assert home.stored() == {Kind.API_KEY}

    def test_no_secret_is_in_the_list_of_servers(self, home: Home) -> None:
        token = home.token()
        home.sign_in(variant(home.server, True, True), token)
        text = home.book_file.read_text(encoding="utf-8")
        assert token.secret.reveal() not in text
        assert PASSWORD.reveal() not in text

    @pytest.mark.parametrize("error", [keyring.errors.KeyringLocked(), keyring.errors.InitError(), RuntimeError()])
    def test_when_the_keyring_fails_nothing_has_changed(self, home: Home, error: Exception) -> None:
        home.backend.error = error
        home.sign_in()
        assert [isinstance(problem, VaultProblem) for problem in home.failed] == [True]
        assert home.connected == []
        assert home.accounts.connections == {}
        assert not home.book_file.exists()
        home.backend.error = None
        home.sign_in()
        assert home.stored() == {Kind.SESSION_TOKEN}

    def test_for_this_run_only(self, home: Home) -> None:
        home.backend.error = keyring.errors.KeyringLocked()
        home.sign_in()
        home.accounts.use_memory()
        home.sign_in()
        assert len(home.connected) == 1
        home.backend.error = None
        assert home.backend.kept == {}
        home.accounts.connections.clear()
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert home.connected[-1] is not None, "within this run it is known"

    @pytest.mark.parametrize("problem", [NoVault(), VaultLocked()])
    def test_who_stores_nothing_needs_no_keyring(
        self, home: Home, open_vault: list[Problem], problem: VaultProblem
    ) -> None:
        open_vault.append(problem)
        home.sign_in(variant(home.server, False, False))
        assert home.failed == []
        assert len(home.connected) == 1

    def test_a_list_of_servers_that_cannot_be_saved_is_told(self, home: Home) -> None:
        told: list[object] = []
        home.accounts.not_saved.connect(told.append)
        home.book_file.mkdir()
        (home.book_file / "in the way").touch()
        home.sign_in()
        assert [type(problem) for problem in told] == [NotSaved]
        assert len(home.connected) == 1


class TestResuming:
    @pytest.mark.parametrize("kind", ["token", "key"])
    def test_the_next_start_needs_no_question(self, home: Home, kind: str) -> None:
        credential: Credential = home.token() if kind == "token" else ApiKey(home.users.key.secret)
        home.sign_in(credential=credential)
        again = home.started_again()
        again.resume(again.book.servers[0], home.connected.append, home.failed.append)
        home.go()
        connection = home.connected[-1]
        assert connection is not None
        assert connection.credential == credential
        assert home.api.requests == [], "nothing is asked of the server"
        assert connection.client.agents().agents

    def test_nothing_is_stored(self, home: Home) -> None:
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert home.connected == [None]
        assert home.accounts.connections == {}

    def test_who_is_signed_in_already_stays_so(self, home: Home) -> None:
        home.sign_in()
        home.backend.error = RuntimeError()
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        assert home.connected[0] is home.connected[1]

    def test_a_locked_keyring_is_told(self, home: Home) -> None:
        home.backend.error = keyring.errors.KeyringLocked()
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert [type(problem) for problem in home.failed] == [VaultLocked]

    def test_the_keyring_is_opened_once_it_is_there(self, home: Home, open_vault: list[Problem]) -> None:
        open_vault.append(NoVault())
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        open_vault.clear()
        home.accounts.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert home.connected == [None]
        assert [type(problem) for problem in home.failed] == [NoVault]

    def test_a_kept_password_is_found(self, home: Home) -> None:
        home.sign_in(variant(home.server, False, True))
        found: list[Secret | None] = []
        home.accounts.kept_password(home.server, found.append, home.failed.append)
        home.go()
        assert found == [PASSWORD]


class TestSigningOut:
    def until_done(self, home: Home, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: bool(home.done or home.failed), timeout=30_000)

    def test_everything_is_removed_and_the_session_ended(self, home: Home, qtbot: QtBot) -> None:
        home.sign_in(variant(home.server, True, True))
        assert home.users.open_tokens() == 1
        home.sign_out()
        self.until_done(home, qtbot)
        assert home.failed == []
        assert home.stored() == set()
        assert home.accounts.connections == {}
        assert home.users.open_tokens() == 0

    def test_an_api_key_has_no_session_to_end(self, home: Home, qtbot: QtBot) -> None:
        home.sign_in(credential=ApiKey(home.users.key.secret))
        home.sign_out()
        self.until_done(home, qtbot)
        assert home.failed == []
        assert home.api.requests == []
        assert home.stored() == set()

    def test_a_session_that_has_ended_already_is_fine(self, home: Home, qtbot: QtBot) -> None:
        home.sign_in()
        home.users.end_all_tokens()
        home.sign_out()
        self.until_done(home, qtbot)
        assert home.failed == []

    def test_a_server_that_is_away_is_told_and_all_is_gone_here(self, home: Home, qtbot: QtBot) -> None:
        away = msgspec.structs.replace(home.server, address="http://127.0.0.1:1")
        home.sign_in(away)
        home.sign_out(away)
        self.until_done(home, qtbot)
        assert home.stored() == set()
        assert "Example" in home.failed[0].what
        assert "5 hours" in home.failed[0].advice

    def test_a_locked_keyring_is_told_and_the_session_ended_all_the_same(self, home: Home, qtbot: QtBot) -> None:
        home.sign_in()
        home.backend.error = keyring.errors.KeyringLocked()
        home.sign_out()
        self.until_done(home, qtbot)
        assert [type(problem) for problem in home.failed] == [VaultLocked]
        assert home.users.open_tokens() == 0

    def test_without_a_keyring_nothing_was_stored(self, home: Home, qtbot: QtBot, open_vault: list[Problem]) -> None:
        open_vault.append(NoVault())
        server = variant(home.server, False, False)
        home.sign_in(server)
        home.sign_out(server)
        self.until_done(home, qtbot)
        assert home.failed == []
        assert home.users.open_tokens() == 0

    def test_a_removed_server_leaves_the_list(self, home: Home, qtbot: QtBot) -> None:
        home.sign_in()
        home.accounts.remove(home.server, lambda: home.done.append(True), home.failed.append)
        home.go()
        self.until_done(home, qtbot)
        home.go()
        assert home.accounts.book.servers == ()
        assert ServerBook(home.book_file).servers == ()
        assert home.stored() == set()

    def test_a_session_that_the_server_ended_is_dropped(self, home: Home) -> None:
        home.sign_in()
        changed: list[bool] = []
        home.accounts.changed.connect(lambda: changed.append(True))
        home.accounts.ended(home.server.id)
        home.accounts.ended(home.server.id)
        assert home.accounts.connections == {}
        assert changed == [True]


def test_a_changed_server_is_changed_in_its_connection_and_on_disk(home: Home) -> None:
    home.sign_in()
    connection = home.accounts.connections[home.server.id]
    trusted = msgspec.structs.replace(home.server, pins={"mesh.example.com:443": "ab" * 32})
    home.accounts.put(trusted)
    home.go()
    assert home.accounts.connections[home.server.id] is connection
    assert connection.server == trusted
    assert ServerBook(home.book_file).get(home.server.id) == trusted
    assert connection.client.agents().agents, "it goes on working"


def test_nothing_signs_in_while_a_certificate_is_undecided(home: Home) -> None:
    host = "mesh.example.test:443"
    server = msgspec.structs.replace(home.server, pins={host: "ab" * 32})
    home.sign_in(server)
    connection = home.accounts.connections[server.id]
    connection.transport.distrust(CertificateUntrusted(host, None, "ab" * 32, ""))
    asked = list(home.api.requests)
    url = f"{server.address}/"
    with pytest.raises(CertificateUntrusted):
        home.accounts.transport(server).send("GET", url)
    assert home.api.requests == asked

    trusting = msgspec.structs.replace(server, pins={host: "cd" * 32})
    home.accounts.transport(trusting).send("GET", url)
    connection.look_again()
    home.accounts.transport(server).send("GET", url)
    assert len(home.api.requests) == len(asked) + 2


def test_two_servers_do_not_share_anything(home: Home, qtbot: QtBot) -> None:
    other = Server(address=home.server.address, name="Other")
    home.sign_in()
    home.sign_in(other)
    assert len(home.accounts.connections) == 2
    home.sign_out(other)
    qtbot.waitUntil(lambda: bool(home.done), timeout=30_000)
    assert list(home.accounts.connections) == [home.server.id]
    assert home.stored() == {Kind.SESSION_TOKEN}
    assert home.users.open_tokens() == 1


class TestListKey:
    """The key of the sealed list of agents: made when one is wanted, and gone with the account."""

    @pytest.fixture
    def useless(self, home: Home) -> list[str]:
        """Servers whose list is to be forgotten, as it is said."""
        said: list[str] = []
        home.accounts.list_useless.connect(said.append)
        return said

    def key(self, home: Home, accounts: Accounts | None = None, *, make: bool = True) -> Secret | None:
        return (accounts or home.accounts).list_key(home.server.id, make)

    def test_it_is_made_once_and_found_at_the_next_start(self, home: Home) -> None:
        home.sign_in()
        assert self.key(home, make=False) is None
        made = self.key(home)
        assert made is not None
        assert self.key(home) == made
        second = home.started_again()
        with pytest.raises(NothingKept):
            self.key(home, second)
        second.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert self.key(home, second, make=False) == made

    def test_who_does_not_stay_signed_in_has_none(self, home: Home, useless: list[str]) -> None:
        home.sign_in()
        self.key(home)
        useless.clear()
        home.sign_in(variant(home.server, False, True))
        assert useless == [home.server.id]
        assert Kind.LIST_KEY not in home.stored()
        with pytest.raises(NothingKept):
            self.key(home)

    def test_in_memory_there_is_none(self, home: Home, open_vault: list[Problem]) -> None:
        open_vault.append(NoVault())
        home.accounts.use_memory()
        home.sign_in()
        assert home.failed == []
        with pytest.raises(NothingKept):
            self.key(home)

    def test_signing_out_removes_it(self, home: Home, useless: list[str]) -> None:
        home.sign_in()
        self.key(home)
        useless.clear()
        home.sign_out()
        assert useless == [home.server.id]
        assert home.stored() == set()
        with pytest.raises(NothingKept):
            self.key(home)

    def test_the_same_technician_who_signs_in_again_keeps_it(self, home: Home, useless: list[str]) -> None:
        home.sign_in()
        made = self.key(home)
        useless.clear()
        home.sign_in()
        assert useless == []
        assert self.key(home, make=False) == made

    @pytest.mark.parametrize("changed", ["username", "way", "key"])
    def test_another_account_does_not_get_the_list_of_the_last_one(
        self, home: Home, useless: list[str], changed: str
    ) -> None:
        by_key = msgspec.structs.replace(home.server, way=Way.API_KEY)
        if changed == "key":
            home.sign_in(by_key, ApiKey(home.users.key.secret))
        else:
            home.sign_in()
        made = self.key(home)
        useless.clear()
        if changed == "username":
            home.sign_in(msgspec.structs.replace(home.server, username="somebody else"))
        elif changed == "way":
            home.sign_in(by_key, ApiKey(home.users.key.secret))
        else:
            home.sign_in(by_key, ApiKey(Secret("ANOTHERKEY")))
        assert useless == [home.server.id]
        assert self.key(home, make=False) is None
        assert self.key(home) != made

    def test_the_same_api_key_keeps_it(self, home: Home, useless: list[str]) -> None:
        by_key = msgspec.structs.replace(home.server, way=Way.API_KEY)
        home.sign_in(by_key, ApiKey(home.users.key.secret))
        made = self.key(home)
        useless.clear()
        home.sign_in(by_key, ApiKey(home.users.key.secret))
        assert useless == []
        assert self.key(home) == made


class TestLookingUpEarly:
    def test_it_is_there_when_it_is_wanted_and_was_asked_for_once(self, home: Home) -> None:
        home.sign_in()
        second = home.started_again()
        second.look_up(home.server)
        home.go()
        home.connected.clear()
        assert second.connections == {}
        second.resume(home.server, home.connected.append, home.failed.append)
        assert home.keyring.waiting == []
        assert home.connected == [second.connections[home.server.id]]

    def test_one_who_comes_before_it_is_there_waits(self, home: Home) -> None:
        home.sign_in()
        second = home.started_again()
        second.look_up(home.server)
        home.connected.clear()
        second.resume(home.server, home.connected.append, home.failed.append)
        assert home.connected == []
        home.go()
        assert home.connected == [second.connections[home.server.id]]

    def test_a_failure_is_told_once_and_then_tried_anew(self, home: Home) -> None:
        home.sign_in()
        home.backend.error = keyring.errors.KeyringLocked()
        second = home.started_again()
        second.look_up(home.server)
        home.go()
        assert home.failed == []
        home.connected.clear()
        second.resume(home.server, home.connected.append, home.failed.append)
        assert [type(problem) for problem in home.failed] == [VaultLocked]
        home.backend.error = None
        second.resume(home.server, home.connected.append, home.failed.append)
        home.go()
        assert home.connected == [second.connections[home.server.id]]
