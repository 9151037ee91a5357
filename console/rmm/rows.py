"""Splits and reads the agents list so that a bad row costs itself, and no other thread waits long for the interpreter.

Splitting a whole body in one call holds the interpreter lock for 75 ms at 100,000 agents (124 MB); cut into pieces of
about a megabyte it is let go between them, as it is between the rows.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from console import memory, turns
from console.rmm.models import Agent, AgentList, BadRow, FreshAgent
from console.rmm.texts import one_line
from console.rmm.wire import AGENT_ID, AgentRow

_PIECE = 1024 * 1024
_STEP = 500
_SEAM = b'},{"agent_id":'
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)

_split: Callable[[bytes], list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw]).decode
_row: Callable[[bytes | msgspec.Raw], AgentRow] = msgspec.json.Decoder(AgentRow).decode


def read(body: bytes) -> AgentList:
    """Reads the body of `GET /agents/`. Raises ValueError when it is not a JSON array."""
    agents: dict[str, Agent] = {}
    bad: list[BadRow] = []
    for position, raw in enumerate(_rows(body)):
        turns.give_way()
        if position % _STEP == 0:
            memory.look_through_new()
        try:
            agent = _row(raw).agent()
            if agent.agent_id in agents:
                raise ValueError("the agent_id is in the list twice")
            agents[agent.agent_id] = agent
        except (ValueError, OverflowError) as error:
            bad.append(BadRow(position, str(error), _id_of(raw)))
        except RecursionError:
            bad.append(BadRow(position, "nested too deeply", _id_of(raw)))
    return AgentList(tuple(agents.values()), tuple(bad))


def read_agent(body: bytes, agent_id: str) -> FreshAgent:
    """Reads the body of `GET /agents/<id>/`. Raises ValueError when it is not this agent's."""
    try:
        row = _own_row(body)
        names = _names(body).keys()
    except (RecursionError, OverflowError):
        raise ValueError("it cannot be read") from None
    agent = row.agent()
    if agent.agent_id != agent_id:
        raise ValueError("it is another agent's")
    told = {name: getattr(agent, name) for name in _TOLD if name in names}
    if row.client:
        told["client_name"] = one_line(row.client)
    return FreshAgent(agent_id, told, (row.mesh_node_id or "") if "mesh_node_id" in names else None)


class _OwnRow(AgentRow):
    """The call for one agent: most of a row, with other names for some of it (rmm-api, one agent)."""

    client: str | None = None
    mesh_node_id: str | None = None


_NOT_TOLD = {
    "client_name",
    "logged_username",
    "italic",
    "pending_actions_count",
    "has_patches_pending",
    "serial_number",
}
_TOLD = [name for name in Agent.__struct_fields__ if name not in {"agent_id", *_NOT_TOLD}]
_own_row: Callable[[bytes], _OwnRow] = msgspec.json.Decoder(_OwnRow).decode
_names: Callable[[bytes], dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Id(msgspec.Struct):
    agent_id: str


_id: Callable[[bytes | msgspec.Raw], _Id] = msgspec.json.Decoder(_Id).decode


def _id_of(raw: bytes | msgspec.Raw) -> str:
    """Whose bad row this is, "" when not even that can be read."""
    try:
        agent_id = _id(raw).agent_id
    except (ValueError, OverflowError, RecursionError):
        return ""
    return agent_id if AGENT_ID.fullmatch(agent_id) else ""


def _rows(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    try:
        return [raw for piece in _pieces(body) for raw in _split(piece)]
    except (ValueError, RecursionError):
        return list(_tolerant(body))


def _pieces(body: bytes) -> Iterator[bytes]:
    """Cuts between rows. The seam holds a bare quote, so it is never inside of a text; a seam that is deeper than
    the rows makes pieces that do not decode."""
    start = 0
    while len(body) - start > _PIECE and (seam := body.find(_SEAM, start + _PIECE)) >= 0:
        yield (b"" if start == 0 else b"[") + body[start : seam + 1] + b"]"
        start = seam + 2
    yield body if start == 0 else b"[" + body[start:]


def _tolerant(body: bytes) -> Iterator[bytes]:
    """Cuts at the commas of the outer array alone and leaves everything in between unread.

    Slow, and needed only when a row is nested too deeply or holds a broken escape, which would cost the whole list.
    """
    text = body.strip(b" \t\r\n")
    if not (text.startswith(b"[") and text.endswith(b"]")):
        raise ValueError("not a JSON array")
    depth, start = 0, 1
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
        if depth == 0 and token.end() < len(text):
            raise ValueError("not one JSON array")
        if depth == 0 or (depth == 1 and mark == b","):
            if depth or start > 1 or text[start : token.start()].strip():
                yield text[start : token.start()]
            start = token.end()
    if depth:
        raise ValueError("a JSON array that does not end")
