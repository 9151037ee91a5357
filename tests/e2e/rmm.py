"""The RMM of the end-to-end tests: the demo's API, with session links that lead to the real MeshCentral."""

import ssl
import time
from collections.abc import Callable
from types import TracebackType

from console.demo.accounts import Accounts
from console.demo.api import DemoApi, MeshLogin, RunningApi, serve
from console.demo.fleet import Machine, make
from console.demo.mesh_local import LocalMesh
from console.servers import Server
from console.transport import host_and_port
from tests.e2e.tls import SelfSigned


class Rmm:
    """`api` and `users` may be changed by a test at any time; `live` are the agents that stand for the real one."""

    def __init__(
        self,
        mesh: LocalMesh,
        agents: int = 40,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` is that of the server's accounts: what tokens, codes and throttling go by."""
        self.mesh = mesh
        self.fleet = make(agents)
        self.live = self.fleet.add_live(mesh.node_hex)
        self.users = Accounts(limited_to=self.fleet.machines[0].client, clock=clock, per_minute=None)
        self.api = DemoApi(self.fleet, self.users, self._login)
        self._context = context
        self._running: RunningApi | None = None

    def __enter__(self) -> "Rmm":
        self._running = serve(self.api, self._context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def renew(self, certificate: SelfSigned) -> None:
        """Presents another certificate from now on; connections that stand under the one before end."""
        assert self._context is not None
        assert self._running is not None
        certificate.put_into(self._context)
        self._running.cut()

    def stop(self) -> None:
        """The RMM goes away: nothing answers at its address any more."""
        if self._running:
            self._running.stop()

    @property
    def address(self) -> str:
        assert self._running is not None
        return self._running.address

    def server(self) -> Server:
        """The server as a technician keeps it who has trusted MeshCentral's certificate before."""
        return Server(
            address=self.address,
            name="Test RMM",
            username=self.users.technician.name,
            pins={host_and_port(self.mesh.site): self.mesh.fingerprint},
        )

    def _login(self, machine: Machine) -> MeshLogin | None:
        return MeshLogin(self.mesh.site, self.mesh.link_token().reveal(), self.mesh.node_hex if machine.live else None)
