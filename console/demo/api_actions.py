"""What the demo's machines are told to do: restart, shut down, wake, run their checks, be repaired.

Answers and waiting times are those of Tactical RMM 1.5.1, which asks the agent and waits for it (rmm-api, actions).
"""

import re
import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from console.demo import api_http
from console.demo.fleet import OFFLINE_SECONDS, Machine, Presence
from console.problem import Problem

Hook = Callable[[Machine], None]

_SILENT = "Unable to contact the agent"
_NO_SERVICE = "The specified service does not exist as an installed service."
_SERVICES = frozenset({"mesh agent", "spooler", "dnscache", "eventlog", "tacticalrmm"})
_DONE = {"start": "started", "stop": "stopped", "restart": "restarted"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
# A ping gives up after 7.5 s, other calls to an agent after 10 s.
_PING_SHARE = 0.75


@dataclass(frozen=True)
class Scheduled:
    """A restart that a machine was told to make. `at` is in the machine's own time zone."""

    agent_id: str
    at: datetime
    task_name: str


class Actions:
    """`on_reboot` and `on_repair` do to a machine what was asked, and return when it is done; they may raise a Problem.

    `offline_seconds` is how long the server waits for an agent that does not answer: 10 s in earnest. `checks_run`
    holds when an agent was last told to run its checks, in Unix seconds; for `check_seconds` from then on it is busy
    with them. Without `wakes` MeshCentral cannot be asked to wake anything.
    """

    def __init__(self, clock: Callable[[], float], closing: threading.Event) -> None:
        self.on_reboot: Hook = lambda machine: None
        self.on_repair: Hook = lambda machine: None
        self.offline_seconds = 0.0
        self.check_seconds = 0.0
        self.wakes = True
        self.scheduled: list[Scheduled] = []
        self.checks_run: dict[str, float] = {}
        self._clock = clock
        self._closing = closing
        self._lock = threading.Lock()
        self._away: set[str] = set()
        self._restarts: list[threading.Thread] = []
        self._shut_down: dict[str, Presence] = {}

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

    def reboot_later(self, machine: Machine, there: bool, moment: str) -> Response:
        if machine.plat != "windows":
            return api_http.json_answer(f"Not currently implemented for {machine.plat}", 400)
        try:
            at = datetime.strptime(moment, "%Y-%m-%dT%H:%M") if _MOMENT.fullmatch(moment) else None
        except ValueError:
            at = None
        if at is None:
            return api_http.json_answer("Invalid date", 400)
        if at < datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None):
            return api_http.json_answer("Date cannot be set in the past", 400)
        if not there:
            self._closing.wait(self.offline_seconds)
            return api_http.json_answer("timeout", 400)
        letters = "".join(secrets.choice(string.ascii_letters) for _ in range(10))
        name = f"TacticalRMM_SchedReboot_{letters}"
        with self._lock:
            self.scheduled.append(Scheduled(machine.agent_id, at, name))
            pending = machine.inventory.get("pending_actions_count")
            machine.inventory["pending_actions_count"] = (pending if isinstance(pending, int) else 0) + 1
        written = f"{at:%B %d, %Y at %I:%M %p}"
        return api_http.json_answer({"time": written, "agent": machine.hostname, "task_name": name})

    def shut_down(self, machine: Machine, there: bool) -> Response:
        """The machine is offline from now on, as if the time after which a silent one counts as that were over."""
        if not there:
            return self._silent()
        with self._lock:
            self._shut_down.setdefault(machine.agent_id, machine.presence)
            machine.presence = Presence(last=self._clock() - OFFLINE_SECONDS)
        return api_http.json_answer("ok")

    def wake(self, machine: Machine) -> Response:
        """By MeshCentral, which does not say whether the machine heard it: one that was shut down here comes back."""
        if machine.node_id is None:
            return api_http.json_answer("fromhex() argument must be str, not None", 400)
        if not self.wakes:
            return api_http.json_answer("[Errno 111] Connect call failed ('127.0.0.1', 4430)", 400)
        with self._lock:
            before = self._shut_down.pop(machine.agent_id, None)
            if before is not None:
                machine.presence = before
                machine.inventory["boot_time"] = round(self._clock(), 6)
        return api_http.json_answer(f"Wake-on-LAN sent to {machine.hostname}")

    def run_checks(self, machine: Machine, there: bool) -> Response:
        """The machine's warnings are over then; what fails goes on failing."""
        if not there:
            return self._silent()
        with self._lock:
            last = self.checks_run.get(machine.agent_id)
            if last is not None and self._clock() - last < self.check_seconds:
                return api_http.json_answer(f"Checks are already running on {machine.hostname}", 400)
            self.checks_run[machine.agent_id] = self._clock()
            checks = machine.inventory.get("checks")
            if isinstance(checks, dict):
                passing = checks["passing"] + checks["warning"]
                failing = checks["failing"] > 0
                changed = {**checks, "passing": passing, "warning": 0, "has_failing_checks": failing}
                machine.inventory["checks"] = changed
        return api_http.json_answer(f"Checks will now be run on {machine.hostname}")

    def recover(self, machine: Machine, there: bool, mode: str) -> Response:
        """The Tactical agent is restarted by MeshCentral, so whether it answers does not matter."""
        if mode not in ("mesh", "tacagent"):
            return api_http.json_answer("Invalid data", 400)
        if mode == "tacagent":
            return api_http.json_answer("Recovery will be attempted shortly")
        if not there or not self._repaired(machine):
            return self._silent()
        return api_http.json_answer("Successfully completed recovery")

    def wait_for_ping(self) -> None:
        """What it takes the server to find out that an agent does not answer a ping."""
        self._closing.wait(self.offline_seconds * _PING_SHARE)

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
