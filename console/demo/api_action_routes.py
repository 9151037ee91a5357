"""The paths of the demo's RMM by which agents are told to do something, and the answers that a test wants instead."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from werkzeug.wrappers import Request, Response

from console.demo import api_http
from console.demo.api_access import ID, Access, ForbiddenError, Route, form_of, route
from console.demo.api_actions import Actions
from console.demo.fleet import Machine

_TRUTHS = {True: True, False: False, "true": True, "false": False}
_KINDS = ("server", "workstation")


@dataclass(frozen=True)
class Fault:
    """What is answered for one agent whatever is asked of it: a status, and the text that is the whole body."""

    status: int
    text: str = ""


TIMEOUT = Fault(200, "timeout")
NATS_DOWN = Fault(200, "natsdown")
UNREACHED = Fault(400, "Unable to contact the agent")
FORBIDDEN = Fault(403)
BROKEN = Fault(500)
HANGS = Fault(0)
"""No answer, until the agent is taken out of `faults`: then it is asked after all."""


class ActionRoutes:
    """`faults` may be set at any time, by agent id."""

    def __init__(
        self, access: Access, actions: Actions, answers: Callable[[Machine], bool], closing: threading.Event
    ) -> None:
        self.faults: dict[str, Fault] = {}
        self._access = access
        self._actions = actions
        self._answers = answers
        self._closing = closing

    def routes(self) -> tuple[Route, ...]:
        return (
            route(f"/agents/{ID}/ping/", "GET, OPTIONS", GET=self.ping),
            route(f"/agents/{ID}/reboot/", "POST, PATCH, OPTIONS", POST=self.reboot, PATCH=self.reboot_later),
            route(f"/agents/{ID}/shutdown/", "POST, OPTIONS", POST=self.shut_down),
            route(f"/agents/{ID}/wol/", "POST, OPTIONS", POST=self.wake),
            route(f"/agents/{ID}/recover/", "POST, OPTIONS", POST=self.recover),
            route(f"/checks/{ID}/run/", "POST, OPTIONS", POST=self.run_checks),
            route(f"/agents/{ID}/meshcentral/recover/", "GET, POST, HEAD, OPTIONS", POST=self.recover_mesh),
            route(f"/services/{ID}/[^/]+/", "GET, POST, PUT, HEAD, OPTIONS", POST=self.service),
        )

    def ping(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_list_agents")
        if fault := self._fault(machine):
            return fault
        there = self._answers(machine)
        if not there:
            self._actions.wait_for_ping()
        return api_http.json_answer({"name": machine.hostname, "status": "online" if there else "offline"})

    def reboot(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_reboot_agents")
        return self._fault(machine) or self._actions.reboot(machine, self._answers(machine))

    def reboot_later(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_reboot_agents")
        moment = form_of(request).get("datetime", "")
        return self._fault(machine) or self._actions.reboot_later(machine, self._answers(machine), moment)

    def shut_down(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_reboot_agents")
        return self._fault(machine) or self._actions.shut_down(machine, self._answers(machine))

    def wake(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_send_wol")
        return self._fault(machine) or self._actions.wake(machine)

    def recover(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_recover_agents")
        mode = form_of(request).get("mode", "")
        return self._fault(machine) or self._actions.recover(machine, self._answers(machine), mode)

    def run_checks(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_run_checks")
        return self._fault(machine) or self._actions.run_checks(machine, self._answers(machine))

    def recover_mesh(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_use_mesh")
        return self._fault(machine) or self._actions.repair(machine, self._answers(machine))

    def service(self, request: Request, agent_id: str) -> Response:
        machine = self._access.machine_for(request, agent_id, "can_manage_winsvcs")
        name, action = request.path.split("/")[3], form_of(request).get("sv_action", "")
        return self._fault(machine) or self._actions.service(machine, self._answers(machine), name, action)

    def change(self, request: Request, agent_id: str) -> Response:
        """Changes what the server keeps of an agent; fields that are not known here are ignored."""
        machine = self._access.machine_for(request, agent_id, "can_edit_agent")
        if fault := self._fault(machine):
            return fault
        body = msgspec.json.decode(request.get_data() or b"{}")
        fields = body if isinstance(body, dict) else {}
        wrong: dict[str, list[str]] = {}
        kind = fields.get("monitoring_type", machine.monitoring_type)
        if kind not in _KINDS:
            wrong["monitoring_type"] = [f'"{kind}" is not a valid choice.']
        maintenance = fields.get("maintenance_mode", machine.inventory.get("maintenance_mode", False))
        if not isinstance(maintenance, bool | str) or maintenance not in _TRUTHS:
            wrong["maintenance_mode"] = ["Must be a valid boolean."]
        if wrong:
            return api_http.json_answer(wrong, 400)
        machine.monitoring_type = kind
        machine.inventory["maintenance_mode"] = _TRUTHS[maintenance]
        if isinstance(fields.get("description"), str):
            machine.inventory["description"] = fields["description"]
        return api_http.json_answer("The agent was updated successfully")

    def _fault(self, machine: Machine) -> Response | None:
        """What is to be answered instead of doing anything."""
        while (fault := self.faults.get(machine.agent_id)) is HANGS and not self._closing.wait(0.02):
            pass
        if fault is None or fault is HANGS:
            return None
        if fault == FORBIDDEN:
            raise ForbiddenError
        if fault == BROKEN:
            return api_http.server_error_page()
        if fault in (TIMEOUT, UNREACHED):
            self._closing.wait(self._actions.offline_seconds)
        return api_http.json_answer(fault.text, fault.status)
