"""A hostile server in MeshCentral's place, and another host that its page tries to reach. Both are on loopback."""

import asyncio
import base64
import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from console.secret import Secret
from tests.e2e.tls import SelfSigned

_WEB_SOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SIGNED_IN = base64.b64encode(b'{"userid":"user//technician"}').decode()


@dataclass(frozen=True)
class Request:
    """What was asked of the server. `target` is as it stood in the request line."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass(frozen=True)
class Answer:
    body: str = ""
    kind: str = "text/html; charset=utf-8"
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class HostileMesh:
    """Takes every login token, and serves `page` as the agent's page and `answers` by their paths. It redirects
    wherever `?to=` says, opens every web socket, and notes what it was asked."""

    certificate: SelfSigned
    page: Answer = field(default_factory=Answer)
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    node_hex: str = "ab" * 48

    @property
    def site(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint

    def link_token(self) -> Secret:
        return Secret("any@token$will=do")

    def asked(self, part: str) -> list[Request]:
        """The requests whose target holds this."""
        return [request for request in self.requests if part in request.target]

    def __enter__(self) -> "HostileMesh":
        self._loop = _Loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._end())
        self._loop.stop()

    async def _listen(self) -> None:
        context = self.certificate.context()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:  # kept open: Chromium makes no new connection under a pinned certificate for a download
                request = await _read(reader)
                self.requests.append(request)
                if "upgrade" in request.headers:
                    await _open_socket(request, reader, writer)
                    break
                writer.write(_written(self._answer(request)))
                await writer.drain()
        writer.close()

    def _answer(self, request: Request) -> Answer:
        query = parse_qs(urlsplit(request.target).query)
        if "login" in query:
            cookies = tuple(
                ("Set-Cookie", f"{name}={value}; path=/; secure; httponly")
                for name, value in (("xid", _SIGNED_IN), ("xid.sig", "signed"))
            )
            return Answer(headers=cookies)
        if "to" in query:
            return Answer(status="302 Found", headers=(("Location", query["to"][0]),))
        if request.path in self.answers:
            return self.answers[request.path]
        return self.page if request.path == "/" else Answer()


class Elsewhere:
    """Another host: notes whoever connects by TCP or sends a datagram, and says nothing."""

    def __init__(self) -> None:
        self.contacts: list[bytes] = []
        """The first bytes that came with each; b"" when nothing came with it."""
        self.port = 0

    def __enter__(self) -> "Elsewhere":
        self._loop = _Loop()
        self._loop.run(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._end())
        self._loop.stop()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", self.port))
        self._datagrams, _ = await self._loop.loop.create_datagram_endpoint(
            lambda: _Datagrams(self.contacts.append), sock=sock
        )

    async def _end(self) -> None:
        self._server.close()
        self._datagrams.close()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            self.contacts.append(await asyncio.wait_for(reader.read(200), 2))
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, met: Callable[[bytes], None]) -> None:
        self._met = met

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._met(data)


class _Loop:
    """An event loop on a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


async def _open_socket(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    key = request.headers["sec-websocket-key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + _WEB_SOCKET, usedforsecurity=False).digest()).decode()
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    while await reader.read(65536):
        pass


def _written(answer: Answer) -> bytes:
    body = answer.body.encode()
    lines = [
        f"HTTP/1.1 {answer.status}",
        f"Content-Type: {answer.kind}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
