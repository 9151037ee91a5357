import base64
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from wsgiref.types import StartResponse

import msgspec
import pytest
from werkzeug.wrappers import Request, Response

from console.demo.api_server import RunningApi, serve
from console.mesh import link
from console.mesh.errors import MeshUnreachable, MeshUnusable, TokenRefused
from console.mesh.exchange import exchange
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.transport import CertificateUntrusted, Transport
from tests.unit.tls import Identity, identity

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NODE = "0123456789abcdef" * 6
TOKEN = "YWJj@ZGVm$Z2hp+amts=="


def cookie(content: object) -> str:
    """As MeshCentral's cookie-session writes it: JSON in Base64."""
    return base64.b64encode(msgspec.json.encode(content)).decode()


class Mesh:
    """MeshCentral's front page over TLS: notes the queries, answers as a test wants."""

    def __init__(self, own: Identity, answer: Callable[[Request], Response]) -> None:
        self.queries: list[str] = []

        def app(environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            self.queries.append(request.query_string.decode())
            return answer(request)(environ, start_response)

        self.running: RunningApi = serve(app, own.context)
        self.transport = Transport({f"127.0.0.1:{self.running.port}": own.fingerprint})

    def link(self, query: str = f"login={TOKEN}&") -> SessionLink:
        address = Secret(f"{self.running.address}/?{query}gotonode={NODE}&viewmode=11&hide=31")
        return link.parse(address, SessionKind.CONTROL, "HOST")


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@pytest.fixture
def start(own: Identity) -> Iterator[Callable[[Callable[[Request], Response]], Mesh]]:
    started: list[Mesh] = []

    def begin(answer: Callable[[Request], Response]) -> Mesh:
        started.append(Mesh(own, answer))
        return started[-1]

    yield begin
    for mesh in started:
        mesh.running.stop()


Start = Callable[[Callable[[Request], Response]], Mesh]


def page(cookies: dict[str, str], status: int = 200) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        response = Response(b"<html>" + b"a" * 2_000_000, status)
        for name, value in cookies.items():
            response.set_cookie(name, value, secure=True, httponly=True)
        return response

    return answer


@pytest.mark.parametrize("write", [str, quote])
def test_the_token_gives_the_session_s_cookies(start: Start, own: Identity, write: Callable[[str], str]) -> None:
    value = write(cookie({"userid": "user//tech"}))
    mesh = start(page({"xid": value, "xid.sig": "signature"}))
    given = exchange(mesh.link(), mesh.transport)
    assert {name: secret.reveal() for name, secret in given.cookies.items()} == {"xid": value, "xid.sig": "signature"}
    assert given.leaf == own.fingerprint
    assert "signature" not in repr(given)
    assert mesh.queries == [f"login={quote(TOKEN, safe='@$=')}&minify=1"]


@pytest.mark.parametrize(
    "cookies", [{}, {"other": "x"}, {"xid": cookie({})}, {"xid": cookie({"userid": ""})}, {"xid": cookie({"x": 1})}]
)
def test_a_session_of_nobody_is_a_refusal(start: Start, cookies: dict[str, str]) -> None:
    mesh = start(page(cookies))
    with pytest.raises(TokenRefused) as caught:
        exchange(mesh.link(), mesh.transport)
    assert TOKEN not in caught.value.report()
    assert len(mesh.queries) == 1


@pytest.mark.parametrize("value", ["not-json", "////", "AAAA"])
def test_a_cookie_of_another_form_is_taken_as_it_is(start: Start, value: str) -> None:
    mesh = start(page({"xid": value}))
    assert exchange(mesh.link(), mesh.transport).cookies["xid"] == Secret(value)


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_an_error_of_the_server_is_named(start: Start, status: int) -> None:
    mesh = start(page({"xid": cookie({"userid": "user//tech"})}, status))
    with pytest.raises(MeshUnusable) as caught:
        exchange(mesh.link(), mesh.transport)
    assert str(status) in caught.value.what
    assert len(mesh.queries) == 1


def test_a_link_without_a_token_gives_only_the_certificate(start: Start, own: Identity) -> None:
    mesh = start(page({"xid": cookie({})}))
    given = exchange(mesh.link(""), mesh.transport)
    assert given.cookies == {}
    assert given.leaf == own.fingerprint
    assert "login" not in mesh.queries[0]


def test_the_certificate_is_verified_before_the_token_is_sent(start: Start) -> None:
    mesh = start(page({"xid": cookie({"userid": "user//tech"})}))
    with pytest.raises(CertificateUntrusted) as caught:
        exchange(mesh.link(), Transport())
    assert TOKEN not in caught.value.report()
    assert mesh.queries == []


def test_a_server_that_is_gone(start: Start) -> None:
    mesh = start(page({}))
    mesh.running.stop()
    with pytest.raises(MeshUnreachable, match=r"MeshCentral at 127\.0\.0\.1:") as caught:
        exchange(mesh.link(), mesh.transport)
    assert "YWJj" not in caught.value.report()
