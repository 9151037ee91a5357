"""A session's way into MeshCentral: its link, and the cookie that the login token in it is traded for."""

import time
from collections.abc import Callable

from console.mesh import exchange, link, mint
from console.mesh.errors import KeyRefused, OwnSignInRefused, TokenRefused
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.mesh.sign_in import SignedIn, sign_in
from console.problem import Problem
from console.rmm.models import Agent, MeshLinks
from console.sessions.connection import Connection
from console.sessions.entry_way import EntryWay
from console.sessions.links import link_of
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.transport import host_and_port
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
        self._key: EmergencyKey | None = None
        self._own: OwnSignIn | None = None
        self._asks_more = False
        self.link: SessionLink | None = None

    @property
    def has_token(self) -> bool:
        """Whether the link signs in by itself."""
        return self._key is not None or (self.link is not None and self.link.token is not None)

    @property
    def signs_in(self) -> bool:
        """Whether going in needs nobody to type anything."""
        return self.has_token or (self._own is not None and not self._asks_more)

    @property
    def way(self) -> EntryWay:
        """How the link at hand leads into MeshCentral."""
        if self._key is not None:
            return EntryWay.KEY
        return EntryWay.LINK if self.has_token else EntryWay.OWN

    @property
    def fresh(self) -> bool:
        """Whether the token of the link at hand is still good for another trade."""
        if self.link is not None and self.link.token is not None:
            return self._clock() < self._fresh_until
        return self.signs_in

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
            self._key, self._own, self._asks_more = None, None, False
            if self.link.token is None:
                self._own = connection.own_sign_ins.get(self.link.site.url)
            connection.nodes.learn(agent.agent_id, link.hex_form(self.link.node))
            done()

        def refused(problem: Problem) -> None:
            if number == self._number:
                failed(problem)

        connection.links.get(agent.agent_id, linked, refused)

    def use_key(self, key: EmergencyKey, node: str) -> None:
        """Goes in without the RMM: each trade mints a token of its own, until the RMM gives a link again."""
        self.cancel()
        self._key, self._links = key, None
        self.link = SessionLink(key.site.origin, key.site.path, node, self._kind, None)

    def use_own(self, own: OwnSignIn) -> None:
        """Goes in with the technician's own sign-in, where the link has none."""
        self._own, self._asks_more = own, False

    def trade(self, agent: Agent, connection: Connection, done: Entered, failed: Failed) -> None:
        """Trades the token of the link at hand for a cookie. A token that is refused is not used again."""
        self.cancel()
        checked = self.link
        if checked is None:
            raise RuntimeError("there is no link yet")
        transport, key, own = connection.transport, self._key, self._own

        def trade() -> SignedIn:
            if key is not None:
                token = mint.login_token(key.key, key.user, checked.site.domain)
                return SignedIn(exchange.enter(checked.site, token, transport), asks_more=False)
            if own is not None and checked.token is None:
                return sign_in(checked.site, own.user, own.password, transport)
            return SignedIn(exchange.exchange(checked, transport), asks_more=False)

        def entered(signed_in: SignedIn) -> None:
            self._asks_more = signed_in.asks_more
            if own is not None:
                connection.own_sign_ins[checked.site.url] = own
            done(checked, signed_in.cookies)

        def refused(problem: Problem) -> None:
            if isinstance(problem, TokenRefused):
                self.useless(agent, connection)
                if key is not None:
                    problem = KeyRefused(host_and_port(checked.origin), key.user)
            if isinstance(problem, OwnSignInRefused):
                connection.own_sign_ins.pop(checked.site.url, None)
                self._own = None
            failed(problem)

        self._job = connection.lane.run(trade, entered, refused)

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
