"""What is kept on this computer, in a real Secret Service: asked for, used at the next start, and removed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import secretstorage
from pytestqt.qtbot import QtBot

from console.secret import Secret
from console.sessions.sign_in_flow import Step
from tests.e2e.desk import Console, Desk
from tests.e2e.real_keyring import RealKeyring
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import USER, SignInDesk, choose
from tests.e2e.surroundings import Surroundings

pytestmark = pytest.mark.e2e

TOKEN, KEY, PASSWORD = "session token", "API key", "password"
CHECK, SIGN_IN, SIGN_OUT = ("POST", "/v2/checkcreds/"), ("POST", "/v2/login/"), ("POST", "/logout/")
THIS_RUN = "Go on for this run only"


@pytest.fixture
def kept(surroundings: Surroundings, qtbot: QtBot) -> RealKeyring:
    return RealKeyring(surroundings.keyring_password, qtbot)


@pytest.fixture
def locked(kept: RealKeyring) -> Iterator[RealKeyring]:
    """The keyring with a means to lock it; afterwards it is open, as other tests need it."""
    yield kept
    if kept.locked:
        asking = threading.Thread(target=unlock_by_prompt)
        asking.start()
        kept.unlock()
        asking.join()


def unlock_by_prompt() -> None:
    bus = secretstorage.dbus_init()
    secretstorage.get_default_collection(bus).unlock()
    bus.close()


def server_id(console: Console) -> str:
    """The id of the one server that the console knows."""
    (server,) = console.app.accounts.book.servers
    return server.id


def credential(console: Console) -> Secret:
    """What the console proves with who the technician is."""
    return console.app.accounts.connections[server_id(console)].credential.secret


def files_with(secret: Secret, folder: Path) -> list[Path]:
    text = secret.reveal().encode()
    return [path for path in folder.rglob("*") if path.is_file() and text in path.read_bytes()]


class TestKept:
    def test_the_token_is_in_the_keyring_and_the_next_start_asks_nothing(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring
    ) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True)
        token, server = credential(console), server_id(console)
        assert kept.of_server(server) == {TOKEN: token.reveal()}, "the password was kept without being asked for"
        desk.end(console)

        rmm.api.requests.clear()
        second = desk.start()
        SignInDesk(second).until_listed()
        assert {path for _, path in rmm.api.requests} - {"/clients/", "/core/customfields/"} == {"/agents/"}
        assert credential(second) == token
        assert second.window.home.currentWidget() is second.agents

    def test_an_api_key_is_kept_as_well(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.address(rmm.address)
        page.to_api_key()
        page.api_key(rmm.users.key.secret, keep=True)
        page.until_listed()
        assert kept.of_server(server_id(console)) == {KEY: rmm.users.key.secret.reveal()}
        desk.end(console)
        SignInDesk(desk.start()).until_listed()

    def test_a_password_is_kept_if_asked_and_then_only_the_code_is_typed(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring
    ) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True, keep_password=True)
        stored = kept.of_server(server_id(console))
        assert stored == {TOKEN: credential(console).reveal(), PASSWORD: rmm.users.technician.password.reveal()}
        desk.end(console)

        rmm.users.end_all_tokens()
        second = desk.start()
        page = SignInDesk(second)
        page.at(Step.CODE)
        page.says("Your sign-in at", "has ended", rmm.users.technician.name)
        page.code(rmm.users.code(rmm.users.technician))
        page.until_listed()

    def test_a_kept_password_that_was_changed_since_is_asked_for(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=False, keep_password=True)
        server = server_id(console)
        assert kept.of_server(server) == {PASSWORD: rmm.users.technician.password.reveal()}
        desk.end(console)

        user = rmm.users.technician
        user.password = Secret("a new password")
        second = desk.start()
        page = SignInDesk(second)
        page.says("did not take this user name and password")
        assert rmm.api.requests.count(CHECK) == 2, "a refused password was sent again"
        page.credentials(user.name, user.password)
        page.code(rmm.users.code(user))
        page.until_listed()
        assert kept.of_server(server) == {PASSWORD: "a new password"}

    def test_a_password_kept_for_one_server_is_not_offered_to_another(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring
    ) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=False, keep_password=True)
        known = server_id(console)
        desk.end(console)
        second = desk.start()
        page = SignInDesk(second)
        page.at(Step.CODE)
        page.press_button("Back")
        page.press_button("Back")
        with Rmm(rmm.mesh) as other:
            page.address(other.address)
            page.at(Step.CREDENTIALS)
            page.fill(USER, rmm.users.technician.name)
            page.press_button("Continue")
            page.says("No password was entered.")
            assert CHECK not in other.api.requests, "the password went to a server that it was not kept for"
            page.sign_in_here(other)
        book = second.app.accounts.book
        assert len(book.servers) == 2
        assert kept.of_server(known) == {PASSWORD: rmm.users.technician.password.reveal()}


class TestNotKept:
    def test_nothing_is_in_the_keyring_and_the_next_start_asks(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=False)
        token = credential(console)
        assert kept.of_server(server_id(console)) == {}
        assert token.reveal() not in kept.everything()
        desk.end(console)

        second = desk.start()
        page = SignInDesk(second)
        page.at(Step.CREDENTIALS)
        assert page.field(USER).text() == rmm.users.technician.name

    def test_what_was_kept_before_is_removed(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True, keep_password=True)
        server = server_id(console)
        assert set(kept.of_server(server)) == {TOKEN, PASSWORD}
        desk.end(console)

        rmm.users.end_all_tokens()
        second = desk.start()
        page = SignInDesk(second)
        page.at(Step.CODE)
        page.press_button("Back")
        user = rmm.users.technician
        page.credentials(user.name, user.password, keep=False, keep_password=False)
        page.code(rmm.users.code(user))
        page.until_listed()
        assert kept.of_server(server) == {}


class TestSignOut:
    def test_it_removes_what_was_stored_and_ends_the_token_there(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.sign_in(rmm, keep=True, keep_password=True)
        server = server_id(console)
        assert set(kept.of_server(server)) == {TOKEN, PASSWORD}
        choose(console, "Sign out of")
        page.at(Step.CREDENTIALS)
        console.until(lambda: SIGN_OUT in rmm.api.requests, "the server was not told")
        console.until(lambda: rmm.users.open_tokens() == 0, "the token lives on")
        assert kept.of_server(server) == {}
        assert page.field("Password").text() == "", "the password is still in its field"
        desk.end(console)

        SignInDesk(desk.start()).at(Step.CREDENTIALS)

    def test_with_an_api_key_the_server_is_not_asked(self, desk: Desk, rmm: Rmm, kept: RealKeyring) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.address(rmm.address)
        page.to_api_key()
        page.api_key(rmm.users.key.secret, keep=True)
        page.until_listed()
        server = server_id(console)
        choose(console, "Sign out of")
        page.at(Step.CREDENTIALS)
        console.until(lambda: kept.of_server(server) == {}, "the key stays in the keyring")
        assert page.field("API key").text() == "", "the key is still in its field"
        assert SIGN_OUT not in rmm.api.requests


class TestNoKeyring:
    @pytest.fixture
    def no_bus(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        """As on a computer without a Secret Service; `undo` brings it back."""
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        return monkeypatch

    def test_the_choice_comes_and_for_this_run_only_stores_nothing(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring, no_bus: pytest.MonkeyPatch, surroundings: Surroundings
    ) -> None:
        console = desk.start()
        page = SignInDesk(console)
        user = rmm.users.technician
        page.address(rmm.address)
        page.credentials(user.name, user.password, keep=True, keep_password=True)
        page.code(rmm.users.code(user))
        page.at(Step.KEYRING)
        page.says("No keyring was found on this computer.", "nothing is stored")
        page.press_button(THIS_RUN)
        page.until_listed()
        token = credential(console)
        assert rmm.api.requests.count(SIGN_IN) == 1
        for secret in (token, user.password):
            assert files_with(secret, surroundings.home) == []
        desk.end(console)
        no_bus.undo()
        assert {token.reveal(), user.password.reveal()}.isdisjoint(kept.everything())

    def test_one_that_comes_up_later_is_found_by_another_try(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring, no_bus: pytest.MonkeyPatch
    ) -> None:
        console = desk.start()
        page = SignInDesk(console)
        user = rmm.users.technician
        page.address(rmm.address)
        page.credentials(user.name, user.password, keep=True)
        page.code(rmm.users.code(user))
        page.at(Step.KEYRING)
        page.press_button("Try again")
        page.says("No keyring was found on this computer.")
        no_bus.undo()
        page.press_button("Try again")
        page.until_listed()
        assert kept.of_server(server_id(console)) == {TOKEN: credential(console).reveal()}

    def test_at_the_start_for_this_run_only_leads_to_the_sign_in(
        self, desk: Desk, rmm: Rmm, kept: RealKeyring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True)
        before = kept.of_server(server_id(console))
        desk.end(console)
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        second = desk.start()
        page = SignInDesk(second)
        page.says("No keyring was found on this computer.")
        page.press_button(THIS_RUN)
        page.sign_in_here(rmm)
        monkeypatch.undo()
        assert kept.of_server(server_id(second)) == before, "something was stored in spite of the choice"

    def test_who_keeps_nothing_is_not_asked_and_can_sign_out(
        self, desk: Desk, rmm: Rmm, no_bus: pytest.MonkeyPatch
    ) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.sign_in(rmm, keep=False)
        choose(console, "Sign out of")
        page.at(Step.CREDENTIALS)
        console.until(lambda: SIGN_OUT in rmm.api.requests, "the server was not told")


class TestLocked:
    def test_a_dismissed_prompt_brings_the_choice_and_this_run_works(
        self, desk: Desk, rmm: Rmm, locked: RealKeyring, surroundings: Surroundings
    ) -> None:
        console = desk.start()
        page = SignInDesk(console)
        user = rmm.users.technician
        page.address(rmm.address)
        page.credentials(user.name, user.password, keep=True)
        page.at(Step.CODE)
        locked.lock()
        page.code(rmm.users.code(user))
        locked.dismiss()
        page.at(Step.KEYRING)
        page.says("The keyring of this computer is locked.", "nothing is stored")
        page.press_button(THIS_RUN)
        page.until_listed()
        token = credential(console)
        assert files_with(token, surroundings.home) == []
        assert locked.locked
        desk.end(console)

    def test_at_the_start_it_is_unlocked_in_its_own_prompt_at_the_second_try(
        self, desk: Desk, rmm: Rmm, locked: RealKeyring
    ) -> None:
        console = desk.start()
        SignInDesk(console).sign_in(rmm, keep=True)
        token = credential(console)
        desk.end(console)
        locked.lock()
        second = desk.start(prompted=True)
        page = SignInDesk(second)
        locked.dismiss()
        page.says("The keyring of this computer is locked.", "Unlock it and try again")
        page.press_button("Try again")
        locked.unlock()
        page.until_listed()
        assert credential(second) == token
        assert rmm.api.requests.count(SIGN_IN) == 1
