"""How many agents there are by state: altogether, of each client, and of each site."""

from collections import Counter
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

    def add(self, agents: int, status: AgentStatus, *, failing: bool) -> None:
        """Adds so many agents of one state."""
        self.total += agents
        self.failing += agents if failing else 0
        match status:
            case AgentStatus.ONLINE:
                self.online += agents
            case AgentStatus.OFFLINE:
                self.offline += agents
            case AgentStatus.OVERDUE:
                self.overdue += agents


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
    alike = Counter(_kind(agent) for agent in agents)  # counting is quick, and few are left to be added up
    counts = Counts()
    for (client, site, status, failing), number in alike.items():
        client_tally = counts.clients.setdefault(client, Tally())
        site_tally = counts.sites.setdefault((client, site), Tally())
        for tally in (counts.all, client_tally, site_tally):
            tally.add(number, status, failing=failing)
    return counts


def _kind(agent: Agent) -> tuple[str, str, AgentStatus, bool]:
    turns.give_way()
    return agent.client_name, agent.site_name, agent.status, agent.checks.failing + agent.checks.warning > 0
