"""`technician-console --demo`: the console with an invented fleet and a live machine, which is this computer.

Everything listens on loopback, has random credentials, keeps its files in a temporary folder, and ends with the window.
"""

import logging
import tempfile
import time
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from console.app import App, Options, Places, application
from console.demo.accounts import Accounts
from console.demo.api import DemoApi, MeshLogin, serve
from console.demo.details_content import leave_notes
from console.demo.fleet import LIVE_HOSTNAMES, Fleet, Machine, make
from console.demo.mesh_local import LocalMesh
from console.demo.tour import Tour
from console.problem import Problem
from console.rmm.credentials import SessionToken
from console.rmm.models import Agent, AgentStatus
from console.secret import Secret
from console.servers import Server
from console.transport import host_and_port
from console.vault.store import MemoryVault
from console.work import Lane

_AGENTS = 250
# A restart or a repair in the demo is one of its agent only, and takes no longer than this.
_AWAY_SECONDS = 4.0
_SILENT_SECONDS = 10.0
_READY = "Demo: the machines marked “live” are this computer. Search for “live”, then double-click one."


def _invented(hostname: str) -> Problem:
    return Problem(
        f"{hostname} is invented: there is no machine behind it.",
        "Open one of the machines marked “live” instead: search for “live”.",
    )


class _MeshStarter(QObject):
    """Starts the local MeshCentral in the background and knows why sessions cannot be opened yet."""

    progressed = Signal(str)
    ready = Signal()
    failed = Signal(object)
    """A Problem: there will be no sessions."""

    def __init__(self, mesh: LocalMesh, fleet: Fleet) -> None:
        super().__init__()
        self._mesh = mesh
        self._fleet = fleet
        self._line = "it is being prepared"
        self._failure: Problem | None = None
        self.is_ready = False
        self.progressed.connect(self._remember)

    def start(self) -> None:
        self._lane = Lane("demo", 1)
        self._lane.run(lambda: self._mesh.start(self.progressed.emit), lambda _: self._started(), self._failed)

    def hold(self, agent: Agent) -> Problem | None:
        """Why no session can be opened on an agent now."""
        machine = self._fleet.find(agent.agent_id)
        if self.is_ready:
            invented = machine is not None and not machine.live and bool(machine.node_id)
            return _invented(agent.hostname) if invented and agent.status is AgentStatus.ONLINE else None
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


def run(tour: Path | None, *, debug: bool, search: str = "") -> int:
    """Runs the demo until its window is closed, or with `tour` until the screenshots are in that folder.

    `search` is the query that it opens with.
    """
    mesh = LocalMesh()
    fleet = make(_AGENTS - len(LIVE_HOSTNAMES))
    fleet.add_live(None)
    users = Accounts(limited_to=fleet.machines[0].client)

    def login(machine: Machine) -> MeshLogin | None:
        if not starter.is_ready:
            return None
        return MeshLogin(mesh.site, mesh.link_token().reveal(), mesh.node_hex if machine.live else None)

    api = DemoApi(fleet, users, login)
    leave_notes(api.notes, fleet.machines, time.time())

    def restart(machine: Machine) -> None:
        if machine.live:
            mesh.restart_agent(_AWAY_SECONDS)
        else:
            time.sleep(_AWAY_SECONDS)

    api.actions.on_reboot = api.actions.on_repair = restart
    api.actions.offline_seconds = _SILENT_SECONDS
    with tempfile.TemporaryDirectory(prefix="technician-console-demo-") as folder, serve(api) as running:
        places = Places(Path(folder) / "config", Path(folder) / "log", Path(folder) / "data")
        level = logging.DEBUG if debug else logging.INFO
        starter = _MeshStarter(mesh, fleet)  # signals work before the application exists
        app = App(application(), Options(places, MemoryVault, starter.hold, level, search))
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

        def signed_in(_: object) -> None:
            app.window.show_server(server)
            app.accounts.changed.connect(lambda: _help_to_sign_in(app, server, users))

        app.accounts.signed_in(server, SessionToken(Secret(token)), None, signed_in, lambda _: None)
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


def _help_to_sign_in(app: App, server: Server, users: Accounts) -> None:
    """Whoever signs out of the demo, to see how signing in looks, could not know its random credentials."""
    if server.id not in app.accounts.connections:
        key = users.key.secret.reveal()
        app.window.say(f"Demo: sign in again with the API key {key}, at {server.address}")
