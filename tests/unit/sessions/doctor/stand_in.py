"""A MeshCentral and an RMM of the tests' own, which say what a test wants, and the examination of both."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from console.mesh.engine_facts import EngineFacts, EngineQuestion, PageLoad
from console.rmm.credentials import ApiKey, Credential
from console.secret import Secret
from console.servers import Server
from console.sessions.doctor.case import Case, Folders, Question
from console.sessions.doctor.plan import plan
from console.sessions.doctor.verdict import Line, Verdict
from console.vault.store import MemoryVault
from tests.unit.tls import Identity

KEY = "PLANTEDPLANTEDPLANTEDPLANTED1234"
TOKEN = "plantedplanted@login$token=="
COOKIE = "planted-cookie-signature"
NODE = "ab" * 48
MESH_NODE = base64.b64encode(bytes.fromhex(NODE), b"@$").decode()
SANDBOX = (
    "Sandbox Status\nLayer 1 Sandbox\tNamespace\nPID namespaces\tYes\nNetwork namespaces\tYes\n"
    "Seccomp-BPF sandbox\tYes\nSeccomp-BPF sandbox supports TSYNC\tYes\n"
    "Ptrace Protection with Yama LSM (Broker)\tNo\n\nYou are adequately sandboxed."
)
"""What Chromium 140 says to an ordinary user."""
FACTS = EngineFacts("6.11.3", "140.0.1", "155.0.1", "xcb", "Some Card", SANDBOX)


def cookie(**content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


@dataclass
class StandIn:
    """MeshCentral's front page and control channel. `users` are the cookies that the channel takes, in turn; `seen`
    are the addresses that it sees a sign-in from, in turn."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"<title>MeshCentral - Login</title>"
    sets_cookie: bool = True
    takes_token: bool = True
    takes_cookie: bool = True
    takes_sockets: bool = True
    silent: bool = False
    close: str = "noauth"
    seen: list[str] = field(default_factory=lambda: ["198.51.100.7"])
    features: int = 0x220
    certificate: str = ""
    administrator: bool = False
    user: str = "tess"
    version: str = "1.2.0"
    login_tokens: bool = True
    connected: int | None = 1
    """The connection state of the node, None when there is no such node."""
    ahead: float = 0.0
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def site(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def respond(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request.path)
        if "/control.ashx" in request.path:
            return None if self.takes_sockets else self._http(400, b"no")
        headers = dict(self.headers)
        if "login=" in request.path:
            seen = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
            content = cookie(userid=f"user//{self.user}", ip=seen) if self.takes_token else cookie()
            return self._http(self.status, self.body, [("Set-Cookie", f"xid={content}; path=/; secure"), *_signed()])
        cookies = [("Set-Cookie", f"xid={cookie()}; path=/; secure; httponly")]
        return self._http(self.status, self.body, [*headers.items(), *(cookies if self.sets_cookie else [])])

    def talk(self, connection: ServerConnection) -> None:
        request = connection.request
        known = request is not None and COOKIE in request.headers.get("Cookie", "")
        if self.silent:
            for _ in connection:
                continue
        if not (known and self.takes_cookie) or self.close != "noauth":
            connection.send(json.dumps({"action": "close", "cause": self.close, "msg": "noauth-4"}))
            return
        told = {"serverTime": 1, "features": self.features, "tlshash": self.certificate.upper()}
        connection.send(json.dumps({"action": "serverinfo", "serverinfo": told}))
        rights = 0xFFFFFFFF if self.administrator else 0
        user = {"_id": f"user//{self.user}", "name": self.user, "realname": "Tess T", "siteadmin": rights}
        connection.send(json.dumps({"action": "userinfo", "userinfo": user}))
        for message in connection:
            if (answer := self._answer(json.loads(message)["action"])) is not None:
                connection.send(json.dumps(answer))

    def _answer(self, action: str) -> dict[str, object] | None:
        if action == "ping":
            return {"action": "pong"}
        if action == "logincookie" and self.login_tokens:
            return {"action": "logincookie", "cookie": TOKEN}
        if action == "serverconsole" and self.administrator:
            return {"action": action, "value": json.dumps({"meshVersion": f"v{self.version}"}), "tag": "console"}
        if action == "nodes":
            node = {"_id": f"node//{MESH_NODE}", "name": "HOST", "rname": "HOST", "conn": self.connected}
            return {"action": action, "nodes": {"mesh//x": [node] if self.connected is not None else []}}
        return None

    def _http(self, status: int, body: bytes, more: list[tuple[str, str]] | None = None) -> Response:
        date = formatdate(_now() - self.ahead, usegmt=True)
        fixed = [("Content-Length", str(len(body))), ("Connection", "close"), ("Date", date)]
        return Response(status, HTTPStatus(status).phrase, Headers([*fixed, *(more or [])]), body)


def _signed() -> list[tuple[str, str]]:
    return [("Set-Cookie", f"xid.sig={COOKIE}; path=/; secure")]


def _now() -> float:
    import time

    return time.time()


@contextmanager
def running(stand_in: StandIn, own: Identity) -> Iterator[StandIn]:
    with serve(stand_in.talk, "127.0.0.1", 0, ssl=own.context, process_request=stand_in.respond) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stand_in.port = server.socket.getsockname()[1]
        try:
            yield stand_in
        finally:
            server.shutdown()


def links(site: str, node: str = NODE, token: str = TOKEN) -> dict[str, str]:
    """What the RMM answers when it is asked for session links."""
    pages = {name: f"{site}/?login={token}&gotonode={node}&viewmode={mode}&hide=31" for name, mode in _MODES.items()}
    return {"hostname": "HOST", **pages, "status": "online", "client": "Acme", "site": "Main"}


_MODES = {"control": 11, "terminal": 12, "file": 13}


def engine(question: EngineQuestion) -> EngineFacts:
    if not question.url:
        return FACTS
    return EngineFacts(FACTS.qt, FACTS.chromium, FACTS.patches, FACTS.platform, page=PageLoad())


class Examined:
    """What an examination of a server came to. `credential` None looks into an empty keyring."""

    def __init__(
        self,
        folder: Path,
        address: str,
        pins: dict[str, str],
        hostname: str = "HOST",
        credential: Credential | None = ApiKey(Secret(KEY)),  # noqa: B008 - it is never changed
        online: int | None = None,
    ) -> None:
        server = Server(address=address, name="Acme", username="tess", pins=pins)
        folders = Folders(folder / "config", folder / "data", folder / "log")
        self.question = Question(
            folders, {}, (), MemoryVault, engine, server, credential, hostname=hostname, online=online
        )
        self.told: list[Line] = []
        examination, self.case = plan(self.question)
        self.lines = examination.run(self.told.append)

    def line(self, key: str) -> Line:
        return next(line for line in self.lines if line.key == key)

    def said(self, key: str) -> str:
        """The whole of a line."""
        outcome = self.line(key).outcome
        return f"{outcome.verdict}: {outcome.said} {outcome.advice} {outcome.detail}"

    def of(self, *verdicts: Verdict) -> set[str]:
        """The checks of the servers that ended so."""
        return {line.key for line in self.lines if line.verdict in verdicts and "." in line.key}

    @property
    def failures(self) -> set[str]:
        return self.of(Verdict.FAILURE)

    @property
    def warnings(self) -> set[str]:
        return self.of(Verdict.WARNING)


def case_of(question: Question) -> Case:
    return plan(question)[1]
