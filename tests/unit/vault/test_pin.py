import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.secret import Secret
from console.vault import pin as pins
from console.vault.pin import PinUnsuitable

PIN = Secret("704913")


@pytest.fixture(scope="module")
def kept() -> Secret:
    return pins.hashed(PIN)


def test_only_the_pin_itself_matches(kept: Secret) -> None:
    assert pins.matches(PIN, kept)
    for wrong in ("", "704914", "70491", "7049133", " 704913"):
        assert not pins.matches(Secret(wrong), kept)


def test_what_is_kept_tells_nothing_and_costs_what_it_shall(kept: Secret) -> None:
    assert PIN.reveal() not in kept.reveal()
    record = msgspec.json.decode(kept.reveal())
    assert (record["cost"], record["block"], record["parallel"]) == (2**15, 8, 1)
    assert pins.hashed(PIN) != kept, "two of the same PIN would be seen to be the same"


@pytest.mark.parametrize("text", ["", "123", "1" * 65, "0000", "aaaa", "1234", "9876", "abcdef"])
def test_what_would_be_guessed_first_is_refused(text: str) -> None:
    with pytest.raises(PinUnsuitable):
        pins.hashed(Secret(text))


@pytest.mark.parametrize("text", ["1357", "2580", "0001", "correct horse", "ÄöÜ€"])
def test_others_are_taken(text: str) -> None:
    pins.check(Secret(text))


@pytest.mark.parametrize(
    "change",
    [
        {"hash": ""},
        {"hash": "!"},
        {"salt": "!"},
        {"cost": 2**30},
        {"cost": 0},
        {"cost": 3},
        {"block": 10**9},
        {"parallel": -1},
        {"hash": "AAAA"},
    ],
)
def test_a_record_that_was_changed_matches_nothing(kept: Secret, change: dict[str, object]) -> None:
    record = msgspec.json.decode(kept.reveal()) | change
    assert not pins.matches(PIN, Secret(msgspec.json.encode(record).decode()))


@given(st.text())
@settings(max_examples=50)
def test_anything_else_in_its_place_matches_nothing(text: str) -> None:
    assert not pins.matches(PIN, Secret(text))
