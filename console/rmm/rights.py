"""What the user's role allows, as far as reading tells: the server has no call for it (rmm-api, who am I)."""

from dataclasses import dataclass

import msgspec

from console.rmm import wire
from console.rmm.calls import Calls, decoded
from console.rmm.errors import Call, NotAllowed, RmmProblem
from console.rmm.texts import one_line
from console.transport import MEGABYTE

_AGENTS = Call("the names of the agents", "can_list_agents")
_OTHERS = (
    (Call("the list of clients", "can_list_clients"), "/clients/"),
    (Call("the notes", "can_list_notes"), "/agents/{}/notes/"),
    (Call("the history", "can_list_agent_history"), "/agents/{}/history/"),
    (Call("the checks", "can_list_checks"), "/agents/{}/checks/"),
    (Call("the tasks", "can_list_autotasks"), "/agents/{}/tasks/"),
    (Call("the software", "can_list_software"), "/software/{}/"),
    (Call("the pending actions", "can_list_pendingactions"), "/agents/{}/pendingactions/"),
)
"""Reading calls without side effects; where an agent is named, any will do."""
_LARGEST = 64 * MEGABYTE
_MOST = 500_000


@dataclass(frozen=True)
class NamedAgent:
    agent_id: str
    hostname: str


class _Row(msgspec.Struct):
    agent_id: str
    hostname: str | None = None


@dataclass(frozen=True)
class Rights:
    """`allowed` and `refused` are rights by their names in a role; what failed otherwise is in neither."""

    allowed: tuple[str, ...]
    refused: tuple[str, ...]


def agents(calls: Calls) -> tuple[NamedAgent, ...]:
    """The agents that the role covers, by id and name alone. Raises NotAllowed without the right to list them."""
    answer = calls.get("/agents/?detail=false", _AGENTS, seconds=60.0, limit=_LARGEST)
    rows = decoded(answer, list[msgspec.Raw], _AGENTS, calls.host)
    found: list[NamedAgent] = []
    for row in rows[:_MOST]:
        try:
            one = msgspec.json.decode(row, type=_Row)
        except (ValueError, RecursionError):
            continue
        if wire.AGENT_ID.fullmatch(one.agent_id):
            found.append(NamedAgent(one.agent_id, one_line(one.hostname or "")))
    return tuple(found)


def probe(calls: Calls, agent_id: str | None) -> Rights:
    """Tries each reading call once. Without an agent only those that need none."""
    allowed: list[str] = []
    refused: list[str] = []
    for call, path in _OTHERS:
        if "{}" in path and agent_id is None:
            continue
        try:
            calls.get(path.format(agent_id), call, limit=_LARGEST)
        except NotAllowed:
            refused.append(call.right)
        except RmmProblem:
            continue
        else:
            allowed.append(call.right)
    return Rights(tuple(allowed), tuple(refused))
