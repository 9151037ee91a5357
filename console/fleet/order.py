"""The order of the rows: by several columns, unknown values last in either direction, then by host name and id.

The order is kept, not made anew: after a refresh only the rows that changed are put into their new places. Nothing
here holds the interpreter's lock for long (sorting 100,000 rows in one call takes some 100 ms): it runs beside
the window.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from console import memory
from console.rmm.models import Agent

SortKey = tuple[int, str | float]
"""(0, value) for a known value, (1, …) for an unknown one. Texts are case-folded."""

Entry = tuple[int | str | float, ...]
"""What is compared, and the row as the last."""

_CHUNK = 4000
_END = "\U0010ffff"


class SortBy(msgspec.Struct, frozen=True):
    """One column that is sorted by. `name` says which it is; two of the same name have the same key."""

    name: str
    key: Callable[[Agent], SortKey]
    descending: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortBy) and (self.name, self.descending) == (other.name, other.descending)

    def __hash__(self) -> int:
        return hash((self.name, self.descending))


Order = tuple[SortBy, ...]


class _Inverted(dict[int, str]):
    """Letters by their opposites, so that what came first comes last."""

    def __missing__(self, code: int) -> str:
        self[code] = made = chr(0x10FFFE - code)
        return made


_INVERTED = _Inverted()


def entry(agent: Agent, row: int, order: Order) -> Entry:
    """What says where a row belongs."""
    parts: list[int | str | float] = []
    for one in order:
        unknown, value = one.key(agent)
        if unknown:
            parts += (1, "")
        elif not one.descending:
            parts += (0, value)
        else:
            parts += (0, value.translate(_INVERTED) + _END if isinstance(value, str) else -value)
    return (*parts, agent.hostname.casefold(), agent.agent_id, row)


def entries(agents: Iterable[Agent], order: Order) -> Iterator[Entry]:
    """The same for the agents of the rows from 0 on."""
    if len(order) == 1 and not order[0].descending:  # as it is at first, and needed soon after the start
        key = order[0].key
        for row, agent in enumerate(agents):
            yield (*key(agent), agent.hostname.casefold(), agent.agent_id, row)
    else:
        for row, agent in enumerate(agents):
            yield entry(agent, row, order)


def sorted_entries(entries: Iterable[Entry]) -> list[Entry]:
    """All of them in order, in steps that are short each."""
    waiting, parts = iter(entries), []
    while part := list(islice(waiting, _CHUNK)):
        part.sort()
        parts.append(part)
        memory.look_through_new()
    while len(parts) > 1:
        parts = [_merged(*parts[place : place + 2]) for place in range(0, len(parts), 2)]
    return parts[0] if parts else []


def updated(entries: Sequence[Entry], touched: set[int], fresh: Iterable[Entry]) -> list[Entry]:
    """The entries in order, with those of the touched rows replaced by the fresh ones."""
    if not touched:
        return list(entries)
    kept = [one for one in entries if one[-1] not in touched]
    return _merged(kept, sorted_entries(fresh))


def _merged(one: list[Entry], other: Sequence[Entry] = ()) -> list[Entry]:
    """Two lists in order as one, in steps that are short each."""
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    joined: list[Entry] = []
    done = 0
    for start in range(0, len(longer), _CHUNK):
        part = list(longer[start : start + _CHUNK])
        upto = bisect_right(shorter, part[-1], lo=done)
        part += shorter[done:upto]
        part.sort()  # finds the two runs and only merges them
        joined += part
        done = upto
    joined += shorter[done:]
    return joined
