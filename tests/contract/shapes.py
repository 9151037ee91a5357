"""Compares JSON values by what a client depends on: keys and types, wherever they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shape:
    """What was seen at one place: types, and for objects which keys, and how often."""

    types: set[str] = field(default_factory=set)
    objects: int = 0
    keys: dict[str, "Shape"] = field(default_factory=dict)
    seen_keys: dict[str, int] = field(default_factory=dict)
    element: "Shape | None" = None

    def add(self, value: Any) -> None:
        self.types.add(kind(value))
        if isinstance(value, dict):
            self.objects += 1
            for name, inner in value.items():
                self.seen_keys[name] = self.seen_keys.get(name, 0) + 1
                self.keys.setdefault(name, Shape()).add(inner)
        if isinstance(value, list):
            for inner in value:
                self.element = self.element or Shape()
                self.element.add(inner)

    def differences(self, value: Any, place: str = "$") -> list[str]:
        """Where `value` is not as what was seen: a key that always was there is missing, a key or type is new.

        Of a list that was always seen empty the elements are unknown, and any is a difference.
        """
        if kind(value) not in self.types:
            return [f"{place} is {kind(value)}, seen was {'/'.join(sorted(self.types))}"]
        found: list[str] = []
        if isinstance(value, dict):
            always = {name for name, count in self.seen_keys.items() if count == self.objects}
            found += [f"{place}.{name} is missing" for name in sorted(always - value.keys())]
            found += [f"{place}.{name} was never seen" for name in sorted(value.keys() - self.keys.keys())]
            for name in value.keys() & self.keys.keys():
                found += self.keys[name].differences(value[name], f"{place}.{name}")
        if isinstance(value, list):
            for position, inner in enumerate(value):
                if self.element is None:
                    return [*found, f"{place} was always seen empty"]
                found += self.element.differences(inner, f"{place}[{position}]")
        return found


def shape_of(values: Sequence[Any]) -> Shape:
    shape = Shape()
    for value in values:
        shape.add(value)
    return shape


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for python, name in ((int | float, "number"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, python):
            return name
    raise TypeError(type(value).__name__)
