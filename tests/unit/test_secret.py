import copy
import json
import pickle
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.secret import Secret

HIDDEN = Secret("hunter2")


@pytest.mark.parametrize(
    "shown", [repr, str, "{}".format, "{!r}".format, "%s".__mod__, lambda secret: f"{[secret]} { ({'a': secret}) }"]
)
def test_no_way_of_writing_it_shows_the_text(shown: Callable[[object], str]) -> None:
    assert "hunter2" not in shown(HIDDEN)
    assert "Secret(…)" in shown(HIDDEN)


@pytest.mark.parametrize("copied", [pickle.dumps, json.dumps, msgspec.json.encode, copy.copy, copy.deepcopy, vars])
def test_it_is_not_copied_into_anything(copied: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        copied(HIDDEN)
    assert "hunter2" not in str(caught.value)


def test_only_reveal_gives_the_text() -> None:
    assert HIDDEN.reveal() == "hunter2"
    assert not [name for name in dir(HIDDEN) if not name.startswith("_") and name != "reveal"]


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_secrets_are_equal_when_their_texts_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert bool(Secret(one)) is bool(one)


def test_a_secret_is_not_its_text() -> None:
    assert HIDDEN != "hunter2"
    assert len({HIDDEN, Secret("hunter2")}) == 1
