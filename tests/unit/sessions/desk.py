"""Sessions on a far end of the tests' own, for those that look at what becomes of one."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from console.mesh.report import FirstData, Ready, Report, TunnelState
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import AgentStatus
from console.sessions.manager import Sessions
from console.sessions.progress import State
from console.sessions.reboot import RebootPatience
from console.sessions.recovery import Patience
from console.sessions.session import Session
from console.sessions.waits import WaitFile
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import AGENT_ID, FakePage, Far, Held, Inline

ONLINE = named(AGENT_ID, hostname="HOST", status=AgentStatus.ONLINE)
OFFLINE = named(AGENT_ID, hostname="HOST", status=AgentStatus.OFFLINE)
LIVE = (Ready(), TunnelState(1, 1), TunnelState(1, 3), FirstData(1))


QUICK = Patience(pauses=(0.01,), spread=0.0, far_end=0.05, load=30.0, connect=30.0, confirm=0.05, steady=0.0)
"""Pauses that no test notices; what a try may take is not what ends one."""


def say(page: FakePage, *reports: Report) -> None:
    """Has a page report something."""
    for report in reports:
        page.reported.emit(report)


def state_of(session: Session) -> State:
    """The state now: a type checker takes an attribute for unchanged."""
    return session.state


class Desk:
    """Sessions on a far end whose calls wait until `go`, with every page that was made."""

    def __init__(
        self, far: Far, runner: Held, qtbot: QtBot, patience: Patience = QUICK, waits: WaitFile | None = None
    ) -> None:
        self.far = far
        self.runner = runner
        self.pages: list[FakePage] = []
        self.hold: Problem | None = None
        self.now = 1_000_000.0
        self._qtbot = qtbot
        self.sessions = Sessions(
            self._make,
            lambda agent: self.hold,
            waits=waits,
            disk=Inline(),
            patience=patience,
            reboot_patience=RebootPatience(pause=0.01, away=30.0, detailed=2),
            clock=lambda: self.now,
        )

    def _make(self, parent: QObject) -> FakePage:
        self.pages.append(FakePage(parent))
        return self.pages[-1]

    def open(self, kind: SessionKind = SessionKind.CONTROL, online: bool = True) -> Session:
        return self.sessions.open(self.far.connection, ONLINE if online else OFFLINE, kind)

    def opened(self, kind: SessionKind = SessionKind.CONTROL) -> tuple[Session, FakePage]:
        """A session whose page has its link."""
        session = self.open(kind)
        self.runner.go()
        return session, self.pages[-1]

    def live(self, kind: SessionKind = SessionKind.CONTROL) -> tuple[Session, FakePage]:
        session, page = self.opened(kind)
        say(page, *LIVE)
        assert state_of(session) is State.CONNECTED
        return session, page

    def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Lets calls and timers run until something is so."""

        def check() -> None:
            self.runner.go()
            assert condition(), what or "it did not come to be"

        self._qtbot.waitUntil(check, timeout=30_000)

    def for_a_while(self) -> None:
        """Lets calls and timers run for longer than any pause: what has not happened then does not happen."""
        for _ in range(20):
            self._qtbot.wait(10)
            self.runner.go()

    @property
    def links_asked(self) -> int:
        return self.far.asked("/meshcentral/")
