"""What a query consists of once it is read, and how it is written down again."""

from typing import TypeAlias

import msgspec


class Word(msgspec.Struct, frozen=True):
    """Text that occurs anywhere in the row, within one field; case-folded. `quoted` keeps it from being a word of the
    language."""

    text: str
    quoted: bool = False


class Is(msgspec.Struct, frozen=True):
    """A state by its name, such as "online": see console.fleet.query.words.STATES."""

    name: str


class Field(msgspec.Struct, frozen=True):
    """Text within one field. `name` is one of console.fleet.query.words.FIELDS, or "cf." and a custom field's name in
    lower case; `value` is case-folded. For "seen" it is "<" or ">" and an age such as "2d"."""

    name: str
    value: str


class Within(msgspec.Struct, frozen=True):
    """The agents of one client, or of one of its sites, by their exact names: what was chosen, not typed. "" for the
    site means all of them."""

    client: str
    site: str = ""


class Among(msgspec.Struct, frozen=True):
    """Agents by their ids: what was chosen, not typed. It has no words in the language."""

    agent_ids: frozenset[str]


class Not(msgspec.Struct, frozen=True):
    part: "Node"


class All(msgspec.Struct, frozen=True):
    """Every part holds; with no part, everything."""

    parts: "tuple[Node, ...]" = ()


class Any(msgspec.Struct, frozen=True):
    """At least one part holds. It has two parts or more."""

    parts: "tuple[Node, ...]"


Node: TypeAlias = Word | Is | Field | Within | Among | Not | All | Any
EVERYTHING = All()


def printed(node: Node) -> str:
    """The node in the language; reading it gives the node again."""
    match node:
        case Word(text, quoted):
            return quote(text) if quoted else text
        case Is(name):
            return f"is:{name}"
        case Field(name, value):
            return f"{_field_name(name)}:{_value(value)}"
        case Within(client, site):
            return f"client:{quote(client)}" + (f" site:{quote(site)}" if site else "")
        case Among():
            return ""
        case Not(part):
            inner = printed(part)
            return f"-({inner})" if isinstance(part, All | Any) else f"-{inner}"
        case All(parts):
            return " ".join(f"({printed(part)})" if isinstance(part, All | Any) else printed(part) for part in parts)
        case Any(parts):
            return " or ".join(f"({printed(part)})" if isinstance(part, Any) else printed(part) for part in parts)


def quote(text: str) -> str:
    """Within quotes a backslash stands before a quote and before a backslash."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _field_name(name: str) -> str:
    if name.startswith("cf."):
        own = name[3:]
        return "cf." + (own if own.replace("_", "").replace("-", "").isalnum() and own.isascii() else quote(own))
    return name


def _value(value: str) -> str:
    plain = value and not any(letter.isspace() or letter in '()"' for letter in value)
    return value if plain else quote(value)
