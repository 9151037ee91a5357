"""The far side of a measurement in a process of its own, so that its work and memory are not the console's: an RMM API
with an invented fleet, and where it is wanted MeshCentral with one real agent.

`python -m bench.far_side AGENTS mesh|none` prints a Ready line when everything runs, then an Answered line for each
session link that was asked for, and ends when its standard input is closed.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from console.demo.accounts import Accounts
from console.demo.api import DemoApi, MeshLogin, serve
from console.demo.fleet import Machine, make
from console.demo.mesh_local import LocalMesh
from console.transport import host_and_port

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class Ready(msgspec.Struct, frozen=True):
    """How to work with it. `hostname` is the agent that is really there."""

    address: str
    username: str
    token: str
    hostname: str
    pins: dict[str, str]


class Answered(msgspec.Struct, frozen=True):
    """How long the RMM took to answer with session links."""

    milliseconds: float


class FarSide:
    """Starts the process and ends it."""

    def __init__(self, agents: int, *, with_mesh: bool) -> None:
        self._command = [sys.executable, "-m", "bench.far_side", str(agents), "mesh" if with_mesh else "none"]

    def __enter__(self) -> "FarSide":
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = msgspec.json.decode(self._line(), type=Ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def answer_milliseconds(self) -> float:
        """How long the RMM took for the session links that were asked for last. Once for each asking."""
        return msgspec.json.decode(self._line(), type=Answered).milliseconds

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the far side ended")
        return line


def _timed(api: DemoApi) -> "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]":
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        begun = time.perf_counter()
        body = list(api(environ, start_response))
        if environ["PATH_INFO"].endswith("/meshcentral/"):
            _tell(Answered((time.perf_counter() - begun) * 1000))
        return body

    return answer


def _tell(fact: msgspec.Struct) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(fact) + b"\n")
    sys.stdout.buffer.flush()


def main(agents: int, with_mesh: bool) -> None:
    with ExitStack() as stack:
        mesh = LocalMesh()
        if with_mesh:
            stack.callback(mesh.stop)
            mesh.start(lambda line: print(line, file=sys.stderr))
        fleet = make(agents - 1)
        live = fleet.add_live(mesh.node_hex if with_mesh else None, ("LIVE",))[0]
        users = Accounts(limited_to=live.client, per_minute=None)

        def login(machine: Machine) -> MeshLogin | None:
            return MeshLogin(mesh.site, mesh.link_token().reveal(), mesh.node_hex) if with_mesh else None

        api = DemoApi(fleet, users, login)
        running = stack.enter_context(serve(_timed(api)))
        token, _ = users.new_token(users.technician)
        pins = {host_and_port(mesh.site): mesh.fingerprint} if with_mesh else {}
        _tell(Ready(running.address, users.technician.name, token, live.hostname, pins))
        ended = threading.Thread(target=sys.stdin.buffer.read)
        ended.start()
        ended.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "mesh")
