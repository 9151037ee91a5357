"""What can be done to one agent or to many: which call it is, which agents it cannot be done to, what it costs."""

from datetime import datetime
from enum import Enum

import msgspec

from console.problem import Problem
from console.rmm.actions import AgentActions, Recovery
from console.rmm.models import Agent, Platform

_HARMLESS = frozenset({"ping", "wake", "maintenance on", "maintenance off", "run checks"})
_OFFLINE_SECONDS = {
    "ping": 8,
    "reboot": 10,
    "reboot at": 10,
    "shut down": 10,
    "run checks": 15,
    "recover mesh": 90,
}


class ActionKind(Enum):
    """The value is what the log says."""

    PING = "ping"
    WAKE = "wake"
    REBOOT = "reboot"
    REBOOT_AT = "reboot at"
    SHUT_DOWN = "shut down"
    MAINTENANCE_ON = "maintenance on"
    MAINTENANCE_OFF = "maintenance off"
    RUN_CHECKS = "run checks"
    RECOVER_MESH = "recover mesh"
    RECOVER_TACTICAL = "recover tactical"

    @property
    def harmless(self) -> bool:
        """Whether nobody at the machine notices it, and doing it twice is as good as once."""
        return self.value in _HARMLESS

    @property
    def offline_seconds(self) -> int:
        """How long the server waits for an agent that does not answer; 0 when the agent is not asked for it."""
        return _OFFLINE_SECONDS.get(self.value, 0)

    def why_not(self, agent: Agent) -> str:
        """Why it cannot be done to this agent, "" when it can."""
        if self is ActionKind.REBOOT_AT and agent.plat in (Platform.LINUX, Platform.MACOS):
            return "The RMM can reboot machines at a set time on Windows only."
        if self is ActionKind.MAINTENANCE_ON and agent.maintenance_mode:
            return "It is in maintenance mode already."
        if self is ActionKind.MAINTENANCE_OFF and not agent.maintenance_mode:
            return "It is not in maintenance mode."
        return ""


class NoAnswer(Problem):
    """A ping found that an agent does not answer the RMM."""


class FleetAction(msgspec.Struct, frozen=True):
    """`at` is the moment of a later reboot: naive, as it is each machine's own local time; None for all others."""

    kind: ActionKind
    at: datetime | None = None

    def ask(self, actions: AgentActions, agent: Agent) -> str:
        """Asks one agent, once; what the server says, "" when it says nothing of its own. Blocks. Raises a Problem."""
        agent_id = agent.agent_id
        match self.kind:
            case ActionKind.PING:
                if not actions.ping(agent_id):
                    raise NoAnswer(
                        f"{agent.hostname} does not answer the RMM.",
                        "Its machine may be off or without a network: wake it, or have someone look.",
                    )
            case ActionKind.WAKE:
                return actions.wake(agent_id)
            case ActionKind.REBOOT:
                actions.reboot(agent_id)
            case ActionKind.REBOOT_AT:
                if self.at is None:
                    raise ValueError("a later reboot has a moment")
                return actions.reboot_at(agent_id, self.at)
            case ActionKind.SHUT_DOWN:
                actions.shut_down(agent_id)
            case ActionKind.MAINTENANCE_ON | ActionKind.MAINTENANCE_OFF:
                actions.set_maintenance(agent_id, self.kind is ActionKind.MAINTENANCE_ON)
            case ActionKind.RUN_CHECKS:
                return actions.run_checks(agent_id)
            case ActionKind.RECOVER_MESH:
                return actions.recover(agent_id, Recovery.MESH)
            case ActionKind.RECOVER_TACTICAL:
                return actions.recover(agent_id, Recovery.TACTICAL)
        return ""
