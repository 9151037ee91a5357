"""Parts for the tests of sessions: a page without a web engine, runners without threads, a server at the far end."""

import base64
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.mesh.command import Command
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import Server
from console.sessions.connection import Connection
from console.sessions.links import LinkSource
from console.transport import Transport
from console.work import Job, as_problem
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.tls import Identity, identity

T = TypeVar("T")
AGENT_ID = "WVrliBIICKfKbljkAMiTcVmjmDhCUSIbZoEolipB"
NODE = "0123456789abcdef" * 6
TOKEN = "YWJj@ZGVm$Z2hp+amts=="
SESSION_TOKEN = "5e551011" * 8


class FakePage(QObject):
    """Notes what it is told; its signals are for a test to emit."""

    reported = Signal(object)
    failed = Signal(object)
    clipboard_wanted = Signal()
    download_started = Signal(object)
    upload_wanted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.widget = QWidget()
        self.told: list[str] = []
        self.opened: list[tuple[SessionLink, MeshCookies]] = []
        self.commands: list[Command] = []

    def warm(self) -> None:
        self.told.append("warm")

    def open(self, link: SessionLink, session: MeshCookies) -> None:
        self.told.append("open")
        self.opened.append((link, session))

    def reload(self, leaf: str | None = None) -> None:
        self.told.append("reload")

    def cookies(self) -> MeshCookies:
        return self.opened[-1][1] if self.opened else MeshCookies({}, None)

    def do(self, command: Command) -> None:
        self.told.append(type(command).__name__)
        self.commands.append(command)

    def screenshot(self, taken: Callable[[QImage], None]) -> None:
        taken(QImage())

    def answer_clipboard(self, share: bool) -> None:
        self.told.append("share" if share else "do not share")

    def close(self) -> None:
        self.told.append("close")
        self.widget.deleteLater()


class Inline:
    """Runs every call at once."""

    def run(
        self,
        call: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
    ) -> Job:
        job = Job()
        _finish(job, call, done, failed)
        return job


@dataclass
class Held:
    """Keeps calls until `go`: what was cancelled meanwhile is called but not heard of, as on a thread."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def run(
        self,
        call: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
    ) -> Job:
        job = Job()
        self.waiting.append(lambda: _finish(job, call, done, failed))
        return job

    def go(self) -> None:
        """Runs what waits, and what comes to wait because of it."""
        while self.waiting:
            self.waiting.pop(0)()


def _finish(
    job: Job, call: Callable[[], T], done: Callable[[T], None] | None, failed: Callable[[Problem], None] | None
) -> None:
    try:
        result = call()
    except Exception as error:
        if failed and not job.cancelled:
            failed(as_problem(error))
        return
    if done and not job.cancelled:
        done(result)


@dataclass
class Far:
    """An RMM and its MeshCentral on loopback, and a connection to them. Change `api.answers` to change the RMM."""

    api: Scripted
    mesh: Scripted
    mesh_address: str
    connection: Connection

    def asked(self, part: str) -> int:
        """How many calls to the RMM had this in their path."""
        return len([path for _, path in self.api.asked if part in path])

    def set_links(self, *prepared: Response) -> None:
        self.api.answers[f"/agents/{AGENT_ID}/meshcentral/"] = list(prepared)

    def set_status(self, *statuses: str) -> None:
        self.api.answers[f"/agents/{AGENT_ID}/"] = [answer({"status": status}) for status in statuses]

    def links(self, login: str = f"login={TOKEN}&", node: str = NODE) -> Response:
        return answer(
            {
                "hostname": "HOST",
                "status": "online",
                "client": "Client",
                "site": "Site",
                **{
                    kind: f"{self.mesh_address}/?{login}gotonode={node}&viewmode={mode}&hide=31"
                    for kind, mode in (("control", 11), ("terminal", 12), ("file", 13))
                },
            }
        )


def mesh_page(user: str = "user//tech") -> Response:
    """MeshCentral's page with the session cookie of a user, or of nobody."""
    page = answer(b"<html>")
    cookie = base64.b64encode(msgspec.json.encode({"userid": user} if user else {})).decode()
    page.set_cookie("xid", cookie, secure=True, httponly=True)
    return page


@contextmanager
def far_server(runner: Inline | Held | None = None) -> Iterator[Far]:
    """Starts both on loopback; the connection's calls run on `runner`."""
    api, mesh = Scripted({}), Scripted({"/": [mesh_page()]})
    with tempfile.TemporaryDirectory() as folder:
        own: Identity = identity(Path(folder), "127.0.0.1")
        with serve(api) as rmm, serve(mesh, own.context) as mesh_central:
            server = Server(
                address=rmm.address, name="Example", pins={f"127.0.0.1:{mesh_central.port}": own.fingerprint}
            )
            far = Far(api, mesh, mesh_central.address, connection_to(server, runner or Inline()))
            far.set_links(far.links())
            far.set_status("online")
            yield far


def connection_to(server: Server, runner: Inline | Held) -> Connection:
    """As `connect` builds it, with another runner."""
    credential = SessionToken(Secret(SESSION_TOKEN))
    transport = Transport(server.pins)
    client = RmmClient(server.address, transport, credential)
    return Connection(server, credential, transport, client, runner, LinkSource(client, runner))
