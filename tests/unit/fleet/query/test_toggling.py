import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.query.parser import parse
from console.fleet.query.toggling import asks_for, toggled
from console.fleet.query.tree import All, Is

ONE_OF = ("online", "offline", "overdue")


@pytest.mark.parametrize(
    ("typed", "state", "written"),
    [
        ("", "online", "is:online"),
        ("  srv ", "online", "srv is:online"),
        ('clinet:acme "front desk" srv', "rebootneeded", 'clinet:acme "front desk" srv is:rebootneeded'),
        ("is:onl", "offline", "is:onl is:offline"),
        ("Client:ACME  srv", "online", "Client:ACME  srv is:online"),
        ("is:online srv", "offline", "srv is:offline"),
        ("srv is:online -mac", "online", "srv -mac"),
        ("srv IS:Online", "online", "srv"),
        ("is:online", "online", ""),
        ("-is:online", "online", "-is:online is:online"),
        ("-is:online is:online", "online", "-is:online"),
        ("srv or mac", "online", "(srv or mac) is:online"),
        ("(srv or mac) is:online", "online", "(srv or mac)"),
        ("(is:online srv)", "offline", "(srv) is:offline"),
        ('"front de', "online", '"front de" is:online'),
        ("(srv mac", "online", "(srv mac is:online"),
        ('srv ("a or b', "online", 'srv ("a or b") is:online'),
        ("10.4.", "online", "10.4. is:online"),
    ],
)
def test_what_was_typed_stays(typed: str, state: str, written: str) -> None:
    assert toggled(typed, state, ONE_OF) == written


BITS = (
    "is:online",
    "-is:online",
    "IS:Offline",
    "is:onl",
    "srv",
    'client:"a b"',
    "or",
    "(",
    ")",
    '"',
    "-",
    "\\",
    "cf.x:1",
)
TYPED = st.lists(st.sampled_from(BITS), max_size=9).flatmap(
    lambda bits: st.sampled_from([" ".join(bits), "".join(bits)])
)


@given(TYPED, st.sampled_from([*ONE_OF, "maintenance"]))
def test_it_is_asked_for_or_not_and_the_rest_means_the_same(typed: str, state: str) -> None:
    before = parse(typed).root
    parts = before.parts if isinstance(before, All) else (before,)
    kept = tuple(part for part in parts if part != Is(state))
    wanted = kept if asks_for(before, state) else (*kept, Is(state))
    assert parse(toggled(typed, state)).root == (wanted[0] if len(wanted) == 1 else All(wanted))
