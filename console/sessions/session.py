"""A session's life: from the double-click to the live page, through its losses, to its end."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from console.mesh.command import Command, Confirm, Connect, Disconnect
from console.mesh.errors import Disconnected, MeshGone, ScreenLost, SessionNotTaken
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.report import AgentPresence, Control, FarEndAwake, Features, Ready, Report, SignInShown
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent, AgentStatus
from console.servers import Clipboard
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.facts import PageFacts
from console.sessions.going_in import GoingIn
from console.sessions.kept_settings import KeptSettings
from console.sessions.mesh_accounts import KnownAccount
from console.sessions.mesh_side import MeshSide
from console.sessions.own_sign_in import EmergencyKey
from console.sessions.page import PageFactory, SessionPage
from console.sessions.progress import LIVE, Progress, State, how_it_ends
from console.sessions.reboot import Reboot
from console.sessions.reconnector import Reconnector
from console.sessions.recovery import Lost, Patience, Way
from console.sessions.repair import Repair
from console.sessions.session_times import SessionTimes
from console.transport import host_and_port
from console.work import Job

_log = logging.getLogger(__name__)
_SETTLE_MILLISECONDS = 4000
_TOLD = frozenset({State.CONNECTED, State.CONSENT, State.SIGNING_IN, State.BY_HAND, State.CLOSED})
"""What a session that was lost says of itself instead of that: the technician or the remote user has it in hand."""


class Session(SessionTimes):
    """One control, terminal or files view on one agent. Start it with `open`; it never blocks.

    While `lost` is not None the session was connected and is not: it comes back by itself as far as `lost` says.
    `reboot` and `repair` are those of its agent, None when none was asked for.
    """

    changed = Signal()
    """State, problem, `lost` or page is another one."""
    reported = Signal(object)
    """A console.mesh.report.Report that was taken in."""
    clipboard_wanted = Signal()
    """The page asks for the clipboard and the technician has not answered for this server yet."""
    download_started = Signal(object)
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
        patience: Patience | None = None,
        mesh: MeshSide | None = None,
    ) -> None:
        """`hold` gives the reason why no session can be opened just now, if there is one."""
        super().__init__(parent)
        self.agent = agent
        self.kind = kind
        self.connection = connection
        self.page: SessionPage | None = None
        self.entry = Entry(kind)
        self.going_in = GoingIn(self, self._entered, self._fail)
        self.facts = PageFacts()
        self._kept = KeptSettings()
        self.held = False
        self.waiting_since: datetime | None = None
        self.ending = ""
        self.by_key = False
        self.mesh = mesh or MeshSide()
        self.mesh.setParent(self)
        self.mesh.changed.connect(self.changed)
        self.reboot: Reboot | None = None
        self.repair: Repair | None = None
        self._make_page = make_page
        self._hold = hold
        self._patience = patience or Patience()
        self._progress = Progress()
        self._established = False
        self._control_alive = False
        self._agent_online = True
        self._disconnecting = False
        self._job: Job | None = None
        self._reconnector = Reconnector(self, self._patience, self)
        self._reconnector.changed.connect(self.changed)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._settled)
        self._confirm = QTimer(self, singleShot=True, interval=round(self._patience.confirm * 1000))
        self._confirm.timeout.connect(lambda: self._page_gone(MeshGone()))

    # What is to be known

    @property
    def state(self) -> State:
        state = self._progress.state
        return State.LOST if self.lost and state not in _TOLD else state

    @property
    def problem(self) -> Problem | None:
        return self.lost.problem if self.lost and self.state is State.LOST else self._progress.problem

    @property
    def lost(self) -> Lost | None:
        """What was lost, since when, and what is done about it; None while nothing is. The state is LOST meanwhile,
        unless the technician or the remote user is asked something."""
        return self._reconnector.lost

    @property
    def live(self) -> bool:
        """Whether closing it would end something."""
        return self.state in LIVE

    @property
    def mesh_account(self) -> KnownAccount | None:
        """The MeshCentral account that it works with; None while it is not known."""
        return self.mesh.account(self.connection, self.entry)

    @property
    def page_talks(self) -> bool:
        """Whether the page is there and has its own connection to MeshCentral."""
        return self.page is not None and self._control_alive

    # What is wanted of it

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
        page = self._show_page()
        self.entry.ask(self.agent, self.connection, self.going_in.begin, self._rmm_failed)
        if self.state is State.OPENING and self.page is page:
            page.warm()
        self.changed.emit()

    def wait_for_online(self, since: datetime | None = None) -> None:
        """Opens it as soon as the RMM says that the agent is online: `came_online` is called then."""
        self._begin(State.WAITING)
        self.waiting_since = since or datetime.now(UTC)
        self.changed.emit()

    def came_online(self) -> None:
        """The RMM hears from the agent: what waits for it is opened."""
        if self.state in (State.WAITING, State.OFFLINE):
            self.open_anyway()

    def cannot_wait(self, problem: Problem) -> None:
        """Waiting makes no sense: the agent is gone, or not this technician's any more."""
        if self.state is State.WAITING:
            self._fail(problem)

    def agent_refreshed(self, agent: Agent) -> None:
        """A fresh row of the agents list."""
        self.agent = agent
        self.changed.emit()

    def reconnect(self) -> None:
        """Connects again now, because a person wants it, by the cheapest way that can work."""
        if self.lost:
            self._reconnector.now()
        elif self._established and self.entry.link:
            self._lose(_WANTED, Way.RELOAD)
        else:
            self.open()

    def stop_recovering(self) -> None:
        """Leaves a lost session as it is; `reconnect` goes on."""
        self._reconnector.stop()

    def check(self) -> None:
        """This computer slept, or something else makes it doubtful that the connections stand."""
        if self.lost:
            self._reconnector.try_now()
        elif self._established and self.page and self._progress.state is not State.BY_HAND:
            self.page.do(Confirm())
            self._confirm.start()

    def signed_in_again(self, connection: Connection) -> None:
        """The technician signed in to the RMM anew: what is open stays as it is, and what waited for it goes on."""
        self.connection = connection
        self._reconnector.signed_in_again()

    def do(self, command: Command) -> None:
        """Sends the page a command."""
        if self.page:
            self._disconnecting = isinstance(command, Disconnect)
            self._kept.note(command)
            self.page.do(command)

    def answer_clipboard(self, share: bool) -> None:
        if self.page:
            self.page.answer_clipboard(share)

    def close(self) -> None:
        """Ends it; nothing is asked."""
        self.ending = how_it_ends(self.state, self.problem, self.first_connected_at is not None)
        self._begin(State.CLOSED)
        self.changed.emit()

    # What a Reconnector needs

    def load_anew(self, load: Callable[[SessionPage], None]) -> None:
        """Loads the page anew: what it reports from here on is another page's, with counts of its own."""
        if self.page:
            self._fresh_page()
            self._progress = Progress()
            self._progress.go_to(State.OPENING)
            load(self.page)

    def connect_in_page(self) -> None:
        """Has the page connect once more, as soon as the agent takes connections."""
        if self.page:
            self._progress.try_again()
            if not self._agent_online:
                self._progress.go_to(State.MESH_OFFLINE)
                self._reconnector.reached(State.MESH_OFFLINE)
            self.page.do(Connect())

    def open_by_key(self, key: EmergencyKey, node: str) -> None:
        """Opens it without the RMM, on a MeshCentral node that somebody knows to be this agent."""
        self._begin(State.OPENING)
        self.by_key = True
        self._show_page()
        self.going_in.by_key(key, node)

    def reach(self, state: State) -> None:
        """Goes to a state that is not the page's: for going in."""
        self._progress.go_to(state)
        self.changed.emit()

    # Opening

    def _begin(self, state: State) -> None:
        """Leaves whatever was under way: its answers no longer count."""
        if self._job:
            self._job.cancel()
            self._job = None
        self._leave_connection()
        self._reconnector.over()
        self.entry.cancel()
        if self.page:
            page, self.page = self.page, None
            page.reported.disconnect(self._reported)
            page.failed.disconnect(self._page_gone)
            page.close()
        self._fresh_page()
        self._established = False
        self.waiting_since = None
        self.mesh.over()
        self._progress = Progress()
        self._progress.go_to(state)

    def _show_page(self) -> SessionPage:
        self.page = page = self._make_page(self)
        page.reported.connect(self._reported)
        page.failed.connect(self._page_gone)
        page.clipboard_wanted.connect(self._clipboard_wanted)
        page.download_started.connect(self.download_started)
        page.upload_wanted.connect(self.upload_wanted)
        return page

    def _fresh_page(self) -> None:
        self.facts = PageFacts()
        self._kept.page_is_new()
        self._control_alive = False
        self._agent_online = True
        self._disconnecting = False

    def _ask_status(self) -> None:
        agent_id, client = self.agent.agent_id, self.connection.client
        self._job = self.connection.lane.run(
            lambda: client.agent_status(agent_id), self._status_known, self._rmm_failed
        )
        self.changed.emit()

    def _status_known(self, status: AgentStatus) -> None:
        if status is AgentStatus.ONLINE:
            self.open_anyway()
        else:
            self._progress.go_to(State.OFFLINE)
            self.changed.emit()

    def _entered(self, link: SessionLink, cookies: MeshCookies) -> None:
        if self.page:
            self.page.open(link, cookies)

    # What the page says

    def _reported(self, report: Report) -> None:
        self.facts.take(report)
        if isinstance(report, Features) and self.page:
            for command in self._kept.due(report.reasons):
                self.page.do(command)
        match report:
            case Control(alive=alive):
                self._control_alive = alive
                self._confirm.stop()
                if not alive:
                    self._page_gone(MeshGone())
            case SignInShown() if self.entry.signs_in:
                self._sign_in_shown()
            case _:
                self._take(report)
        self.reported.emit(report)

    def _take(self, report: Report) -> None:
        if isinstance(report, Ready):
            self._control_alive = True
        if isinstance(report, Ready | AgentPresence):
            self._agent_online = report.online
        before = self._progress.state
        self._progress.apply(report)
        after = self._progress.state
        _log.debug("%s %s: %s, now %s", self.kind, self.agent.hostname, report, after)
        if self._progress.silent:
            if not self._settle.isActive():
                self._settle.start()
        else:
            self._settle.stop()
        if after is not before:
            self._moved()
        if isinstance(report, FarEndAwake):
            self._reconnector.far_end_awake(self._why_held())
        elif isinstance(report, AgentPresence) and not report.online:
            self._reconnector.agent_away()

    def _settled(self) -> None:
        self._progress.settle()
        self._moved()

    def _moved(self) -> None:
        """The page went on to another state."""
        state, problem = self._progress.state, self._progress.problem
        if state in (State.CONNECTED, State.BY_HAND, State.MESH_OFFLINE):
            self._established = True
        if state in (State.CONNECTED, State.BY_HAND):
            self._reconnector.over()
            if state is State.CONNECTED:
                self._connected()
        elif state is State.LOST and isinstance(problem, ScreenLost):
            self._screen_lost(problem)
        elif state is State.LOST and problem:
            self._lose(Disconnected() if self._disconnecting else problem, Way.LISTEN)
        elif state is State.FAILED and problem and self.lost:
            self._reconnector.tunnel_failed(problem)
        else:
            self._reconnector.reached(state)
        self.changed.emit()

    def _screen_lost(self, problem: Problem) -> None:
        """The connection stands and nothing comes through it any more: it is made anew."""
        if self.page:
            self.page.do(Disconnect())
        if self.lost:
            self._reconnector.tunnel_failed(problem)
        else:
            self._established = True
            self._lose(problem, Way.IN_PAGE)

    def _page_gone(self, problem: Problem) -> None:
        """The page died, could not be loaded, or has lost MeshCentral."""
        problem = self.connection.judged(problem)
        self._control_alive = False
        self._settle.stop()
        if self.lost:
            self._progress.fail(problem)
            self._reconnector.page_gone(problem)
        elif self._established:
            self._lose(problem, Way.RELOAD)
        elif self.state is not State.FAILED:
            self._fail(problem)

    def _lose(self, problem: Problem, way: Way) -> None:
        self._leave_connection()
        self._progress.fail(problem)
        self._reconnector.begin(problem, way)

    def _sign_in_shown(self) -> None:
        host = host_and_port(self.entry.link.origin) if self.entry.link else ""
        if self.lost:
            self._reconnector.sign_in_shown()
        elif self._established:
            self._page_gone(SessionNotTaken(host))
        else:
            self.entry.useless(self.agent, self.connection)
            self._fail(SessionNotTaken(host))

    def _rmm_failed(self, problem: Problem) -> None:
        self._fail(problem)
        self.mesh.rmm_failed(self.connection, problem)

    def _fail(self, problem: Problem) -> None:
        self._progress.fail(problem)
        self.changed.emit()

    # Its record

    def _connected(self) -> None:
        self._time_begins()
        if self.page:
            self.mesh.connected(self.connection, self.entry, self.page.cookies())

    def _leave_connection(self) -> None:
        self._time_ends()
        self._settle.stop()
        self._confirm.stop()

    def _why_held(self) -> str:
        """Why a session that ended at the far end is not over: the machine is being restarted."""
        if self.reboot and self.reboot.going_down:
            return f"Waiting until {self.agent.hostname} has restarted."
        return ""

    def _clipboard_wanted(self) -> None:
        answer = self.connection.server.clipboard
        if answer is Clipboard.ASK:
            self.clipboard_wanted.emit()
        else:
            self.answer_clipboard(answer is Clipboard.SHARED)


_WANTED = Problem("You asked to connect again.")
