"""An RMM and a MeshCentral over real connections that answer well until a test breaks one of their answers."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.list_server import HTML, Answer, agent_id, body, good, rows, sends
from tests.unit.raw_server import RawServer
from tests.unit.tls import Identity

NODE = "0123456789abcdef" * 6
TOKEN = "YWJj@ZGVm$Z2hp+amts=="
SESSION_TOKEN = "5e551011" * 8
_SIGNED_IN = "eyJ1c2VyaWQiOiJ1c2VyLy90ZWNoIn0="  # {"userid":"user//tech"}
REAL_PAGE = b"<!doctype html><title>MeshCentral</title><div id=p11></div>"


class Hurry:
    """For which answer the console waits a second and not half a minute: the one that is slow on purpose."""

    address = begins = ""

    @classmethod
    def concerns(cls, method: str, url: str) -> bool:
        return bool(cls.address) and f"{method} {url} ".startswith(cls.begins.replace(" ", f" {cls.address}", 1))


class Faulty:
    """Answers by the beginning of "METHOD /path", the longest that fits. `asked` are all requests, first lines alone.

    `refuse` has nothing listen any more, `listen` has it listen again at the same address.
    """

    def __init__(self, answers: dict[str, Answer], context: ssl.SSLContext | None = None) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self._context = context
        self._broken: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._now = threading.local()
        self._encrypted: list[socket.socket] = []
        self._server = RawServer(self._talk)
        self.port = self._server.port
        self.address = f"http{'s' if context else ''}://127.0.0.1:{self.port}"

    def break_(self, begins: str, answer: Answer) -> None:
        """Requests that begin so are answered so from now on."""
        with self._lock:
            self._broken[begins] = answer

    def mend(self) -> None:
        Hurry.address = ""
        with self._lock:
            self._broken.clear()
        if self._server.stopped:
            self._server = RawServer(self._talk, self.port)

    def refuse(self) -> None:
        self._server.stop()
        self.hang_up()

    def hang_up(self) -> None:
        """Ends the connections that there are."""
        self._server.hang_up()
        for one in self._encrypted:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        self._encrypted.clear()

    def present(self, context: ssl.SSLContext) -> None:
        """From the next connection on it has another certificate."""
        self._context = context
        self.hang_up()

    def stop(self) -> None:
        self.refuse()

    def count(self, begins: str) -> int:
        return sum(line.startswith(begins) for line in self.asked)

    def head(self) -> str:
        """The head of the request that is being answered on this thread."""
        head: str = self._now.head
        return head

    def _talk(self, connection: socket.socket) -> None:
        if self._context:
            connection.settimeout(10)
            connection = self._context.wrap_socket(connection, server_side=True)
            connection.settimeout(None)
            self._encrypted.append(connection)
        with contextlib.closing(connection):
            while True:
                self._now.head = _request(connection)
                line = self._now.head.splitlines()[0].rpartition("HTTP")[0]
                with self._lock:
                    self.asked.append(line)
                    answers = {**self.answers, **self._broken}
                begins = max((each for each in answers if line.startswith(each)), key=len, default="")
                answers.get(begins, _NOT_FOUND)(connection)


def _request(connection: socket.socket) -> str:
    """Reads a whole request; its head."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            raise OSError("gone")
        request += piece
    head, _, rest = request.partition(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(sizes[0].partition(b":")[2]) - len(rest) if sizes else 0
    while left > 0:
        left -= len(connection.recv(left))
    return head.decode()


_NOT_FOUND = sends(body({"detail": "Not found."}), "404 Not Found")


def link(mesh: str, mode: int) -> str:
    return f"{mesh}/?login={TOKEN}&gotonode={NODE}&viewmode={mode}&hide=31"


def rmm_answers(mesh: str = "https://127.0.0.1:9") -> dict[str, Answer]:
    """Those of an RMM with thirty agents, whose MeshCentral is at `mesh`."""
    one = rows(1)[0]
    detail = {**one, "client": "Client 0", "mesh_node_id": NODE, "disks": [], "total_ram": 8}
    links = {
        "control": link(mesh, 11),
        "terminal": link(mesh, 12),
        "file": link(mesh, 13),
        "hostname": "PC-00000",
        "status": "online",
        "client": "Client 0",
        "site": "Main",
    }
    agent = f"/agents/{agent_id(0)}/"
    return {
        "GET / ": good({"status": "ok"}),
        "GET /": _NOT_FOUND,
        "GET /agents/": good(),
        f"GET {agent}": good(detail),
        f"GET {agent}meshcentral/": good(links),
        f"GET {agent}checks/": good([]),
        f"POST {agent}reboot/": sends(b'"ok"'),
        "GET /clients/": good([]),
        "GET /core/customfields/": good([]),
        "GET /core/dashinfo/": good({"trmm_version": "1.5.1"}),
        "POST /v2/checkcreds/": good({"totp": True}),
        "POST /v2/login/": good({"token": SESSION_TOKEN, "expiry": "2026-12-01T10:00:00Z", "username": "tech"}),
        "POST /logout/": sends(b"", "204 No Content"),
    }


def mesh_answers() -> dict[str, Answer]:
    """Those of a MeshCentral that takes the login token, and shows a page that is not quite its own."""
    signed_in = sends(b"", "200 OK", HTML, f"Set-Cookie: xid={_SIGNED_IN}; path=/", "Set-Cookie: xid.sig=x; path=/")
    return {
        "GET /?login=": signed_in,
        "GET /?gotonode=": sends(REAL_PAGE, kind=HTML),
        "GET /health.ashx": sends(b"ok", kind="text/plain"),
        "GET /": sends(b"", "404 Not Found", HTML),
    }


@contextmanager
def faulty_rmm(mesh: str = "https://127.0.0.1:9", identity: Identity | None = None) -> Iterator[Faulty]:
    made = Faulty(rmm_answers(mesh), identity.context if identity else None)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def faulty_mesh(identity: Identity) -> Iterator[Faulty]:
    made = Faulty(mesh_answers(), identity.context)
    try:
        yield made
    finally:
        made.stop()
