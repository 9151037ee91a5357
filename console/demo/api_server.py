"""Serves a WSGI application on loopback for the demo and the tests: quick, quiet, and gone at once when stopped.

Werkzeug's own handler closes each connection; over TLS that would cost a handshake with every call.
"""

import contextlib
import io
import socket
import ssl
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LARGEST_BODY = 1024 * 1024
_HANDSHAKE_SECONDS = 10.0


class RunningApi:
    """A server on a free port of 127.0.0.1. `address` is "http://127.0.0.1:PORT", or https with a TLS context."""

    def __init__(self, app: WSGIApplication, ssl_context: ssl.SSLContext | None = None) -> None:
        self._server = _Server(app, ssl_context)
        self.port: int = self._server.server_address[1]
        self.address = f"{'https' if ssl_context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="demo-api")
        self._thread.start()

    def cut(self) -> None:
        """Ends the connections that are open; new ones are taken."""
        self._server.cut()

    def stop(self) -> None:
        """Ends the server and cuts the connections that are open. May be called twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.cut()

    def __enter__(self) -> "RunningApi":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(app: WSGIApplication, ssl_context: ssl.SSLContext | None = None) -> RunningApi:
    """Starts a server in a thread of its own. Stop it, or use it as a context."""
    return RunningApi(app, ssl_context)


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, app: WSGIApplication, context: ssl.SSLContext | None) -> None:
        self.open_sockets: set[socket.socket] = set()
        super().__init__("127.0.0.1", 0, app, handler=_Handler)
        # Set afterwards: the handshake then happens in the connection's own thread, not in the one that accepts.
        self.ssl_context = context

    def cut(self) -> None:
        for connection in list(self.open_sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away, or that does not like the certificate, is nothing to write about."""


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: _Server

    def setup(self) -> None:
        if self.server.ssl_context:
            self.request.settimeout(_HANDSHAKE_SECONDS)
            self.request = self.server.ssl_context.wrap_socket(self.request, server_side=True)
            self.request.settimeout(None)
        self.server.open_sockets.add(self.request)
        super().setup()

    def finish(self) -> None:
        self.server.open_sockets.discard(self.request)
        with contextlib.suppress(OSError):
            super().finish()
            self.request.close()

    def run_wsgi(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > _LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(length)))
        self._answer(environ)

    def _answer(self, environ: "WSGIEnvironment") -> None:
        status, headers, body = _called(self.server.app, environ)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if code != "204" and not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: object) -> None:
        """No access log: a path may hold what nobody should read."""


def _called(app: WSGIApplication, environ: "WSGIEnvironment") -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> "_Write":
        started.append((status, headers))
        return _Write()

    start_response: StartResponse = start
    pieces: Iterable[bytes] = app(environ, start_response)
    try:
        body = b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()
    return (*started[-1], body)


class _Write:
    def __call__(self, data: bytes) -> object:
        raise NotImplementedError("the write() of WSGI's start_response is not needed here")
