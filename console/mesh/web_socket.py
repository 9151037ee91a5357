"""A web socket to MeshCentral, from plain Python: verified and led through proxies as every call of the console is.

The frames are made and read by the library `websockets`, its part without input and output: its own clients make their
connections themselves and follow redirects. Blocking, for one thread; only `abort` may come from another.
"""

import contextlib
import logging
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from console import __version__
from console.mesh.file_errors import TunnelLost
from console.secret import Secret
from console.transport import Transport

LARGEST = 64 * 1024 * 1024
"""Bytes of one message: the list of a folder with very many files is the longest there is."""
_PIECE = 256 * 1024
_PATIENCE = 30.0
"""Seconds in which the other side has to take or send something that is due."""

_quiet = logging.getLogger("console.mesh.web_socket.frames")
_quiet.setLevel(logging.WARNING)  # the library would log the headers, and a cookie with them


class WebSocket:
    """An open web socket. Use `connected`."""

    def __init__(self, sock: socket.socket, url: str, headers: Mapping[str, Secret], largest: int = LARGEST) -> None:
        """Asks for the web socket over a connection that stands already. `largest` bounds the bytes of one message: a
        longer one ends it. Raises TunnelLost."""
        self._socket = sock
        self._messages: deque[str | bytes] = deque()
        self._parts: list[bytes] = []
        self._text = False
        self._accepted = False
        self._protocol = ClientProtocol(parse_uri(url), max_size=largest, logger=_quiet)
        request = self._protocol.connect()
        request.headers["User-Agent"] = f"technician-console/{__version__}"
        for name, value in headers.items():
            request.headers[name] = value.reveal()
        self._protocol.send_request(request)
        self._flush()
        deadline = time.monotonic() + _PATIENCE
        while not self._accepted:
            if not self._read(deadline - time.monotonic()):
                raise TunnelLost("no answer to the request for a web socket")

    def send(self, message: str | bytes) -> None:
        """Sends a text or a binary message; returns once the operating system has taken it. Raises TunnelLost."""
        if self._protocol.state is not State.OPEN:
            raise TunnelLost("the web socket is closed")
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        self._flush()

    def receive(self, seconds: float) -> str | bytes | None:
        """The next message, or None when none came within so many seconds. Raises TunnelLost at its end."""
        deadline = time.monotonic() + seconds
        while not self._messages:
            if not self._read(deadline - time.monotonic()):
                return None
        return self._messages.popleft()

    def close(self) -> None:
        """Says goodbye and closes. Safe to call again."""
        with contextlib.suppress(TunnelLost):
            if self._protocol.state is State.OPEN:
                self._protocol.send_close()
                self._flush()
        self._socket.close()

    def abort(self) -> None:
        """Cuts the connection from another thread: what waits on it ends with TunnelLost."""
        # Past SSLSocket's own shutdown: it would drop the encryption first. TypeError: TLS through a TLS proxy.
        with contextlib.suppress(OSError, TypeError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _read(self, seconds: float) -> bool:
        """Takes in what came; False when nothing did. Raises TunnelLost."""
        if seconds <= 0:
            return False
        try:
            self._socket.settimeout(seconds)
            data = self._socket.recv(_PIECE)
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except (OSError, ValueError) as error:
            raise TunnelLost(type(error).__name__) from None
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._take_in()
        self._flush()  # an answer to a ping, or to a goodbye
        if not self._messages and self._protocol.state is not State.OPEN:
            raise TunnelLost(f"closed by the server, {self._protocol.close_code}")
        return True

    def _take_in(self) -> None:
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._accepted = self._protocol.handshake_exc is None
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._take_frame(event)
        if (problem := self._protocol.handshake_exc) is not None:
            raise TunnelLost(f"refused: {type(problem).__name__}")

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if frame.fin:
            whole = b"".join(self._parts)
            self._parts.clear()
            self._messages.append(whole.decode(errors="replace") if self._text else whole)

    def _flush(self) -> None:
        try:
            self._socket.settimeout(_PATIENCE)
            for data in self._protocol.data_to_send():
                if data:
                    self._socket.sendall(data)
        except (OSError, ValueError, WebSocketException) as error:
            raise TunnelLost(type(error).__name__) from None


def connected(transport: Transport, url: str, headers: Mapping[str, Secret], largest: int = LARGEST) -> WebSocket:
    """Opens a web socket at a wss:// URL. Raises TunnelLost or a TransportProblem."""
    sock = transport.connect("https" + url.removeprefix("wss"))
    try:
        return WebSocket(sock, url, headers, largest)
    except BaseException:
        sock.close()
        raise
