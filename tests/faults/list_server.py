"""A server of the list of agents that misbehaves, over a real connection on loopback. Each answer is a function."""

import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.unit.raw_server import asked, raw

Answer = Callable[[socket.socket], None]
JSON, HTML = "application/json", "text/html"


class ListServer:
    """Gives its answers in turn, the last one again and again. `asked` counts the requests."""

    def __init__(self) -> None:
        self.address = ""
        self.asked = 0
        self.answers: list[Answer] = [good()]
        self._lock = threading.Lock()

    def give(self, *answers: Answer) -> None:
        with self._lock:
            self.answers = list(answers)

    def talk(self, connection: socket.socket) -> None:
        while True:
            asked(connection)
            with self._lock:
                self.asked += 1
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            answer(connection)


@contextmanager
def list_server() -> Iterator[ListServer]:
    made = ListServer()
    with raw(made.talk) as server:
        made.address = server.address
        yield made


def agent_id(number: int) -> str:
    return f"{number:040d}"


def row(number: int, **fields: object) -> dict[str, object]:
    """A row of the real shape, about 1.2 kB."""
    return {
        "agent_id": agent_id(number),
        "hostname": f"PC-{number:05d}",
        "client_name": f"Client {number % 7}",
        "site_name": "Main",
        "status": "online",
        "plat": "windows",
        "checks": {"total": 2, "passing": 2, "failing": 0, "warning": 0, "info": 0, "has_failing_checks": False},
        "last_seen": "2026-11-24T10:00:00.000000Z",
        "description": "x" * 700,
        **fields,
    }


def rows(count: int = 30, **fields: object) -> list[dict[str, object]]:
    return [row(number, **fields) for number in range(count)]


def body(listed: object) -> bytes:
    return json.dumps(listed, separators=(",", ":")).encode()


def head(length: int | None, status: str = "200 OK", kind: str = JSON, *more: str) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Type: {kind}", size, *more, "", "")).encode()


def sends(content: bytes, status: str = "200 OK", kind: str = JSON, *more: str) -> Answer:
    return lambda connection: connection.sendall(head(len(content), status, kind, *more) + content)


def good(listed: object | None = None) -> Answer:
    return sends(body(rows() if listed is None else listed))


def shuffled(listed: list[dict[str, object]]) -> Answer:
    """In another order each time."""

    def answer(connection: socket.socket) -> None:
        again = list(listed)
        random.shuffle(again)
        good(again)(connection)

    return answer


def after(go: threading.Event, answer: Answer) -> Answer:
    """Not before the test lets it."""

    def late(connection: socket.socket) -> None:
        go.wait(60)
        answer(connection)

    return late


def dripping(content: bytes, pieces: int, pause: float) -> Answer:
    """In so many pieces, with pauses between them."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(head(len(content)))
        size = -(-len(content) // pieces)
        for start in range(0, len(content), size):
            connection.sendall(content[start : start + size])
            threading.Event().wait(pause)

    return drip


def half(content: bytes) -> Answer:
    """Ends in the middle of what it has announced."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(head(len(content)) + content[: len(content) // 2])
        connection.shutdown(socket.SHUT_RDWR)

    return cut


def half_in_chunks(content: bytes) -> Answer:
    """Ends without the last chunk; what has come may be a whole list."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(head(None) + b"%x\r\n%s\r\n" % (len(content), content))
        connection.shutdown(socket.SHUT_RDWR)

    return cut


def endless(megabytes: int) -> Answer:
    """So much in chunks, and no end announced."""

    def flood(connection: socket.socket) -> None:
        piece = b" " * 1024 * 1024
        connection.sendall(head(None))
        for _ in range(megabytes):
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")

    return flood


def hangs_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)
