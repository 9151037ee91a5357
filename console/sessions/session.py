"""A session's life: from the double-click to the live page, and its end."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from console.mesh import exchange, link
from console.mesh.command import Command
from console.mesh.errors import SessionNotTaken, TokenRefused
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.report import Report, SignInShown
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent, AgentStatus, MeshLinks
from console.servers import Clipboard
from console.sessions.connection import Connection
from console.sessions.facts import PageFacts
from console.sessions.links import link_of
from console.sessions.page import PageFactory, SessionPage
from console.sessions.progress import LIVE, Progress, State
from console.transport import host_and_port
from console.work import Job

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lost:
    """A lost connection: why, when, whether it is tried again by itself, and what is being done, in words."""

    problem: Problem
    since: datetime
    automatic: bool
    step: str


class Reboot(Protocol):
    """A reboot that is being followed."""

    finished: bool
    words: str


_SETTLE_MILLISECONDS = 4000
_ASK_AGAIN_MILLISECONDS = 15_000


class Session(QObject):
    """One control, terminal or files view on one agent. Start it with `open`; it never blocks."""

    changed = Signal()
    """State, problem or page is another one."""
    clipboard_wanted = Signal()
    """The page asks for the clipboard and the technician has not answered for this server yet."""
    download_started = Signal(object)
    reported = Signal(object)
    """Every console.mesh.report.Report of the page, after it was taken in."""
    upload_wanted = Signal(object)
    """A list of paths: files that the technician chose in the page or dropped on it."""

    def __init__(
        self,
        agent: Agent,
        kind: SessionKind,
        connection: Connection,
        make_page: PageFactory,
        hold: Callable[[Agent], Problem | None],
        parent: QObject | None = None,
    ) -> None:
        """`hold` gives the reason why no session can be opened just now, if there is one."""
        super().__init__(parent)
        self.agent = agent
        self.kind = kind
        self.connection = connection
        self.page: SessionPage | None = None
        self.connected_at: float | None = None
        self.held = False
        self.facts = PageFacts()
        self.lost: Lost | None = None
        self.reboot: Reboot | None = None
        self.total_seconds = 0.0
        self._signed_in_at = ""
        self._make_page = make_page
        self._hold = hold
        self._progress = Progress()
        self._number = 0
        self._jobs: list[Job] = []
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._settled)
        self._watch = QTimer(self, interval=_ASK_AGAIN_MILLISECONDS)
        self._watch.timeout.connect(self._ask_status)

    @property
    def state(self) -> State:
        return self._progress.state

    @property
    def problem(self) -> Problem | None:
        return self._progress.problem

    @property
    def live(self) -> bool:
        """Whether closing it would end something."""
        return self.state in LIVE

    @property
    def seconds_connected(self) -> int | None:
        return None if self.connected_at is None else int(time.monotonic() - self.connected_at)

    def do(self, command: Command) -> None:
        """Sends the page a command; without a page it is dropped."""
        if self.page:
            self.page.do(command)

    def reconnect(self) -> None:
        """Connects once more, now."""
        self.open()

    def stop_recovering(self) -> None:
        """Leaves a lost session as it is."""

    def open(self) -> None:
        """Opens it, or opens it anew. An agent shown offline is asked about first: the list may be old."""
        self._begin(State.ASKED)
        problem = self._hold(self.agent)
        self.held = problem is not None
        if problem:
            self._fail(problem)
        elif self.agent.status is AgentStatus.ONLINE:
            self.open_anyway()
        else:
            self._ask_status()

    def open_anyway(self) -> None:
        """Opens it whatever the RMM says about the agent's status."""
        self._begin(State.OPENING)
        self.page = page = self._make_page(self)
        page.reported.connect(self._reported)
        page.failed.connect(self._fail)
        page.clipboard_wanted.connect(self._clipboard_wanted)
        page.download_started.connect(self.download_started)
        page.upload_wanted.connect(self.upload_wanted)
        number = self._number
        self.connection.links.get(
            self.agent.agent_id,
            lambda links: self._linked(number, links),
            lambda problem: self._fail(problem) if number == self._number else None,
        )
        if self.state is State.OPENING and self.page is page:
            page.warm()
        self.changed.emit()

    def wait_for_online(self) -> None:
        """Opens it as soon as the RMM says that the agent is online."""
        self._progress.go_to(State.WAITING)
        self._watch.start()
        self.changed.emit()

    def agent_refreshed(self, agent: Agent) -> None:
        """A fresh row of the agents list."""
        self.agent = agent
        if agent.status is AgentStatus.ONLINE and self.state in (State.WAITING, State.OFFLINE):
            self.open_anyway()
        else:
            self.changed.emit()

    def answer_clipboard(self, share: bool) -> None:
        if self.page:
            self.page.answer_clipboard(share)

    def close(self) -> None:
        """Ends it; nothing is asked."""
        self._begin(State.CLOSED)
        self.changed.emit()

    def _begin(self, state: State) -> None:
        """Leaves whatever was under way: its answers no longer count."""
        self._number += 1
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()
        self._settle.stop()
        self._watch.stop()
        if self.page:
            page, self.page = self.page, None
            page.reported.disconnect(self._reported)
            page.failed.disconnect(self._fail)
            page.close()
        self.connected_at = None
        self._progress = Progress()
        self._progress.go_to(state)

    def _ask_status(self) -> None:
        agent_id, client = self.agent.agent_id, self.connection.client
        asked = self.connection.lane.run(
            lambda: client.agent_status(agent_id), self._status_known, self._status_unknown
        )
        self._jobs = [asked]  # nothing else is under way while the agent's status is asked
        self.changed.emit()

    def _status_known(self, status: AgentStatus) -> None:
        if status is AgentStatus.ONLINE:
            self.open_anyway()
        elif self.state is State.ASKED:
            self._progress.go_to(State.OFFLINE)
            self.changed.emit()

    def _status_unknown(self, problem: Problem) -> None:
        if self.state is State.ASKED:
            self._fail(problem)

    def _linked(self, number: int, links: MeshLinks) -> None:
        if number != self._number:
            return
        try:
            checked = link.parse(link_of(links, self.kind), self.kind, self.agent.hostname)
        except Problem as problem:
            self.connection.links.forget(self.agent.agent_id)
            self._fail(problem)
            return
        transport = self.connection.transport
        self._jobs.append(
            self.connection.lane.run(
                lambda: exchange.exchange(checked, transport),
                lambda cookies: self._exchanged(checked, cookies),
                self._not_exchanged,
            )
        )

    def _exchanged(self, checked: SessionLink, cookies: MeshCookies) -> None:
        if self.page:
            self._signed_in_at = host_and_port(checked.origin) if cookies.cookies else ""
            self.page.open(checked, cookies)

    def _not_exchanged(self, problem: Problem) -> None:
        if isinstance(problem, TokenRefused):
            self.connection.links.forget(self.agent.agent_id)
        self._fail(problem)

    def _reported(self, report: Report) -> None:
        if isinstance(report, SignInShown) and self._signed_in_at:
            self.connection.links.forget(self.agent.agent_id)
            self._fail(SessionNotTaken(self._signed_in_at))
            return
        before = self.state
        self._progress.apply(report)
        self.facts.take(report)
        self.reported.emit(report)
        _log.debug("%s %s: %s, now %s", self.kind, self.agent.hostname, report, self.state)
        if self._progress.silent:
            if not self._settle.isActive():
                self._settle.start()
        else:
            self._settle.stop()
        if self.state is not before:
            self._state_changed()

    def _settled(self) -> None:
        self._progress.settle()
        self._state_changed()

    def _fail(self, problem: Problem) -> None:
        self._progress.fail(problem)
        self._state_changed()

    def _state_changed(self) -> None:
        if self.state is State.CONNECTED:
            self.connected_at = time.monotonic()
        self.changed.emit()

    def _clipboard_wanted(self) -> None:
        answer = self.connection.server.clipboard
        if answer is Clipboard.ASK:
            self.clipboard_wanted.emit()
        else:
            self.answer_clipboard(answer is Clipboard.SHARED)
