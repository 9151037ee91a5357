"""The demo's answer to the question for clients and sites, as the real server gives it."""

from collections.abc import Callable, Sequence

from werkzeug.wrappers import Request, Response

from console.demo import api_http
from console.demo.api_access import Access, Route, route
from console.demo.fleet import Machine

_NO_POLICIES = {"server_policy": None, "workstation_policy": None, "alert_template": None}


class Clients:
    def __init__(self, access: Access) -> None:
        self._access = access

    def routes(self) -> tuple[Route, ...]:
        return (route("/clients/", "GET, POST, HEAD, OPTIONS", GET=self.clients),)

    def clients(self, request: Request, _: str) -> Response:
        user = self._access.user_with(request, "can_list_clients")
        machines = [machine for machine in self._access.fleet.machines if user.role.covers(machine.client)]
        clients = _parted(machines, lambda machine: (machine.client, machine.client_number))
        return api_http.json_answer([_client(name, number, members) for (name, number), members in clients])


def _client(name: str, number: int, machines: Sequence[Machine]) -> dict[str, object]:
    sites = _parted(machines, lambda machine: (machine.site, machine.site_number))
    return {
        "id": number,
        "name": name,
        "block_policy_inheritance": False,
        **_NO_POLICIES,
        "sites": [
            {
                "id": site_number,
                "name": site,
                "client_name": name,
                "client": number,
                "block_policy_inheritance": False,
                **_NO_POLICIES,
                **_summary(members),
            }
            for (site, site_number), members in sites
        ],
        **_summary(machines),
    }


def _summary(machines: Sequence[Machine]) -> dict[str, object]:
    return {
        "custom_fields": [],
        "agent_count": len(machines),
        "maintenance_mode": any(bool(machine.inventory.get("maintenance_mode")) for machine in machines),
        "failing_checks": {"error": False, "warning": False},
    }


def _parted(
    machines: Sequence[Machine], by: Callable[[Machine], tuple[str, int]]
) -> list[tuple[tuple[str, int], list[Machine]]]:
    parts: dict[tuple[str, int], list[Machine]] = {}
    for machine in machines:
        parts.setdefault(by(machine), []).append(machine)
    return sorted(parts.items())
