import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.search import search_text
from console.fleet.store import Diff, FleetStore
from console.rmm.models import Agent
from tests.unit.fleet.agents import agents, named

IDS = st.sampled_from([letter * 40 for letter in "abcdefgh"])
LISTS = st.lists(agents(IDS), max_size=12)
QUERIES = st.sampled_from(
    ["", "  ", "alpha", "ALPHA", "a", "beta alpha", "strasse", "STRASSE", "日", "online", "nothing", "x y"]
)


def test_an_empty_store() -> None:
    store = FleetStore()
    assert len(store) == 0
    assert store.get("a") is None
    assert "a" not in store
    assert store.matching("") == []
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
    assert store.matching("first") == []


def test_an_agent_is_found_by_its_id_or_a_long_part_of_it() -> None:
    store = FleetStore()
    store.update([named("WVrliBIICKfKbljkAMiT", hostname="one"), named("B" * 40, hostname="two")])
    assert [agent.hostname for agent in store.matching("WVrliBIICKfKbljkAMiT")] == ["one"]
    assert [agent.hostname for agent in store.matching("iickfkbl")] == ["one"]
    assert store.matching("WVrl") == []


def test_a_long_word_that_is_in_no_id_is_an_ordinary_word() -> None:
    store = FleetStore()
    store.update([named("A" * 40, description="Accounting department")])
    assert len(store.matching("accounting")) == 1
    assert len(store.matching("accounting department")) == 1


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


@given(LISTS, LISTS, QUERIES)
def test_a_search_finds_what_holds_every_word(earlier: list[Agent], fresh: list[Agent], query: str) -> None:
    store = FleetStore()
    store.update(earlier)
    store.update(fresh)
    found = {agent.agent_id for agent in store.matching(query)}
    wanted = {
        agent.agent_id
        for agent in store.agents()
        if all(word in search_text(agent) for word in query.casefold().split())
    }
    assert found == wanted
