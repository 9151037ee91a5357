"""A network of the tests' own between the console and MeshCentral, which can be cut in two ways and mended."""

import contextlib
import socket
import struct
import threading
from types import TracebackType

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.servers import Server
from console.transport import host_and_port
from tests.e2e.rmm import Rmm

_LINGER_0 = struct.pack("ii", 1, 0)


class Network:
    """Hands bytes on between its own port on loopback and another."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open = threading.Event()
        self._open.set()
        self._ended = threading.Event()
        self._refusing = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> "Network":
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._open.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()
        for thread in list(self._threads):
            thread.join(5)

    def reset(self) -> None:
        """Resets every connection, and each new one until `heal`: a firewall or a dead router on the way."""
        with self._lock:
            self._refusing = True
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            _reset(each)

    def swallow(self) -> None:
        """Lets nothing through any more and says nothing about it: a cable that was pulled."""
        self._open.clear()

    def heal(self) -> None:
        """What was held back goes on, and new connections are taken."""
        with self._lock:
            self._refusing = False
        self._open.set()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                _reset(near)
                continue
            self._keep(near)
            self._run(self._connect, near)

    def _connect(self, near: socket.socket) -> None:
        self._open.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), 10)
        except OSError:
            _reset(near)
            return
        far.settimeout(None)
        self._keep(far)
        self._run(self._pump, near, far)
        self._pump(far, near)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._open.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            _reset(source)
            _reset(target)

    def _keep(self, each: socket.socket) -> None:
        with self._lock:
            refusing = self._refusing
            if not refusing:
                self._sockets.append(each)
        if refusing:
            _reset(each)

    def _run(self, call: object, *arguments: socket.socket) -> None:
        assert callable(call)
        thread = threading.Thread(target=call, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


class ProxiedRmm(Rmm):
    """An RMM whose session links lead through a network of the tests' own."""

    network: Network

    @property
    def site(self) -> str:
        return f"https://127.0.0.1:{self.network.port}"

    def server(self) -> Server:
        server = super().server()
        pins = {**server.pins, host_and_port(self.site): self.mesh.fingerprint}
        return Server(address=server.address, name=server.name, username=server.username, pins=pins)

    def _login(self, machine: Machine) -> MeshLogin | None:
        login = super()._login(machine)
        return MeshLogin(self.site, login.token, login.node_id) if login else None


def _reset(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
