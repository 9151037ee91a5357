"""An invented fleet: the same one for each size and seed, answering as the real API's agents list does.

Nothing here is a secret. Ids and inventory have the real ones' shapes (rmm-api, agents list).
"""

import random
import string
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from console.demo import fleet_detail
from console.demo.fleet_names import CLIENTS, DESCRIPTIONS, KINDS, Client, Kind

OFFLINE_SECONDS = 4 * 60
OVERDUE_SECONDS = 30 * 60
LIVE_DESCRIPTION = "live: this computer"
LIVE_HOSTNAMES = ("DEMO-DESKTOP", "DEMO-SERVER", "DEMO-LAPTOP")
_AGENTS_PER_CLIENT_TABLE = 500
_DAY = 86_400.0


@dataclass(frozen=True)
class Presence:
    """When an agent reports. It is quiet after `reporting` seconds of each `period`; `last` is set when it never
    comes back, as a moment in Unix seconds, and `never` when it has not reported at all."""

    phase: float = 0.0
    period: float = _DAY
    reporting: float = _DAY
    interval: float = 45.0
    last: float | None = None
    never: bool = False

    def last_seen(self, now: float) -> float | None:
        """The moment of its last report before `now`, in Unix seconds; None when it never reported."""
        if self.never or self.last is not None:
            return self.last
        into = (now + self.phase) % self.period
        return now - into % self.interval if into < self.reporting else now - into + self.reporting


@dataclass
class Machine:
    """One invented agent. `node_id` is what the RMM knows of its Mesh agent: 96 hex digits, "" or None."""

    number: int
    agent_id: str
    hostname: str
    client: str
    client_number: int
    site: str
    site_number: int
    node_id: str | None
    presence: Presence
    plat: str
    monitoring_type: str
    live: bool = False
    inventory: dict[str, object] = field(default_factory=dict)

    def status(self, now: float) -> str:
        """online, offline or overdue, by the real server's default limits."""
        seen = self.presence.last_seen(now)
        if seen is None:
            return "offline"
        age = now - seen
        return "online" if age < OFFLINE_SECONDS else "offline" if age < OVERDUE_SECONDS else "overdue"

    def row(self, now: float) -> dict[str, object]:
        """The full form of the agents list."""
        return {**self._identity(now), "site_name": self.site, "client_name": self.client, **self.inventory}

    def detail(self, now: float) -> dict[str, object]:
        """The body of the call for this agent alone."""
        return fleet_detail.detail(
            self.inventory,
            self._identity(now),
            number=self.number,
            client=self.client,
            site=self.site,
            site_number=self.site_number,
            node_id=self.node_id,
        )

    def short_row(self) -> dict[str, object]:
        """The short form, `?detail=false`."""
        return {
            "id": self.number,
            "hostname": self.hostname,
            "agent_id": self.agent_id,
            "client": self.client,
            "site": self.site,
        }

    def _identity(self, now: float) -> dict[str, object]:
        seen = self.presence.last_seen(now)
        return {
            "agent_id": self.agent_id,
            "hostname": self.hostname,
            "monitoring_type": self.monitoring_type,
            "status": self.status(now),
            "last_seen": None if seen is None else iso(seen),
            "plat": self.plat,
        }


class Fleet:
    """All machines of a demo, found by agent id."""

    def __init__(self, machines: list[Machine]) -> None:
        self.machines = machines
        self._by_id = {machine.agent_id: machine for machine in machines}

    def find(self, agent_id: str) -> Machine | None:
        return self._by_id.get(agent_id)

    def rows(self, now: float) -> list[dict[str, object]]:
        """The agents list as it is at `now` (Unix seconds)."""
        return [machine.row(now) for machine in self.machines]

    def live(self) -> list[Machine]:
        return [machine for machine in self.machines if machine.live]

    def add_live(self, node_id: str | None, hostnames: tuple[str, ...] = LIVE_HOSTNAMES) -> list[Machine]:
        """Adds agents that stand for this computer, always online. `node_id` is that of its Mesh agent, or None when
        it is not known yet: `Machine.node_id` may be set later."""
        plat = {"win32": "windows", "darwin": "darwin"}.get(sys.platform, "linux")
        kind = next(kind for kind in KINDS if kind.plat == plat)
        dice = random.Random("live")  # noqa: S311 - invented machines
        added = []
        for hostname in hostnames:
            number = len(self.machines) + 1
            machine = _machine(number, dice, CLIENTS[-1], 1, len(CLIENTS), kind, time.time())
            machine.hostname, machine.node_id, machine.live = hostname, node_id, True
            machine.monitoring_type = "server" if "SERVER" in hostname else "workstation"
            machine.presence = Presence(phase=dice.random() * 40)
            machine.inventory |= {"description": LIVE_DESCRIPTION, "maintenance_mode": False, "needs_reboot": False}
            self.machines.append(machine)
            self._by_id[machine.agent_id] = machine
            added.append(machine)
        return added


def make(count: int = 250, seed: int = 1, start: float | None = None) -> Fleet:
    """A fleet of `count` agents. `start` is the moment (Unix seconds) before which the lost ones were last seen."""
    dice = random.Random(seed)  # noqa: S311 - invented machines
    begin = time.time() if start is None else start
    groups = -(-count // _AGENTS_PER_CLIENT_TABLE)
    kinds = [kind for kind in KINDS for _ in range(kind.weight)]
    machines = []
    for number in range(1, count + 1):
        group = dice.randrange(groups) + 1
        index = dice.randrange(len(CLIENTS))
        client_number = (group - 1) * len(CLIENTS) + index + 1
        machines.append(_machine(number, dice, CLIENTS[index], group, client_number, dice.choice(kinds), begin))
    return Fleet(machines)


def iso(moment: float) -> str:
    """A moment as the API writes it: UTC, microseconds, Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _machine(
    number: int, dice: random.Random, client: Client, group: int, client_number: int, kind: Kind, start: float
) -> Machine:
    presence = _presence(number, dice, start)
    site = dice.randrange(len(client.sites))
    name = f"{client.prefix}-{kind.role.upper()}-{number:03d}"
    if kind.plat == "linux":
        name = f"{client.prefix.lower()}-{kind.role}-{number:02d}"
    elif kind.plat == "darwin":
        name = f"{client.prefix.lower()}-{kind.role}{number:02d}.local"
    elif number % 29 == 0:
        name = f"{client.prefix}-{kind.role}-BUILDING-C-NORTH-WING-RECEPTION-{number:05d}"
    return Machine(
        number=number,
        agent_id="".join(dice.choices(string.ascii_letters, k=40)),
        hostname=name,
        client=client.name if group == 1 else f"{client.name} {group:02d}",
        client_number=client_number,
        site=client.sites[site],
        site_number=client_number * 10 + site,
        node_id={7: None, 19: ""}.get(number % 31, "".join(dice.choices("0123456789abcdef", k=96))),
        presence=presence,
        plat=kind.plat,
        monitoring_type=kind.monitoring_type,
        inventory=_new_inventory(kind) if presence.never else _inventory(number, dice, client, kind, start),
    )


def _presence(number: int, dice: random.Random, start: float) -> Presence:
    """Three quarters are online; some come and go; some went away an hour to half a year ago; some never came."""
    phase = dice.random() * _DAY
    match number % 40:
        case 3:
            return Presence(never=True)
        case 11 | 12 | 27 | 33:
            return Presence(last=start - 3600 * dice.uniform(1, 70))
        case 21:
            return Presence(last=start - _DAY * dice.uniform(20, 180))
        case 5 | 17 | 29:
            return Presence(phase=phase, period=29 * 60, reporting=60)
        case 8:
            return Presence(phase=phase, period=31 * 60, reporting=18 * 60)
    return Presence(phase=phase, interval=dice.uniform(30, 60))


def _inventory(number: int, dice: random.Random, client: Client, kind: Kind, start: float) -> dict[str, object]:
    failing = dice.choice((1, 2)) if number % 9 == 4 else 0
    warning = 1 if number % 7 == 2 else 0
    passing = dice.randrange(2, 9)
    none_cached = number % 23 == 1
    checks = (0, 0, 0, 0, 0) if none_cached else (passing + failing + warning, passing, failing, warning, 0)
    windows = kind.plat == "windows"
    host = f"10.{number // 250 % 250}.{len(client.name)}.{number % 250 + 2}"
    inventory: dict[str, object] = {
        "alert_template": _ALERT_TEMPLATE if kind.monitoring_type == "server" else None,
        "description": None if number % 50 == 13 else dice.choice(DESCRIPTIONS),
        "needs_reboot": number % 11 == 6,
        "pending_actions_count": 1 if number % 13 == 5 else 0,
        "overdue_text_alert": False,
        "overdue_email_alert": kind.monitoring_type == "server",
        "overdue_dashboard_alert": kind.monitoring_type == "server",
        "boot_time": round(start - dice.uniform(0.02, 60) * _DAY, 6),
        "checks": _checks(*checks),
        "maintenance_mode": number % 37 == 14,
        "logged_username": "-" if number % 20 == 9 else dice.choice(client.people),
        "italic": number % 4 == 1,
        "block_policy_inheritance": False,
        "goarch": kind.goarch,
        "has_patches_pending": windows and number % 5 == 3,
        "version": "2.4.9" if number % 41 == 18 else "2.11.0",
        "operating_system": dice.choice(kind.systems),
        "public_ip": client.network + str(number % 250 + 1),
        "cpu_model": [dice.choice(kind.processors)],
        "graphics": dice.choice(kind.graphics),
        "local_ips": host if windows else f"{host}/24, 2001:db8::{number:x}/64",
        "make_model": dice.choice(kind.models),
        "physical_disks": [dice.choice(kind.disks)],
        "custom_fields": _custom_fields(number, client),
        "serial_number": "" if number % 30 == 7 else "".join(dice.choices("0123456789ABCDEFGHJKLMNPRSTVWXYZ", k=7)),
    }
    if number % 12 == 8:
        inventory["policy"] = 1
    return inventory


def _new_inventory(kind: Kind) -> dict[str, object]:
    """What the server has of an agent that was made known and never reported: nulls, zeros and sentinel texts."""
    return {
        "alert_template": None,
        "description": None,
        "needs_reboot": False,
        "pending_actions_count": 0,
        "overdue_text_alert": False,
        "overdue_email_alert": False,
        "overdue_dashboard_alert": False,
        "boot_time": None,
        "checks": _checks(0, 0, 0, 0, 0),
        "maintenance_mode": False,
        "logged_username": None,
        "italic": False,
        "block_policy_inheritance": False,
        "goarch": kind.goarch,
        "has_patches_pending": False,
        "version": "2.11.0",
        "operating_system": None,
        "public_ip": None,
        "cpu_model": ["unknown cpu model"],
        "graphics": "Graphics info requires agent v1.4.14",
        "local_ips": "error getting local ips",
        "make_model": "unknown make/model",
        "physical_disks": ["unknown disk"],
        "custom_fields": [],
        "serial_number": "",
    }


def _checks(total: int, passing: int, failing: int, warning: int, info: int) -> dict[str, object]:
    return {
        "total": total,
        "passing": passing,
        "failing": failing,
        "warning": warning,
        "info": info,
        "has_failing_checks": failing + warning > 0,
    }


def _custom_fields(number: int, client: Client) -> list[dict[str, object]]:
    if number % 6 == 0:
        return []
    values: tuple[object, ...] = (
        f"{client.prefix}-{number:04d}",
        number % 3 == 0,
        ["Kiosk"] if number % 8 == 0 else [],
    )
    return [
        {"id": number * 3 + place, "field": place + 1, "agent": number, "value": value}
        for place, value in enumerate(values)
    ]


_ALERT_TEMPLATE = {"name": "Critical servers", "always_email": True, "always_text": None, "always_alert": True}
