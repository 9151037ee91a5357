"""A session's way into MeshCentral: its link, and the cookie that the login token in it is traded for."""

import time
from collections.abc import Callable

from console.mesh import exchange, link
from console.mesh.errors import TokenRefused
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent, MeshLinks
from console.sessions.connection import Connection
from console.sessions.links import link_of
from console.sessions.mesh_accounts import EntryWay
from console.work import Job

Entered = Callable[[SessionLink, MeshCookies], None]
Failed = Callable[[Problem], None]


class Entry:
    """Keeps the link of one session, whose login token can be traded again for as long as it is fresh.

    One thing is under way at a time; what was under way before is not heard of any more.
    """

    def __init__(self, kind: SessionKind, clock: Callable[[], float] = time.monotonic) -> None:
        self._kind = kind
        self._clock = clock
        self._links: MeshLinks | None = None
        self._fresh_until = 0.0
        self._number = 0
        self._job: Job | None = None
        self.link: SessionLink | None = None

    @property
    def has_token(self) -> bool:
        """Whether the link signs in by itself."""
        return self.link is not None and self.link.token is not None

    @property
    def way(self) -> EntryWay:
        """How the link at hand leads into MeshCentral."""
        return EntryWay.LINK if self.has_token else EntryWay.OWN

    @property
    def fresh(self) -> bool:
        """Whether the token of the link at hand is still good for another trade."""
        return self.has_token and self._clock() < self._fresh_until

    def ask(self, agent: Agent, connection: Connection, done: Callable[[], None], failed: Failed) -> None:
        """Gets a link and checks it: from the RMM, unless a session of the same agent has a fresh one."""
        self.cancel()
        number = self._number

        def linked(links: MeshLinks) -> None:
            if number != self._number:
                return
            try:
                self.link = link.parse(link_of(links, self._kind), self._kind, agent.hostname)
            except Problem as problem:
                connection.links.forget(agent.agent_id, links)
                failed(problem)
                return
            self._links, self._fresh_until = links, connection.links.fresh_until(links)
            done()

        def refused(problem: Problem) -> None:
            if number == self._number:
                failed(problem)

        connection.links.get(agent.agent_id, linked, refused)

    def trade(self, agent: Agent, connection: Connection, done: Entered, failed: Failed) -> None:
        """Trades the token of the link at hand for a cookie. A token that is refused is not used again."""
        self.cancel()
        checked = self.link
        if checked is None:
            raise RuntimeError("there is no link yet")
        transport = connection.transport

        def refused(problem: Problem) -> None:
            if isinstance(problem, TokenRefused):
                self.useless(agent, connection)
            failed(problem)

        self._job = connection.lane.run(
            lambda: exchange.exchange(checked, transport), lambda cookies: done(checked, cookies), refused
        )

    def useless(self, agent: Agent, connection: Connection) -> None:
        """The link at hand does not serve: MeshCentral does not take what its token is traded for."""
        self._fresh_until = 0.0
        if self._links is not None:
            connection.links.forget(agent.agent_id, self._links)

    def cancel(self) -> None:
        """What is under way is not heard of any more."""
        self._number += 1
        if self._job:
            self._job.cancel()
            self._job = None
