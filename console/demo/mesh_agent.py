"""A real MeshCentral agent of the demo's server, run in the foreground as the user who runs the console.

It is not installed anywhere: `meshconsole/main.c` and `meshservice/ServiceMain.c` of the agent show that it runs in the
foreground without an argument on Linux and macOS, and with `run` on Windows (`connect` would make a temporary node).
"""

import base64
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from console.demo import mesh_displays
from console.demo.children import Child
from console.demo.mesh_control import ControlChannel
from console.demo.mesh_server import MeshServer
from console.problem import Problem

_BINARIES = {
    ("linux", "x86_64"): "meshagent_x86-64",
    ("linux", "aarch64"): "meshagent_aarch64",
    ("darwin", "x86_64"): "meshagent_osx-x86-64",
    ("darwin", "arm64"): "meshagent_osx-arm-64",
    ("win32", "amd64"): "MeshService64.exe",
    ("win32", "arm64"): "MeshServiceARM64.exe",
}
# One that cannot share a desktop: without a display the ordinary agent crashes when a desktop is asked for.
_WITHOUT_DESKTOP = {("linux", "x86_64"): "meshagent_x86-64_nokvm"}
_ONLINE_SECONDS = 60.0
_CONNECTED = 1


class MeshAgent:
    """Starts and ends one agent. Methods block and are called from one thread at a time."""

    def __init__(
        self,
        server: MeshServer,
        group: str,
        packages: Path,
        folder: Path,
        home: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`group` is the device group's id; `folder`, made by this, holds the agent; `home` is its user's home folder.

        `environment` holds DISPLAY and XAUTHORITY of the display that it shares (Linux). Without them it shares none.
        """
        self._server = server
        self._group = group
        self._packages = packages
        self._folder = folder
        self._home = home
        self._environment = dict(environment or {})
        self._child: Child | None = None
        self.node_id = ""
        """MeshCentral's id of the agent, `node//` and 64 characters of its base64; empty before the first start."""

    @property
    def node_hex(self) -> str:
        """The id as Tactical RMM stores it: 96 hex digits."""
        return base64.b64decode(self.node_id.removeprefix("node//"), altchars=b"@$").hex()

    @property
    def pid(self) -> int | None:
        """The agent's process id, None while it does not run."""
        return self._child.pid if self._child is not None and self._child.running else None

    def start(self) -> None:
        """Starts the agent and waits until MeshCentral says that it is connected. Raises Problem."""
        program = self._unpacked()
        with self._server.administration() as channel:
            command: list[str | Path] = [program, "run"] if sys.platform == "win32" else [program]
            try:
                # Terminals start in the agent's folder, so it runs at home. SIGINT ends it in order; SIGTERM, which it
                # takes for a service's, does not end it.
                self._child = Child(
                    command, folder=self._home, environment=self._full_environment(), end_signal=signal.SIGINT
                )
            except OSError as error:
                raise Problem("The MeshCentral agent could not be started.", "", f"{program}: {error}") from error
            try:
                self.node_id = self._online(channel, self._child)
            except Problem:
                self.stop()
                raise

    def restart(self) -> None:
        """Stops the agent and starts it as the same node. Raises Problem."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Ends the agent and everything that was started through it. Safe to call again."""
        if self._child is not None:
            self._child.end()

    def _unpacked(self) -> Path:
        key = (sys.platform, platform.machine().lower())
        name = _BINARIES.get(key) if self._environment else _WITHOUT_DESKTOP.get(key, _BINARIES.get(key))
        if name is None:
            raise Problem("MeshCentral has no agent for this kind of computer.", "", f"{key[0]}, {key[1]}")
        program = self._folder / ("meshagent.exe" if sys.platform == "win32" else "meshagent")
        try:
            # The agent makes a socket here that every account may write to: nobody else gets into the folder.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not program.exists():
                shutil.copyfile(self._packages / "node_modules" / "meshcentral" / "agents" / name, program)
                program.chmod(0o700)
            program.with_suffix(".msh").write_bytes(self._server.agent_settings(self._group))
        except OSError as error:
            detail = f"{self._folder}: {error.strerror or error}"
            raise Problem(
                "The MeshCentral agent could not be set up.", "Look whether the disk is full.", detail
            ) from error
        return program

    def _full_environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY") and not name.lower().endswith("_proxy")
        }
        if sys.platform != "win32":
            kept["HOME"] = str(self._home)
        if sys.platform == "linux":
            return kept | mesh_displays.only(self._folder / "bin", self._environment)
        return kept

    def _online(self, channel: ControlChannel, child: Child) -> str:
        deadline = time.monotonic() + _ONLINE_SECONDS
        while time.monotonic() < deadline:
            listed = channel.ask("nodes", meshid=self._group).nodes.get(self._group, [])
            for node in listed:
                if node.conn & _CONNECTED and self.node_id in ("", node.id):
                    return node.id
            if not child.running:
                raise Problem("The MeshCentral agent ended by itself.", "Start the demo again.", child.tail())
            channel.wait_for_event(1.0)
        raise Problem("The MeshCentral agent did not reach its server.", "Start the demo again.", child.tail())
