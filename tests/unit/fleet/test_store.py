import threading
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.order import Order, SortBy, SortKey
from console.fleet.query.matching import Surroundings, matcher
from console.fleet.query.parser import parse
from console.fleet.query.tree import EVERYTHING, Among, Node, Within
from console.fleet.store import Diff, FleetStore
from console.rmm.models import Agent
from tests.unit.fleet.agents import agents, named
from tests.unit.fleet.queries import TREES

IDS = st.sampled_from([letter * 40 for letter in "abcdefgh"])
LISTS = st.lists(agents(IDS), max_size=12)
QUERIES = st.sampled_from(
    ["", "  ", "alpha", "ALPHA", "a", "beta alpha", "strasse", "STRASSE", "日", "online", "nothing", "x y"]
)


def search(store: FleetStore, text: str) -> list[Agent]:
    return found(store, parse(text).root, Surroundings(NOW))


def test_an_empty_store() -> None:
    store = FleetStore()
    assert len(store) == 0
    assert store.get("a") is None
    assert "a" not in store
    assert search(store, "") == []
    assert not store.update([])


def test_what_an_update_did() -> None:
    store = FleetStore()
    assert store.update([named("a"), named("b")]) == Diff(frozenset("ab"), frozenset(), frozenset())
    diff = store.update([named("b", hostname="new"), named("c")])
    assert diff == Diff(frozenset("c"), frozenset("a"), frozenset("b"))
    assert diff
    assert store["b"].hostname == "new"
    assert "a" not in store
    with pytest.raises(KeyError):
        store["a"]


def test_the_same_list_in_another_order_changes_nothing() -> None:
    store = FleetStore()
    store.update([named("a"), named("b")])
    assert not store.update([named("b"), named("a")])


def test_of_two_agents_with_one_id_the_last_counts() -> None:
    store = FleetStore()
    store.update([named("a", hostname="first"), named("a", hostname="last")])
    assert len(store) == 1
    assert store["a"].hostname == "last"
    assert search(store, "first") == []


def test_an_agent_is_found_by_its_id_or_a_long_part_of_it() -> None:
    store = FleetStore()
    store.update([named("WVrliBIICKfKbljkAMiT", hostname="one"), named("B" * 40, hostname="two")])
    assert [agent.hostname for agent in search(store, "WVrliBIICKfKbljkAMiT")] == ["one"]
    assert [agent.hostname for agent in search(store, "iickfkbl")] == ["one"]
    assert search(store, "WVrl") == []


def test_a_long_word_that_is_in_no_id_is_an_ordinary_word() -> None:
    store = FleetStore()
    store.update([named("A" * 40, description="Accounting department")])
    assert len(search(store, "accounting")) == 1
    assert len(search(store, "accounting department")) == 1


@given(st.lists(LISTS, max_size=4))
def test_after_any_updates_the_store_is_the_last_list(lists: list[list[Agent]]) -> None:
    store, before = FleetStore(), dict[str, Agent]()
    for fresh in lists:
        diff = store.update(fresh)
        wanted = {agent.agent_id: agent for agent in fresh}
        assert {agent.agent_id: agent for agent in store.agents()} == wanted
        assert diff.added == wanted.keys() - before.keys()
        assert diff.removed == before.keys() - wanted.keys()
        assert diff.changed == {each for each in wanted.keys() & before.keys() if wanted[each] != before[each]}
        before = wanted


NOW = datetime(2026, 11, 24, tzinfo=UTC)
AROUND = st.builds(
    Surroundings,
    st.just(NOW),
    st.frozensets(IDS, max_size=2),
    st.frozensets(IDS, max_size=2),
    st.just({1: "Asset tag", 2: "Rack", 3: "rack"}),
)
COLUMNS = (
    SortBy("hostname", lambda agent: known(agent.hostname)),
    SortBy("client", lambda agent: known(agent.client_name)),
    SortBy("seen", lambda agent: (0, agent.last_seen.timestamp()) if agent.last_seen else (1, "")),
)
ORDERS = st.lists(
    st.builds(lambda one, down: SortBy(one.name, one.key, down), st.sampled_from(COLUMNS), st.booleans()),
    max_size=3,
    unique_by=lambda one: one.name,
).map(tuple)


def known(text: str) -> SortKey:
    return (0, text.casefold()) if text else (1, "")


def plainly(agents: Iterable[Agent], node: Node, around: Surroundings, order: Order) -> list[Agent]:
    """What a search should find, in the order in which it should stand, without any of the store's means."""
    test = matcher(node, around)
    rows = sorted((agent for agent in agents if test(agent)), key=lambda agent: agent.agent_id)
    rows.sort(key=lambda agent: agent.hostname.casefold())
    for one in reversed(order):
        some = [agent for agent in rows if not one.key(agent)[0]]
        some.sort(key=lambda agent: one.key(agent)[1], reverse=one.descending)
        if one.descending:  # equal ones stay as they stood
            some = []
            for value in sorted({one.key(agent)[1] for agent in rows if not one.key(agent)[0]}, reverse=True):
                some += [agent for agent in rows if one.key(agent) == (0, value)]
        rows = some + [agent for agent in rows if one.key(agent)[0]]
    return rows


def found(store: FleetStore, node: Node, around: Surroundings) -> list[Agent]:
    store.surround(around)
    rows = store.select(node)
    agents = [store.at(row) for row in rows]
    assert None not in agents
    return [agent for agent in agents if agent]


CHOSEN = st.one_of(
    st.builds(Within, st.sampled_from(["", "alpha", "Beta"]), st.sampled_from(["", "alpha", "GAMMA"])),
    st.builds(Among, st.frozensets(IDS, max_size=3)),
)


@given(
    st.lists(LISTS, min_size=1, max_size=3),
    st.lists(st.one_of(QUERIES.map(lambda text: parse(text).root), TREES, CHOSEN), max_size=4),
    AROUND,
    ORDERS,
)
def test_a_search_finds_what_the_plain_meaning_says(
    lists: list[list[Agent]], nodes: list[Node], around: Surroundings, order: Order
) -> None:
    store = FleetStore()
    store.sort(order)
    for fresh in lists:
        store.update(fresh)
        for node in nodes:
            assert found(store, node, around) == plainly(store.agents(), node, around, order)
    store.sort(order[::-1])
    for node in nodes:
        assert found(store, node, around) == plainly(store.agents(), node, around, order[::-1])


@given(LISTS, LISTS, LISTS)
def test_what_was_prepared_against_an_earlier_list_is_right_all_the_same(
    first: list[Agent], second: list[Agent], third: list[Agent]
) -> None:
    store = FleetStore()
    store.update(first)
    late = store.prepare(third)
    store.update(second)
    before = {agent.agent_id: agent for agent in second}
    diff = store.apply(late)
    wanted = {agent.agent_id: agent for agent in third}
    assert {agent.agent_id: agent for agent in store.agents()} == wanted
    assert diff.added == wanted.keys() - before.keys()
    assert len(store.select(EVERYTHING)) == len(wanted)


def test_a_late_change_of_one_agent_does_not_bring_back_the_earlier_list() -> None:
    store = FleetStore()
    store.update([named("a"), named("b"), named("gone")])
    late = store.prepare_changes([named("b", hostname="told")])
    store.update([named("a", hostname="new"), named("b"), named("c")])
    store.apply(late)
    assert {agent.agent_id: agent.hostname for agent in store.agents()} == {"a": "new", "b": "told", "c": ""}


@given(LISTS, LISTS)
def test_preparing_changes_nothing_that_is_shown(first: list[Agent], second: list[Agent]) -> None:
    store = FleetStore()
    store.update(first)
    before = found(store, EVERYTHING, Surroundings(NOW))
    texts = found(store, parse("alpha").root, Surroundings(NOW))
    store.prepare(second)
    assert found(store, EVERYTHING, Surroundings(NOW)) == before
    assert found(store, parse("alpha").root, Surroundings(NOW)) == texts


@given(st.lists(LISTS, min_size=2, max_size=4))
def test_an_agent_keeps_its_row_and_no_other_takes_it_at_once(lists: list[list[Agent]]) -> None:
    store = FleetStore()
    before: dict[str, int] = {}
    for fresh in lists:
        store.update(fresh)
        rows = {agent.agent_id: store.row(agent.agent_id) for agent in store.agents()}
        assert all(rows[key] == row for key, row in before.items() if key in rows)
        assert not set(rows.values()) & {row for key, row in before.items() if key not in rows}
        before = {key: row for key, row in rows.items() if row is not None}


def test_a_column_with_too_many_texts_is_searched_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.fleet.text_index._MOST_VALUES", 3)
    store = FleetStore()
    store.update([named(letter * 40, client_name=f"client {letter}") for letter in "abcdef"])
    for letter in "abcdef":
        (agent,) = found(store, parse(f'"client {letter}"').root, Surroundings(NOW))
        assert agent.agent_id == letter * 40


def test_a_column_with_more_than_a_byte_of_texts() -> None:
    store = FleetStore()
    store.update([named(f"{number:040}", client_name=f"client {number}.") for number in range(700)])
    for number in (0, 255, 256, 699):
        (agent,) = found(store, parse(f'"client {number}."').root, Surroundings(NOW))
        assert agent.client_name == f"client {number}."


@given(LISTS, LISTS, QUERIES)
def test_a_store_that_is_searched_later_finds_the_same(first: list[Agent], second: list[Agent], query: str) -> None:
    late, usual = FleetStore(searched_later=True), FleetStore()
    for one in (late, usual):
        one.update(first)
    root = parse(query).root
    assert sorted(late.select(root)) == sorted(usual.select(root))
    late, other = FleetStore(searched_later=True), FleetStore(searched_later=True)
    other.update(first)
    late.take_over(other)
    for one in (late, usual):
        one.update(second)
    found, wanted = ({one.at(row) for row in one.select(root)} for one in (late, usual))
    assert found == wanted


def test_what_was_left_for_later_is_caught_up_with_on_another_thread() -> None:
    store = FleetStore(searched_later=True)
    store.update([named(f"{number:040d}", hostname=f"pc-{number}") for number in range(2000)])
    threads = [threading.Thread(target=store.catch_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    found = store.select(parse("pc-1999").root)
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert store.select(parse("pc-1999").root) == found
