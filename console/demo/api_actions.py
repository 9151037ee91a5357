"""What the demo's machines are told to do: restart, and have their Mesh agent repaired.

Answers and waiting times are those of Tactical RMM 1.5.1, which asks the agent and waits for it (rmm-api, actions).
"""

import threading
from collections.abc import Callable

from werkzeug.wrappers import Response

from console.demo import api_http
from console.demo.fleet import Machine
from console.problem import Problem

Hook = Callable[[Machine], None]

_SILENT = "Unable to contact the agent"
_NO_SERVICE = "The specified service does not exist as an installed service."
_SERVICES = frozenset({"mesh agent", "spooler", "dnscache", "eventlog", "tacticalrmm"})
_DONE = {"start": "started", "stop": "stopped", "restart": "restarted"}


class Actions:
    """`on_reboot` and `on_repair` do to a machine what was asked, and return when it is done; they may raise a Problem.

    `offline_seconds` is how long the server waits for an agent that does not answer: 10 s in earnest.
    """

    def __init__(self, clock: Callable[[], float], closing: threading.Event) -> None:
        self.on_reboot: Hook = lambda machine: None
        self.on_repair: Hook = lambda machine: None
        self.offline_seconds = 0.0
        self._clock = clock
        self._closing = closing
        self._lock = threading.Lock()
        self._away: set[str] = set()
        self._restarts: list[threading.Thread] = []

    def is_away(self, machine: Machine) -> bool:
        """Whether it is restarting just now."""
        with self._lock:
            return machine.agent_id in self._away

    def reboot(self, machine: Machine, there: bool) -> Response:
        """The answer comes before the machine goes."""
        if not there:
            return self._silent()
        with self._lock:
            self._away.add(machine.agent_id)
            restart = threading.Thread(target=self._restart, args=(machine,), name="demo restart", daemon=True)
            self._restarts.append(restart)
        restart.start()
        return api_http.json_answer("ok")

    def repair(self, machine: Machine, there: bool) -> Response:
        if not there or not self._repaired(machine):
            return self._silent()
        return api_http.json_answer(f"Repaired mesh agent on {machine.hostname}")

    def service(self, machine: Machine, there: bool, name: str, action: str) -> Response:
        if machine.plat != "windows":
            return api_http.json_answer("Please use 'Recover Connection' instead.", 400)
        if action not in _DONE:
            return api_http.server_error_page()
        if not there:
            return self._silent()
        if name.lower() not in _SERVICES:
            return api_http.json_answer(_NO_SERVICE, 400)
        if name.lower() == "mesh agent" and not self._repaired(machine):
            return self._silent()
        return api_http.json_answer(f"The service was {_DONE[action]} successfully")

    def wait(self) -> None:
        """Returns when every machine is back that was restarted."""
        with self._lock:
            restarts = list(self._restarts)
        for restart in restarts:
            restart.join()

    def _restart(self, machine: Machine) -> None:
        try:
            self.on_reboot(machine)
            machine.inventory["boot_time"] = round(self._clock(), 6)
        except Problem:
            return  # it stays away
        with self._lock:
            self._away.discard(machine.agent_id)

    def _repaired(self, machine: Machine) -> bool:
        try:
            self.on_repair(machine)
        except Problem:
            return False
        return True

    def _silent(self) -> Response:
        self._closing.wait(self.offline_seconds)
        return api_http.json_answer(_SILENT, 400)
