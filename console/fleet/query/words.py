"""The words of the language, and what each means of an agent."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from console.rmm.models import Agent, AgentStatus, Platform

EXPIRED = timedelta(days=30)
"""As in the RMM's own web page (is:expired)."""


class Surroundings(msgspec.Struct, frozen=True):
    """What a query needs to know beside the agents. `field_names` are those of the custom fields by their ids.

    `without_mesh` are agents of which it was seen that they have no Mesh agent: of the others it is not known.
    """

    now: datetime
    favourites: frozenset[str] = frozenset()
    without_mesh: frozenset[str] = frozenset()
    field_names: Mapping[int, str] = msgspec.field(default_factory=dict)


State = Callable[[Agent, Surroundings], bool]

STATES: Mapping[str, tuple[str, State]] = {
    "online": ("the RMM hears from it", lambda agent, _: agent.status is AgentStatus.ONLINE),
    "offline": ("not heard from for some minutes", lambda agent, _: agent.status is AgentStatus.OFFLINE),
    "overdue": ("not heard from for longer than it should be", lambda agent, _: agent.status is AgentStatus.OVERDUE),
    "expired": ("not seen for 30 days or more", lambda agent, around: _unseen_for(agent, around, EXPIRED)),
    "checksfailing": ("a check fails or warns", lambda agent, _: agent.checks.amiss > 0),
    "patchespending": ("Windows updates wait to be installed", lambda agent, _: agent.has_patches_pending),
    "actionspending": ("actions wait for it", lambda agent, _: agent.pending_actions_count > 0),
    "rebootneeded": ("it wants to be restarted", lambda agent, _: agent.needs_reboot),
    "server": ("monitored as a server", lambda agent, _: agent.monitoring_type == "server"),
    "workstation": ("monitored as a workstation", lambda agent, _: agent.monitoring_type == "workstation"),
    "maintenance": ("in maintenance mode", lambda agent, _: agent.maintenance_mode),
    "windows": ("runs Windows", lambda agent, _: agent.plat is Platform.WINDOWS),
    "linux": ("runs Linux", lambda agent, _: agent.plat is Platform.LINUX),
    "macos": ("runs macOS", lambda agent, _: agent.plat is Platform.MACOS),
    "nomesh": ("no Mesh agent; known only once it was looked at", lambda agent, it: agent.agent_id in it.without_mesh),
    "favourite": ("marked with a star", lambda agent, around: agent.agent_id in around.favourites),
}
"""By name: what it means in words, and the test."""

_OF_OTHERS = {"expired", "nomesh", "favourite"}
OWN_STATES = {name: test for name, (_, test) in STATES.items() if name not in _OF_OTHERS}
"""The states that an agent's row tells by itself."""
_ANYWHERE = Surroundings(datetime(2000, 1, 1, tzinfo=UTC))


def states_text(agent: Agent) -> str:
    """The agent's own states, each between blanks."""
    return f" {' '.join(name for name, test in OWN_STATES.items() if test(agent, _ANYWHERE))} "


OTHER_STATES = {"favorite": "favourite"}
"""Words that are taken for a state as they stand."""

OTHER_NAMES = {
    "hostname": "host",
    "computer": "host",
    "username": "user",
    "customer": "client",
    "company": "client",
    "location": "site",
    "platform": "os",
    "address": "ip",
    "lastseen": "seen",
    "status": "is",
    "state": "is",
}
"""What is tried as a field, and the name that is meant."""

_PLATFORM_WORDS = {Platform.WINDOWS: "windows", Platform.LINUX: "linux", Platform.MACOS: "macos darwin"}

FIELDS: Mapping[str, tuple[str, Callable[[Agent], tuple[str, ...]]]] = {
    "client": ("name of the client", lambda agent: (agent.client_name,)),
    "site": ("name of the site", lambda agent: (agent.site_name,)),
    "host": ("host name", lambda agent: (agent.hostname,)),
    "user": ("user who is or was signed in", lambda agent: (agent.logged_username,)),
    "ip": ("public or local address", lambda agent: (agent.public_ip, agent.local_ips)),
    "os": ("operating system", lambda agent: (agent.operating_system, _PLATFORM_WORDS.get(agent.plat, ""))),
    "model": ("make and model", lambda agent: (agent.make_model,)),
    "serial": ("serial number", lambda agent: (agent.serial_number,)),
    "version": ("version of the agent", lambda agent: (agent.version,)),
}
"""By name: what it is in words, and the texts that are looked through."""

SEEN = "seen"
AGE = re.compile(r"([<>])(\d{1,6})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def seen_test(value: str) -> State:
    """The test of `seen:<2d` (less than two days ago) and `seen:>30d`. Never seen is longer ago than anything."""
    found = AGE.fullmatch(value)
    if found is None:
        raise ValueError("not an age")
    age = int(found[2]) * _UNITS[found[3]]
    if found[1] == ">":
        return lambda agent, around: _unseen_for(agent, around, age)
    return lambda agent, around: not _unseen_for(agent, around, age)


def custom_texts(agent: Agent, wanted: frozenset[int]) -> tuple[str, ...]:
    """The values of an agent's custom fields with these ids, as text; a tick is "yes" or "no"."""
    texts: list[str] = []
    for one in agent.custom_fields:
        if one.field in wanted:
            texts.extend(custom_text(one.value))
    return tuple(texts)


def custom_text(value: str | bool | float | tuple[str, ...] | None) -> tuple[str, ...]:
    """A custom field's value as texts."""
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, tuple):
        return value
    return () if value is None else (str(value),)


def _unseen_for(agent: Agent, around: Surroundings, age: timedelta) -> bool:
    return agent.last_seen is None or around.now - agent.last_seen >= age
