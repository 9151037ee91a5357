"""Which MeshCentral node an agent is, as far as it was seen: for when the RMM cannot be asked."""

from collections.abc import Callable, Mapping


def _nothing_kept() -> Mapping[str, str]:
    return {}


def _nobody(agent_id: str, node: str) -> None:
    pass


class NodeIds:
    """Node ids by agent id, 96 hex digits each. What is learnt is told to whoever keeps it, such as the sealed list."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}
        self._kept: Callable[[], Mapping[str, str]] = _nothing_kept
        self._tell: Callable[[str, str], None] = _nobody

    def keep_in(self, kept: Callable[[], Mapping[str, str]], tell: Callable[[str, str], None]) -> None:
        """Looks there as well, and tells it what is learnt, also what was learnt before."""
        self._kept, self._tell = kept, tell
        for agent_id, node in self._seen.items():
            tell(agent_id, node)

    def of(self, agent_id: str) -> str | None:
        return self._seen.get(agent_id) or self._kept().get(agent_id)

    def learn(self, agent_id: str, node: str) -> None:
        """A session link, or the technician, said so."""
        if self._seen.get(agent_id) != node:
            self._seen[agent_id] = node
            self._tell(agent_id, node)
