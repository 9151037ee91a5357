"""The demo's MeshCentral with one real agent on this computer: everything together, started and stopped as one."""

import contextlib
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from console.demo import mesh_packages
from console.demo import node as nodejs
from console.demo.desktop import SharedDesktop
from console.demo.mesh_agent import MeshAgent
from console.demo.mesh_server import MeshServer, ServerOptions
from console.demo.mesh_token import tactical_login_token
from console.problem import Problem
from console.secret import Secret

# As Tactical RMM's sync names its technicians: the RMM user's name and its number, in lower case.
TECHNICIAN = "tech___3"
REAL_NAME = "Tess Technician"
_READ_ME = """This is the home folder of the demo's remote machine, which is your own computer.
It is removed with everything in it when the demo ends. Commands in its terminals run as you.
"""

Say = Callable[[str], None]


class LocalMesh:
    """`start` in a worker thread, then read; `stop` at the end, from any thread, also while `start` runs."""

    def __init__(self, options: ServerOptions | None = None, *, with_desktop: bool = True) -> None:
        self._options = options or ServerOptions()
        self._with_desktop = with_desktop
        self._stopping = threading.Event()
        self._working = threading.Lock()
        self._folder: Path | None = None
        self._server: MeshServer | None = None
        self._agent: MeshAgent | None = None
        self.desktop: SharedDesktop | None = None
        """The display that the agent shares; None where there is none."""
        self.without_desktop = ""
        """Why there is no desktop to take control of, in words for the technician; empty where there is one."""
        self.user = TECHNICIAN
        """The technician's MeshCentral account."""
        self.password = Secret(secrets.token_urlsafe(18))
        """Its password, for MeshCentral's own sign-in page."""

    def start(self, say: Say) -> None:
        """Installs what is missing, starts and sets up server, display and agent. Raises Problem, with all ended."""

        def step(line: str) -> None:
            if self._stopping.is_set():
                raise Problem("The demo's MeshCentral was stopped while it was starting.", "Start the demo again.")
            say(line)

        with self._working:
            try:
                self._start(step)
            except BaseException:
                self._end()
                raise

    def stop(self) -> None:
        """Ends every process and removes every file of it. Safe to call again, and without `start`."""
        self._stopping.set()
        with self._working:
            self._end()

    def restart_agent(self, away: float = 0.0) -> None:
        """Stops the agent and starts it again after so many seconds, from any thread. Raises Problem."""
        with self._working:
            if not self._stopping.is_set():
                self.agent.stop()
                self._stopping.wait(away)
            if not self._stopping.is_set():
                self.agent.start()

    @property
    def site(self) -> str:
        """MeshCentral's address, as Tactical RMM's settings hold it: without a slash at its end."""
        return self.server.url

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its certificate, 64 hex digits: what a technician would pin."""
        return self.server.fingerprint

    @property
    def node_hex(self) -> str:
        """The agent's id as Tactical RMM stores it: 96 hex digits."""
        return self.agent.node_hex

    @property
    def server(self) -> MeshServer:
        """The server. Raises Problem before `start` has ended."""
        if self._server is None:
            raise _not_started()
        return self._server

    @property
    def agent(self) -> MeshAgent:
        """The agent. Raises Problem before `start` has ended."""
        if self._agent is None:
            raise _not_started()
        return self._agent

    @property
    def pids(self) -> list[int]:
        """Ids of all processes that were started here and run."""
        own = [pid for pid in (self.server.pid, self.agent.pid) if pid is not None]
        return own + (self.desktop.pids if self.desktop is not None else [])

    @property
    def folder(self) -> Path:
        """The temporary folder that holds everything. Raises Problem before `start`."""
        if self._folder is None:
            raise _not_started()
        return self._folder

    @property
    def home(self) -> Path:
        """The home folder of the remote machine's terminals, files and programs. Raises Problem before `start`."""
        return self.folder / "home"

    def link_token(self, user: str | None = None) -> Secret:
        """A login token as Tactical RMM puts it into session links, good for an hour."""
        return tactical_login_token(self.server.login_key, user or self.user)

    def _start(self, say: Say) -> None:
        say("The demo's remote machine is this computer. It listens on 127.0.0.1 only and works as you.")
        packages = mesh_packages.install(say, self._stopping)
        self._folder = Path(tempfile.mkdtemp(prefix="technician-console-demo-"))
        self.home.mkdir(mode=0o700)
        (self.home / "Read me.txt").write_text(_READ_ME, "utf-8")
        server = MeshServer(packages, nodejs.required(), self._folder / "mesh", self._options)
        self._server = server
        server.start(say)
        server.add_user(self.user, self.password, real_name=REAL_NAME)
        group = server.device_group()
        self._start_desktop(say)
        say("Starting the MeshCentral agent on this computer …")
        environment = self.desktop.environment if self.desktop is not None else {}
        self._agent = MeshAgent(server, group, packages, self._folder / "agent", self.home, environment)
        self._agent.start()
        server.allow(self.user, self._agent.node_id)
        say("The demo's remote machine is ready.")

    def _start_desktop(self, say: Say) -> None:
        if not self._with_desktop:
            self.without_desktop = "This demo was started without a desktop to share; terminal and files work."
            return
        desktop = SharedDesktop(self.folder / "desktop", self.home)
        try:
            desktop.start()
        except Problem as problem:
            self.without_desktop = problem.what
            say(problem.what)
        else:
            self.desktop = desktop

    def _end(self) -> None:
        for part in (self._agent, self.desktop, self._server):
            if part is not None:
                with contextlib.suppress(OSError):
                    part.stop()
        if self._folder is not None and not self._options.keep_folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _not_started() -> Problem:
    return Problem("The demo's MeshCentral is not running.", "Start the demo again.")
