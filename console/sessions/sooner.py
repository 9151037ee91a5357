"""Which agents are asked for on their own, sooner than the list comes round, and when. No calls are made here."""

from collections.abc import Callable, Container, Iterable


class Sooner:
    """Agents under a name each for who wants them (open sessions, watched agents …). Seconds of `clock` throughout.

    Each is due `every` seconds after it was asked for last; of those that are due, the one that waits longest is next.
    """

    def __init__(self, every: float, clock: Callable[[], float]) -> None:
        self._every = every
        self._clock = clock
        self._wanted: dict[str, frozenset[str]] = {}
        self._asked: dict[str, float] = {}
        self._left_out: set[str] = set()
        self._not_before = 0.0

    def want(self, name: str, agent_ids: Iterable[str]) -> None:
        """Replaces what is wanted under a name. An agent that is new in it has just been looked at, and is not due."""
        self._wanted[name] = frozenset(agent_ids)
        now, wanted = self._clock(), self.wanted()
        self._asked = {agent_id: self._asked.get(agent_id, now) for agent_id in wanted}
        self._left_out &= wanted

    def wanted(self) -> frozenset[str]:
        return frozenset().union(*self._wanted.values())

    def seconds(self) -> float | None:
        """Until the next agent is due; None when there is none to wait for."""
        moments = [self._due(agent_id) for agent_id in self.wanted() - self._left_out]
        return max(0.0, min(moments) - self._clock()) if moments else None

    def next(self) -> str | None:
        """The agent to ask for now, which counts as asked then; None while none is due."""
        waiting = sorted((self._due(agent_id), agent_id) for agent_id in self.wanted() - self._left_out)
        if not waiting or waiting[0][0] > self._clock():
            return None
        agent_id = waiting[0][1]
        self._asked[agent_id] = self._clock()
        return agent_id

    def leave_out(self, agent_id: str) -> None:
        """The server does not tell about it: it is not asked for until a list has it."""
        self._left_out.add(agent_id)

    def listed(self, agent_ids: Container[str]) -> None:
        """A list came with these agents: they were asked for just now, and the server tells about them."""
        now = self._clock()
        for agent_id in self.wanted():
            if agent_id in agent_ids:
                self._asked[agent_id] = now
                self._left_out.discard(agent_id)

    def hold(self, seconds: float) -> None:
        """Nothing is due before this time is over."""
        self._not_before = max(self._not_before, self._clock() + seconds)

    def _due(self, agent_id: str) -> float:
        return max(self._not_before, self._asked[agent_id] + self._every)
