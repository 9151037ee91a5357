"""How the list of agents is parted: by client, by site, by platform, or not at all."""

from enum import StrEnum

from console.fleet.order import Order, SortBy, SortKey
from console.rmm.models import Agent, Platform


class Grouping(StrEnum):
    NOTHING = "nothing"
    CLIENT = "client"
    SITE = "site"
    PLATFORM = "platform"

    @classmethod
    def _missing_(cls, value: object) -> "Grouping":
        return cls.NOTHING


_PLATFORMS = {Platform.WINDOWS: "Windows", Platform.LINUX: "Linux", Platform.MACOS: "macOS"}


def group_of(grouping: Grouping, agent: Agent) -> str:
    """The name of the group that an agent belongs to."""
    match grouping:
        case Grouping.CLIENT:
            return agent.client_name or "Unknown client"
        case Grouping.SITE:
            return f"{agent.client_name or 'Unknown client'} / {agent.site_name or 'unknown site'}"
        case Grouping.PLATFORM:
            return _PLATFORMS.get(agent.plat, "Unknown platform")
    return ""


def group_order(grouping: Grouping) -> Order:
    """What the rows are sorted by first, so that a group stands together."""
    if grouping is Grouping.NOTHING:
        return ()

    def key(agent: Agent) -> SortKey:
        name = group_of(grouping, agent)
        return (0, f"{name.casefold()}\n{name}")  # names that differ in case only are groups of their own

    return (SortBy(f"group {grouping}", key),)
