"""A files tunnel to an agent through MeshCentral, without its page.

As the page does it (MeshCentral 1.1.55: views/default.handlebars, meshuser.js, meshrelay.js, meshcore.js): the control
socket gives two cookies, one for our end of the relay and one for the agent's; our end is opened, the agent is told to
come, the relay says "c" (or "cr" when the server records) once both are there, and protocol 5 is files. The agent may
ask its user first; it says so by a message, and answers nothing else until the user has allowed it.
"""

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console.mesh.exchange import MeshCookies
from console.mesh.file_errors import AgentNotReached, CookieVoid, TunnelLost
from console.mesh.link import SessionLink
from console.secret import Secret
from console.transport import Transport

if TYPE_CHECKING:
    from console.mesh.web_socket import WebSocket

_FILES = 5
_CONTROL_SECONDS = 15.0
_AGENT_SECONDS = 30.0
"""The relay itself waits 30 seconds for the agent."""


class _ControlMessage(msgspec.Struct):
    action: str = ""
    cookie: str = ""
    rcookie: str = ""
    cause: str = ""


def open_files_tunnel(
    link: SessionLink, session: MeshCookies, transport: Transport, opened: "Callable[[WebSocket], None]"
) -> "WebSocket":
    """Opens it. `opened` gets each web socket as soon as it stands, for whoever may want to abort it.

    Raises CookieVoid, AgentNotReached, TunnelLost or a TransportProblem.
    """
    from console.mesh.web_socket import connected  # its library takes its time to load

    site = link.site.sockets
    control = connected(transport, f"{site}control.ashx", {"Cookie": session.header})
    relay: WebSocket | None = None
    try:
        opened(control)
        ours, agents = _relay_cookies(control)
        node, number = f"node/{link.site.domain}/{link.mesh_node}", secrets.token_hex(8)
        query = {"browser": "1", "p": _FILES, "nodeid": node, "id": number, "auth": ours.reveal()}
        relay = connected(transport, f"{site}meshrelay.ashx?{urlencode(query)}", {})
        opened(relay)
        path = f"*{link.path}meshrelay.ashx?p={_FILES}&nodeid={node}&id={number}&rauth={agents.reveal()}"
        request = {"action": "msg", "type": "tunnel", "nodeid": node, "value": path, "usage": _FILES}
        control.send(msgspec.json.encode(request).decode())
        _wait_for_agent(relay)
        relay.send(str(_FILES))
    except BaseException:
        if relay is not None:
            relay.close()
        raise
    finally:
        control.close()
    return relay


def _relay_cookies(control: "WebSocket") -> tuple[Secret, Secret]:
    """The cookies for our end of a relay and for the agent's."""
    control.send('{"action":"authcookie"}')
    deadline = time.monotonic() + _CONTROL_SECONDS
    while (message := control.receive(deadline - time.monotonic())) is not None:
        try:
            decoded = msgspec.json.decode(message, type=_ControlMessage)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if decoded.action == "authcookie" and decoded.cookie and decoded.rcookie:
            return Secret(decoded.cookie), Secret(decoded.rcookie)
        if decoded.action == "close":
            raise CookieVoid(f"control.ashx: {decoded.cause[:60]}")
    raise TunnelLost("no answer from control.ashx")


def _wait_for_agent(relay: "WebSocket") -> None:
    deadline = time.monotonic() + _AGENT_SECONDS
    while (message := relay.receive(deadline - time.monotonic())) is not None:
        if message in ("c", "cr"):
            return
    raise AgentNotReached
