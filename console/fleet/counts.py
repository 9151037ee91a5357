"""How many agents there are by state: altogether, of each client, and of each site."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console import turns
from console.rmm.models import Agent, AgentStatus


@dataclass
class Tally:
    """`failing` counts agents with a check that fails or warns."""

    total: int = 0
    online: int = 0
    offline: int = 0
    overdue: int = 0
    failing: int = 0

    def add(self, agent: Agent) -> None:
        self.total += 1
        self.online += agent.status is AgentStatus.ONLINE
        self.offline += agent.status is AgentStatus.OFFLINE
        self.overdue += agent.status is AgentStatus.OVERDUE
        self.failing += agent.checks.failing + agent.checks.warning > 0


@dataclass
class Counts:
    """`clients` by their names, `sites` by the names of client and site."""

    all: Tally = field(default_factory=Tally)
    clients: dict[str, Tally] = field(default_factory=dict)
    sites: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def sites_of(self, client: str) -> Mapping[str, Tally]:
        return {site: tally for (owner, site), tally in self.sites.items() if owner == client}


def counted(agents: Iterable[Agent]) -> Counts:
    """Counts from the agents themselves: what `/clients/` says of a client includes sites that a role does not see."""
    counts = Counts()
    for agent in agents:
        turns.give_way()
        counts.all.add(agent)
        counts.clients.setdefault(agent.client_name, Tally()).add(agent)
        counts.sites.setdefault((agent.client_name, agent.site_name), Tally()).add(agent)
    return counts
