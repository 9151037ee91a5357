"""What is done to an agent through the RMM: restarting its machine, and repairing its Mesh agent."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.manager import Sessions
from console.sessions.reboot import Reboot, Stage
from console.sessions.repair import Repair, RepairKind
from console.ui import dialogs
from console.ui.widgets import button
from console.ui.workspace.workspace import Workspace


class AgentCare(QObject):
    """Asks before what hurts, shows how it goes in the tabs of the agent, and says how it ended."""

    said = Signal(str)
    """A line for the window, for an agent without a tab."""

    def __init__(self, window: QWidget, sessions: Sessions, workspace: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._sessions = sessions
        self._workspace = workspace

    def reboot(self, connection: Connection, agent: Agent, over: QWidget) -> None:
        """Restarts an agent's machine and comes back to it, once the technician has said so in a question `over` a
        window."""

        def start() -> None:
            reboot = self._sessions.reboot(connection, agent)
            reboot.changed.connect(lambda: self._reboot_changed(connection, reboot))
            self._reboot_changed(connection, reboot)

        open_ones = self._sessions.of(connection.server.id, agent.agent_id)
        who = f" {agent.logged_username} is signed in there." if agent.logged_username and not agent.italic else ""
        back = " Its open sessions come back by themselves." if open_ones else ""
        text = f"{agent.client_name} / {agent.site_name}.{who}{back}"
        dialogs.ask(over, f"Restart {agent.hostname} now?", text, "Restart", start)

    def repair(self, connection: Connection, agent: Agent, kind: RepairKind) -> None:
        """Repairs an agent's Mesh agent; sessions that were lost come back then."""
        repair = self._sessions.repair(connection, agent, kind)
        repair.changed.connect(lambda: self._repair_changed(connection, repair))
        self._repair_changed(connection, repair)

    def _reboot_changed(self, connection: Connection, reboot: Reboot) -> None:
        if reboot.problem:
            self._say(connection, reboot.agent, "failed", "bad", reboot.words)
            if not self._has_tab(connection, reboot.agent):
                dialogs.tell(self._window, reboot.problem)
        elif reboot.finished and not reboot.cancelled:
            self._say(connection, reboot.agent, "check", "good", reboot.words)
        elif Stage.AWAY not in reboot.stages or not self._has_tab(connection, reboot.agent):
            self._say(connection, reboot.agent, "reboot", "accent", reboot.words)
        else:
            self._hide(connection, reboot.agent)  # the stages say it from here on

    def _repair_changed(self, connection: Connection, repair: Repair) -> None:
        agent = repair.agent
        if repair.running:
            self._say(connection, agent, "repair", "accent", repair.words)
        elif repair.problem is None:
            self._say(connection, agent, "check", "good", repair.words)
        else:
            self._say(connection, agent, "failed", "bad", f"{repair.words} {repair.problem.advice}", repair.other)
            if not self._has_tab(connection, agent):
                dialogs.tell(self._window, repair.problem)

    def _hide(self, connection: Connection, agent: Agent) -> None:
        for session in self._sessions.of(connection.server.id, agent.agent_id):
            tab = self._workspace.tab_of(session)
            if tab is not None:
                tab.messages.hide()

    def _has_tab(self, connection: Connection, agent: Agent) -> bool:
        return bool(self._sessions.of(connection.server.id, agent.agent_id))

    def _say(
        self, connection: Connection, agent: Agent, icon: str, colour: str, words: str, other: RepairKind | None = None
    ) -> None:
        sessions = self._sessions.of(connection.server.id, agent.agent_id)
        for session in sessions:
            tab = self._workspace.tab_of(session)
            if tab is None:
                continue
            buttons = [button(other.value, lambda: self.repair(connection, agent, other))] if other else []
            tab.messages.say(icon, colour, words, buttons)
        self.said.emit("" if sessions else words)
