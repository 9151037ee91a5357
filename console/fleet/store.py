"""The agents in memory, and what a fresh list changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.fleet.search import search_text
from console.rmm.models import Agent

_ID_LETTERS = 8
"""From so many letters on a word may be meant as (a part of) an agent id, pasted from the RMM's web page."""


@dataclass(frozen=True)
class Diff:
    """What an update did, as agent ids."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


class FleetStore:
    """Agents by their id, each with the text that the search looks through."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._agents)

    def __contains__(self, agent_id: str) -> bool:
        return agent_id in self._agents

    def __getitem__(self, agent_id: str) -> Agent:
        return self._agents[agent_id]

    def get(self, agent_id: str) -> Agent | None:
        return self._agents.get(agent_id)

    def agents(self) -> Iterable[Agent]:
        return self._agents.values()

    def update(self, agents: Iterable[Agent]) -> Diff:
        """Replaces the fleet with a fresh list; its order does not matter, and the last of two equal ids counts."""
        fresh = {agent.agent_id: agent for agent in agents}
        added = frozenset(fresh.keys() - self._agents.keys())
        removed = frozenset(self._agents.keys() - fresh.keys())
        changed = frozenset(
            agent_id for agent_id, agent in fresh.items() if agent_id not in added and agent != self._agents[agent_id]
        )
        for agent_id in removed:
            del self._texts[agent_id]
        for agent_id in added | changed:
            self._texts[agent_id] = search_text(fresh[agent_id])
        self._agents = fresh
        return Diff(added, removed, changed)

    def matching(self, query: str) -> list[Agent]:
        """The agents in whose text every word of the query occurs, in no particular order; all for an empty query."""
        words = query.casefold().split()
        if not words:
            return list(self._agents.values())
        texts = self._texts
        if len(words) == 1 and len(words[0]) >= _ID_LETTERS:
            found = [agent for agent_id, agent in self._agents.items() if words[0] in agent_id.casefold()]
            if found:
                return found
        return [agent for agent_id, agent in self._agents.items() if all(word in texts[agent_id] for word in words)]
