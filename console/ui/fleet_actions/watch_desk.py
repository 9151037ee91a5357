"""Leads “Tell me when” from the menu to the notification, and shows what is watched."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from console.rmm.models import Agent
from console.sessions.agent_watches import AgentWatches, Awaited, Told, Watched
from console.sessions.connection import Connection
from console.ui import dialogs, icons
from console.ui.agents.page import AgentsPage
from console.ui.fleet_actions import watch_words
from console.ui.fleet_actions.watch_dialog import WatchDialog
from console.ui.notifications import Notifier, to_front
from console.ui.theme import Appearance
from console.ui.widgets import IconButton
from console.ui.window import MainWindow


class WatchButton(IconButton):
    """How many agents are watched; it is there while there are any, or while something happened."""

    def __init__(self, watches: AgentWatches, appearance: Appearance) -> None:
        super().__init__(appearance, "bell")
        self._watches = watches
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        watches.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        waiting, happened = len(self._watches.watched), len(self._watches.ended)
        self.setVisible(bool(waiting or happened))
        self.setText(f"{waiting:,}")
        agents = "1 agent is watched" if waiting == 1 else f"{waiting:,} agents are watched"
        name = f"{agents}; {happened:,} happened" if happened else agents
        self.setToolTip(name)
        self.setAccessibleName(name)


class WatchDesk(QObject):
    show_wanted = Signal(str, object)
    """The id of a server, and a tuple of agent ids there that are to be shown in the list."""

    def __init__(self, window: MainWindow, watches: AgentWatches, notifier: Notifier, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._watches = watches
        self._notifier = notifier
        self._appearance = appearance
        self._dialog: WatchDialog | None = None
        self.button: QToolButton = WatchButton(watches, appearance)
        self.button.clicked.connect(self.show_dialog)
        self.show_wanted.connect(window.show_agents)
        window.add_tool(self.button)
        window.page_added.connect(self._signed_in)
        window.server_left.connect(watches.signed_out)
        watches.happened.connect(self._happened)
        watches.told.connect(lambda problem: dialogs.tell(window, problem))

    def fill(self, menu: QMenu, connection: Connection, agents: Sequence[Agent]) -> None:
        """Adds what can be watched for at these agents; what is so at all of them already is grey."""
        chosen = list(agents)
        menu.setToolTipsVisible(True)
        for awaited in Awaited:
            words = watch_words.of(awaited)
            action = QAction(icons.icon(words.icon, self._appearance.colours.text), words.title, menu)
            if all(awaited.already(agent) for agent in chosen):
                action.setEnabled(False)
                action.setToolTip(words.why_not if chosen else "No machine is selected.")
            action.triggered.connect(lambda _=False, awaited=awaited: self.watch(connection, chosen, awaited))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(icons.icon("bell", self._appearance.colours.text), "Watched agents…", self.show_dialog)

    def watch(self, connection: Connection, agents: Sequence[Agent], awaited: Awaited) -> None:
        """Watches for something at agents, and says so."""
        added = self._watches.add(connection.server.id, agents, awaited)
        if not added:
            self._window.say("Watched for that already." if agents else "No machine is selected.")
            return
        what = watch_words.of(awaited)
        who, so = (added[0].hostname, what.is_so) if len(added) == 1 else (f"{len(added):,} machines", what.are_so)
        self._window.say(f"You are told when {who} {so}.")

    def show_dialog(self) -> None:
        if self._dialog is None:
            self._dialog = WatchDialog(self._watches, self._appearance, self._window)
            self._dialog.connect_wanted.connect(self.connect_to)
        to_front(self._dialog)

    def connect_to(self, watched: Watched) -> None:
        """Opens a session, or says why there is none."""
        page = self._window.page_of(watched.server)
        agent = page.watch.store.get(watched.agent) if page else None
        if page is None or agent is None:
            why = "is not in the list any more" if page else "belongs to a server that you are signed out of"
            self._window.say(f"{watched.hostname} {why}.")
            return
        page.wanted.emit(agent, None)

    def _signed_in(self, connection: Connection, page: AgentsPage) -> None:
        self._watches.attach(page.watch)
        page.table.sections.append(lambda menu, agents: self._add_section(menu, connection, agents))

    def _add_section(self, menu: QMenu, connection: Connection, agents: Sequence[Agent]) -> None:
        icon = icons.icon("bell", self._appearance.colours.text)
        self.fill(menu.addMenu(icon, "Tell me when"), connection, agents)

    def _happened(self, told: tuple[Told, ...]) -> None:
        """By a notification of the desktop, and always by a line of the window too."""
        first, title = told[0], watch_words.headline(told)
        self._window.say(f"{title}.")
        if len(told) == 1 and not first.gone and first.watched.awaited is not Awaited.OFFLINE:
            self._notifier.notify(title, watch_words.text(told), "Connect", lambda: self.connect_to(first.watched))
        else:
            ids = tuple(one.watched.agent for one in told)
            server = first.watched.server
            self._notifier.notify(title, watch_words.text(told), "Show", lambda: self.show_wanted.emit(server, ids))
