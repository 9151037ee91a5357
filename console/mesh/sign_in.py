"""Signing in to MeshCentral with user name and password, outside the page.

As its sign-in form does it (MeshCentral 1.1.55, webserver.js, handleLoginRequest): a form is posted and a redirect
comes back, whose session cookie says how it went: a `userid`, or what MeshCentral's page is to ask for next
(`loginmode`), or the number of a message. What the page asks next, such as a one-time code, is left to the page: it is
loaded with that cookie and goes on from there.
"""

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from console.mesh.errors import MeshUnreachable, MeshUnusable, OwnSignInRefused, SignInHeldOff
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.secret import Secret
from console.transport import TimedOut, Transport, Unreachable, host_and_port

if TYPE_CHECKING:
    from requests import PreparedRequest

_SECONDS = 20.0
"""MeshCentral lets who gets it wrong wait for up to 6 seconds."""
_HELD_OFF = 114
_LOGIN_PAGE = 1


class SignedIn(msgspec.Struct, frozen=True):
    """`asks_more`: the cookies are those of a sign-in that MeshCentral's page has to finish."""

    cookies: MeshCookies
    asks_more: bool


class _Session(msgspec.Struct):
    userid: str = ""
    loginmode: int | None = None
    messageid: int | None = None


def sign_in(site: MeshSite, user: str, password: Secret, transport: Transport) -> SignedIn:
    """Posts the sign-in, once. `user` is taken as it is typed: MeshCentral tells great letters from small ones.

    Raises OwnSignInRefused, SignInHeldOff, MeshUnusable, MeshUnreachable or another TransportProblem.
    """
    return _posted(site, {"username": user, "password": password.reveal()}, None, transport)


def send_code(site: MeshSite, begun: MeshCookies, code: str, transport: Transport) -> SignedIn:
    """Goes on with a one-time code where `sign_in` said that more is asked. Raises the same; a code that is not right
    is asked for again: `asks_more`."""
    return _posted(site, {"token": code}, begun, transport)


def _posted(site: MeshSite, form: dict[str, str], begun: MeshCookies | None, transport: Transport) -> SignedIn:
    host = host_and_port(site.origin)

    def with_cookies(request: "PreparedRequest") -> "PreparedRequest":
        if begun:
            request.headers["Cookie"] = begun.header.reveal()
        return request

    try:
        answer = transport.send(
            "POST", f"{site.url}tokenlogin", auth=with_cookies, form=form, seconds=_SECONDS, keep_body=False
        )
    except (Unreachable, TimedOut) as problem:
        raise MeshUnreachable(host, problem.report()) from None
    if answer.status >= 400:
        raise MeshUnusable(host, answer.status)
    said = _decoded(answer.cookies.get("xid", ""))
    cookies = MeshCookies({name: Secret(value) for name, value in answer.cookies.items()}, answer.leaf)
    if said.userid:
        return SignedIn(cookies, asks_more=False)
    if said.loginmode not in (None, _LOGIN_PAGE):
        return SignedIn(cookies, asks_more=True)
    if said.messageid == _HELD_OFF:
        raise SignInHeldOff(host)
    raise OwnSignInRefused(host)


def _decoded(cookie: str) -> _Session:
    try:
        return msgspec.json.decode(base64.b64decode(unquote(cookie)), type=_Session)
    except (ValueError, RecursionError):
        return _Session()
