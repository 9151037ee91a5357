"""The values that occur in a fleet, for completion."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from console.fleet.query.words import custom_text
from console.rmm.models import Agent

MOST_VALUES = 1000
"""Of each field, the most frequent ones: nobody looks through more, and a letter has to cost little."""
_AT_ONCE = 2000
"""Agents that are counted in one go. Counting is C and lets no other thread in meanwhile: about 0.2 ms."""

_COMPLETED: Mapping[str, Callable[[Agent], str]] = {
    "client": lambda agent: agent.client_name,
    "site": lambda agent: agent.site_name,
    "user": lambda agent: agent.logged_username,
    "os": lambda agent: agent.operating_system,
    "model": lambda agent: agent.make_model,
    "version": lambda agent: agent.version,
}
"""Not host names, addresses and serial numbers: those the rows themselves show."""


class Value(msgspec.Struct, frozen=True):
    """A value as agents have it, and how many do. `folded` is what typed letters are compared with."""

    text: str
    folded: str
    agents: int


class Vocabulary(msgspec.Struct, frozen=True):
    """`values` by the name of a field ("cf." and the casefolded name for custom ones), the most frequent first.

    `custom_names` are the custom fields as they are written; None while they are not known.
    """

    values: Mapping[str, tuple[Value, ...]] = msgspec.field(default_factory=dict)
    custom_names: tuple[str, ...] | None = None

    @property
    def folded_names(self) -> frozenset[str] | None:
        """The custom fields' names as parser.parse wants them."""
        return None if self.custom_names is None else frozenset(name.casefold() for name in self.custom_names)


def vocabulary(agents: Iterable[Agent], field_names: Mapping[int, str] | None) -> Vocabulary:
    """Counts the values of a fleet: some tenths of a second for 100,000 agents, so on a worker thread. `field_names`
    are the names of the custom fields by their ids, None while they are not known."""
    names = field_names or {}
    counts: dict[str, Counter[str]] = {name: Counter() for name in _COMPLETED}
    custom: dict[int, Counter[str]] = {number: Counter() for number in names}
    for some in _portions(agents):
        for name, text in _COMPLETED.items():
            counts[name].update(map(text, some))
        _count_custom(some, custom)
    for number, counted in custom.items():
        counts.setdefault("cf." + names[number].casefold(), Counter()).update(counted)
    written = tuple(sorted(set(names.values()), key=str.casefold))
    return Vocabulary(
        {name: _values(counted) for name, counted in counts.items()}, None if field_names is None else written
    )


def _portions(agents: Iterable[Agent]) -> Iterator[Sequence[Agent]]:
    waiting = iter(agents)
    while some := list(islice(waiting, _AT_ONCE)):
        yield some


def _count_custom(agents: Sequence[Agent], counts: Mapping[int, Counter[str]]) -> None:
    for agent in agents:
        for one in agent.custom_fields:
            counted = counts.get(one.field)
            if counted is not None:
                counted.update(custom_text(one.value))


def _values(counted: Counter[str]) -> tuple[Value, ...]:
    """One each of those that differ only in upper and lower case, and in white space at the ends."""
    merged: dict[str, tuple[str, int]] = {}
    for text, count in counted.most_common():
        folded = text.strip().casefold()
        if folded and folded.isprintable():
            shown, before = merged.get(folded, (text.strip(), 0))
            merged[folded] = (shown, before + count)
    found = [Value(shown, folded, count) for folded, (shown, count) in merged.items()]
    return tuple(sorted(found, key=lambda value: (-value.agents, value.folded))[:MOST_VALUES])
