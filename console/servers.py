"""The RMM servers that this technician works with. No secret is in here: those are in the vault."""

import base64
import contextlib
import uuid
from enum import StrEnum
from pathlib import Path

import msgspec

from console.certificates import Certificate
from console.files import JsonFile, NotRead
from console.problem import Problem

COLOURS = ("#2f81f7", "#2da44e", "#bf8700", "#a371f7", "#e5534b", "#1b9aaa")


class Way(StrEnum):
    """How the technician signs in to a server."""

    PASSWORD = "password"  # noqa: S105 - a way of signing in, not a password
    API_KEY = "api_key"


class Clipboard(StrEnum):
    """What the technician answered when a session of this server wanted the clipboard."""

    ASK = "ask"
    SHARED = "shared"
    REFUSED = "refused"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One RMM server. `address` is the API's ("https://api.example.com"), `web_address` the web page's or "".

    `pins` maps "host:port" to the SHA-256 fingerprint of a certificate that the technician chose to trust, for the
    API as for the MeshCentral that belongs to it, and `certificates` to the whole of it as it was then, DER in Base64:
    what is shown when the host presents another. `never_keep` are addresses of MeshCentral whose sign-in the
    technician does not want to keep.
    """

    address: str
    id: str = msgspec.field(default_factory=lambda: uuid.uuid4().hex)
    name: str = ""
    colour: str = COLOURS[0]
    web_address: str = ""
    username: str = ""
    way: Way = Way.PASSWORD
    keep_signed_in: bool = True
    keep_password: bool = False
    clipboard: Clipboard = Clipboard.ASK
    pins: dict[str, str] = {}
    certificates: dict[str, str] = {}
    never_keep: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the technician calls it, else its host name."""
        return self.name or self.address.partition("://")[2]

    def trusting(self, certificate: Certificate, *hosts: str) -> "Server":
        """The server with this certificate pinned for each "host:port"."""
        der = base64.b64encode(certificate.der).decode()
        return msgspec.structs.replace(
            self,
            pins={**self.pins, **dict.fromkeys(hosts, certificate.fingerprint)},
            certificates={**self.certificates, **dict.fromkeys(hosts, der)},
        )

    def known_certificates(self) -> dict[str, bytes]:
        """`certificates` as bytes, without what is none."""
        known = {}
        for host, text in self.certificates.items():
            with contextlib.suppress(ValueError):
                known[host] = base64.b64decode(text, validate=True)
        return known


class _Stored(msgspec.Struct):
    version: int = 1
    servers: list[Server] = []


class ServerBook:
    """The list of servers in one JSON file. Reads once; each change is written by `save`, which may be slow.

    It is empty when the file is of no use; `trouble` then says why.
    """

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path, _Stored, "The list of your servers", "Add them again.")
        self.trouble: Problem | None = None
        stored: _Stored | None = None
        try:
            stored, self.trouble = self._file.load()
        except NotRead as problem:
            self.trouble = problem
        self.servers: tuple[Server, ...] = tuple(stored.servers) if stored else ()

    def get(self, server_id: str) -> Server | None:
        return next((server for server in self.servers if server.id == server_id), None)

    def named(self, wanted: str) -> Server:
        """The server that somebody calls so: by its name, its address or its host. Raises a Problem."""
        host = (wanted.partition("://")[2] or wanted).rstrip("/").casefold()
        for server in self.servers:
            if host in (server.title.casefold(), server.address.partition("://")[2].casefold()):
                return server
        known = ", ".join(server.title for server in self.servers) or "none"
        raise Problem(
            f"There is no server “{wanted}”.", f"Sign in to it in the console first. Those that there are: {known}."
        )

    def put(self, server: Server) -> None:
        """Adds a server, or replaces the one with the same id. The change is on disk after `save`."""
        if self.get(server.id):
            self.servers = tuple(server if old.id == server.id else old for old in self.servers)
        else:
            self.servers = (*self.servers, server)

    def remove(self, server_id: str) -> None:
        self.servers = tuple(server for server in self.servers if server.id != server_id)

    def next_colour(self) -> str:
        """The first colour that no server has yet."""
        used = {server.colour for server in self.servers}
        return next((colour for colour in COLOURS if colour not in used), COLOURS[len(used) % len(COLOURS)])

    def save(self) -> None:
        """Writes the file. Raises files.NotSaved, or files.NotRead when it was there and could not be read."""
        if isinstance(self.trouble, NotRead):
            raise self.trouble
        self._file.save(_Stored(servers=list(self.servers)))
