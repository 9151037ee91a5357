"""The words and icons of actions on agents, as data."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from console.problem import Problem
from console.rmm.errors import AgentRefused, AgentSilent, NotAllowed, NotFound, ServerFailed, SignInAgain
from console.rmm.models import Agent, AgentStatus
from console.sessions.fleet_action import ActionKind, FleetAction
from console.sessions.fleet_run import Ask, FleetRun, Standing
from console.transport import BrokenOff, TimedOut, Unreachable


class Words(msgspec.Struct, frozen=True):
    """`title` is the entry in a menu; `command`, `doing` and `done` have {machines} for what it is about.

    `done` is what is said of one machine when the server says nothing of its own. `typed` is the word that has to be
    typed first, "" for none.
    """

    title: str
    icon: str
    command: str
    doing: str
    done: str
    typed: str = ""
    warning: str = ""


_WORDS = {
    ActionKind.PING: Words("Ping", "ping", "Ping {machines}", "Pinging {machines}", "It answers the RMM."),
    ActionKind.WAKE: Words("Wake", "wake", "Wake {machines}", "Waking {machines}", "MeshCentral was asked to wake it."),
    ActionKind.REBOOT: Words(
        "Reboot now",
        "reboot",
        "Reboot {machines}",
        "Rebooting {machines}",
        "It is rebooting.",
        warning="What is open and not saved there is lost.",
    ),
    ActionKind.REBOOT_AT: Words(
        "Reboot at a set time",
        "clock",
        "Reboot {machines} at a set time",
        "Setting a reboot of {machines}",
        "It will reboot.",
        warning="What is open and not saved there then is lost.",
    ),
    ActionKind.SHUT_DOWN: Words(
        "Shut down",
        "shutdown",
        "Shut down {machines}",
        "Shutting down {machines}",
        "It is shutting down.",
        typed="shut down",
        warning="Someone may have to go there to switch it on again: not every machine can be woken.",
    ),
    ActionKind.MAINTENANCE_ON: Words(
        "Maintenance mode on",
        "maintenance",
        "Put {machines} into maintenance mode",
        "Putting {machines} into maintenance mode",
        "It is in maintenance mode.",
    ),
    ActionKind.MAINTENANCE_OFF: Words(
        "Maintenance mode off",
        "maintenance",
        "Take {machines} out of maintenance mode",
        "Taking {machines} out of maintenance mode",
        "It is not in maintenance mode any more.",
    ),
    ActionKind.RUN_CHECKS: Words(
        "Run checks", "checks", "Run the checks of {machines}", "Running the checks of {machines}", "They are running."
    ),
    ActionKind.RECOVER_MESH: Words(
        "Recover the Mesh agent",
        "repair",
        "Recover the Mesh agent of {machines}",
        "Recovering the Mesh agent of {machines}",
        "It was recovered.",
        warning="Sessions that are open there are cut off.",
    ),
    ActionKind.RECOVER_TACTICAL: Words(
        "Recover the Tactical agent",
        "repair",
        "Recover the Tactical agent of {machines}",
        "Recovering the Tactical agent of {machines}",
        "It is being recovered.",
    ),
}
STANDING_ICONS = {
    Standing.WAITING: ("wait", "muted"),
    Standing.ASKING: ("connecting", "accent"),
    Standing.DONE: ("check", "good"),
    Standing.FAILED: ("failed", "bad"),
    Standing.NOT_ASKED: ("offline", "neutral"),
}
UNCLEAR = "Unclear"
"""What is said of one that failed and may have happened all the same."""
_SHORT = (
    (AgentSilent, "The agent did not answer the RMM."),
    (NotAllowed, "Your role does not allow it."),
    (NotFound, "The RMM does not know this agent any more."),
    (SignInAgain, "You are not signed in any more."),
    (ServerFailed, "The RMM had an error of its own."),
    (TimedOut, "The RMM did not answer in time."),
    (BrokenOff, "The connection to the RMM broke off."),
    (Unreachable, "The RMM could not be reached."),
)
LOOK_FIRST = "It may have happened all the same: look at the machine before you ask again."


def of(kind: ActionKind) -> Words:
    return _WORDS[kind]


def machines(agents: Sequence[Agent]) -> str:
    """One by its name, several by their count."""
    return agents[0].hostname or "1 machine" if len(agents) == 1 else f"{len(agents):,} machines"


def command(action: FleetAction | ActionKind, agents: Sequence[Agent]) -> str:
    """As on a button: "Reboot 12 machines"."""
    kind = action if isinstance(action, ActionKind) else action.kind
    return of(kind).command.format(machines=machines(agents))


def standing(ask: Ask) -> tuple[str, str, str]:
    """The icon, its colour and the word for how it stands with one agent."""
    if ask.standing is Standing.FAILED and ask.open:
        return "warning", "warning", UNCLEAR
    return (*STANDING_ICONS[ask.standing], ask.standing.value)


def happened(ask: Ask, action: FleetAction) -> str:
    """What came of asking an agent, in few words."""
    if ask.problem:
        return short(ask.problem)
    if ask.standing is not Standing.DONE:
        return ""
    if action.kind is ActionKind.REBOOT_AT and ask.said:
        return f"It will reboot: {ask.said}, its own time."
    return ask.said or of(action.kind).done


def short(problem: Problem) -> str:
    """What happened, without the server's name, which is the same in all rows."""
    if isinstance(problem, AgentSilent) and problem.asked_nothing:
        return "The RMM has lost its connection to all agents."
    if isinstance(problem, AgentRefused) and problem.text:
        return f"The agent said: {problem.text}"
    return next((words for kind, words in _SHORT if isinstance(problem, kind)), problem.what)


def advice(ask: Ask) -> str:
    """What to do next about an agent that failed."""
    if ask.problem is None:
        return ""
    return LOOK_FIRST if ask.open else ask.problem.advice


def seconds(ask: Ask) -> str:
    """How long it took: "0.4 s"."""
    return "" if ask.seconds is None else f"{ask.seconds:.1f} s"


def summary(run: FleetRun) -> str:
    """How a run stands: "9 done, 2 failed, 1 unclear, 3 not asked"."""
    unclear = sum(ask.open for ask in run.failed)
    counts = (
        (run.count(Standing.WAITING) + run.count(Standing.ASKING), "to go"),
        (run.count(Standing.DONE), "done"),
        (run.count(Standing.FAILED) - unclear, "failed"),
        (unclear, "unclear"),
        (run.count(Standing.NOT_ASKED), "not asked"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def moment(at: datetime) -> str:
    """A moment without a time zone, as it is read aloud: "Tuesday 6 May 2031, 07:08"."""
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M}"


def cautions(kind: ActionKind, agents: Sequence[Agent]) -> list[tuple[str, str, str]]:
    """What to think of before, each an icon, its colour and words."""
    found: list[tuple[str, str, str]] = []
    one = len(agents) == 1
    servers = sum(agent.monitoring_type == "server" for agent in agents)
    away = sum(agent.status is not AgentStatus.ONLINE for agent in agents)
    people = [agent for agent in agents if agent.logged_username and not agent.italic]
    if of(kind).warning:
        found.append(("warning", "warning", of(kind).warning))
    if servers and not kind.harmless:
        found.append(("server", "bad", f"{_some(servers, agents)} {'a server' if servers == 1 else 'servers'}."))
    if people and kind in (ActionKind.REBOOT, ActionKind.SHUT_DOWN):
        who = f"{people[0].logged_username} is signed in there." if one else f"Someone is signed in at {len(people):,}."
        found.append(("user", "warning", who))
    if kind is ActionKind.WAKE and away < len(agents):
        found.append(("online", "good", f"{_some(len(agents) - away, agents)} online already."))
    if away and kind.offline_seconds:
        will = f"not online and will fail after {kind.offline_seconds} s"
        found.append(("offline", "warning", f"{_some(away, agents)} {will}."))
    return found


def _some(count: int, agents: Sequence[Agent]) -> str:
    """ "It is", "1 of 12 is", "3 of 12 are"."""
    return "It is" if len(agents) == 1 else f"{count:,} of {len(agents):,} {'is' if count == 1 else 'are'}"
