"""The comparison itself must be able to fail."""

import pytest

from tests.contract.shapes import shape_of

SEEN = shape_of([{"a": 1, "b": [{"c": "x"}, {"c": None}], "d": []}, {"a": 2.5, "b": [], "d": [], "e": True}])


@pytest.mark.parametrize(
    "value",
    [{"a": 3, "b": [{"c": None}], "d": []}, {"a": 3, "b": [], "d": [], "e": False}],
)
def test_what_was_seen_is_no_difference(value: object) -> None:
    assert SEEN.differences(value) == []


@pytest.mark.parametrize(
    ("value", "difference"),
    [
        ([], "$ is array, seen was object"),
        ({"b": [], "d": []}, "$.a is missing"),
        ({"a": 1, "b": [], "d": [], "f": 1}, "$.f was never seen"),
        ({"a": True, "b": [], "d": []}, "$.a is boolean, seen was number"),
        ({"a": None, "b": [], "d": []}, "$.a is null, seen was number"),
        ({"a": 1, "b": [{"c": 1}], "d": []}, "$.b[0].c is number, seen was null/string"),
        ({"a": 1, "b": [{}], "d": []}, "$.b[0].c is missing"),
        ({"a": 1, "b": [], "d": [1]}, "$.d was always seen empty"),
        ({"a": 1, "b": [], "d": [], "e": "x"}, "$.e is string, seen was boolean"),
    ],
)
def test_each_kind_of_difference_is_found(value: object, difference: str) -> None:
    assert SEEN.differences(value) == [difference]
