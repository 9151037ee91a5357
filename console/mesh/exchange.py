"""Exchanging the login token of a session link for MeshCentral's session cookie, outside the page.

`GET /?login=TOKEN` answers with the cookies `xid` and `xid.sig` (MeshCentral, webserver.js). They go into the session's
own cookie store, and the page is loaded without the token: it is then in no address, history or error page.
The cookies come for everybody; only after a sign-in does `xid`, which is JSON in Base64, name a `userid` (1.1.55).
"""

import base64
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from console.mesh.errors import MeshUnreachable, MeshUnusable, SentOn, TokenRefused
from console.mesh.link import MeshSite, SessionLink
from console.secret import Secret
from console.transport import TimedOut, Transport, Unreachable, host_and_port


class MeshCookies(msgspec.Struct, frozen=True):
    """The session cookies by name, and the fingerprint of the certificate under which they came."""

    cookies: Mapping[str, Secret]
    leaf: str | None

    @property
    def header(self) -> Secret:
        """As the header `Cookie` carries them."""
        return Secret("; ".join(f"{name}={value.reveal()}" for name, value in self.cookies.items()))


def exchange(link: SessionLink, transport: Transport) -> MeshCookies:
    """Signs in to MeshCentral with the link's login token. A link without one gives no cookies.

    Raises TokenRefused, SentOn, MeshUnusable, MeshUnreachable or another TransportProblem.
    """
    return enter(link.site, link.token, transport)


def enter(site: MeshSite, token: Secret | None, transport: Transport) -> MeshCookies:
    """The same with any login token. Raises the same."""
    host = host_and_port(site.origin)
    try:
        answer = transport.send("GET", site.exchange_url(token).reveal(), seconds=15, keep_body=False)
    except (Unreachable, TimedOut) as problem:
        raise MeshUnreachable(host, problem.report()) from None
    if answer.status >= 400:
        raise MeshUnusable(host, answer.status)
    if token is None:
        return MeshCookies({}, answer.leaf)
    if not _names_user(answer.cookies.get("xid", "")):
        if answer.status >= 300:
            raise SentOn(host, f"HTTP status {answer.status} when the login token was exchanged.")
        raise TokenRefused(host)
    return MeshCookies({name: Secret(value) for name, value in answer.cookies.items()}, answer.leaf)


def seen_address(cookies: MeshCookies) -> str:
    """The address that MeshCentral saw this computer under, "" when the session cookie does not say."""
    cookie = cookies.cookies.get("xid")
    try:
        said = msgspec.json.decode(base64.b64decode(unquote(cookie.reveal() if cookie else "")), type=_Seen)
    except (ValueError, RecursionError):
        return ""
    return said.ip[:60]


class _Seen(msgspec.Struct):
    ip: str = ""


class _Session(msgspec.Struct):
    userid: str = ""


def _names_user(cookie: str) -> bool:
    """Whether a session cookie belongs to somebody. An unreadable one is taken: the page then tells."""
    if not cookie:
        return False
    try:
        return bool(msgspec.json.decode(base64.b64decode(unquote(cookie)), type=_Session).userid)
    except (ValueError, RecursionError):
        return True
