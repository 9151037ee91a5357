import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.query.completion import MOST, Candidate, complete, taken
from console.fleet.query.parser import parse
from console.fleet.query.vocabulary import MOST_VALUES, Value, Vocabulary, vocabulary
from console.fleet.query.words import FIELDS, STATES
from console.rmm.models import Agent, CustomField
from tests.unit.fleet.agents import agents, named

FLEET = [
    named("a", client_name="Acme Corp", site_name="North", operating_system="Windows 11", custom_fields=()),
    named("b", client_name="acme corp", custom_fields=(CustomField(1, "ACM-1"), CustomField(2, value=True))),
    named("c", client_name="Big Acme", custom_fields=(CustomField(1, 'x"y'), CustomField(3, ("red", "blue")))),
    named("d", client_name="Zebra", custom_fields=(CustomField(9, "nobody names this"),)),
]
NAMES = {1: "Asset tag", 2: "Leased", 3: "Colours", 4: "Unused"}
WORDS = vocabulary(FLEET, NAMES)


def offered(text: str, *, asked: bool = False) -> list[str]:
    """What is offered where "|" stands in the text."""
    cursor = text.index("|")
    found = complete(text.replace("|", ""), cursor, WORDS, asked=asked)
    return [candidate.text for candidate in found.candidates] if found else []


def after_taking(text: str, which: int = 0, *, asked: bool = False) -> str:
    """The text after a candidate was taken, with "|" at the cursor."""
    cursor = text.index("|")
    text = text.replace("|", "")
    found = complete(text, cursor, WORDS, asked=asked)
    assert found is not None
    changed, place = taken(text, found, found.candidates[which])
    return changed[:place] + "|" + changed[place:]


def test_values_are_counted_without_regard_to_case() -> None:
    assert WORDS.values["client"] == (
        Value("Acme Corp", "acme corp", 2),
        Value("Big Acme", "big acme", 1),
        Value("Zebra", "zebra", 1),
    )
    assert [value.text for value in WORDS.values["cf.colours"]] == ["blue", "red"]
    assert [value.text for value in WORDS.values["cf.leased"]] == ["yes"]
    assert WORDS.values["cf.unused"] == ()
    assert WORDS.custom_names == ("Asset tag", "Colours", "Leased", "Unused")
    assert WORDS.folded_names == frozenset({"asset tag", "colours", "leased", "unused"})


def test_of_very_many_values_the_most_frequent_are_kept() -> None:
    many = [named(f"{n}", logged_username=f"user {n}") for n in range(3 * MOST_VALUES)]
    often = [named("often", logged_username="zoe"), named("again", logged_username="ZOE")]
    users = vocabulary([*many, *often], {}).values["user"]
    assert len(users) == MOST_VALUES
    assert users[0].folded == "zoe"


def test_names_that_may_not_be_read_are_unknown() -> None:
    words = vocabulary(FLEET, None)
    assert words.custom_names is None
    assert words.folded_names is None
    assert parse("cf.anything:1", words.folded_names).notes == ()


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("is:on|", ["is:online"]),
        ("is:pending|", ["is:patchespending", "is:actionspending"]),
        ("a -is:reb|", ["is:rebootneeded"]),
        ("IS:REB|", ["is:rebootneeded"]),
        ("(is:ser|)", ["is:server"]),
        ("is:online|", []),
        ("client:ac|", ['client:"Acme Corp"', 'client:"Big Acme"']),
        ('client:"big a|', ['client:"Big Acme"']),
        ("client:z|", ["client:Zebra"]),
        ("client:zebra|", []),
        ("client:Zebra|", []),
        ("client:nobody|", []),
        ("host:a|", []),
        ("os:|", ['os:"Windows 11"']),
        ("seen:|", ["seen:<1h", "seen:<1d", "seen:<7d", "seen:>1d", "seen:>7d", "seen:>30d", "seen:>90d"]),
        ("seen:>|", ["seen:>1d", "seen:>7d", "seen:>30d", "seen:>90d"]),
        ("cf.|", ['cf."Asset tag":', "cf.Colours:", "cf.Leased:", "cf.Unused:"]),
        ("cf.t|", ['cf."Asset tag":']),
        ('x cf."asset t|', ['cf."Asset tag":']),
        ('cf."Asset tag":a|', ['cf."Asset tag":ACM-1']),
        ("cf.leased:|", ["cf.leased:yes"]),
        ('cf."asset tag":x|', ['cf."asset tag":"x\\"y"']),
        ("acme|", []),
        ("|", []),
        ('"is:on|', []),
        ("is:on |", []),
        ("a is:onlien|", ["is:online"]),
        ("seen:2d|", ["seen:<2d"]),
        ("cf.lased:x|", ["cf.leased:x"]),
        ("clinet:ac|", []),
    ],
)
def test_what_is_offered_while_one_types(text: str, texts: list[str]) -> None:
    assert offered(text) == texts


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("onl|", ["is:online"]),
        ("s|", ["is:server", "site:", "serial:", "seen:"]),
        ("is|", None),
        ("acm|", ['client:"Acme Corp"', 'client:"Big Acme"']),
        ("xyzzy|", []),
        ("clinet:ac|", ["client:ac"]),
    ],
)
def test_what_is_offered_when_it_is_asked_for(text: str, texts: list[str] | None) -> None:
    assert offered(text, asked=True) == (texts if texts is not None else [f"is:{name}" for name in STATES][:MOST])


def test_an_empty_box_offers_the_fields_when_it_is_asked() -> None:
    assert offered("|", asked=True) == ["is:", *(f"{name}:" for name in FIELDS), "seen:", "cf."]
    assert offered("acme |", asked=True) == offered("|", asked=True)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("is:on|", "is:online |"),
        ("a -is:on| b", "a -is:online |b"),
        ("(is:on|)", "(is:online|)"),
        ("is:on|lie x", "is:online |x"),
        ("client:ac|", 'client:"Acme Corp" |'),
        ('client:"ac|', 'client:"Acme Corp" |'),
        ('client:"ac|x" b', 'client:"Acme Corp" |b'),
        ("cf.as|", 'cf."Asset tag":|'),
        ('cf."asset t|', 'cf."Asset tag":|'),
    ],
)
def test_what_stands_there_after_one_was_taken(text: str, after: str) -> None:
    assert after_taking(text) == after


def test_only_what_means_nothing_yet_needs_a_completion() -> None:
    for text, needed in (("is:on", True), ("client:", True), ("client:ac", False), ("seen:<1", True), ("cf.as", True)):
        found = complete(text, len(text), WORDS)
        assert found is not None
        assert found.needed is needed, text


@given(
    st.lists(
        st.sampled_from(["is:", "on", "client:", "ac", '"', " ", "(", ")", "-", "or", "cf.", 'cf."', "as", "\\", "é"]),
        max_size=8,
    ).map("".join)
    | st.text(max_size=20),
    st.integers(0, 30),
    st.booleans(),
)
def test_whatever_is_taken_is_in_the_text_and_understood(text: str, cursor: int, asked: bool) -> None:
    cursor = min(cursor, len(text))
    found = complete(text, cursor, WORDS, asked=asked)
    if found is None:
        return
    assert 0 <= found.start <= cursor <= found.end <= len(text)
    assert 1 <= len(found.candidates) <= MOST
    for candidate in found.candidates:
        changed, place = taken(text, found, candidate)
        assert changed[found.start :].startswith(candidate.text)
        assert 0 <= place <= len(changed)
        if candidate.finished:
            assert parse(candidate.text, WORDS.folded_names).notes == ()


def test_a_slip_before_a_field_s_colon_is_mended_and_still_needs_a_value() -> None:
    found = complete("éis:", 4, WORDS, asked=True)
    assert found is not None
    assert [(one.text, one.finished) for one in found.candidates] == [("is:", False)]


def test_a_slip_before_a_half_typed_value_is_mended_and_the_value_goes_on() -> None:
    found = complete("éis:i", 5, WORDS, asked=True)
    assert found is not None
    assert [(one.text, one.finished) for one in found.candidates] == [("is:i", False)]


@given(st.lists(agents(st.text("abc", min_size=1)), max_size=10))
def test_every_value_that_is_offered_finds_its_agents(fleet: list[Agent]) -> None:
    words = vocabulary(fleet, NAMES)
    for name in words.values:
        found = complete(f"{name}:", len(name) + 1, words)
        for candidate in found.candidates if found else ():
            assert parse(candidate.text).notes == ()


def test_without_a_vocabulary_states_are_offered_all_the_same() -> None:
    found = complete("is:rebootn", 10, Vocabulary())
    assert found is not None
    assert found.candidates == (Candidate("is:rebootneeded", STATES["rebootneeded"][0]),)
