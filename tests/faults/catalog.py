"""What a server can do wrong with any answer, and what the technician is told of it whatever was asked for."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.faulty import Faulty, Hurry
from tests.faults.list_server import HTML, Answer, body, dripping, endless, half, hangs_up, head, sends

SECONDS = 1.0
"""How long the console waits for an answer that is slow on purpose; else it is half a minute."""


def black_hole(connection: socket.socket) -> None:
    """Takes the request, and that is all."""
    connection.recv(1)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def sends_on(connection: socket.socket) -> None:
    """To a host that must not hear of it."""
    connection.sendall(head(0, "301 Moved Permanently", HTML, "Location: https://elsewhere.example/?login=stolen"))


def _answers(answer: Answer) -> Callable[[Faulty, str], None]:
    return lambda server, begins: server.break_(begins, answer)


def _slowly(answer: Answer) -> Callable[[Faulty, str], None]:
    def begin(server: Faulty, begins: str) -> None:
        Hurry.address, Hurry.begins = server.address, begins
        server.break_(begins, answer)

    return begin


def _refuses(server: Faulty, begins: str) -> None:
    server.refuse()


@dataclass(frozen=True)
class Fault:
    """`begin` has a server do it for the requests that begin so; `says` is a pattern of what is said."""

    begin: Callable[[Faulty, str], None]
    says: str


_NOT_UNDERSTOOD = "gave an answer that this console does not understand"
_TEXT = body({"detail": "No."})
FAULTS = {
    "refused": Fault(_refuses, "does not take connections"),
    "reset": Fault(_answers(resets), "The connection to .* broke off"),
    "hangs up": Fault(_answers(hangs_up), "The connection to .* broke off"),
    "black hole": Fault(_slowly(black_hole), "did not answer within 1 seconds"),
    "slow drip": Fault(_slowly(dripping(b'{"status": "ok"}' * 9, 40, 0.1)), "did not answer within 1 seconds"),
    "half an answer": Fault(_answers(half(b'{"status": "ok"}' * 9)), "The connection to .* broke off"),
    "a web page": Fault(_answers(sends(b"<html>Hotel network</html>", kind=HTML)), "answered with a web page"),
    "wrong types": Fault(_answers(sends(b'[{"token": {}}, 5]')), _NOT_UNDERSTOOD),
    "null": Fault(_answers(sends(b"null")), _NOT_UNDERSTOOD),
    "nothing": Fault(_answers(sends(b"")), _NOT_UNDERSTOOD),
    "huge": Fault(_answers(endless(40)), r"sent more than \d+ MB"),
    "deep nesting": Fault(_answers(sends(b'{"totp":' * 100_000)), _NOT_UNDERSTOOD),
    "bad UTF-8": Fault(_answers(sends(b'{"token": "\xff\xfe"}')), _NOT_UNDERSTOOD),
    "301": Fault(_answers(sends_on), "sends the request on"),
    "401": Fault(_answers(sends(_TEXT, "401 Unauthorized")), "Your sign-in at .* has ended"),
    "403": Fault(_answers(sends(_TEXT, "403 Forbidden")), "does not allow you this"),
    "404": Fault(_answers(sends(_TEXT, "404 Not Found")), "does not know what was asked for"),
    "404 of a web server": Fault(_answers(sends(b"<h1>404</h1>", "404 Not Found", HTML)), "that Tactical RMM does not"),
    "429": Fault(
        _answers(sends(_TEXT, "429 Too Many Requests", "application/json", "Retry-After: 90")), "asks to wait"
    ),
    "500": Fault(_answers(sends(b"<h1>Server Error</h1>", "500 Internal Server Error", HTML)), "an error of its own"),
    "502": Fault(_answers(sends(b"<h1>502</h1>", "502 Bad Gateway", HTML)), "is up, but the RMM behind it does not"),
}
SLOW = frozenset({"black hole", "slow drip"})
