"""What MeshCentral tells to who is not signed in: whether it answers, whether web sockets come through, and what its
answers betray of how it is set up. Nothing here signs in, and no secret is sent."""

import contextlib
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from console.mesh.errors import MeshUnreachable
from console.mesh.file_errors import TunnelLost
from console.mesh.link import MeshSite
from console.transport import MEGABYTE, TimedOut, Transport, Unreachable, host_and_port

_SECONDS = 15.0
_LARGEST_PAGE = 8 * MEGABYTE
BANNED = "banned"
"""MeshCentral's word on a web socket from an address that got too many sign-ins wrong (1.1.55, maxInvalidLogin)."""


@dataclass(frozen=True)
class FrontDoor:
    """Its sign-in page. `framing` is X-Frame-Options, "" when it may be shown in other pages. `secure_cookies` is None
    when no cookie came. `leaf` is the certificate's fingerprint. `date` is the header."""

    status: int
    familiar: bool
    framing: str
    secure_cookies: bool | None
    location: str
    leaf: str | None
    date: str


def front_door(site: MeshSite, transport: Transport) -> FrontDoor:
    """Raises MeshUnreachable or another TransportProblem."""
    try:
        answer = transport.send("GET", site.url, seconds=_SECONDS, limit=_LARGEST_PAGE)
    except (Unreachable, TimedOut) as problem:
        raise MeshUnreachable(host_and_port(site.origin), problem.report()) from None
    headers: Mapping[str, str] = answer.headers
    cookie = headers.get("Set-Cookie", "")
    return FrontDoor(
        answer.status,
        b"meshcentral" in answer.body.lower() or "xid" in answer.cookies,
        headers.get("X-Frame-Options", ""),
        "secure" in cookie.lower() if cookie else None,
        _host_of(headers.get("Location", "")),
        answer.leaf,
        headers.get("Date", ""),
    )


class _Close(msgspec.Struct):
    action: str = ""
    cause: str = ""


def knock(site: MeshSite, transport: Transport) -> str:
    """Opens the control channel without a sign-in; why MeshCentral closes it: "noauth" when all is well, or BANNED.

    Raises TunnelLost when no web socket comes about or nothing is said on it, or a TransportProblem.
    """
    from console.mesh.web_socket import connected  # its library takes its time to load

    opened = connected(transport, f"{site.sockets}control.ashx", {}, MEGABYTE)
    try:
        deadline = time.monotonic() + _SECONDS
        while (message := opened.receive(deadline - time.monotonic())) is not None:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
                said = msgspec.json.decode(message, type=_Close)
                if said.action == "close":
                    return said.cause[:60]
    finally:
        opened.close()
    raise TunnelLost("the web socket opened, and nothing was said on it")


def speaks_plainly(site: MeshSite, seconds: float = 5.0) -> bool:
    """Whether plain HTTP is spoken where TLS should be: asked past any proxy, and with nothing in the request."""
    parts = urlsplit(site.origin)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), seconds) as plain:
            plain.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            plain.settimeout(seconds)
            return plain.recv(5) == b"HTTP/"
    except OSError:
        return False


def _host_of(location: str) -> str:
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""
