"""`technician-console --demo`: the console with an invented fleet and a live machine, which is this computer.

Everything listens on loopback, has random credentials, keeps its files in a temporary folder, and ends with the window.
"""

import logging
import tempfile
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from console.app import App, Options, Places, application
from console.demo.accounts import Accounts
from console.demo.api import DemoApi, MeshLogin, serve
from console.demo.fleet import LIVE_HOSTNAMES, Machine, make
from console.demo.mesh_local import LocalMesh
from console.demo.tour import Tour
from console.problem import Problem
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import Server
from console.transport import host_and_port
from console.vault.store import MemoryVault
from console.work import Lane

_AGENTS = 250
_READY = "Demo: the machines marked “live” are this computer. Search for “live”, then double-click one."


class _MeshStarter(QObject):
    """Starts the local MeshCentral in the background and knows why sessions cannot be opened yet."""

    progressed = Signal(str)
    ready = Signal()
    failed = Signal(object)
    """A Problem: there will be no sessions."""

    def __init__(self, mesh: LocalMesh) -> None:
        super().__init__()
        self._mesh = mesh
        self._line = "it is being prepared"
        self._failure: Problem | None = None
        self.is_ready = False
        self.progressed.connect(self._remember)

    def start(self) -> None:
        self._lane = Lane("demo", 1)
        self._lane.run(lambda: self._mesh.start(self.progressed.emit), lambda _: self._started(), self._failed)

    def hold(self) -> Problem | None:
        """Why no session can be opened now."""
        if self.is_ready:
            return None
        if self._failure:
            return Problem(
                f"The demo has no remote machine: {self._failure.what}", self._failure.advice, self._failure.detail
            )
        return Problem(
            "The demo's remote machine is not ready yet.",
            "The first time, MeshCentral is installed, which takes a minute or two. The session opens by itself then.",
            self._line,
        )

    def _remember(self, line: str) -> None:
        self._line = line

    def _started(self) -> None:
        self.is_ready = True
        self.ready.emit()

    def _failed(self, problem: Problem) -> None:
        self._failure = problem
        self.progressed.emit(f"Demo without sessions: {problem.what}")
        self.failed.emit(problem)


def run(tour: Path | None, *, debug: bool) -> int:
    """Runs the demo until its window is closed, or with `tour` until the screenshots are in that folder."""
    mesh = LocalMesh()
    fleet = make(_AGENTS - len(LIVE_HOSTNAMES))
    fleet.add_live(None)
    users = Accounts(limited_to=fleet.machines[0].client)

    def login(machine: Machine) -> MeshLogin | None:
        if not starter.is_ready:
            return None
        return MeshLogin(mesh.site, mesh.link_token().reveal(), mesh.node_hex if machine.live else None)

    api = DemoApi(fleet, users, login)
    with tempfile.TemporaryDirectory(prefix="technician-console-demo-") as folder, serve(api) as running:
        places = Places(Path(folder) / "config", Path(folder) / "log")
        level = logging.DEBUG if debug else logging.INFO
        starter = _MeshStarter(mesh)  # signals work before the application exists
        app = App(application(), Options(places, MemoryVault, starter.hold, level))
        server = Server(
            address=running.address, name="Demo", web_address=f"{running.address}/web", username=users.technician.name
        )

        def ready() -> None:
            pins = {host_and_port(mesh.site): mesh.fingerprint}
            app.accounts.put(msgspec.structs.replace(server, pins=pins))
            app.window.say(_READY)
            app.sessions.retry_held()

        starter.progressed.connect(app.window.say)
        starter.ready.connect(ready)
        token, _ = users.new_token(users.technician)
        app.accounts.put(server)
        app.accounts.signed_in(
            server, SessionToken(Secret(token)), None, lambda _: app.window.show_server(server), lambda _: None
        )
        guide = Tour(app, server, tour) if tour else None
        if guide:
            starter.ready.connect(guide.begin)
            starter.failed.connect(guide.give_up)
        starter.start()
        try:
            code = app.run()
        finally:
            mesh.stop()
        return guide.exit_code if guide else code
