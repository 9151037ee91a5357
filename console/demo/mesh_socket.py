"""A web socket to the demo's MeshCentral, from plain Python.

Only as much of RFC 6455 as this needs: a client of one server on 127.0.0.1, no extensions.
"""

import base64
import contextlib
import os
import socket
import ssl
import struct
import time
from types import TracebackType
from typing import Self

from console import certificates
from console.problem import Problem

PATIENCE = 15.0
"""Seconds that connecting and sending may take."""
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
_LARGEST = 64 * 1024 * 1024


class MeshSocket:
    """One web socket. Blocking; used from one thread. A context manager."""

    def __init__(self, port: int, fingerprint: str, path: str) -> None:
        """Connects to the server on 127.0.0.1 that presents the certificate with this fingerprint.

        `path` holds the query as well. Raises Problem for another certificate, OSError when it does not connect.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # replaced by the pin, before anything is sent
        self._buffer = b""
        self._socket = context.wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE))
        try:
            if certificates.fingerprint(self._socket.getpeercert(binary_form=True) or b"") != fingerprint:
                raise Problem("Another server answers in the place of the demo's MeshCentral.", "Start the demo again.")
            self._upgrade(port, path)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._send(_CLOSE, b"")
        self._socket.close()

    def send(self, message: str | bytes) -> None:
        """Sends a text or a binary message. Raises OSError."""
        if isinstance(message, str):
            self._send(_TEXT, message.encode())
        else:
            self._send(_BINARY, message)

    def receive(self, deadline: float) -> bytes | None:
        """The next message; None when none came before `deadline` (time.monotonic). Raises OSError at its end."""
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

    def _upgrade(self, port: int, path: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            (
                f"GET {path} HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        deadline = time.monotonic() + PATIENCE
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
            self._socket.settimeout(PATIENCE)
        if not data:
            raise ConnectionError("closed by the server")
        self._buffer += data
        return True
