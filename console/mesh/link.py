"""The session link: the URL that Tactical RMM generates for one agent and one kind of session.

    https://MESH/?login=TOKEN&gotonode=NODE&viewmode=11|12|13&hide=31

NODE is 96 hex digits or MeshCentral's own form of the same 48 bytes (Base64 with `@` and `$`). The RMM checks nothing:
an agent without a Mesh agent gives `gotonode=` or `gotonode=None`, a server without MeshCentral `login=err` or
`None/?login=…` (tacticalrmm api, agents/views.py).
"""

import base64
import binascii
import re
from urllib.parse import quote, urlsplit

import msgspec

from console.mesh.errors import BadLink, MeshNotSetUp, NoMeshAgent
from console.mesh.session_kind import SessionKind
from console.secret import Secret

_HEX_NODE = re.compile(r"[0-9a-fA-F]{96}")
_MESH_NODE = re.compile(r"[A-Za-z0-9@$]{64}")
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
# MeshCentral's domains are single folders of plain characters; anything else could be read differently by the page.
_PATH = re.compile(r"(/\w[\w.~-]*)*/?", re.ASCII)


class MeshSite(msgspec.Struct, frozen=True):
    """A MeshCentral. `origin` is "https://host[:port]", `path` ends in "/"."""

    origin: str
    path: str = "/"

    @property
    def url(self) -> str:
        return f"{self.origin}{self.path}"

    @property
    def sockets(self) -> str:
        """Where its web sockets are: as `url`, for wss."""
        return "wss" + self.url.removeprefix("https")

    @property
    def domain(self) -> str:
        """MeshCentral's name for the part of it that lies in a folder, "" for the usual one."""
        return self.path.strip("/")

    def exchange_url(self, token: Secret | None) -> Secret:
        """Where a login token, if there is one, is exchanged for a session cookie."""
        login = f"login={quote(token.reveal(), safe='@$=')}&" if token else ""
        return Secret(f"{self.url}?{login}minify=1")


class SessionLink(msgspec.Struct, frozen=True):
    """A session link that was checked. `origin` is "https://host[:port]", `path` ends in "/"."""

    origin: str
    path: str
    node: str
    kind: SessionKind
    token: Secret | None

    @property
    def site(self) -> MeshSite:
        return MeshSite(self.origin, self.path)

    @property
    def exchange_url(self) -> Secret:
        """Where the login token, if the link has one, is exchanged for a session cookie."""
        return self.site.exchange_url(self.token)

    @property
    def page_url(self) -> str:
        """The agent's page without the login token. `hide=31` leaves out all of MeshCentral's own frame; `minify=1`
        asks for the smaller page."""
        return f"{self.origin}{self.path}?gotonode={self.node}&viewmode={self.kind.view_mode}&hide=31&minify=1"

    @property
    def mesh_node(self) -> str:
        """The node in MeshCentral's own form, as it stands in relay URLs (`nodeid=node//…`)."""
        return mesh_form(self.node)


def mesh_form(node: str) -> str:
    """MeshCentral's form of a node id: 64 characters of Base64 with `@` for `+` and `$` for `/`."""
    if _HEX_NODE.fullmatch(node):
        return base64.b64encode(binascii.unhexlify(node), b"@$").decode()
    return node


def hex_form(node: str) -> str:
    """A node id as Tactical RMM stores it: 96 hex digits in lower case."""
    if _HEX_NODE.fullmatch(node):
        return node.lower()
    return base64.b64decode(node, b"@$").hex()


def parse(link: Secret, kind: SessionKind, hostname: str) -> SessionLink:
    """Takes a session link apart and refuses what cannot work.

    Raises NoMeshAgent, MeshNotSetUp or BadLink; none of them quotes the link.
    """
    text = link.reveal()
    if text.startswith(("None", "/?", "?")):
        raise MeshNotSetUp("The session link has no site (MESH_SITE is not set).")
    site = site_of(text)
    # By hand: the token is not percent-encoded, and parse_qs would turn a `+` into a space.
    values = dict(piece.partition("=")[::2] for piece in urlsplit(text).query.split("&"))
    token = values.get("login")
    if token in ("err", "None", ""):
        raise MeshNotSetUp("The RMM could not make a login token (the MeshCentral key is not set or wrong).")
    node = values.get("gotonode", "")
    if node in ("", "None"):
        raise NoMeshAgent(hostname)
    if not is_node(node):
        raise BadLink("The session link names no node that MeshCentral could have.")
    return SessionLink(site.origin, site.path, node, kind, Secret(token) if token is not None else None)


def site_of(text: str) -> MeshSite:
    """The MeshCentral that an https:// address leads to. Raises BadLink."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadLink("The address of MeshCentral is not a URL.") from None
    name = parts.hostname or ""
    if parts.scheme != "https" or parts.username is not None or not _HOST.fullmatch(name):
        raise BadLink("The address of MeshCentral is not an https:// address.")
    if not _PATH.fullmatch(parts.path):
        raise BadLink("The path in the address of MeshCentral is not one that it could have.")
    host = f"[{name}]" if ":" in name else name
    origin = f"https://{host}" + (f":{port}" if port and port != 443 else "")
    return MeshSite(origin, parts.path if parts.path.endswith("/") else parts.path + "/")


def is_node(text: str) -> bool:
    """Whether it is a node id, in either form."""
    return bool(_HEX_NODE.fullmatch(text) or _MESH_NODE.fullmatch(text))
