"""What is to be done with the files of one agent, two things at a time, on threads of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, QTimer

from console.mesh.errors import ConsentDenied, ConsentImpossible, ConsentTimedOut, TokenRefused
from console.mesh.exchange import MeshCookies
from console.mesh.file_errors import Cancelled, CookieVoid, NoSignIn, Refused
from console.mesh.files import FarFiles
from console.mesh.link import SessionLink
from console.mesh.moving import Watch
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.far_end import FarEnd, WayIn
from console.sessions.progress import consent_refusal
from console.transport import TransportProblem
from console.work import Runner

AT_ONCE = 2
_IDLE_MILLISECONDS = 30_000
_IDLE_ASKED_MILLISECONDS = 300_000
"""A tunnel that the remote user had to allow stays open longer: they would be asked again."""
_REFUSED = (ConsentDenied, ConsentImpossible, ConsentTimedOut)


@dataclass(eq=False)
class Errand:
    """Something to do through a tunnel. `call` runs on a thread; then one of the others on the GUI thread.

    `extra` is done beside the two: a question that the technician waits for.
    """

    call: Callable[[FarFiles, Watch], object]
    done: Callable[[object], None]
    failed: Callable[[Problem], None]
    cancelled: Callable[[], None]
    started: Callable[[], None] = lambda: None
    watch: Watch = field(default_factory=Watch)
    extra: bool = False
    entered_anew: bool = False


class FarQueue(QObject):
    """The errands to one agent. `connection` gives the connection to use now: the technician may sign in anew."""

    def __init__(
        self, agent: Agent, connection: Callable[[], Connection], lane: Runner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._agent = agent
        self._connection = connection
        self._lane = lane
        self._far_end = FarEnd()
        self._entry = Entry(SessionKind.FILES)
        self._way: WayIn | None = None
        self._entering = False
        self._may_ask_anew = False
        self._waiting: list[Errand] = []
        self._running: list[Errand] = []
        self._idle = QTimer(self, singleShot=True)
        self._idle.timeout.connect(self._close_idle)

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._running)

    @property
    def asks(self) -> bool:
        """Whether the remote user has to allow each tunnel."""
        return self._far_end.asks

    def run_near(self, call: Callable[[], None]) -> None:
        """Does something on this computer's disk."""
        self._lane.run(call)

    def put(self, errand: Errand) -> None:
        self._waiting.append(errand)
        self._idle.stop()
        self._go_on()

    def cancel(self, errand: Errand) -> None:
        """Ends an errand; it says itself when it has ended."""
        errand.watch.cancel()
        if errand in self._waiting:
            self._waiting.remove(errand)
            errand.cancelled()

    def end(self) -> None:
        """The console ends: nothing more is begun, and what is under way is cancelled. `stop` has to follow."""
        self._waiting.clear()
        self._entry.cancel()
        for errand in self._running:
            errand.watch.cancel()

    def stop(self, seconds: float) -> None:
        """Waits so long for what was cancelled to be removed at the far end, then cuts the tunnels."""
        self._far_end.stop(seconds)

    def _go_on(self) -> None:
        """Starts what may start."""
        if self._way is None:
            if self._waiting and not self._entering:
                self._enter()
            return
        for errand in tuple(self._waiting):
            running = len([each for each in self._running if not each.extra])
            if errand.extra or running < AT_ONCE:
                self._waiting.remove(errand)
                self._start(errand, self._way)
        if not self.busy:
            self._idle.start(_IDLE_ASKED_MILLISECONDS if self._far_end.asks else _IDLE_MILLISECONDS)

    def _start(self, errand: Errand, way: WayIn) -> None:
        def call() -> tuple[bool, object]:
            try:
                with self._far_end.files(way, errand.watch) as files:
                    return True, errand.call(files, errand.watch)
            except Cancelled:
                return False, None

        self._running.append(errand)
        errand.started()
        self._lane.run(call, partial(self._done, errand), partial(self._failed, errand, way))

    def _done(self, errand: Errand, outcome: tuple[bool, object]) -> None:
        self._running.remove(errand)
        whole, result = outcome
        if whole:
            errand.done(result)
        else:
            errand.cancelled()
        self._go_on()

    def _failed(self, errand: Errand, way: WayIn, problem: Problem) -> None:
        self._running.remove(errand)
        if isinstance(problem, CookieVoid) and not errand.entered_anew:
            errand.entered_anew = True
            self._waiting.insert(0, errand)
            self._leave(way)
        elif errand.watch.cancelled.is_set():
            errand.cancelled()
        else:
            if isinstance(problem, CookieVoid):
                self._entry.useless(self._agent, self._connection())
            if isinstance(problem, CookieVoid | TransportProblem):
                self._leave(way)
            refused = consent_refusal(problem.text) if isinstance(problem, Refused) else problem
            errand.failed(refused)
            if isinstance(refused, _REFUSED):
                self._fail_all(refused)  # the others would ask the remote user once more
        self._go_on()

    def _fail_all(self, problem: Problem) -> None:
        waiting, self._waiting = self._waiting, []
        for errand in waiting:
            errand.failed(problem)

    # The way in

    def _enter(self) -> None:
        """Trades the login token of the agent's session link, which is shared with its sessions while it is fresh."""
        self._entering = True
        self._may_ask_anew = self._entry.fresh
        if self._entry.fresh:
            self._trade()
        else:
            self._ask()

    def _ask(self) -> None:
        self._entry.ask(self._agent, self._connection(), self._trade, self._not_entered)

    def _trade(self) -> None:
        if self._entry.signs_in:
            self._entry.trade(self._agent, self._connection(), self._entered, self._not_traded)
        else:
            self._not_entered(NoSignIn())

    def _not_traded(self, problem: Problem) -> None:
        if isinstance(problem, TokenRefused) and self._may_ask_anew:
            self._may_ask_anew = False
            self._ask()
        else:
            self._not_entered(problem)

    def _entered(self, link: SessionLink, cookies: MeshCookies) -> None:
        self._entering = False
        self._way = WayIn(link, cookies, self._connection().transport)
        self._go_on()

    def _not_entered(self, problem: Problem) -> None:
        self._entering = False
        self._fail_all(problem)

    def _leave(self, way: WayIn) -> None:
        """The next errand gets another way in."""
        if self._way is way:
            self._way = None

    def _close_idle(self) -> None:
        self._lane.run(self._far_end.close_idle)
