"""The text of an agent that a search looks through."""

from console.rmm.models import Agent, Platform

# Between two fields, so that no word matches across them.
_BORDER = "\n"
_PLATFORM_WORDS = {Platform.WINDOWS: "windows", Platform.LINUX: "linux", Platform.MACOS: "macos darwin"}


def search_text(agent: Agent) -> str:
    """Every text field of the row, casefolded. Not the agent id: its 40 random letters would match most short words."""
    fields = (
        agent.hostname,
        agent.client_name,
        agent.site_name,
        agent.description,
        agent.logged_username,
        agent.status.value,
        agent.monitoring_type,
        _PLATFORM_WORDS.get(agent.plat, ""),
        agent.operating_system,
        agent.version,
        agent.goarch,
        agent.public_ip,
        agent.local_ips,
        agent.make_model,
        agent.serial_number,
        agent.graphics,
        *agent.cpu_model,
        *agent.physical_disks,
        *_custom_texts(agent),
    )
    return _BORDER.join(field for field in fields if field).casefold()


def _custom_texts(agent: Agent) -> list[str]:
    texts: list[str] = []
    for field in agent.custom_fields:
        if isinstance(field.value, str):
            texts.append(field.value)
        elif isinstance(field.value, tuple):
            texts.extend(field.value)
    return texts
