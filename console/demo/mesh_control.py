"""MeshCentral's administration channel, `control.ashx`, from plain Python: what the demo sets its server up with.

Only as much of RFC 6455 as this needs: a client of one server on loopback, text messages, no extensions.
Messages as read in MeshCentral 1.1.55's `meshuser.js`.
"""

import base64
import contextlib
import os
import socket
import ssl
import struct
import time
import urllib.parse
from types import TracebackType
from typing import Self

import msgspec

from console import certificates
from console.problem import Problem
from console.secret import Secret

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_LARGEST = 64 * 1024 * 1024
_PATIENCE = 15.0


class Node(msgspec.Struct):
    """A node as `nodes` lists it. `conn` has bit 0 set while its agent is connected."""

    id: str = msgspec.field(name="_id")
    name: str = ""
    conn: int = 0


class Reply(msgspec.Struct):
    """What the demo reads of an answer. `result` is "ok" or MeshCentral's reason."""

    result: str | None = None
    meshid: str = ""
    nodes: dict[str, list[Node]] = {}


class _Message(msgspec.Struct):
    action: str = ""
    responseid: str | None = None
    cause: str | None = None


class ControlChannel:
    """A signed-in connection to `control.ashx`. Blocking; used from one thread. A context manager."""

    def __init__(self, port: int, fingerprint: str, token: Secret) -> None:
        """Connects to the server on 127.0.0.1 that presents the certificate with this fingerprint. Raises Problem."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # replaced by the pin, before anything is sent
        self._buffer = b""
        self._count = 0
        try:
            plain = socket.create_connection(("127.0.0.1", port), _PATIENCE)
            self._socket = context.wrap_socket(plain)
            if certificates.fingerprint(self._socket.getpeercert(binary_form=True) or b"") != fingerprint:
                self._socket.close()
                raise Problem("Another server answers in the place of the demo's MeshCentral.", "Start the demo again.")
            self._upgrade(port, token)
        except OSError as error:
            raise _lost(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._send(_CLOSE, b"")
        self._socket.close()

    def ask(self, action: str, **fields: object) -> Reply:
        """Sends one command and waits for its answer. Raises Problem when MeshCentral refuses it or goes away."""
        self._count += 1
        number = f"demo{self._count}"
        try:
            self._send(_TEXT, msgspec.json.encode({"action": action, "responseid": number, **fields}))
            deadline = time.monotonic() + _PATIENCE
            while (message := self._receive(deadline)) is not None:
                head = _decoded(message)
                if head.responseid == number:
                    reply = msgspec.json.decode(message, type=Reply)
                    if reply.result not in (None, "ok"):
                        raise Problem(
                            "The demo's MeshCentral refused a step of its set-up.", "", f"{action}: {reply.result}"
                        )
                    return reply
                if head.action == "close":
                    raise Problem("The demo's MeshCentral closed its administration channel.", "", head.cause or "")
        except OSError as error:
            raise _lost(error) from error
        raise Problem("The demo's MeshCentral does not answer.", "Start the demo again.", action)

    def wait_for_event(self, seconds: float) -> None:
        """Waits until the server reports anything by itself, but no longer than this."""
        try:
            deadline = time.monotonic() + seconds
            while (message := self._receive(deadline)) is not None:
                if _decoded(message).action == "event":
                    return
        except OSError as error:
            raise _lost(error) from error

    def _upgrade(self, port: int, token: Secret) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            (
                f"GET /control.ashx?auth={urllib.parse.quote(token.reveal(), safe='')} HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        deadline = time.monotonic() + _PATIENCE
        while b"\r\n\r\n" not in self._buffer:
            if not self._more(deadline):
                raise ConnectionError("no answer to the web socket's handshake")
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status = head.split(b"\r\n", 1)[0].decode("latin-1")
        if " 101 " not in status:
            raise ConnectionError(f"the web socket was refused: {status}")

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 0x80 | 127, size)
        # A client masks what it sends; a mask of zeros is a mask, and nothing between us and loopback needs more.
        self._socket.sendall(head + b"\0\0\0\0" + payload)

    def _receive(self, deadline: float) -> bytes | None:
        """The next text message; None when none came before the deadline."""
        whole = b""
        while True:
            frame = self._frame(deadline)
            if frame is None:
                return None
            final, kind, payload = frame
            if kind == _PING:
                self._send(_PONG, payload)
            elif kind == _CLOSE:
                raise ConnectionError("closed by the server")
            elif kind != _PONG:
                whole += payload
                if final:
                    return whole

    def _frame(self, deadline: float) -> tuple[bool, int, bytes] | None:
        while True:
            if len(self._buffer) >= 2:
                first, size, start = self._buffer[0], self._buffer[1] & 0x7F, 2
                extra = {126: 2, 127: 8}.get(size, 0)
                if len(self._buffer) >= start + extra:
                    size = int.from_bytes(self._buffer[start : start + extra], "big") if extra else size
                    start += extra
                    if size > _LARGEST:
                        raise ConnectionError("a message is too long")
                    if len(self._buffer) >= start + size:
                        payload, self._buffer = self._buffer[start : start + size], self._buffer[start + size :]
                        return bool(first & 0x80), first & 0x0F, payload
            if not self._more(deadline):
                return None

    def _more(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return False
        finally:
            self._socket.settimeout(_PATIENCE)
        if not data:
            raise ConnectionError("closed by the server")
        self._buffer += data
        return True


def _decoded(message: bytes) -> _Message:
    try:
        return msgspec.json.decode(message, type=_Message)
    except msgspec.MsgspecError:
        return _Message()


def _lost(error: OSError) -> Problem:
    return Problem("The demo's MeshCentral went away.", "Start the demo again.", str(error))
