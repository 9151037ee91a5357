"""What a MeshCentral can do wrong with a web socket."""

import base64
import hashlib
import re
import socket
import struct
import threading
from collections.abc import Callable

from tests.faults.catalog import FAULTS
from tests.faults.faulty import Faulty
from tests.faults.list_server import Answer

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY = 0x81, 0x82


def frame(kind: int, content: bytes) -> bytes:
    size = len(content)
    if size < 126:
        return bytes([kind, size]) + content
    return bytes([kind, 127]) + struct.pack(">Q", size) + content


def opened(server: Faulty, *sent: bytes, pause: float = 0.0, end: bool = False) -> Answer:
    """Opens the web socket, sends these bytes, and then says nothing more, or hangs up."""

    def answer(connection: socket.socket) -> None:
        key = re.search(r"(?im)^Sec-WebSocket-Key: *(\S+)", server.head())
        assert key is not None
        accepted = base64.b64encode(hashlib.sha1(f"{key[1]}{_MAGIC}".encode()).digest()).decode()  # noqa: S324
        connection.sendall(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accepted}\r\n\r\n".encode()
        )
        for one in sent:
            connection.sendall(one)
            threading.Event().wait(pause)
        while not end and connection.recv(4096):
            pass
        raise OSError("over")

    return answer


def _says(*contents: bytes) -> Callable[[Faulty], Answer]:
    return lambda server: opened(server, *(frame(TEXT, content) for content in contents))


SOCKETS: dict[str, Callable[[Faulty], Answer]] = {
    "says nothing": _says(),
    "slow drip of messages": lambda server: opened(server, *([frame(TEXT, b"{}")] * 30), pause=0.1),
    "half a message": lambda server: opened(server, frame(TEXT, b'{"action":"authcookie"}')[:9], end=True),
    "a web page in a message": _says(b"<html>Sign in</html>"),
    "wrong types in messages": _says(b'{"action": 5}', b"[]", b'"x"', b'{"action":"authcookie","cookie":[]}'),
    "nulls in messages": _says(b"null", b'{"action":"authcookie","cookie":null,"rcookie":null}', b'{"action":null}'),
    "a huge message": lambda server: opened(server, bytes([TEXT, 127]) + struct.pack(">Q", 2**40)),
    "a deep message": _says(
        b'{"action":"authcookie","x":' + b"[" * 100_000, b'{"action":"userinfo","x":' + b"[" * 90_000
    ),
    "a message that is not UTF-8": lambda server: opened(
        server, frame(TEXT, b'{"action":"\xff\xfe"}'), frame(BINARY, b'{"action":"authcookie","cookie":"\xff"}')
    ),
    "nonsense in place of frames": lambda server: opened(server, b"\x00\xff" * 40),
}
REFUSALS = [
    *("refused", "reset", "hangs up", "black hole", "slow drip", "half an answer", "a web page", "nothing", "huge"),
    *("301", "401", "403", "404", "429", "500", "502"),
]
"""Of the faults that any answer may have: those in place of a web socket."""


def spoil(server: Faulty, begins: str, fault: str) -> None:
    """Has the web sockets that begin so go wrong."""
    if fault in SOCKETS:
        server.break_(begins, SOCKETS[fault](server))
    else:
        FAULTS[fault].begin(server, begins)
