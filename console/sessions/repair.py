"""Repairing the Mesh agent of a machine through the RMM, where MeshCentral itself has no way to it any more."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum

from PySide6.QtCore import QObject, Signal

from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.errors import NotOnThisSystem
from console.rmm.models import Agent, Platform
from console.sessions.connection import Connection
from console.transport import TimedOut


class RepairKind(Enum):
    """The value is what a button says."""

    RESTART = "Restart Mesh agent"
    RECOVER = "Recover Mesh connection"

    @property
    def seconds(self) -> int:
        """How long it may take, at most."""
        return {RepairKind.RESTART: 64, RepairKind.RECOVER: 90}[self]

    def why_not(self, agent: Agent) -> str:
        """Why it cannot be done on this agent, "" when it can."""
        if self is RepairKind.RESTART and agent.plat in (Platform.LINUX, Platform.MACOS):
            return "Only on Windows can the RMM restart the Mesh agent. Recover the Mesh connection instead."
        return ""


class Repair(QObject):
    """One repair. It is asked for once, and the machine does it to its end whatever becomes of the console.

    `problem` says why it failed, `said` what the server said when it did not. `other` is the repair to offer when this
    one is not for the agent's operating system.
    """

    changed = Signal()

    def __init__(self, agent: Agent, kind: RepairKind, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.agent = agent
        self.kind = kind
        self.started_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.problem: Problem | None = None
        self.said = ""
        self.other: RepairKind | None = None

    @property
    def running(self) -> bool:
        return self.ended_at is None

    @property
    def words(self) -> str:
        """How it stands, in one sentence."""
        if self.problem:
            return self.problem.what
        if not self.running:
            return self.said or "The Mesh agent was repaired."
        doing = {
            RepairKind.RESTART: f"Restarting the Mesh agent of {self.agent.hostname}.",
            RepairKind.RECOVER: f"Repairing the Mesh agent of {self.agent.hostname}.",
        }[self.kind]
        return f"{doing} This may take {self.kind.seconds} seconds."

    def start(self, connection: Connection, done: Callable[[], None]) -> None:
        """Asks the RMM for it; `done` follows when the RMM says that it was done."""
        client, agent_id = connection.client, self.agent.agent_id

        def finished(said: str) -> None:
            self.said = said
            self.ended_at = datetime.now(UTC)
            self.changed.emit()
            done()

        def failed(problem: Problem) -> None:
            self.problem = _LATE if isinstance(problem, TimedOut) else problem
            if isinstance(problem, NotOnThisSystem):
                self.other = RepairKind.RECOVER
            self.ended_at = datetime.now(UTC)
            self.changed.emit()

        connection.lane.run(lambda: _call(client, self.kind, agent_id), finished, failed)


def _call(client: RmmClient, kind: RepairKind, agent_id: str) -> str:
    return client.restart_mesh_agent(agent_id) if kind is RepairKind.RESTART else client.recover_mesh(agent_id)


_LATE = Problem(
    "The RMM did not say in time whether the Mesh agent was repaired.",
    "It may still be under way at the machine: look whether the session connects before you try again.",
)
