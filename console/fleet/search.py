"""The texts of an agent that a search looks through."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from console.rmm.models import Agent, Platform

BORDER = "\n"
"""Between two fields, so that no word matches across them."""
_PLATFORM_WORDS = {Platform.WINDOWS: "windows", Platform.LINUX: "linux", Platform.MACOS: "macos darwin"}

SHARED_TEXTS: Mapping[str, Callable[[Agent], str]] = {
    "client": lambda agent: agent.client_name,
    "site": lambda agent: agent.site_name,
    "description": lambda agent: agent.description,
    "user": lambda agent: agent.logged_username,
    "status": lambda agent: agent.status.value,
    "type": lambda agent: agent.monitoring_type,
    "platform": lambda agent: _PLATFORM_WORDS.get(agent.plat, ""),
    "os": lambda agent: agent.operating_system,
    "version": lambda agent: agent.version,
    "goarch": lambda agent: agent.goarch,
    "alert_template": lambda agent: agent.alert_template,
    "public_ip": lambda agent: agent.public_ip,
    "model": lambda agent: agent.make_model,
    "graphics": lambda agent: agent.graphics,
    "cpu": lambda agent: BORDER.join(filter(None, agent.cpu_model)),
    "disks": lambda agent: BORDER.join(filter(None, agent.physical_disks)),
}
"""Texts that many agents have in common."""

OWN_TEXTS: Sequence[Callable[[Agent], Sequence[str]]] = (
    lambda agent: (agent.hostname, agent.local_ips, agent.serial_number),
    lambda agent: _custom_texts(agent),
)
"""Texts that are mostly one agent's own."""


def search_text(agent: Agent) -> str:
    """Every text field of the row, casefolded. Not the agent id: its 40 random letters would match most short words."""
    own = (text for texts in OWN_TEXTS for text in texts(agent))
    return joined((*own, *(shared(agent) for shared in SHARED_TEXTS.values())))


def joined(texts: Iterable[str]) -> str:
    return BORDER.join(text for text in texts if text).casefold()


def _custom_texts(agent: Agent) -> list[str]:
    texts: list[str] = []
    for field in agent.custom_fields:
        if isinstance(field.value, str):
            texts.append(field.value)
        elif isinstance(field.value, tuple):
            texts.extend(field.value)
    return texts
