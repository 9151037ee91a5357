"""What the page of one session may reach: its own MeshCentral, its own node, and the listed paths.

This is hygiene, not a boundary: the Mesh session behind the cookie can reach all that the Mesh account may see. It
keeps a session that was opened for one machine on that machine (docs/architecture.md, "Containment").
"""

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import msgspec

from console.mesh.link import is_node, mesh_form

# Paths below the site that MeshCentral 1.1.55's agent page loads, and its sign-in page.
_FOLDERS = ("scripts/", "styles/", "images/", "sounds/", "fonts/", "mstsc/", "favicon")
_FILES = frozenset({"", "serverpic.ashx", "welcome.jpg", "manifest.json"})
_SIGN_IN = frozenset({"login", "tokenlogin", "checkmail", "resetpassword", "logout"})
# Scripts of what a session never shows: the graphs and maps of other parts of MeshCentral, and RDP, whose relay is kept
# out anyway. They are almost half of what the page loads, before it can connect. resources/page/stand_ins.js
# answers the page in their place; `mstsc.js` itself, 2 kB, is called by the desktop's clipboard.
_UNUSED = re.compile(
    r"scripts/(charts|chartjs-adapter-moment|moment|ol|ol3-contextmenu)(-min|\.min)?\.js|mstsc/(?!mstsc\.js)\w+\.js"
)
# What one reader of a URL takes for another place than the next one does.
_ODD_PATH = re.compile(r"[%\\]|/\.{1,2}(/|$)")
# Paths that carry a node: only this session's.
_NODE_ARGUMENT = {"meshrelay.ashx": "nodeid", "devicefile.ashx": "n"}
_LOCAL = ("blob:", "data:")
# What the document itself may do, put into each one before its own scripts run (resources/page/policy.js). The
# interceptor is not asked about redirects, WebTransport and web sockets of shared workers; MeshCentral sends a policy
# much like this one, and a page that was taken over may come without it.
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; worker-src 'none'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'"
)
"""The Content Security Policy of every document of a session."""
# As MeshCentral's page takes its arguments apart (parseUriArgs), and some more.
_ARGUMENTS = re.compile(r"[?&|=#;]")
_BEHIND_PATH = re.compile(r"[?&|#]")


class Containment(msgspec.Struct, frozen=True):
    """The rules for one session. `origin` is "https://host[:port]", `path` the site's folder, `mesh_node` the node in
    MeshCentral's own form."""

    origin: str
    path: str
    mesh_node: str

    def allows_page(self, url: str) -> bool:
        """Whether the main frame may go there: the agent's page, or MeshCentral's own sign-in."""
        inside = self._inside(url, "https")
        return inside in _SIGN_IN or (inside == "" and self._goes_to_node(url))

    def allows_request(self, url: str) -> bool:
        """Whether the page may load it, or open it as a web socket."""
        if url.startswith(_LOCAL):
            return True
        inside = self._inside(url, "wss" if url.startswith("wss:") else "https")
        if inside is None:
            return False
        if url.startswith("wss:"):
            return inside == "control.ashx" or (inside == "meshrelay.ashx" and self._names_node(url, inside))
        if inside in _NODE_ARGUMENT:
            return self._names_node(url, inside)
        if _UNUSED.fullmatch(inside):
            return False
        return inside in _FILES or inside in _SIGN_IN or inside.startswith(_FOLDERS)

    def allows_download(self, url: str) -> bool:
        """Whether a file from there may be kept: one of the node's files, or what the page itself has made, such as a
        picture of the screen."""
        if url.startswith("data:"):
            return True
        if url.startswith("blob:"):
            return url.startswith(f"blob:{self.origin}/")
        return self._inside(url, "https") == "devicefile.ashx" and self._names_node(url, "devicefile.ashx")

    def _inside(self, url: str, scheme: str) -> str | None:
        """The path below the site's folder, or None when the URL is elsewhere."""
        try:
            parts, own = urlsplit(url), urlsplit(self.origin)
            same_host = parts.hostname == own.hostname and _port(parts) == _port(own)
        except ValueError:
            return None
        if parts.scheme != scheme or not same_host or parts.username is not None:
            return None
        if not parts.path.startswith(self.path) or _ODD_PATH.search(parts.path):
            return None
        return parts.path[len(self.path) :]

    def _goes_to_node(self, url: str) -> bool:
        """Whether the start page is to show this node or, as after a sign-in, none: `gotonode`, and MeshCentral's other
        words for what to show (`gotodevicename`, `gotomesh` and so on)."""
        words = _ARGUMENTS.split(unquote(_BEHIND_PATH.split(url, maxsplit=1)[-1]))
        for word, value in zip(words, [*words[1:], ""], strict=True):
            if word.lower().startswith("goto"):
                node = value.rpartition("/")[2]
                if word != "gotonode" or not is_node(node) or mesh_form(node) != self.mesh_node:
                    return False
        return True

    def _names_node(self, url: str, inside: str) -> bool:
        values = parse_qs(urlsplit(url).query).get(_NODE_ARGUMENT[inside], [])
        return len(values) == 1 and values[0].rpartition("/")[2] == self.mesh_node


def _port(parts: SplitResult) -> int:
    return 443 if parts.port is None else parts.port
