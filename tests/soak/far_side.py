"""The far side of a long day, in a process of its own: an RMM whose agents change with every list, MeshCentral with one
real agent, and a network between that and the console which can be cut.

`python -m tests.soak.far_side AGENTS` prints a Ready line, then one line for each order (a line of its standard input)
that was carried out, and ends when its standard input is closed.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from bench.far_side import Ready
from console.demo.accounts import Accounts
from console.demo.api import DemoApi, MeshLogin, serve
from console.demo.fleet import Fleet, Machine, make
from console.demo.mesh_local import LocalMesh
from console.transport import host_and_port
from tests.e2e.proxy import Network

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

LIVE = "LIVE"
"""The agent that is really there."""
_CHANGED = 10
"""One agent of so many is another one in the next list."""
_AWAY = 50
"""One agent of so many is not in it, and is back in a later one."""


class Order(StrEnum):
    """What the far side can be told to do."""

    CUT = "cut"
    MEND = "mend"
    NEW_AGENT = "new agent"


class FarSide:
    """Starts the process and ends it. `do` has an order carried out; `done` says whether the last one was."""

    def __init__(self, agents: int) -> None:
        self._command = [sys.executable, "-m", "tests.soak.far_side", str(agents)]

    def __enter__(self) -> "FarSide":
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = msgspec.json.decode(self._line(), type=Ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def do(self, order: Order) -> None:
        """Has an order carried out, and waits for it: the console stands still meanwhile."""
        assert self._process.stdin is not None
        self._process.stdin.write(order.value + "\n")
        self._process.stdin.flush()
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the far side ended")
        return line


class _Changing:
    """The demo's API, with a tenth of the agents changed and some of them gone whenever the list is asked for."""

    def __init__(self, api: DemoApi, fleet: Fleet) -> None:
        self._api = api
        self._fleet = fleet
        self._all = list(fleet.machines)
        self._dice = random.Random(5)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/agents/":
            self._change()
        return self._api(environ, start_response)

    def _change(self) -> None:
        dice = self._dice
        for machine in dice.sample(self._all, len(self._all) // _CHANGED):
            machine.inventory["logged_username"] = f"user{dice.randrange(100_000)}"
            machine.inventory["needs_reboot"] = dice.random() < 0.1
            machine.inventory["description"] = f"moved to room {dice.randrange(10_000)}"
        away = set(dice.sample(range(len(self._all)), len(self._all) // _AWAY))
        self._fleet.machines = [one for number, one in enumerate(self._all) if one.live or number not in away]


def main(agents: int) -> None:
    with ExitStack() as stack:
        mesh = LocalMesh()
        stack.callback(mesh.stop)
        mesh.start(lambda line: print(line, file=sys.stderr))
        network = stack.enter_context(Network(mesh.server.port))
        site = f"https://127.0.0.1:{network.port}"
        fleet = make(agents - 1)
        live = fleet.add_live(mesh.node_hex, (LIVE,))[0]
        users = Accounts(limited_to=live.client, per_minute=None)

        def login(machine: Machine) -> MeshLogin:
            return MeshLogin(site, mesh.link_token().reveal(), mesh.node_hex if machine.live else None)

        running = stack.enter_context(serve(_Changing(DemoApi(fleet, users, login), fleet)))
        token, _ = users.new_token(users.technician)
        pins = {host_and_port(place): mesh.fingerprint for place in (site, mesh.site)}
        _tell(msgspec.json.encode(Ready(running.address, users.technician.name, token, live.hostname, pins)).decode())
        orders: dict[str, Callable[[], None]] = {
            Order.CUT: network.reset,
            Order.MEND: network.heal,
            Order.NEW_AGENT: mesh.restart_agent,
        }
        for line in sys.stdin:
            orders[line.strip()]()
            _tell(line.strip())


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
