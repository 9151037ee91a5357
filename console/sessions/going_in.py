"""How one session gets from its link into MeshCentral: by the login token in it, by the technician's own sign-in, or by
the emergency key."""

from collections.abc import Callable
from typing import Protocol

from console.mesh.errors import OwnSignInRefused, SignInHeldOff
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.mesh_side import MeshSide
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.sessions.progress import State


class Entering(Protocol):
    """What a GoingIn needs of its session."""

    agent: Agent
    connection: Connection
    entry: Entry
    mesh: MeshSide

    def reach(self, state: State) -> None:
        """Goes to a state that is not the page's."""


class GoingIn:
    """`begin` once there is a link. It ends with the cookies for the page, with a problem, or waits for a sign-in."""

    def __init__(
        self,
        session: Entering,
        entered: Callable[[SessionLink, MeshCookies], None],
        failed: Callable[[Problem], None],
    ) -> None:
        self._session = session
        self._entered = entered
        self._failed = failed

    def begin(self) -> None:
        """There is a link: goes in with what it holds, or with what the keyring holds, or asks."""
        session = self._session
        if session.entry.signs_in or session.entry.link is None:
            self._trade()
        else:
            session.mesh.look_for_sign_in(session.connection, session.entry.link.site, self._found)

    def sign_in(self, own: OwnSignIn) -> None:
        """The technician typed it."""
        self._session.mesh.given(own)
        self._session.entry.use_own(own)
        self._trade()

    def in_page(self) -> None:
        """The technician types it into MeshCentral's own page."""
        self._session.mesh.given(None)
        self._trade()

    def by_key(self, key: EmergencyKey, node: str) -> None:
        """Without the RMM, to a MeshCentral node that somebody knows to be this agent."""
        self._session.entry.use_key(key, node)
        self._trade()

    def _found(self, own: OwnSignIn | None) -> None:
        if own is None:
            self._ask(None)
        else:
            self._session.entry.use_own(own)
            self._trade()

    def _trade(self) -> None:
        session = self._session
        session.reach(State.OPENING)
        session.entry.trade(session.agent, session.connection, self._entered, self._not_entered)

    def _not_entered(self, problem: Problem) -> None:
        if isinstance(problem, OwnSignInRefused | SignInHeldOff):
            self._ask(problem)
        else:
            self._failed(problem)

    def _ask(self, problem: Problem | None) -> None:
        self._session.mesh.ask(problem)
        self._session.reach(State.SIGNING_IN)
