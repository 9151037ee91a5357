"""A server on loopback that says what a test makes it say, byte by byte."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


class RawServer:
    """Takes connections on loopback and gives each to `talk`, which speaks for itself; counts them."""

    def __init__(self, talk: Callable[[socket.socket], None], port: int = 0) -> None:
        self._talk = talk
        self._open: list[socket.socket] = []
        self.taken = 0
        self.stopped = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self.stopped = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Ends the connections that there are."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.taken += 1
                self._open.append(connection)
                threading.Thread(target=self._guarded, args=(connection,), daemon=True).start()

    def _guarded(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._talk(connection)


@contextlib.contextmanager
def raw(talk: Callable[[socket.socket], None]) -> Iterator[RawServer]:
    server = RawServer(talk)
    try:
        yield server
    finally:
        server.stop()


def asked(connection: socket.socket) -> bytes:
    """Reads a request up to its empty line."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            raise OSError("gone")
        request += piece
    return request


def says_nothing(connection: socket.socket) -> None:
    asked(connection)
    connection.recv(1)


def drips_its_head(connection: socket.socket) -> None:
    asked(connection)
    for letter in b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 10_000:
        connection.sendall(bytes([letter]))
        threading.Event().wait(0.05)


def drips_its_body(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100_000):
        connection.sendall(b"a")
        threading.Event().wait(0.05)


def stops_in_its_body(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    connection.recv(1)


def breaks_off_in_its_body(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def breaks_off_at_once(connection: socket.socket) -> None:
    asked(connection)
    connection.close()


def talks_nonsense(connection: socket.socket) -> None:
    asked(connection)
    connection.sendall(b"220 mail.example.com ESMTP\r\n")
    connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
