"""Carries out what console.sessions.recovery decides for one session: pauses, tries, and the watch over each try."""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from console.mesh.command import Disconnect
from console.mesh.errors import FarEndEnded, MeshUnreachable, MeshUnusable, PageSilent, SessionNotTaken
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.errors import NotAllowed
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.page import SessionPage
from console.sessions.progress import State
from console.sessions.recovery import Lost, Patience, Recovery, Way, ended_there, is_final
from console.transport import TimedOut, Transport, TransportProblem, Unreachable, host_and_port
from console.work import Job

_log = logging.getLogger(__name__)
_PROBE_SECONDS = 5.0
_GOING_DOWN_SECONDS = 15.0
"""An agent that is being stopped ends its sessions first, and answers for as long as that takes."""


class Losable(Protocol):
    """What a Reconnector needs of its session."""

    agent: Agent
    kind: SessionKind
    connection: Connection
    entry: Entry
    page: SessionPage | None

    @property
    def page_talks(self) -> bool:
        """Whether the page is there and has its own connection to MeshCentral."""

    def load_anew(self, load: Callable[[SessionPage], None]) -> None:
        """Loads the page anew: what it reports from here on is another page's."""

    def connect_in_page(self) -> None:
        """Has the page connect once more, as soon as the agent takes connections."""


class Reconnector(QObject):
    """Brings one session back. `begin` when it was lost, then tell it what happens until it is `over`."""

    changed = Signal()
    """`lost` says something else."""

    def __init__(self, session: Losable, patience: Patience, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._patience = patience
        self._recovery: Recovery | None = None
        self._failures = 0
        self._over_at = self._began_at = 0.0
        self._job: Job | None = None
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._go)
        self._watchdog = QTimer(self, singleShot=True)
        self._watchdog.timeout.connect(lambda: self.page_gone(PageSilent()))

    @property
    def lost(self) -> Lost | None:
        """None while nothing is lost."""
        return self._recovery.lost if self._recovery else None

    # What happens

    def begin(self, problem: Problem, way: Way) -> None:
        """The session was lost. One that had come back only a moment ago goes on with the pauses it had reached."""
        if time.monotonic() - self._over_at > self._patience.steady:
            self._failures = 0
        self._began_at = time.monotonic()
        self._recovery = recovery = Recovery(problem, self._patience, failures=self._failures)
        _log.info("%s %s was lost: %s", self._session.kind, self._session.agent.hostname, problem.what)
        self._follow(recovery.stop(problem) if is_final(problem) else recovery.begin(way))

    def over(self) -> None:
        """It is connected again, or closed, or opened anew."""
        if self._recovery:
            self._failures = self._recovery.failures + 1
            self._over_at = time.monotonic()
        self._rest()
        self._recovery = None

    def page_gone(self, problem: Problem) -> None:
        """The page died, was not loaded, says nothing, or has lost MeshCentral."""
        if self._recovery and not self._awaits_a_person:
            self._follow(self._recovery.page_gone(problem))

    def tunnel_failed(self, problem: Problem) -> None:
        """The page's connection to the agent ended before it was one."""
        if self._recovery and not self._awaits_a_person:
            final = is_final(problem)
            self._follow(self._recovery.stop(problem) if final else self._recovery.attempt_failed(problem))

    def sign_in_shown(self) -> None:
        """The page shows MeshCentral's sign-in: the cookie does not serve."""
        if self._recovery and not self._awaits_a_person:
            link = self._session.entry.link
            host = host_and_port(link.origin) if link else ""
            if self._recovery.way is Way.SIGN_IN:  # the trade went well, and yet
                self._session.entry.useless(self._session.agent, self._session.connection)
            self._follow(self._recovery.signed_out(SessionNotTaken(host), self._session.entry.fresh))

    def far_end_awake(self, holding: str = "") -> None:
        """The agent answers although the session ended: it was ended there. `holding` says why that is expected."""
        if self._recovery and self._recovery.way is Way.LISTEN:
            if holding:
                self._follow(self._recovery.hold(holding))
            else:
                self._follow(self._recovery.stop(ended_there(self._session.kind)))

    def agent_away(self) -> None:
        """MeshCentral lost the agent: nobody ended the session, also when it looked so a moment before."""
        recovery = self._recovery
        if recovery is None:
            return
        listening = recovery.way is Way.LISTEN and self._pause.isActive()
        mistaken = isinstance(recovery.lost.problem, FarEndEnded) and not recovery.lost.automatic
        if listening or (mistaken and time.monotonic() - self._began_at < _GOING_DOWN_SECONDS):
            self._follow(recovery.not_ended_there())

    def reached(self, state: State) -> None:
        """The page went on to this state."""
        if not self._recovery or self._awaits_a_person:
            return
        if state is State.CONNECTING:
            self._say("Connecting to the agent.")
            self._watch(self._patience.connect)
        elif state in (State.MESH_OFFLINE, State.CONSENT, State.SIGNING_IN):
            self._watchdog.stop()
            self._say(f"Waiting until {self._session.agent.hostname} is back in MeshCentral.")

    def signed_in_again(self) -> None:
        """The technician has signed in to the RMM again."""
        if self._recovery:
            self._follow(self._recovery.signed_in_again())

    # What a person wants

    def now(self) -> None:
        """Tries at once, the cheapest way that can work, also where it was left."""
        recovery, session = self._recovery, self._session
        if recovery is None:
            return
        way = recovery.way
        if self._awaits_a_person or way is Way.LISTEN:
            way = Way.IN_PAGE if session.page_talks else Way.RELOAD
        recovery.by_hand(way)
        self._follow(0.0)

    def try_now(self) -> None:
        """Ends a pause: what it waits for may be there."""
        if self._pause.isActive():
            self._pause.stop()
            self._go()

    def stop(self) -> None:
        """Leaves it to the technician."""
        if self._recovery and self._session.page and self._session.page_talks:
            self._session.page.do(Disconnect())
        if self._recovery:
            self._follow(self._recovery.stop())

    # How

    @property
    def _awaits_a_person(self) -> bool:
        recovery = self._recovery
        return recovery is not None and (not recovery.lost.automatic or recovery.signing_in_awaited)

    def _follow(self, seconds: float | None) -> None:
        """Does what the recovery decided, after its pause."""
        self._rest()
        if seconds == 0:
            self._go()
            return
        if seconds is not None:
            self._pause.start(round(seconds * 1000))
        self.changed.emit()

    def _rest(self) -> None:
        self._pause.stop()
        self._watchdog.stop()
        self._session.entry.cancel()
        if self._job:
            self._job.cancel()
            self._job = None

    def _say(self, doing: str) -> None:
        if self._recovery:
            self._recovery.lost.doing = doing
        self.changed.emit()

    def _watch(self, seconds: float) -> None:
        self._watchdog.start(round(seconds * 1000))

    def _go(self) -> None:
        recovery, session = self._recovery, self._session
        if recovery is None:
            return
        recovery.started()
        match recovery.way:
            case Way.LISTEN:
                self._follow(recovery.not_ended_there())
            case Way.IN_PAGE if not session.page_talks:
                self._follow(recovery.page_gone(recovery.lost.problem))
            case Way.IN_PAGE:
                self._watch(self._patience.connect)
                self._say("Connecting to the agent.")
                session.connect_in_page()
            case Way.RELOAD:
                self._say("Asking MeshCentral whether it answers.")
                self._probe()
            case Way.SIGN_IN:
                self._trade()
            case Way.NEW_LINK:
                self._say("Asking the RMM for a new session link.")
                self._ask_rmm()

    def _probe(self) -> None:
        link, transport = self._session.entry.link, self._session.connection.transport
        if link is None:
            raise RuntimeError("a session without a link was lost")
        self._job = self._session.connection.lane.run(
            lambda: probe(link, transport), lambda leaf: self._load(lambda page: page.reload(leaf)), self._silent
        )

    def _load(self, load: Callable[[SessionPage], None]) -> None:
        self._watch(self._patience.load)
        self._say("Loading the page of MeshCentral.")
        self._session.load_anew(load)

    def _silent(self, problem: Problem) -> None:
        if self._recovery:
            self._follow(self._recovery.server_silent(problem))

    def _entered(self, link: SessionLink, cookies: MeshCookies) -> None:
        self._load(lambda page: page.open(link, cookies))

    def _not_entered(self, problem: Problem) -> None:
        recovery = self._recovery
        if recovery is None:
            return
        if isinstance(problem, TransportProblem | MeshUnreachable | MeshUnusable):
            self._follow(recovery.server_silent(problem))
        else:
            self._follow(recovery.signed_out(problem, False))

    def _ask_rmm(self) -> None:
        """First without a trace: the call for the link itself is made once only, when the RMM answers."""
        session = self._session
        agent_id, client = session.agent.agent_id, session.connection.client

        def unanswered(problem: Problem) -> None:
            if isinstance(problem, NotAllowed):  # a role may use sessions without seeing the list
                self._ask_link()
            else:
                self._silent(problem)

        self._job = session.connection.lane.run(
            lambda: client.agent_status(agent_id), lambda _: self._ask_link(), unanswered
        )

    def _ask_link(self) -> None:
        session = self._session
        session.entry.ask(session.agent, session.connection, self._linked, self._not_linked)

    def _linked(self) -> None:
        if self._recovery:
            self._recovery.linked()
            self._trade()

    def _not_linked(self, problem: Problem) -> None:
        if self._recovery:
            self._follow(self._recovery.not_linked(problem))

    def _trade(self) -> None:
        session = self._session
        self._say("Signing in to MeshCentral again.")
        session.entry.trade(session.agent, session.connection, self._entered, self._not_entered)


def probe(link: SessionLink, transport: Transport) -> str | None:
    """Asks MeshCentral whether it is there, with the least that it can be asked (`health.ashx`, MeshCentral 1.1.55).
    Whatever it answers will do, but for an error of its own or of a proxy in front of it. Tells the fingerprint of its
    certificate. Raises a Problem."""
    host = host_and_port(link.origin)
    try:
        answer = transport.send("GET", f"{link.origin}{link.path}health.ashx", seconds=_PROBE_SECONDS, keep_body=False)
    except (Unreachable, TimedOut) as problem:
        raise MeshUnreachable(host, problem.report()) from None
    if answer.status >= 500:
        raise MeshUnusable(host, answer.status)
    return answer.leaf
