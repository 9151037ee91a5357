"""How a lost session comes back: which way is tried next, after what pause, and when it is left. Plain Python, no Qt.

A person's decision is never overruled: what someone at either end ended, denied or has to repair first is not tried
again without being asked to. docs/sessions.md has the rules in words.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

import msgspec

from console.mesh import errors as mesh
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm import errors as rmm
from console.transport import CertificateUntrusted

_FINAL = (
    mesh.ConsentDenied,
    mesh.ConsentTimedOut,
    mesh.ConsentImpossible,
    mesh.FarEndEnded,
    mesh.Disconnected,
    mesh.NodeNotFound,
    mesh.NoMeshAgent,
    mesh.MeshNotSetUp,
    mesh.BadLink,
    mesh.SessionNotTaken,
    mesh.CertificateChanged,
    mesh.ViewNotStarted,
    rmm.NotAllowed,
    rmm.NotFound,
    CertificateUntrusted,
)
"""What waiting does not mend."""


class Way(Enum):
    """What is tried, the cheapest first."""

    LISTEN = "the far end may say that it ended the session"
    IN_PAGE = "the page that is there connects once more"
    RELOAD = "the page is loaded anew with the cookie that is there"
    SIGN_IN = "the login token at hand is traded for a new cookie"
    NEW_LINK = "the RMM is asked for a new session link: an audit entry"


class Patience(msgspec.Struct, frozen=True):
    """How long is waited, in seconds. `pauses` lie between tries, the last one again and again, each longer or shorter
    by up to the share `spread`.

    `far_end`: for the far end to say that it ended the session. `load`: for a loaded page to report anything.
    `connect`: for the agent to take a connection. `confirm`: for a page to show that it still has its connection.
    `steady`: what a connection has to last for the next loss to begin with the shortest pause again.
    """

    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    spread: float = 0.2
    far_end: float = 3.0
    load: float = 20.0
    connect: float = 60.0
    confirm: float = 6.0
    steady: float = 30.0

    def pause(self, failures: int, chance: float) -> float:
        """Before the next try after so many that failed; `chance` is between 0 and 1."""
        if failures <= 0:
            return 0.0
        length = self.pauses[min(failures, len(self.pauses)) - 1]
        return length * (1 + self.spread * (2 * chance - 1))


@dataclass
class Lost:
    """What a lost session says of itself. `problem` is the latest reason, `tries` how many were made since.

    `automatic` is whether it goes on by itself; `next_try` is when, while it pauses; `held` is whether something else
    has to happen first, which then says so.
    """

    problem: Problem
    since: datetime
    now: Callable[[], datetime]
    tries: int = 0
    next_try: datetime | None = None
    automatic: bool = True
    held: bool = False
    doing: str = ""

    @property
    def step(self) -> str:
        """What is being done about it just now, in words; it counts down, so read it anew every second."""
        if self.next_try is None:
            return self.doing
        seconds = max(0, round((self.next_try - self.now()).total_seconds()))
        return f"{self.doing} Trying again in {seconds} s.".lstrip()


class Recovery:
    """One loss, until the session is connected again. Each event answers with the pause before `way` is gone, in
    seconds, or None when nothing more is done by itself."""

    def __init__(
        self,
        problem: Problem,
        patience: Patience,
        *,
        failures: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`failures` are those of a loss so shortly before that this one continues it."""
        self.lost = Lost(problem, now(), now)
        self.way = Way.LISTEN
        self.failures = failures
        self.signing_in_awaited = False
        self._patience = patience
        self._now = now
        self._chance = chance
        self._traded = False
        self._asked = False

    def begin(self, way: Way) -> float | None:
        """The session was lost; `way` is the cheapest that can work."""
        if way is Way.LISTEN:
            return self._plan(way, self._patience.far_end, "")
        return self._plan(way, self._pause(), "")

    def by_hand(self, way: Way) -> None:
        """A person wants it now: what was left or done already may be done once more."""
        self._traded = self._asked = self.signing_in_awaited = False
        self.failures = 0
        self.lost.automatic = True
        self._plan(way, 0.0, "")

    def started(self) -> None:
        """The pause is over and `way` is gone."""
        self.lost.next_try = None
        self.lost.tries += self.way is not Way.LISTEN

    def not_ended_there(self) -> float | None:
        """The far end did not say that it ended the session, or its agent went away: the page can go on."""
        self.lost.automatic = True
        return self._plan(Way.IN_PAGE, 0.0, "")

    def page_gone(self, problem: Problem) -> float | None:
        """The page died, could not be loaded, says nothing, or has lost MeshCentral."""
        return self._again(Way.RELOAD, problem)

    def server_silent(self, problem: Problem) -> float | None:
        """MeshCentral or the RMM did not answer what `way` asked of it."""
        return self._again(self.way, problem, problem.what)

    def attempt_failed(self, problem: Problem) -> float | None:
        """The page connected, but not to the agent."""
        return self._again(Way.IN_PAGE, problem, problem.what)

    def signed_out(self, problem: Problem, fresh: bool) -> float | None:
        """MeshCentral does not take the cookie, or refused the token. `fresh`: the token at hand may serve again."""
        self.lost.problem = problem
        if fresh and not self._traded:
            self._traded = True
            return self._plan(Way.SIGN_IN, 0.0, "")
        if not self._asked:
            self._asked = True
            return self._plan(Way.NEW_LINK, 0.0, "")
        return self.stop(problem)

    def linked(self) -> None:
        """The RMM gave a link: what follows is a matter of its token."""
        self._traded = True
        self.way = Way.SIGN_IN

    def not_linked(self, problem: Problem) -> float | None:
        """The RMM gave no link. It is not asked again: each asking is an audit entry."""
        if isinstance(problem, rmm.SignInAgain):
            self.lost.problem = problem
            self.lost.next_try = None
            self.lost.doing = "Sign in to the RMM again: the session then connects by itself."
            self.signing_in_awaited = True
            return None
        return self.stop(problem)

    def signed_in_again(self) -> float | None:
        """The technician has signed in to the RMM again."""
        if not self.signing_in_awaited:
            return None
        self.signing_in_awaited = False
        return self._plan(Way.NEW_LINK, 0.0, "")

    def hold(self, doing: str) -> float | None:
        """Nothing is tried until someone says that it makes sense again."""
        self.lost.next_try = None
        self.lost.doing = doing
        self.lost.held = True
        return None

    def stop(self, problem: Problem | None = None) -> float | None:
        """It is left to the technician."""
        if problem is not None:
            self.lost.problem = problem
        self.lost.automatic = self.lost.held = self.signing_in_awaited = False
        self.lost.next_try = None
        self.lost.doing = "It does not connect again by itself."
        return None

    def _again(self, way: Way, problem: Problem, doing: str = "") -> float | None:
        if isinstance(problem, _FINAL):
            return self.stop(problem)
        if isinstance(problem, rmm.SignInAgain):
            return self.not_linked(problem)
        self.lost.problem = problem
        if way is not Way.RELOAD or self.way not in (Way.LISTEN, Way.IN_PAGE):  # else it is the first try of its kind
            self.failures += 1
        return self._plan(way, self._pause(), doing)

    def _pause(self) -> float:
        return self._patience.pause(self.failures, self._chance())

    def _plan(self, way: Way, seconds: float, doing: str) -> float:
        self.way = way
        self.lost.doing = doing
        self.lost.held = False
        visible = seconds > 0 and way is not Way.LISTEN
        self.lost.next_try = self._now() + timedelta(seconds=seconds) if visible else None
        return seconds


def is_final(problem: Problem) -> bool:
    """Whether only a person can mend it or decide that it be tried again."""
    return isinstance(problem, _FINAL)


def ended_there(kind: SessionKind) -> mesh.FarEndEnded:
    """What is said when the agent is there but the session is not."""
    return mesh.FarEndEnded(kind is SessionKind.TERMINAL)
