"""Asks the RMM for session links, once for all sessions of an agent while the answer is fresh.

Each call writes an audit entry on the server, so control, terminal and files share one answer, and a call under way.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.models import MeshLinks
from console.secret import Secret
from console.work import Runner

FRESH_SECONDS = 50 * 60
"""The login token in a link is good for 60 minutes (MeshCentral 1.1.55)."""

_Taker = tuple[Callable[[MeshLinks], None], Callable[[Problem], None]]


@dataclass
class _Asked:
    links: MeshLinks | None = None
    at: float = 0.0
    takers: list[_Taker] = field(default_factory=list)


class LinkSource:
    """The session links of one server's agents."""

    def __init__(self, client: RmmClient, runner: Runner, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._runner = runner
        self._clock = clock
        self._asked: dict[str, _Asked] = {}

    def get(self, agent_id: str, done: Callable[[MeshLinks], None], failed: Callable[[Problem], None]) -> None:
        """Calls one of the two on the GUI thread: at once when a fresh answer is there."""
        asked = self._asked.setdefault(agent_id, _Asked())
        if asked.links is not None and self._clock() - asked.at < FRESH_SECONDS:
            done(asked.links)
            return
        asked.links = None
        asked.takers.append((done, failed))
        if len(asked.takers) == 1:
            self._runner.run(
                lambda: self._client.mesh_links(agent_id),
                lambda links: self._answered(agent_id, links),
                lambda problem: self._failed(agent_id, problem),
            )

    def fresh_until(self, links: MeshLinks) -> float:
        """Until which moment of the clock an answer that `get` gave serves; already over for any other."""
        return next((asked.at + FRESH_SECONDS for asked in self._asked.values() if asked.links is links), 0.0)

    def at_hand(self, agent_id: str = "") -> MeshLinks | None:
        """An answer that is fresh, of this agent or of any; nothing is asked for it."""
        for each, asked in self._asked.items():
            if agent_id in ("", each) and asked.links is not None and self._clock() - asked.at < FRESH_SECONDS:
                return asked.links
        return None

    def forget(self, agent_id: str, links: MeshLinks | None = None) -> None:
        """This answer, or whatever there is, did not serve: the next session asks anew, unless another has done so."""
        asked = self._asked.get(agent_id)
        if asked and not asked.takers and (links is None or asked.links is links):
            del self._asked[agent_id]

    def _answered(self, agent_id: str, links: MeshLinks) -> None:
        asked = self._asked[agent_id]
        asked.links, asked.at = links, self._clock()
        takers, asked.takers = asked.takers, []
        for done, _ in takers:
            done(links)

    def _failed(self, agent_id: str, problem: Problem) -> None:
        for _, failed in self._asked.pop(agent_id).takers:
            failed(problem)


def link_of(links: MeshLinks, kind: SessionKind) -> Secret:
    """The link for one kind of session."""
    return {
        SessionKind.CONTROL: links.control,
        SessionKind.TERMINAL: links.terminal,
        SessionKind.FILES: links.file,
    }[kind]
