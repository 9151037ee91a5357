"""Signing in by form: the session cookie in the answer says how it went."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse

import pytest
from werkzeug.wrappers import Request, Response

from console.demo.api_server import serve
from console.mesh.errors import MeshUnreachable, MeshUnusable, OwnSignInRefused, SignInHeldOff
from console.mesh.link import MeshSite
from console.mesh.sign_in import SignedIn, sign_in
from console.secret import Secret
from console.transport import Transport
from tests.unit.raw_server import free_port
from tests.unit.tls import Identity, identity

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PASSWORD = Secret("Päss wörd&=")


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


class Door:
    """MeshCentral's, answering with a session cookie of this content."""

    def __init__(self, session: object = None, status: int = 302, cookie: str | None = None) -> None:
        self.cookie = base64.b64encode(json.dumps(session).encode()).decode() if cookie is None else cookie
        self.status = status
        self.posted: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: Request) -> Response:
        self.posted.append((request.path, dict(request.form)))
        answer = Response("", self.status, {"Location": "/elsewhere"})
        answer.set_cookie("xid", self.cookie)
        answer.set_cookie("xid.sig", "signed")
        return answer


@contextmanager
def site(own: Identity, door: Callable[[Request], Response]) -> Iterator[tuple[MeshSite, Transport]]:
    def app(environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
        return door(Request(environ))(environ, start_response)

    running = serve(app, own.context)
    try:
        yield MeshSite(running.address), Transport({f"127.0.0.1:{running.port}": own.fingerprint})
    finally:
        running.stop()


def tried(own: Identity, door: Door, user: str = "Tess") -> SignedIn:
    with site(own, door) as (where, transport):
        return sign_in(where, user, PASSWORD, transport)


def test_who_is_let_in_has_the_cookies_and_no_redirect_is_followed(own: Identity) -> None:
    door = Door({"userid": "user//tess"})
    entered = tried(own, door)
    assert not entered.asks_more
    assert entered.cookies.cookies["xid"].reveal() == door.cookie
    assert entered.cookies.cookies["xid.sig"].reveal() == "signed"
    assert entered.cookies.leaf == own.fingerprint
    assert door.posted == [("/tokenlogin", {"username": "Tess", "password": PASSWORD.reveal()})]


@pytest.mark.parametrize("name", ["tess", "TESS", " Tess ", "Tèss"])
def test_the_user_name_goes_there_as_it_was_typed(own: Identity, name: str) -> None:
    door = Door({"userid": "user//tess"})
    tried(own, door, name)
    assert door.posted[0][1]["username"] == name


@pytest.mark.parametrize("mode", [4, 6, 7, 8])
def test_what_the_page_has_to_ask_is_left_to_it(own: Identity, mode: int) -> None:
    entered = tried(own, Door({"loginmode": mode, "e": "sealed"}))
    assert entered.asks_more
    assert "xid" in entered.cookies.cookies


@pytest.mark.parametrize("session", [{"messageid": 112}, {"messageid": 110}, {}, {"loginmode": 1}, []])
def test_who_is_not_let_in(own: Identity, session: object) -> None:
    with pytest.raises(OwnSignInRefused) as refused:
        tried(own, Door(session))
    assert PASSWORD.reveal() not in refused.value.report()


@pytest.mark.parametrize("cookie", ["", "!", "bm90IGpzb24=", "W1tbW1s=", "/w=="])
def test_a_cookie_that_cannot_be_read_lets_nobody_in(own: Identity, cookie: str) -> None:
    with pytest.raises(OwnSignInRefused):
        tried(own, Door(cookie=cookie))


def test_an_address_that_is_held_off(own: Identity) -> None:
    with pytest.raises(SignInHeldOff):
        tried(own, Door({"messageid": 114}))


def test_a_server_in_trouble(own: Identity) -> None:
    with pytest.raises(MeshUnusable):
        tried(own, Door({"userid": "user//tess"}, status=502))


def test_nobody_there() -> None:
    with pytest.raises(MeshUnreachable):
        sign_in(MeshSite(f"https://127.0.0.1:{free_port()}"), "tess", PASSWORD, Transport({}))
