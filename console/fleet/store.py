"""The agents in memory: what a fresh list changes, which of them a query finds, and in what order they stand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import compress
from operator import itemgetter

import msgspec
from msgspec.structs import replace

from console import memory, turns
from console.fleet import masks
from console.fleet.counts import Counts, Tally, counted
from console.fleet.masks import Mask
from console.fleet.order import Entry, Order, entries, entry, sorted_entries, updated
from console.fleet.query.matching import ID_LETTERS, Surroundings, matcher
from console.fleet.query.tree import All, Among, Any, Field, Is, Node, Not, Within, Word
from console.fleet.query.words import OWN_STATES
from console.fleet.search import BORDER
from console.fleet.text_index import TextIndex
from console.rmm.models import Agent


class Diff(msgspec.Struct, frozen=True):
    """What an update did, as agent ids."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


NOWHERE = Surroundings(datetime(2000, 1, 1, tzinfo=UTC))
NO_CHANGE = Diff(frozenset(), frozenset(), frozenset())


@dataclass
class _State:
    """Everything about one list. It is not changed once it is shown, but for what it remembers of searches.

    An agent keeps its row as long as it is listed; a row that became free is used again by a later list only.
    """

    agents: dict[str, Agent] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    by_row: list[Agent | None] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    index: TextIndex = field(default_factory=TextIndex)
    order: Order = ()
    entries: list[Entry] = field(default_factory=list)
    used: Mask = masks.NONE
    in_order: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    """Where each row stands in the order."""
    pick: Callable[[bytes], tuple[int, ...]] | None = None
    found: dict[Node, Mask] = field(default_factory=dict)
    around: Surroundings = NOWHERE
    token: object = field(default_factory=object)
    """Which state this is, for whoever must not keep it alive."""

    def parts(self) -> list[list[object]]:
        """The many objects that it holds, in lists of their own."""
        return [list(self.agents.values()), list(self.entries), list(self.index.own)]

    def freeze(self) -> None:
        """Makes ready for searches; with `catch_up` all is made that is left for later otherwise."""
        self.index.freeze()
        self.used = masks.of_rows(self.rows.values(), len(self.by_row))
        self.arrange()

    @cached_property
    def ids(self) -> str:
        """Their ids, case-folded, a line for each row: for words that may be meant as one."""
        ids = (agent.agent_id.replace(BORDER, "") if agent else "" for agent in self.by_row)
        return BORDER.join(ids).casefold()

    def catch_up(self) -> None:
        self.index.catch_up()
        _ = self.ids

    def arrange(self) -> None:
        near = tuple(range(len(self.by_row)))  # numbers side by side in memory: those of the entries lie far apart
        self.in_order = [near[one[-1]] for one in self.entries]  # type: ignore[index]  # the last part is the row
        self.place = [0] * len(near)
        for place, row in zip(near, self.in_order, strict=False):  # free rows have no place
            self.place[row] = place
        self.pick = itemgetter(*self.in_order) if len(self.in_order) > 1 else None

    def select(self, node: Node) -> list[int]:
        """The rows that match, in order."""
        if node == All():
            return self.in_order
        mask = self.mask(node)
        flags = masks.to_bytes(mask, len(self.by_row))
        if _FEW * mask.bit_count() < len(self.in_order):
            return sorted(compress(range(len(flags)), flags), key=self.place.__getitem__)
        chosen = self.pick(flags) if self.pick else [flags[row] for row in self.in_order]
        return list(compress(self.in_order, chosen))

    def mask(self, node: Node) -> Mask:
        known = self.found.get(node)
        if known is None:
            known = self.found[node] = self._mask(node)
            if len(self.found) > _MOST_REMEMBERED:
                del self.found[next(iter(self.found))]
        return known

    def _mask(self, node: Node) -> Mask:
        match node:
            case Word(text, _):
                return self._word(text)
            case Not(part):
                return self.used & ~self.mask(part)
            case All(parts):
                mask = self.used
                for part in parts:
                    mask &= self.mask(part)
                return mask
            case Any(parts):
                mask = masks.NONE
                for part in parts:
                    mask |= self.mask(part)
                return mask
            case Among(agent_ids):
                return self._among(agent_ids)
            case Is("favourite"):
                return self._among(self.around.favourites)
            case Is("nomesh"):
                return self._among(self.around.without_mesh)
            case Is(name) if name in OWN_STATES and (known := self.index.find_state(name)) is not None:
                return known & self.used
            case Is() | Field() | Within():
                return self._tested(node)

    def _among(self, agent_ids: frozenset[str]) -> Mask:
        rows = (row for agent_id in agent_ids if (row := self.rows.get(agent_id)) is not None)
        return masks.of_rows(rows, len(self.by_row))

    def _word(self, text: str) -> Mask:
        mask = self.index.find(text)
        if len(text) >= ID_LETTERS and BORDER not in text and text in self.ids:
            mask |= masks.of_bytes(bytes([text in agent_id for agent_id in self.ids.split(BORDER)]))
        return mask & self.used

    def _tested(self, node: Is | Field | Within) -> Mask:
        test = matcher(node, self.around)
        if isinstance(node, Field) and node.name in _IN_TEXTS and BORDER not in node.value:
            # Only where the value is anywhere in the row.
            flags = masks.to_bytes(self.index.find(node.value) & self.used, len(self.by_row))
            found = [row for row in compress(range(len(flags)), flags) if (it := self.by_row[row]) and test(it)]
            return masks.of_rows(found, len(self.by_row))
        return masks.of_bytes(bytes([agent is not None and test(agent) for agent in self.by_row]))


_IN_TEXTS = frozenset({"client", "site", "host", "user", "ip", "os", "model", "serial", "version"})
_MOST_REMEMBERED = 64
_FEW = 20
"""One of so many rows and less are put into their order by sorting them, more by going through all in order."""


class Prepared(msgspec.Struct, frozen=True):
    """A list that is ready to be shown in place of the one whose token is `base`.

    `partial`: `agents` are only those that changed.
    """

    agents: tuple[Agent, ...]
    diff: Diff
    base: object
    state: _State
    partial: bool = False


class FleetStore:
    """Agents by their id, in the order that was chosen. Each has a row number for as long as it is listed."""

    def __init__(self, *, searched_later: bool = False) -> None:
        """`searched_later`: the first list is shown sooner; call `catch_up` before somebody searches it."""
        self._state = _State(index=TextIndex(later=searched_later))
        self.warm: tuple[Node, ...] = ()
        """What is searched for and counted all the time: found already when a prepared list is shown."""
        self.retire: Callable[[Callable[[], None]], object] = lambda forget: None
        """Gets what forgets the last list, to be called beside the window: it takes a while. Without a call it is
        forgotten at once."""

    def __len__(self) -> int:
        return len(self._state.agents)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._state.agents

    def __getitem__(self, agent_id: str) -> Agent:
        return self._state.agents[agent_id]

    def get(self, agent_id: str) -> Agent | None:
        return self._state.agents.get(agent_id)

    def agents(self) -> Iterable[Agent]:
        return self._state.agents.values()

    def in_order(self) -> tuple[Agent, ...]:
        """All agents as they are sorted."""
        state = self._state
        return itemgetter(*state.in_order)(state.by_row) if len(state.in_order) > 1 else tuple(self.agents())

    @property
    def counts(self) -> Counts:
        return self._state.counts

    @property
    def surroundings(self) -> Surroundings:
        return self._state.around

    def surround(self, surroundings: Surroundings) -> None:
        """Searches with other surroundings from now on."""
        if surroundings != self._state.around:
            self._state.around = surroundings
            self._state.found.clear()

    def count(self, *nodes: Node) -> int:
        """How many agents all of these find."""
        state = self._state
        mask = state.used
        for node in nodes:
            mask &= state.mask(node)
        return mask.bit_count()

    def tally(self, node: Node) -> Tally:
        """The states of the agents that a query finds; `failing` are not counted."""
        online, offline, overdue = (self.count(node, Is(name)) for name in ("online", "offline", "overdue"))
        return Tally(self.count(node), online, offline, overdue)

    def row(self, agent_id: str) -> int | None:
        """The row of an agent: the same for as long as it is listed."""
        return self._state.rows.get(agent_id)

    def at(self, row: int) -> Agent | None:
        return self._state.by_row[row] if row < len(self._state.by_row) else None

    @property
    def order(self) -> Order:
        return self._state.order

    def sort(self, order: Order) -> None:
        """Orders the rows. It takes half a second for each 100,000."""
        state = self._state
        if order == state.order and len(state.entries) == len(state.agents):
            return
        state.order = order
        state.entries = sorted_entries(entry(agent, state.rows[agent.agent_id], order) for agent in self.agents())
        state.arrange()

    def select(self, node: Node) -> list[int]:
        """The rows that a query finds, in order. The list must not be changed."""
        return self._state.select(node)

    def prepare(self, agents: Iterable[Agent]) -> Prepared:
        """Works out what a fresh list changes; on any thread. The order of the list does not matter, and the last of
        two equal ids counts. Searches are made up to date as well, those of `warm` among them."""
        listed = tuple(agents)
        return self._prepared(listed, {agent.agent_id: agent for agent in listed})

    def prepare_changes(self, agents: Iterable[Agent]) -> Prepared:
        """The same for agents that were asked for on their own: the others stay as they are."""
        changed = tuple(agents)
        fresh = self._state.agents | {agent.agent_id: agent for agent in changed}
        return replace(self._prepared(changed, fresh), partial=True)

    def _prepared(self, listed: tuple[Agent, ...], fresh: dict[str, Agent]) -> Prepared:
        base = self._state
        old = base.agents
        if not old and fresh:
            return Prepared(listed, Diff(frozenset(fresh), frozenset(), frozenset()), base.token, self._first(fresh))
        # Not by subtracting the keys: that is one call in which no other thread runs.
        added = {key for key in fresh if key not in old}
        removed = {key for key in old if key not in fresh}
        changed = {key for key, agent in fresh.items() if key in old and agent != old[key]}
        around = replace(base.around, now=datetime.now(UTC))
        state = _next(base, fresh, added, removed, changed, around)
        for node in self.warm:
            state.mask(node)
        return Prepared(listed, Diff(frozenset(added), frozenset(removed), frozenset(changed)), base.token, state)

    def _first(self, fresh: dict[str, Agent]) -> _State:
        """The state with the first list: as `_next` would make it, but quicker, because it is waited for."""
        base = self._state
        rows = dict(zip(fresh, range(len(fresh)), strict=True))
        state = _State(fresh, rows, list(fresh.values()), order=base.order)
        state.index = base.index.copy()
        state.index.grow(len(fresh))
        for row, agent in enumerate(fresh.values()):
            state.index.put(row, agent)
        state.counts = counted(fresh.values())
        state.around = replace(base.around, now=datetime.now(UTC))
        state.entries = sorted_entries(entries(fresh.values(), base.order))
        state.freeze()
        for node in self.warm:
            state.mask(node)
        return state

    def apply(self, prepared: Prepared) -> Diff:
        """Shows a list that was prepared; it is prepared anew if another one was shown meanwhile."""
        if prepared.base is not self._state.token or self._state.order != prepared.state.order:
            again = self.prepare_changes if prepared.partial else self.prepare
            prepared = again(prepared.agents)
        before = self._state.around
        if replace(before, now=NOWHERE.now) != replace(prepared.state.around, now=NOWHERE.now):
            prepared.state.around = replace(before, now=prepared.state.around.now)
            prepared.state.found.clear()
        last = [self._state]
        self._state = prepared.state
        self.retire(lambda: memory.let_go(last.pop().parts()))
        return prepared.diff

    @property
    def ready(self) -> bool:
        """Whether a search takes no longer than it does from then on: see `catch_up`."""
        return self._state.index.ready

    def catch_up(self) -> None:
        """Makes ready for searches what was left for later; on any thread."""
        self._state.catch_up()

    def take_over(self, other: "FleetStore") -> Diff:
        """Shows what another store holds; for one that is empty, and whose list was made ready elsewhere."""
        other.sort(self.order)
        diff = Diff(frozenset(other._state.agents), frozenset(), frozenset())
        return self.apply(Prepared(tuple(other.agents()), diff, self._state.token, other._state))

    def update(self, agents: Iterable[Agent]) -> Diff:
        """Replaces the fleet with a fresh list."""
        return self.apply(self.prepare(agents))


def _next(
    base: _State, fresh: dict[str, Agent], added: set[str], removed: set[str], changed: set[str], around: Surroundings
) -> _State:
    """The state after a list, made beside the one that is shown."""
    state = _State(fresh, base.rows.copy(), base.by_row.copy(), base.free.copy())
    state.index, state.order = base.index.copy(), base.order
    state.counts = counted(fresh.values())
    state.around = around
    freed = []
    for key in removed:
        row = state.rows.pop(key)
        state.by_row[row] = None
        state.index.clear(row)
        freed.append(row)
    more = max(0, len(added) - len(state.free))
    state.free.extend(range(len(state.by_row) + more - 1, len(state.by_row) - 1, -1))
    state.by_row.extend([None] * more)
    state.index.grow(more)
    for key in added:
        state.rows[key] = state.free.pop()
    for key in added | changed:
        turns.give_way()
        row = state.rows[key]
        state.by_row[row] = fresh[key]
        state.index.put(row, fresh[key])
    state.free.extend(freed)
    touched = {state.rows[key] for key in added | changed}
    entries = (entry(fresh[key], state.rows[key], base.order) for key in added | changed)
    state.entries = updated(base.entries, touched.union(freed), entries)
    state.freeze()
    state.catch_up()
    return state
