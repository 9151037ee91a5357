"""Exchanging the login token of a session link for MeshCentral's session cookie, outside the page.

`GET /?login=TOKEN` answers with the cookies `xid` and `xid.sig` (MeshCentral, webserver.js). They go into the session's
own cookie store, and the page is loaded without the token: it is then in no address, history or error page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from console.mesh.errors import MeshUnusable, TokenRefused
from console.mesh.link import SessionLink
from console.secret import Secret
from console.transport import Transport, host_and_port


@dataclass(frozen=True)
class MeshCookies:
    """The session cookies by name, and the fingerprint of the certificate under which they came."""

    cookies: Mapping[str, Secret]
    leaf: str | None


def exchange(link: SessionLink, transport: Transport) -> MeshCookies:
    """Signs in to MeshCentral with the link's login token. A link without one gives no cookies.

    Raises TokenRefused, MeshUnusable or a TransportProblem.
    """
    if link.token is None:
        answer = transport.send("GET", f"{link.origin}{link.path}", seconds=15, keep_body=False)
        return MeshCookies({}, answer.leaf)
    answer = transport.send("GET", link.exchange_url.reveal(), seconds=15, keep_body=False)
    if answer.status >= 400:
        raise MeshUnusable(host_and_port(link.origin), answer.status)
    if "xid" not in answer.cookies:
        raise TokenRefused(host_and_port(link.origin))
    return MeshCookies({name: Secret(value) for name, value in answer.cookies.items()}, answer.leaf)
