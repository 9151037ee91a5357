"""How many agents there are by state: altogether, of each client, and of each site."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

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

    def join(self, other: "Tally") -> None:
        """Adds what another has counted."""
        self.total += other.total
        self.online += other.online
        self.offline += other.offline
        self.overdue += other.overdue
        self.failing += other.failing


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
    alike: Counter[_Kind] = Counter()  # counting is quick, and few are left to be added up
    waiting = iter(agents)
    while part := list(islice(waiting, _AT_ONCE)):
        turns.give_way()
        alike.update([_kind(agent) for agent in part])
    counts = Counts()
    for (client, site, status, failing), number in alike.items():
        tally = counts.sites.get((client, site))
        if tally is None:
            tally = counts.sites[client, site] = Tally()
        tally.add(number, AgentStatus(status), failing=failing)
    for (client, _), tally in counts.sites.items():
        counts.clients.setdefault(client, Tally()).join(tally)
    for tally in counts.clients.values():
        counts.all.join(tally)
    return counts


_Kind = tuple[str, str, str, bool]
_AT_ONCE = 500


def _kind(agent: Agent) -> _Kind:
    # The value of the status: a member of an enumeration is hashed by a call of Python's.
    return agent.client_name, agent.site_name, agent.status._value_, agent.checks.failing + agent.checks.warning > 0
