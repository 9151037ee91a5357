"""What a technician has done to an agent: each call is made once, and each way of not being answered is told apart."""

from datetime import datetime
from enum import Enum

from console.problem import Problem
from console.rmm import errors, wire
from console.rmm.calls import Calls, checked_agent_id, decoded
from console.rmm.errors import (
    AgentRefused,
    AgentSilent,
    BadRequest,
    Call,
    NotOnThisSystem,
    RmmProblem,
    ServerFailed,
    Unexpected,
)
from console.rmm.models import AgentStatus
from console.rmm.texts import SHOWN_CHARACTERS, one_line
from console.transport import AnswerTooLarge, BrokenOff, TimedOut

_PING = Call("whether an agent answers", "can_list_agents")
_WAKE = Call("waking a machine", "can_send_wol")
_REBOOT = Call("restarting a machine", "can_reboot_agents")
_SHUT_DOWN = Call("shutting a machine down", "can_reboot_agents")
_MAINTENANCE = Call("changing the maintenance mode of an agent", "can_edit_agent")
_RUN_CHECKS = Call("running the checks of an agent", "can_run_checks")
_RECOVER = Call("recovering an agent", "can_recover_agents")

_BAD_MOMENTS = frozenset({"Invalid date", "Date cannot be set in the past"})
_NOT_LATER = "Not currently implemented for "
_BUSY = "Checks are already running on "


class Recovery(Enum):
    """What is recovered, as the API names it: the Mesh agent by the Tactical agent, or the other way round."""

    MESH = "mesh"
    TACTICAL = "tacagent"


class WakeFailed(RmmProblem):
    """MeshCentral, which sends the packets that wake a machine, could not be asked to. Nothing was sent."""


class BadMoment(RmmProblem):
    """The moment for a restart is past, by the agent's own clock."""


class ChecksRunning(RmmProblem):
    """The agent is running its checks already."""


class AgentActions:
    """The actions of one technician at one RMM server.

    Every call blocks, may be made from any thread, is never repeated, and raises an RmmProblem or a TransportProblem:
    AgentSilent when the agent did not answer the server, which takes it the whole time-out of the action to find out.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def ping(self, agent_id: str) -> bool:
        """Whether the agent answers the RMM now. The server takes about 7.5 seconds to find out that it does not."""
        answer = self._calls.get(f"/agents/{checked_agent_id(agent_id)}/ping/", _PING, repeat=False)
        return decoded(answer, wire.StatusBody, _PING, self._calls.host).status == AgentStatus.ONLINE.value

    def wake(self, agent_id: str) -> str:
        """Has MeshCentral wake the machine, by other agents in its network; what the server says. Raises WakeFailed."""
        path = f"/agents/{checked_agent_id(agent_id)}/wol/"
        try:
            answer = self._calls.send("POST", path, _WAKE)
        except BadRequest as problem:  # the raw text of whatever went wrong in the server
            raise _not_woken(problem, self._calls.host) from None
        return one_line(decoded(answer, str, _WAKE, self._calls.host))[:SHOWN_CHARACTERS]

    def reboot(self, agent_id: str) -> None:
        """Restarts the machine at once. The server waits 10 seconds for the agent."""
        self._ok(f"/agents/{checked_agent_id(agent_id)}/reboot/", _REBOOT)

    def reboot_at(self, agent_id: str, moment: datetime) -> str:
        """Has the machine restart later; when, as the server writes it.

        `moment` is naive, to the minute: it is that of the agent's own time zone. Windows only. Raises BadMoment and
        NotOnThisSystem.
        """
        path = f"/agents/{checked_agent_id(agent_id)}/reboot/"
        fields = {"datetime": f"{moment:%Y-%m-%dT%H:%M}"}
        try:
            answer = self._calls.send("PATCH", path, _REBOOT, json=fields)
        except BadRequest as problem:
            raise _not_set(problem.text, self._calls.host) from None
        if answer.body.lstrip()[:1] == b'"':  # a word in place of the answer, with status 200
            said = one_line(decoded(answer, str, _REBOOT, self._calls.host))[:SHOWN_CHARACTERS]
            raise errors.of_agent(said, _REBOOT, self._calls.host)
        return one_line(decoded(answer, wire.RebootLaterBody, _REBOOT, self._calls.host).time)[:SHOWN_CHARACTERS]

    def shut_down(self, agent_id: str) -> None:
        """Shuts the machine down at once. The server waits 10 seconds for the agent."""
        self._ok(f"/agents/{checked_agent_id(agent_id)}/shutdown/", _SHUT_DOWN)

    def set_maintenance(self, agent_id: str, on: bool) -> None:
        """Switches the agent's maintenance mode. The server keeps it; the agent is not asked."""
        path = f"/agents/{checked_agent_id(agent_id)}/"
        answer = self._calls.send("PUT", path, _MAINTENANCE, json={"maintenance_mode": on})
        decoded(answer, str, _MAINTENANCE, self._calls.host)

    def run_checks(self, agent_id: str) -> str:
        """Has the agent run its checks now; what the server says. Their results come later. Raises ChecksRunning."""
        try:
            return self._calls.ask_agent(f"/checks/{checked_agent_id(agent_id)}/run/", _RUN_CHECKS, seconds=45.0)
        except AgentRefused as problem:
            if problem.text.startswith(_BUSY):
                raise ChecksRunning(
                    "The checks of this agent are running already.",
                    "Their results come by themselves: look at them in a minute.",
                    problem.detail,
                ) from None
            raise

    def recover(self, agent_id: str, recovery: Recovery) -> str:
        """Recovers the Mesh agent or the Tactical agent; what the server says. Takes up to 90 seconds."""
        path = f"/agents/{checked_agent_id(agent_id)}/recover/"
        return self._calls.ask_agent(path, _RECOVER, seconds=120.0, json={"mode": recovery.value})

    def _ok(self, path: str, call: Call) -> None:
        said = self._calls.ask_agent(path, call, seconds=30.0)
        if said != "ok":
            raise AgentRefused(said, call, self._calls.host)


def may_have_happened(problem: Problem, *, online: bool) -> bool:
    """Whether the machine may have done what was asked, although asking ended in this.

    `online` is whether the agent was thought to be online: one that is not has not heard of it, as nothing is kept for
    it at the server.
    """
    if isinstance(problem, AgentSilent):
        return online and not problem.asked_nothing
    return isinstance(problem, TimedOut | BrokenOff | AnswerTooLarge | ServerFailed | Unexpected)


def _not_woken(problem: BadRequest, host: str) -> WakeFailed:
    detail = f"{_WAKE.purpose}: {host} answered “{problem.text}”"
    if "fromhex" in problem.text:  # the server stumbles over a node id that it does not have
        return WakeFailed(
            "The RMM does not know this machine's Mesh agent, and it is MeshCentral that wakes machines.",
            "Recover the Mesh connection once the machine is on.",
            detail,
        )
    return WakeFailed(
        f"{host} could not have MeshCentral wake the machine.",
        "MeshCentral may be down: ask whoever runs the server.",
        detail,
    )


def _not_set(text: str, host: str) -> RmmProblem:
    detail = f"{_REBOOT.purpose}: {host} answered “{text}”"
    if text in _BAD_MOMENTS:
        return BadMoment(
            "This moment is past on the machine's own clock.", "Choose a later one, in the machine's time zone.", detail
        )
    if text.startswith(_NOT_LATER):
        return NotOnThisSystem(
            "The RMM can restart machines at a set time on Windows only.", "Restart it now, when it suits.", detail
        )
    return errors.of_agent(text, _REBOOT, host)
