"""Each way of signing in, through the window, against the demo's RMM."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse

import pytest
from PySide6.QtWidgets import QToolButton
from werkzeug.wrappers import Response

from console.demo import api_server
from console.demo.accounts import User, totp_code
from console.demo.api_server import serve
from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.sessions.progress import State
from console.sessions.sign_in_flow import Step
from console.vault.store import MemoryVault
from tests.e2e.desk import Console, Desk
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import ADDRESS, PASSWORD, TOTP_KEY, USER, SignInDesk
from tests.e2e.stopped import Stopped
from tests.e2e.tls import SelfSigned
from tests.e2e.web import WebPage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

pytestmark = pytest.mark.e2e


@pytest.fixture
def console(desk: Desk) -> Console:
    """A console that knows no server yet."""
    return desk.start(MemoryVault)


@pytest.fixture
def page(console: Console) -> SignInDesk:
    return SignInDesk(console)


class Clock:
    """A server's clock, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def web_page(environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
    """What the RMM's web page and any other web server answer: HTML."""
    return Response("<!doctype html><title>Tactical RMM</title>", content_type="text/html")(environ, start_response)


class TestAddress:
    def test_it_is_taken_as_people_type_it(
        self, console: Console, page: SignInDesk, local_mesh: LocalMesh, tmp_path: Path
    ) -> None:
        with Rmm(local_mesh, context=SelfSigned(tmp_path, "server").context()) as rmm:
            host = rmm.address.removeprefix("https://")
            page.address(host)
            page.at(Step.CERTIFICATE)
            page.press_button("Trust this certificate")
            for typed in (f"{host}/", f"https://{host}", f"HTTPS://{host}/login?next=1"):
                page.at(Step.CREDENTIALS)
                page.press_button("Back")
                page.address(typed)
            page.at(Step.CREDENTIALS)
            assert console.app.flow.server.address == rmm.address
            assert host in page.words()

    def test_that_of_a_web_page_is_answered_with_the_usual_one_of_an_api(self, page: SignInDesk) -> None:
        with serve(web_page) as web:
            page.address(web.address)
            page.says(
                f"{web.address.removeprefix('http://')} is the address of a web page, not of the API",
                "The API is usually at https://api.DOMAIN",
            )

    def test_that_of_the_rmms_own_page_is_answered_with_its_api(
        self, page: SignInDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        look_up = socket.getaddrinfo

        def here(host: str, *arguments: object, **options: object) -> object:
            return look_up("127.0.0.1" if host == "rmm.example.test" else host, *arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", here)
        with serve(web_page, SelfSigned(tmp_path, "web").context()) as web:
            page.address(f"rmm.example.test:{web.port}")
            page.at(Step.CERTIFICATE)
            page.press_button("Trust this certificate")
            page.says("is the address of a web page", f"Try https://api.example.test:{web.port}.")
            assert page.field(ADDRESS).text() == f"rmm.example.test:{web.port}", "it cannot be corrected in place"

    def test_where_nobody_answers_it_says_so_and_the_next_try_works(
        self, console: Console, page: SignInDesk, rmm: Rmm
    ) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # taken, but not listening
            page.address(f"http://127.0.0.1:{unused.getsockname()[1]}")
            page.says("does not take connections", "Check the address and port")
        page.address(rmm.address)
        page.at(Step.CREDENTIALS)


class TestPassword:
    def test_with_the_keyboard_alone_and_a_pasted_code(self, console: Console, page: SignInDesk, rmm: Rmm) -> None:
        user = rmm.users.technician
        hands = console.hands
        page.at(Step.ADDRESS)
        hands.type(rmm.address)
        hands.press("Return")
        page.at(Step.CREDENTIALS)
        hands.type(user.name)
        hands.press("Return")
        hands.type(user.password.reveal())
        hands.press("Return")
        page.at(Step.CODE)
        code = rmm.users.code(user)
        page.paste(f" {code[:3]} {code[3:]}\n")
        page.until_listed()
        assert ("POST", "/v2/login/") in rmm.api.requests

    def test_a_wrong_one_is_refused_and_a_right_one_taken_after_it(self, page: SignInDesk, rmm: Rmm) -> None:
        user = rmm.users.technician
        page.address(rmm.address)
        page.credentials(user.name, Secret("not the password"))
        page.says("did not take this user name and password", "Check both")
        assert page.field(USER).text() == user.name
        page.credentials(user.name, user.password)
        page.code(rmm.users.code(user))
        page.until_listed()

    def test_a_blocked_user_is_told_what_it_may_be_and_what_still_works(self, page: SignInDesk, rmm: Rmm) -> None:
        page.address(rmm.address)
        page.credentials(rmm.users.blocked.name, rmm.users.blocked.password)
        page.says("blocked from signing in", "API key", "Settings > Global Settings > API Keys")
        page.to_api_key()
        page.api_key(rmm.users.blocked_key.secret)
        page.until_listed()

    def test_empty_fields_ask_the_server_nothing(self, console: Console, page: SignInDesk, rmm: Rmm) -> None:
        page.address(rmm.address)
        page.at(Step.CREDENTIALS)
        console.hands.press("Return", "Return")
        page.says("No user name was entered.")
        assert ("POST", "/v2/checkcreds/") not in rmm.api.requests

    def test_a_late_answer_does_not_take_the_keyboard_away(self, console: Console, page: SignInDesk, rmm: Rmm) -> None:
        """What is typed into the password field would else go on, readable, in the field for the user name."""
        go_on = threading.Event()

        def slow(environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith("/_allauth/"):
                go_on.wait(30)
            return rmm.api(environ, start_response)

        rmm.api.sso_providers = ("Entra",)
        with serve(slow) as server:
            page.address(server.address)
            page.fill(USER, "technician")
            console.hands.press("Tab")
            console.hands.type("half of")
            go_on.set()
            page.says("single sign-on (Entra)")
            console.hands.type("it")
            console.until(lambda: page.field(PASSWORD).text() == "half ofit", "the keyboard went elsewhere")
            assert page.field(USER).text() == "technician"


class TestCode:
    def test_a_wrong_one_is_refused_and_the_next_replaces_it(self, page: SignInDesk, rmm: Rmm) -> None:
        user = rmm.users.technician
        page.address(rmm.address)
        page.credentials(user.name, user.password)
        page.code(wrong_code(rmm, user))
        page.says("did not take this one-time code", "the code that your authenticator app shows now")
        assert "clocks differ" not in page.words()
        page.code(rmm.users.code(user))
        page.until_listed()

    def test_clocks_that_differ_are_named(
        self, page: SignInDesk, local_mesh: LocalMesh, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def behind() -> float:
            return time.time() - 3600

        def date(self: object, timestamp: float | None = None) -> str:
            return formatdate(behind(), usegmt=True)

        monkeypatch.setattr(api_server._Handler, "date_time_string", date)
        with Rmm(local_mesh, clock=behind) as rmm:
            user = rmm.users.technician
            assert user.totp_key is not None
            page.address(rmm.address)
            page.credentials(user.name, user.password)
            page.code(totp_code(user.totp_key, time.time()))
            page.says("The clocks differ: this computer's is 60 minutes ahead of the server's.")

    def test_a_user_without_sets_them_up_in_the_window(self, console: Console, page: SignInDesk, rmm: Rmm) -> None:
        user = rmm.users.newcomer
        page.address(rmm.address)
        page.credentials(user.name, user.password)
        page.at(Step.TOTP_KEY)
        shown = page.field(TOTP_KEY)
        key = Secret(shown.text().replace(" ", ""))
        picture = console.app.window.sign_in_page.totp_key.picture.grab().toImage()
        dark = [
            picture.pixelColor(x, y).lightness() < 80
            for x in range(0, picture.width(), 2)
            for y in range(0, picture.height(), 2)
        ]
        assert 0.2 < sum(dark) / len(dark) < 0.7, "there is no QR code in the picture"
        assert "shown only this once" in page.words()
        page.press_button("I have it in my app")
        page.at(Step.CODE)
        assert shown.text() == "", "the key stays in a hidden field"
        page.code(totp_code(key, time.time()))
        page.until_listed()
        assert ("POST", "/logout/") in rmm.api.requests, "the token of the set-up was left open"
        assert rmm.users.open_tokens() == 1

    def test_the_key_is_shown_once(self, page: SignInDesk, rmm: Rmm) -> None:
        user = rmm.users.newcomer
        page.address(rmm.address)
        page.credentials(user.name, user.password)
        page.at(Step.TOTP_KEY)
        page.press_button("I have it in my app")
        page.at(Step.CODE)
        page.press_button("Back")
        page.credentials(user.name, user.password)
        page.at(Step.CODE)
        assert rmm.api.requests.count(("POST", "/accounts/users/setup_totp/")) == 1


class TestThrottling:
    def test_the_seconds_count_down_and_then_it_goes_on(
        self, console: Console, page: SignInDesk, local_mesh: LocalMesh
    ) -> None:
        clock = Clock()
        with Rmm(local_mesh, clock=clock) as rmm:
            user = rmm.users.technician
            rmm.users.per_minute = 1
            page.address(rmm.address)
            page.credentials(user.name, Secret("not the password"))
            page.says("did not take this user name and password")
            clock.now += 56
            page.credentials(user.name, user.password)
            page.says("asks to wait 4 seconds")
            asked = len(rmm.api.requests)
            for seconds in ("4 seconds", "3 seconds", "2 seconds", "1 second"):
                page.says(f"You can try again in {seconds}.")
                assert not page.field(PASSWORD).isEnabled()
                console.hands.press("Return")
            assert len(rmm.api.requests) == asked, "the form was not disabled"
            console.until(lambda: page.field(PASSWORD).isEnabled(), "the form was not enabled again")
            assert "try again in" not in page.words()
            clock.now += 5
            page.credentials(user.name, user.password)
            page.code(rmm.users.code(user))
            page.until_listed()


class TestSingleSignOn:
    def test_its_users_are_led_to_an_api_key(self, page: SignInDesk, rmm: Rmm) -> None:
        rmm.api.sso_providers = ("Entra",)
        page.address(rmm.address)
        page.says("This server has single sign-on (Entra). Users of it sign in here with an API key.")
        page.credentials(rmm.users.sso_only.name, rmm.users.sso_only.password)
        page.says("single sign-on (Entra)", "sign in with an API key", "Settings > Global Settings > API Keys")
        page.to_api_key()
        page.api_key(rmm.users.key.secret)
        page.until_listed()


class TestApiKey:
    def test_bad_ones_say_why_and_a_good_one_is_taken(self, console: Console, page: SignInDesk, rmm: Rmm) -> None:
        page.address(rmm.address)
        page.to_api_key()
        assert "Settings > Global Settings > API Keys" in page.words()
        page.api_key(rmm.users.expired_key.secret)
        page.says("has expired", "Make a new one in the RMM's web page")
        page.api_key(rmm.users.inactive_key.secret)
        page.says("The user that the API key", "is inactive or was deleted")
        page.api_key(Secret("A" * 32))
        page.says("does not know this API key: it is mistyped, or was deleted")
        page.to_api_key()
        page.paste(f"  {rmm.users.key.secret.reveal()}\n")
        console.hands.press("Return")
        page.until_listed()


class TestEnded:
    def test_a_refresh_says_so_and_open_sessions_stay(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        page = SignInDesk(console)
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)
        tabs = console.window.tabs
        tab = console.tab(session)

        rmm.users.end_all_tokens()
        console.agents.watch.refresh()  # as it does each minute, whatever the technician is doing
        console.until(lambda: page.shown, "the end of the sign-in was not noticed")
        assert tabs.currentWidget() is tab, "the session was taken from under the technician's hands"
        types_a_command(console, rmm, "while signed out")

        console.hands.click(tabs.tabBar(), tabs.tabBar().tabRect(0).center())
        page.says("Your sign-in at", "has ended", "Sign in again")
        assert page.field(USER).text() == rmm.users.technician.name
        console.hands.type(rmm.users.technician.password.reveal())
        console.hands.press("Return")
        page.code(rmm.users.code(rmm.users.technician))
        page.until_listed()
        assert session.state is State.CONNECTED

        console.hands.click(tabs.tabBar(), tabs.tabBar().tabRect(1).center())
        console.until(lambda: tabs.currentWidget() is tab)
        types_a_command(console, rmm, "signed in again")
        asked = len(rmm.api.audit)
        reconnect = next(one for one in tab.findChildren(QToolButton) if one.accessibleName() == "Reconnect")
        console.hands.click(reconnect)
        console.until(lambda: session.state is not State.CONNECTED, "it did not reconnect")
        console.connected(session)
        (signed_in,) = console.app.accounts.connections.values()
        assert session.connection is signed_in, "the old session did not get the new sign-in"
        assert len(rmm.api.audit) == asked, "its cookie serves: no new link is needed"
        console.connected(session)

    def test_f5_in_the_list_leads_to_the_sign_in(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        page = SignInDesk(console)
        rmm.users.end_all_tokens()
        console.hands.click(console.agents.search)
        console.hands.press("F5")
        page.says("Your sign-in at", "has ended")
        console.hands.type(rmm.users.technician.password.reveal())
        console.hands.press("Return")
        page.code(rmm.users.code(rmm.users.technician))
        page.until_listed()


class TestCertificate:
    @pytest.fixture
    def own(self, tmp_path: Path) -> SelfSigned:
        return SelfSigned(tmp_path, "server")

    @pytest.fixture
    def secured(self, local_mesh: LocalMesh, own: SelfSigned) -> Iterator[Rmm]:
        with Rmm(local_mesh, context=own.context()) as made:
            yield made

    def test_a_self_signed_one_is_shown_and_trusted_or_not(self, desk: Desk, secured: Rmm, own: SelfSigned) -> None:
        console = desk.start()
        page = SignInDesk(console)
        page.address(secured.address)
        page.says("does not trust the certificate of", "Compare its fingerprint", "CN=server")
        assert own.fingerprint.upper() in page.words().replace(":", "").replace("\n", "")
        assert secured.api.requests == [], "something was sent before the certificate was trusted"
        page.press_button("Do not trust it")
        page.at(Step.ADDRESS)
        console.hands.press("Return")
        page.at(Step.CERTIFICATE)
        page.press_button("Trust this certificate")
        user = secured.users.technician
        page.credentials(user.name, user.password, keep=True)
        page.code(secured.users.code(user))
        page.until_listed()
        desk.end(console)

        SignInDesk(desk.start()).until_listed()

    def test_another_one_later_is_refused(
        self, desk: Desk, local_mesh: LocalMesh, tmp_path: Path, own: SelfSigned
    ) -> None:
        context = own.context()
        with Rmm(local_mesh, context=context) as rmm:
            console = desk.start(MemoryVault)
            page = SignInDesk(console)
            page.address(rmm.address)
            page.at(Step.CERTIFICATE)
            page.press_button("Trust this certificate")
            page.at(Step.CREDENTIALS)
            user = rmm.users.technician
            SelfSigned(tmp_path, "another").put_into(context)
            asked = len(rmm.api.requests)
            page.credentials(user.name, user.password)
            page.says("is not the one that you trusted", "Someone may be reading along", "CN=another")
            assert len(rmm.api.requests) == asked, "the password was sent under another certificate"

    def test_another_one_at_the_next_start_is_refused(
        self, desk: Desk, local_mesh: LocalMesh, tmp_path: Path, own: SelfSigned
    ) -> None:
        context = own.context()
        with Rmm(local_mesh, context=context) as rmm:
            console = desk.start()
            page = SignInDesk(console)
            page.address(rmm.address)
            page.at(Step.CERTIFICATE)
            page.press_button("Trust this certificate")
            user = rmm.users.technician
            page.credentials(user.name, user.password, keep=True)
            page.code(rmm.users.code(user))
            page.until_listed()
            desk.end(console)

            SelfSigned(tmp_path, "another").put_into(context)
            asked = len(rmm.api.requests)
            console = desk.start()
            Stopped(console).until_shown("is not the one that you trusted", "CN=server", "CN=another")
            assert len(rmm.api.requests) == asked, "the token was sent under another certificate"


def wrong_code(rmm: Rmm, user: User) -> str:
    """Six digits that are not the code of any moment near now."""
    assert user.totp_key is not None
    key, now = user.totp_key, time.time()
    near = {totp_code(key, now + step * 30) for step in range(-12, 13)}
    return next(code for code in (f"{number:06d}" for number in range(100)) if code not in near)


def types_a_command(console: Console, rmm: Rmm, words: str) -> None:
    """Types into the session that is shown, and waits for what it does on the remote machine."""
    file = rmm.mesh.home / f"{words.replace(' ', '-')}.txt"
    console.hands.type(f"echo {words} > {file}")
    console.hands.press("Return")
    console.until(lambda: file.exists() and file.read_text() == f"{words}\n", f"“{words}” did not arrive there")
