"""Leads an action from the menu to its results: asks first where that is due, and says how it went."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMenu

from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.fleet_action import ActionKind, FleetAction
from console.sessions.fleet_actions import FleetActions
from console.sessions.fleet_run import Ask, FleetRun, Standing
from console.ui import dialogs, icons
from console.ui.agents.page import AgentsPage
from console.ui.fleet_actions import words
from console.ui.fleet_actions.menu import add_actions, why_none
from console.ui.notifications import to_front
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from console.work import Runner

_SOONER = "actions"
_SOONER_MILLISECONDS = 180_000
"""How long machines to which something was done are asked for on their own: they may take a while to go and come."""
_MOST_SOONER = 40
_OLD_LIST = "The list is that of an earlier run: who is online may be others by now."


if TYPE_CHECKING:
    from console.ui.fleet_actions.results import ResultsWindow


class FleetDesk(QObject):
    """One machine alone has its result said in a line; several have a window of results."""

    said = Signal(str)
    """A line for the window."""
    show_wanted = Signal(str, object)
    """The id of a server, and a tuple of agent ids there that are to be shown in the list."""
    back_wanted = Signal(str, object)
    """The id of a server, and agents there that are rebooting, as they were before: the technician is to be told when
    they are back."""

    def __init__(self, window: MainWindow, actions: FleetActions, appearance: Appearance, disk: Runner) -> None:
        super().__init__(window)
        self.actions = actions
        self._window = window
        self._appearance = appearance
        self._disk = disk
        self._windows: dict[FleetRun, ResultsWindow] = {}
        self._servers: set[str] = set()
        self._enough = QTimer(self, singleShot=True, interval=_SOONER_MILLISECONDS)
        self._enough.timeout.connect(self._leave_alone)
        self.said.connect(window.say)
        self.show_wanted.connect(window.show_agents)
        window.page_added.connect(self._signed_in)
        window.server_left.connect(actions.signed_out)
        window.closing.connect(self.close_windows)
        window.under_way.append(self._under_way)
        actions.touched.connect(self._touched)

    def fill(self, menu: QMenu, connection: Connection, agents: Sequence[Agent]) -> None:
        """Adds all that can be done to these agents, and the results that are still there."""
        chosen = list(agents)
        add_actions(menu, chosen, self._appearance, lambda kind: self.choose(connection, kind, chosen))
        runs = [run for run in self.actions.runs if run.server_id == connection.server.id and len(run.asks) > 1]
        if runs:
            menu.addSeparator()
        for run in reversed(runs):
            self._add_results(menu, run)

    def choose(self, connection: Connection, kind: ActionKind, agents: Sequence[Agent]) -> None:
        """Begins an action, after the technician has said so where it is grave or about many."""
        reason = why_none(kind, agents)
        if reason:
            self.said.emit(f"{words.of(kind).title}: {reason}")
        elif kind.harmless and len(agents) == 1:
            self.begin(connection, FleetAction(kind), agents)
        else:
            page = self._window.page_of(connection.server.id)
            old = _OLD_LIST if page is not None and page.watch.from_cache else ""
            from console.ui.fleet_actions.confirm import ConfirmDialog  # the first window does not wait for it

            dialog = ConfirmDialog(kind, agents, self._appearance, self._window, old)

            def confirmed(action: FleetAction, sure: Sequence[Agent]) -> None:
                self.begin(connection, action, sure, tell=dialog.tell is not None and dialog.tell.isChecked())

            dialog.confirmed.connect(confirmed)
            dialog.open()

    def begin(
        self, connection: Connection, action: FleetAction, agents: Sequence[Agent], *, tell: bool = False
    ) -> None:
        """Has the agents asked, and shows how it goes. With `tell` the technician is told of those that reboot."""
        run = self.actions.begin(connection, action, agents)
        if tell:
            self._tell_when_back(run)
        run.ended.connect(lambda: self._ended(run))
        if len(run.asks) > 1:
            self.show_results(run)
        elif run.running:
            doing = words.of(action.kind).doing.format(machines=words.machines(agents))
            self.said.emit(f"{doing} …")

    def show_results(self, run: FleetRun) -> None:
        """Shows the window of an action that is under way or over."""
        window = self._windows.get(run)
        if window is None:
            from console.ui.fleet_actions.results import ResultsWindow  # the first window does not wait for it

            window = ResultsWindow(run, self._appearance, self._disk)
            window.show_wanted.connect(self.show_wanted)
            window.closed.connect(lambda: self._closed(run))
            self._windows[run] = window
        to_front(window)

    def close_windows(self) -> None:
        """The console's window closes."""
        self.actions.stop_all()
        for window in list(self._windows.values()):
            window.close()

    def _signed_in(self, connection: Connection, page: AgentsPage) -> None:
        self.actions.signed_in(connection)
        self._servers.add(connection.server.id)
        page.table.sections.append(lambda menu, agents: self._add_section(menu, connection, agents))

    def _add_section(self, menu: QMenu, connection: Connection, agents: Sequence[Agent]) -> None:
        colour = self._appearance.colours.text
        menu.addSeparator()
        self.fill(menu.addMenu(icons.icon("more", colour), "Actions"), connection, agents)

    def _touched(self, server_id: str, agent_ids: frozenset[str]) -> None:
        """The list is asked for at once, so that it shows what was done, and for a while these agents on their own."""
        page = self._window.page_of(server_id)
        if page:
            page.watch.refresh()
            page.watch.watch_also(_SOONER, sorted(agent_ids)[:_MOST_SOONER])
            self._enough.start()

    def _leave_alone(self) -> None:
        for server_id in self._servers:
            if page := self._window.page_of(server_id):
                page.watch.watch_also(_SOONER, ())

    def _under_way(self) -> list[str]:
        return [
            f"{words.of(run.action.kind).title}: {words.summary(run)}; those to go are not asked any more"
            for run in self.actions.running
        ]

    def _add_results(self, menu: QMenu, run: FleetRun) -> None:
        said = words.of(run.action.kind)
        title = f"Results: {said.title.lower()}, {words.summary(run)}"
        icon = icons.icon(said.icon, self._appearance.colours.text)
        menu.addAction(icon, title, lambda: self.show_results(run))

    def _tell_when_back(self, run: FleetRun) -> None:
        """A run may end several times, as what failed can be asked again: each machine is named once."""
        named: set[Ask] = set()

        def ended() -> None:
            rebooting = [ask for ask in run.asks if ask.standing is Standing.DONE and ask not in named]
            named.update(rebooting)
            if rebooting:
                self.back_wanted.emit(run.server_id, [ask.agent for ask in rebooting])

        run.ended.connect(ended)

    def _ended(self, run: FleetRun) -> None:
        said = words.of(run.action.kind)
        if len(run.asks) > 1:
            self.said.emit(f"{said.title}: {words.summary(run)}.")
            if run not in self._windows and not run.failed and not run.not_asked:
                self.actions.close(run)
            return
        (ask,) = run.asks
        if ask.problem:
            self.said.emit("")
            what = ask.problem.what
            problem = Problem(f"{ask.agent.hostname}: {what}", words.advice(ask), ask.problem.detail)
            dialogs.tell(self._window, problem)
        else:
            self.said.emit(f"{ask.agent.hostname}: {words.happened(ask, run.action)}")
        self.actions.close(run)

    def _closed(self, run: FleetRun) -> None:
        window = self._windows.pop(run, None)
        if window:
            window.deleteLater()
        if run.running:
            self.said.emit(f"{words.of(run.action.kind).title} goes on: its results are in the agents' menu.")
        else:
            self.actions.close(run)
