"""A real, small HTTP proxy on loopback: CONNECT, with Basic sign-in where a test wants one.

Every name that ends in ".test" is this computer to it, and to nobody else: what reaches such a host went through here.
"""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType

from console.proxies import Proxy, ProxySignIn


class ConnectProxy:
    """`led` are the "host:port" that it led to, `refused` counts the requests without the right sign-in."""

    def __init__(
        self,
        sign_in: ProxySignIn | None = None,
        *,
        challenge: str = 'Basic realm="office"',
        context: ssl.SSLContext | None = None,
    ) -> None:
        """With a TLS context it is spoken to over TLS. `sign_in` may be changed at any time."""
        self.sign_in = sign_in
        self.challenge = challenge
        self.led: list[str] = []
        self.refused = 0
        self._context = context
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.proxy = Proxy("127.0.0.1", int(self._listener.getsockname()[1]), context is not None)

    @property
    def address(self) -> str:
        """As HTTPS_PROXY names it."""
        return self.proxy.url

    def __enter__(self) -> "ConnectProxy":
        _run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut(self) -> None:
        """Ends every tunnel that is open."""
        for each in self._open:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                _run(partial(self._serve, near))

    def _serve(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), near:
            spoken = self._context.wrap_socket(near, server_side=True) if self._context else near
            self._open.append(spoken)
            while True:
                head = _head(spoken)
                target = head[0].split()[1]
                if self._may(head):
                    break
                self.refused += 1
                spoken.sendall(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n"
                    + f"Proxy-Authenticate: {self.challenge}\r\n\r\n".encode()
                )
            host, _, port = target.rpartition(":")
            far = socket.create_connection(("127.0.0.1" if host.endswith(".test") else host, int(port)), 10)
            far.settimeout(None)
            self._open.append(far)
            self.led.append(target)
            spoken.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _run(lambda: _pump(far, spoken))
            _pump(spoken, far)

    def _may(self, head: list[str]) -> bool:
        if self.sign_in is None:
            return True
        pair = f"{self.sign_in.user}:{self.sign_in.password.reveal()}".encode()
        wanted = f"proxy-authorization: basic {base64.b64encode(pair).decode()}".lower()
        return any(line.lower() == wanted for line in head[1:])


def _head(source: socket.socket) -> list[str]:
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        piece = source.recv(1)
        if not piece:
            raise OSError("gone")
        got += piece
    return got.decode("latin-1").split("\r\n")


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        socket.socket.shutdown(target, socket.SHUT_RDWR)


def _run(call: Callable[[], object]) -> None:
    threading.Thread(target=call, daemon=True).start()
