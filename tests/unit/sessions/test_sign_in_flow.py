from collections.abc import Iterator
from pathlib import Path

import keyring.errors
import pytest
from pytestqt.qtbot import QtBot

from console.demo import fleet
from console.demo.accounts import Accounts as Users
from console.demo.accounts import User
from console.demo.api import DemoApi, serve
from console.demo.api_server import RunningApi
from console.rmm.errors import SignInAgain, Throttled
from console.rmm.refusals import Incomplete, WrongAddress, WrongCode, WrongCredentials
from console.secret import Secret
from console.servers import Server, ServerBook, Way
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.sessions.sign_in_flow import SignInFlow, Step
from console.transport import CertificateUntrusted, Unreachable
from console.vault.errors import VaultLocked
from console.vault.store import KeyringVault, Kind
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.sessions.parts import Held
from tests.unit.tls import identity
from tests.unit.vault.backend import InMemory


class Desk:
    """A flow against the demo's RMM. Calls wait until `go`."""

    def __init__(self, folder: Path, api: DemoApi, running: RunningApi) -> None:
        self.api = api
        self.users = api.accounts
        self.address = running.address
        self.backend = InMemory()
        self.runner = Held()
        self.keyring = Held()
        self.book = ServerBook(folder / "servers.json")
        self.accounts = Accounts(self.book, lambda: KeyringVault(self.backend), self.keyring, Held())
        self.flow = SignInFlow(self.accounts, self.runner)
        self.finished: list[Connection] = []
        self.flow.finished.connect(self.finished.append)

    def go(self) -> None:
        while self.runner.waiting or self.keyring.waiting:
            self.runner.go()
            self.keyring.go()

    def step(self) -> Step:
        return self.flow.step

    def reach(self) -> None:
        self.flow.give_address(self.address)
        self.go()
        assert self.step() is Step.CREDENTIALS

    def credentials(
        self, user: User, password: Secret | None = None, keep: bool = True, keep_password: bool = False
    ) -> None:
        self.flow.give_password(user.name, password or user.password, keep, keep_password)
        self.go()

    def code(self, user: User) -> None:
        self.flow.give_code(self.users.code(user))
        self.go()

    def stored(self, server: Server) -> set[Kind]:
        return {kind for kind in Kind if (f"technician-console {server.id}", kind.value) in self.backend.kept}


@pytest.fixture
def api() -> DemoApi:
    machines = fleet.make(5)
    return DemoApi(machines, Users(machines.machines[0].client, per_minute=None))


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, api: DemoApi) -> Iterator[Desk]:
    with serve(api) as running:
        yield Desk(tmp_path, api, running)


class TestAddress:
    def test_it_is_reached_before_anything_else_is_asked(self, desk: Desk) -> None:
        assert desk.step() is Step.ADDRESS
        desk.flow.give_address(f"  {desk.address}/  ")
        assert desk.flow.busy
        desk.go()
        assert not desk.flow.busy
        assert desk.step() is Step.CREDENTIALS
        assert desk.flow.server.address == desk.address
        assert desk.flow.server.name

    @pytest.mark.parametrize("typed", ["", "http://api.example.com", "ftp://x", "https://user:pw@api.example.com"])
    def test_one_that_cannot_be_is_refused_at_once(self, desk: Desk, typed: str) -> None:
        desk.flow.give_address(typed)
        assert desk.step() is Step.ADDRESS
        assert desk.flow.problem is not None
        assert desk.runner.waiting == []

    def test_another_server_is_told_apart(self, desk: Desk) -> None:
        with serve(Scripted({"/": [answer(b"<html>")]})) as other:
            desk.flow.give_address(other.address)
            desk.go()
        assert desk.step() is Step.ADDRESS
        assert isinstance(desk.flow.problem, WrongAddress)

    def test_a_server_that_is_away(self, desk: Desk) -> None:
        desk.flow.give_address("http://127.0.0.1:1")
        desk.go()
        assert desk.step() is Step.ADDRESS
        assert isinstance(desk.flow.problem, Unreachable)

    def test_a_known_server_is_recognised(self, desk: Desk) -> None:
        known = Server(address=desk.address, name="Known", username="tech", pins={"a:1": "b"})
        desk.book.put(known)
        desk.reach()
        assert desk.flow.server == known

    def test_another_address_is_another_server(self, desk: Desk) -> None:
        """Nothing that is kept for one server goes to the next: not its id, user, pins or password."""
        kept = Server(address="https://api.other.example", username="tech", pins={"a:1": "b"}, keep_password=True)
        desk.book.put(kept)
        KeyringVault(desk.backend).put(kept.id, Kind.PASSWORD, Secret("other's password"))
        desk.flow.start(kept)
        desk.keyring.go()
        assert desk.flow.kept_password == Secret("other's password")
        desk.flow.back()
        desk.runner.waiting.clear()
        desk.reach()
        assert desk.flow.server.id != kept.id
        assert desk.flow.server.username == ""
        assert desk.flow.server.pins == {}
        assert desk.flow.kept_password is None

    def test_a_password_that_is_found_late_is_not_used_for_another_server(self, desk: Desk) -> None:
        kept = Server(address="https://api.other.example", username="tech", keep_password=True)
        KeyringVault(desk.backend).put(kept.id, Kind.PASSWORD, Secret("other's password"))
        desk.flow.start(kept)
        desk.flow.start(None)
        desk.flow.give_address(desk.address)
        desk.go()
        assert desk.flow.kept_password is None
        assert desk.step() is Step.CREDENTIALS
        assert ("POST", "/v2/checkcreds/") not in desk.api.requests

    def test_providers_for_single_sign_on_are_learnt(self, desk: Desk) -> None:
        desk.api.sso_providers = ("Keycloak",)
        desk.reach()
        assert desk.flow.providers == ("Keycloak",)


class TestPasswordAndCode:
    def test_the_whole_way(self, desk: Desk) -> None:
        user = desk.users.technician
        desk.reach()
        desk.credentials(user)
        assert desk.step() is Step.CODE
        desk.code(user)
        assert len(desk.finished) == 1
        server = desk.finished[0].server
        assert server.username == user.name
        assert server.way is Way.PASSWORD
        assert desk.book.servers == (server,)
        assert desk.stored(server) == {Kind.SESSION_TOKEN}
        assert desk.finished[0].client.agents().agents
        assert desk.flow.kept_password is None

    def test_the_password_is_stored_only_where_asked(self, desk: Desk) -> None:
        user = desk.users.technician
        desk.reach()
        desk.credentials(user, keep=False, keep_password=True)
        desk.code(user)
        assert desk.stored(desk.finished[0].server) == {Kind.PASSWORD}

    def test_a_kept_password_needs_only_the_code(self, desk: Desk) -> None:
        user = desk.users.technician
        desk.reach()
        desk.credentials(user, keep=False, keep_password=True)
        desk.code(user)
        server = desk.finished[0].server
        why = SignInAgain("Your sign-in has ended.", "", "")
        desk.flow.start(server, why)
        desk.go()
        assert desk.step() is Step.CODE
        assert desk.flow.problem is why
        desk.code(user)
        assert len(desk.finished) == 2

    @pytest.mark.parametrize("name", ["technician", "nobody"])
    def test_wrong_credentials(self, desk: Desk, name: str) -> None:
        desk.reach()
        desk.flow.give_password(name, Secret("wrong"), True, False)
        desk.go()
        assert desk.step() is Step.CREDENTIALS
        assert isinstance(desk.flow.problem, WrongCredentials)

    @pytest.mark.parametrize(("name", "password"), [("", "x"), ("x", "")])
    def test_missing_credentials_are_not_sent(self, desk: Desk, name: str, password: str) -> None:
        desk.reach()
        desk.flow.give_password(name, Secret(password), True, False)
        desk.go()
        assert isinstance(desk.flow.problem, Incomplete)
        assert ("POST", "/v2/checkcreds/") not in desk.api.requests

    def test_a_wrong_code_can_be_tried_again(self, desk: Desk) -> None:
        user = desk.users.technician
        desk.reach()
        desk.credentials(user)
        right = desk.users.code(user)
        desk.flow.give_code("000000" if right != "000000" else "000001")
        desk.go()
        assert desk.step() is Step.CODE
        assert isinstance(desk.flow.problem, WrongCode)
        desk.flow.give_code(right)
        assert desk.flow.problem is None
        desk.go()
        assert len(desk.finished) == 1

    def test_throttling_says_for_how_long(self, desk: Desk) -> None:
        desk.reach()
        desk.users.per_minute = 1
        for _ in range(2):
            desk.flow.give_password("technician", Secret("wrong"), True, False)
            desk.go()
        assert isinstance(desk.flow.problem, Throttled)
        assert 0 < desk.flow.throttled <= 60
        desk.flow.back()
        assert desk.flow.throttled == 0

    def test_a_newcomer_gets_a_key_for_codes_once(self, desk: Desk) -> None:
        user = desk.users.newcomer
        desk.reach()
        desk.credentials(user)
        assert desk.step() is Step.TOTP_KEY
        assert desk.flow.totp_key is not None
        assert desk.flow.totp_key.key == user.totp_key
        assert desk.users.open_tokens() == 0, "the token for the set-up does not lie about"
        desk.flow.totp_key_noted()
        assert desk.flow.totp_key is None
        assert desk.step() is Step.CODE
        desk.code(user)
        assert len(desk.finished) == 1

    def test_one_question_at_a_time(self, desk: Desk) -> None:
        desk.reach()
        for _ in range(3):
            desk.flow.give_password("technician", desk.users.technician.password, True, False)
        desk.go()
        assert desk.api.requests.count(("POST", "/v2/checkcreds/")) == 1

    def test_going_back_drops_the_answer_and_the_password(self, desk: Desk) -> None:
        user = desk.users.technician
        desk.reach()
        desk.credentials(user)
        desk.flow.give_code(desk.users.code(user))
        desk.flow.back()
        assert desk.step() is Step.CREDENTIALS
        assert not desk.flow.busy
        desk.go()
        assert desk.finished == []
        assert desk.step() is Step.CREDENTIALS
        desk.flow.give_code("123456")
        assert desk.runner.waiting == []
        desk.flow.back()
        assert desk.step() is Step.ADDRESS


class TestApiKey:
    def test_it_is_used_once_and_kept(self, desk: Desk) -> None:
        desk.reach()
        desk.flow.give_api_key(f"  {desk.users.key.secret.reveal()}\n", True)
        desk.go()
        server = desk.finished[0].server
        assert server.way is Way.API_KEY
        assert desk.stored(server) == {Kind.API_KEY}
        assert desk.finished[0].client.agents().agents

    @pytest.mark.parametrize("which", ["unknown", "expired", "inactive"])
    def test_one_that_is_not_taken(self, desk: Desk, which: str) -> None:
        keys = {"expired": desk.users.expired_key.secret, "inactive": desk.users.inactive_key.secret}
        desk.reach()
        desk.flow.give_api_key(keys.get(which, Secret("K" * 32)).reveal(), True)
        desk.go()
        assert desk.step() is Step.CREDENTIALS
        assert isinstance(desk.flow.problem, SignInAgain)
        assert desk.finished == []

    @pytest.mark.parametrize("typed", ["", "two words", "ключ"])
    def test_what_is_no_key_is_not_sent(self, desk: Desk, typed: str) -> None:
        desk.reach()
        desk.flow.give_api_key(typed, True)
        assert desk.flow.problem is not None
        assert desk.runner.waiting == []
        assert typed not in desk.flow.problem.report() or not typed


class TestKeyring:
    def failing(self, desk: Desk) -> None:
        """Signs in while the keyring is locked."""
        desk.backend.error = keyring.errors.KeyringLocked()
        desk.reach()
        desk.flow.give_api_key(desk.users.key.secret.reveal(), True)
        desk.go()
        assert desk.step() is Step.KEYRING
        assert isinstance(desk.flow.problem, VaultLocked)
        assert desk.finished == []

    def test_another_try(self, desk: Desk) -> None:
        self.failing(desk)
        desk.flow.keyring_again()
        desk.go()
        assert desk.step() is Step.KEYRING
        desk.backend.error = None
        desk.flow.keyring_again()
        desk.go()
        assert desk.stored(desk.finished[0].server) == {Kind.API_KEY}
        assert desk.api.requests.count(("GET", "/core/dashinfo/")) == 1, "nobody signs in twice for it"

    def test_for_this_run_only(self, desk: Desk) -> None:
        self.failing(desk)
        desk.flow.for_this_run_only()
        desk.go()
        assert len(desk.finished) == 1
        assert desk.backend.kept == {}

    def test_back_to_the_credentials(self, desk: Desk) -> None:
        self.failing(desk)
        desk.flow.back()
        assert desk.step() is Step.CREDENTIALS
        desk.backend.error = None
        desk.flow.keyring_again()
        desk.go()
        assert desk.finished == []

    @pytest.mark.parametrize("locked", [True, False])
    def test_an_answer_for_a_sign_in_that_was_left_disturbs_no_other(self, desk: Desk, locked: bool) -> None:
        desk.reach()
        desk.flow.give_api_key(desk.users.key.secret.reveal(), True)
        desk.runner.go()
        assert desk.keyring.waiting
        desk.backend.error = keyring.errors.KeyringLocked() if locked else None
        desk.flow.start(None)
        desk.go()
        assert desk.step() is Step.ADDRESS
        assert desk.flow.problem is None
        assert desk.finished == []

    def test_a_start_with_a_locked_keyring(self, desk: Desk) -> None:
        server = Server(address=desk.address)
        KeyringVault(desk.backend).put(server.id, Kind.API_KEY, desk.users.key.secret)
        desk.flow.start(server, VaultLocked())
        assert desk.step() is Step.KEYRING
        desk.flow.keyring_again()
        desk.go()
        assert desk.finished[0].server == server
        desk.flow.start(Server(address=desk.address), VaultLocked())
        desk.flow.for_this_run_only()
        desk.go()
        assert desk.step() is Step.CREDENTIALS


class TestCertificate:
    @pytest.fixture
    def own(self, qtbot: QtBot, tmp_path: Path, api: DemoApi) -> Iterator[tuple[Desk, str]]:
        """A server whose certificate nobody has trusted yet, and that certificate's fingerprint."""
        certificate = identity(tmp_path, "127.0.0.1")
        with serve(api, certificate.context) as running:
            yield Desk(tmp_path, api, running), certificate.fingerprint

    def test_it_is_shown_trusted_and_gone_on_with(self, own: tuple[Desk, str]) -> None:
        desk, fingerprint = own
        desk.flow.give_address(desk.address)
        desk.go()
        assert desk.step() is Step.CERTIFICATE
        assert desk.flow.certificate is not None
        assert desk.flow.certificate.certificate is not None
        assert desk.flow.certificate.certificate.fingerprint == fingerprint
        desk.flow.trust_certificate()
        desk.go()
        assert desk.step() is Step.CREDENTIALS
        assert desk.flow.certificate is None
        desk.flow.give_api_key(desk.users.key.secret.reveal(), True)
        desk.go()
        assert list(desk.finished[0].server.pins.values()) == [fingerprint]
        assert desk.finished[0].client.agents().agents

    def test_it_is_not_trusted(self, own: tuple[Desk, str]) -> None:
        desk, _ = own
        desk.flow.give_address(desk.address)
        desk.go()
        desk.flow.back()
        assert desk.step() is Step.ADDRESS
        assert desk.flow.certificate is None
        assert desk.flow.server.pins == {}

    def test_a_renewed_one_holds_up_a_known_server(self, own: tuple[Desk, str]) -> None:
        desk, fingerprint = own
        host = desk.address.partition("://")[2]
        known = Server(address=desk.address, pins={host: "ab" * 32})
        desk.flow.start(known)
        desk.flow.give_api_key(desk.users.key.secret.reveal(), True)
        desk.go()
        assert desk.step() is Step.CERTIFICATE
        assert isinstance(desk.flow.certificate, CertificateUntrusted)
        assert desk.flow.certificate.pinned == "ab" * 32
        desk.flow.trust_certificate()
        desk.go()
        assert desk.finished[0].server.pins == {host: fingerprint}
        assert desk.finished[0].server.id == known.id
