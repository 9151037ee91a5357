"""The states of a session, and how what the page reports moves it from one to the next. Plain Python, no Qt."""

from enum import StrEnum

from console.mesh import errors
from console.mesh.report import (
    AgentMessage,
    AgentPresence,
    FirstData,
    NodeMissing,
    Ready,
    Report,
    SignInShown,
    TunnelState,
    Unfamiliar,
)
from console.problem import Problem

_RELAYED = 3
_ASKING_USER = 1
_ENDED_BY_USER = 2
_SCREEN_LOST = "KVM Child process has unexpectedly exited"
"""What the agent says when the process that reads the screen has died (MeshAgent, meshcore/KVM/Linux/linux_kvm.c)."""


class State(StrEnum):
    """`asked → (offline | waiting) → opening → (signing in) → connecting → (consent) → connected ⇄ lost`; any of them
    `→ failed` or `closed`. `BY_HAND`: the page is there but unfamiliar, and the technician connects it."""

    ASKED = "asked"
    OFFLINE = "offline"
    WAITING = "waiting for online"
    OPENING = "opening"
    SIGNING_IN = "signing in"
    CONNECTING = "connecting"
    MESH_OFFLINE = "not in MeshCentral"
    CONSENT = "waiting for consent"
    CONNECTED = "connected"
    BY_HAND = "by hand"
    LOST = "lost"
    FAILED = "failed"
    CLOSED = "closed"


LIVE = frozenset({State.CONNECTED, State.CONSENT, State.BY_HAND})
"""States in which closing would end something."""

PAGE_SHOWN = frozenset({State.SIGNING_IN, State.CONNECTED, State.BY_HAND, State.CONNECTING, State.CONSENT})
"""States in which the page itself is shown."""


_WORKED = frozenset({State.CONNECTED, State.BY_HAND})
_CONNECTING = frozenset({State.OPENING, State.CONNECTING, State.MESH_OFFLINE})


class Progress:
    """Where one load of a session's page stands. `problem` says why it is LOST or FAILED.

    Each load needs one of its own: the page then counts its connections from 0 again.
    """

    def __init__(self) -> None:
        self.state = State.ASKED
        self.problem: Problem | None = None
        self._attempt = 0
        self._over = 0
        self._relayed = False
        self._refusal: Problem | None = None

    @property
    def silent(self) -> bool:
        """Relayed to the agent, not asked anything, and still without data."""
        return self._relayed and self.state is State.CONNECTING

    def go_to(self, state: State) -> None:
        """A step that is ours and not the page's."""
        self.state = state
        self.problem = None

    def fail(self, problem: Problem) -> None:
        """Ends it: LOST when it was connected, so that the technician knows that it once worked, else FAILED."""
        self.problem = problem
        self.state = State.LOST if self.state in _WORKED else State.FAILED

    def try_again(self) -> None:
        """Goes on in the page that is there: its next connection counts, nothing of those that ended does."""
        self._relayed, self._refusal = False, None
        self.go_to(State.OPENING)

    def settle(self) -> None:
        """The relay stands and no data came for a while: an empty but working session."""
        if self.silent:
            self.state = State.CONNECTED

    def apply(self, report: Report) -> None:
        """Takes in a report. One of an earlier connection of the page is dropped: a stale "connected" never counts."""
        if self.state in (State.CLOSED, State.FAILED) or report.attempt < self._attempt:
            return
        if isinstance(report, TunnelState | FirstData | AgentMessage) and 0 < report.attempt <= self._over:
            return
        if report.attempt > self._attempt:
            self._attempt, self._relayed, self._refusal = report.attempt, False, None
            if self.state in (State.CONNECTED, State.CONSENT):
                self.go_to(State.CONNECTING)  # it was the earlier connection's
        match report:
            case SignInShown():
                self.go_to(State.SIGNING_IN)
            case NodeMissing():
                self.fail(errors.NodeNotFound())
            case Unfamiliar():
                self.go_to(State.BY_HAND)
            case Ready(online=online) if self.state is not State.CONNECTED:
                self.go_to(State.CONNECTING if online else State.MESH_OFFLINE)
            case AgentPresence(online=online) if self.state in _CONNECTING:
                self.go_to(State.CONNECTING if online else State.MESH_OFFLINE)
            case FirstData() if self._relayed:
                self.go_to(State.CONNECTED)
            case AgentMessage():
                self._message(report)
            case TunnelState(state=state):
                self._tunnel(state)

    def _message(self, message: AgentMessage) -> None:
        if not message.text:
            if self.state is State.CONSENT:
                self.go_to(State.CONNECTING)
        elif message.id == _ASKING_USER:
            if self.state is not State.CONNECTED:
                self.go_to(State.CONSENT)
        elif message.id == _ENDED_BY_USER:
            self._refusal = consent_refusal(message.text)
        elif message.text.startswith(_SCREEN_LOST):
            self._relayed = False
            self._over = self._attempt
            self.state, self.problem = State.LOST, errors.ScreenLost(message.text)
        else:
            self._refusal = errors.AgentSaid(message.text)

    def _tunnel(self, state: int) -> None:
        if state >= _RELAYED:
            self._relayed = True
        elif state > 0:
            if self.state is not State.CONNECTED:
                self.go_to(State.CONNECTING)
        elif self.state is not State.LOST:  # said twice: it keeps the first reason
            self._relayed = False
            self._over = self._attempt
            if self.state is State.CONSENT:
                self.state = State.CONNECTING  # never connected: what follows is a failure, not a loss
            self.fail(self._refusal or (_ENDED if self.state is State.CONNECTED else _NOT_REACHED))


def how_it_ends(state: State, problem: Problem | None, was_connected: bool) -> str:
    """What is said of a session that is closed in this state."""
    if state in (State.LOST, State.FAILED) and problem:
        return problem.what
    if state in _WORKED:
        return "Closed by the technician."
    if state is State.WAITING:
        return "The wait for the agent was ended."
    return "Closed while it was not connected." if was_connected else "Closed before it was connected."


def consent_refusal(text: str) -> Problem:
    """Why the remote user's side ended the session, from what the agent's dialog answers (meshcore.js, message-box):
    "denied" or "timeout", on Windows without its own dialog the number of the button, else why it could not ask."""
    match text.strip().casefold():
        case "denied" | "7":
            return errors.ConsentDenied()
        case "timeout" | "32000":
            return errors.ConsentTimedOut()
    return errors.ConsentImpossible(text)


_ENDED = errors.MeshProblem(
    "The connection to the remote machine ended.",
    "It may have restarted or lost its network.",
)
_NOT_REACHED = errors.MeshProblem(
    "The remote machine's Mesh agent did not take the connection.",
    "Try again. If it stays so, restart the Mesh agent from the RMM's web page (Agent Recovery).",
)
