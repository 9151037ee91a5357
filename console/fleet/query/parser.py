"""Reads a query. Any text is one: what is not understood is left out, and explained by a note.

query  = both { "or" both }         "or" in any case; the least binding
both   = part { part }              every part holds
part   = "-" part | "(" query ")" | text | "is:" STATE | FIELD ":" value | "cf." name ":" value
"""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from console.fleet.query.reader import Piece, pieces
from console.fleet.query.tree import EVERYTHING, All, Any, Field, Is, Node, Not, Word, printed
from console.fleet.query.words import AGE, FIELDS, OTHER_NAMES, OTHER_STATES, SEEN, STATES

MOST_PIECES = 1000
"""Brackets, words and signs that are read; no person types more. Not so many letters: written down again, a query may
have more of them than were typed."""
_MOST_PARTS = 200
_MOST_NOTES = 20
_LONGEST_SHOWN = 40
_DEEPEST = 20
_NEARLY_AGE = re.compile(r"([<>]?)=?([0-9]{1,6}) ?((?!mo)[mhdw])[a-z]*")
_CUSTOM_NEEDS = 'A custom field needs its name and a value: cf.Rack:12 or cf."Asset tag":ACM'
_NAMES = ("is", *FIELDS, SEEN)


@dataclass(frozen=True)
class Note:
    """Something in the text from `start` to `end` that was not understood and left out, or was made whole.
    `suggestion` is what may stand in its place, or ""."""

    start: int
    end: int
    message: str
    suggestion: str = ""

    @property
    def whole_message(self) -> str:
        """The message and, where there is one, the suggestion."""
        return f"{self.message} Did you mean {self.suggestion}?" if self.suggestion else self.message


@dataclass(frozen=True)
class Query:
    """`words` are the case-folded texts that were asked for, to be shown where they occur."""

    root: Node = EVERYTHING
    notes: tuple[Note, ...] = ()
    words: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return self.root != EVERYTHING

    def __str__(self) -> str:
        return printed(self.root)


def parse(text: str, custom_fields: Collection[str] | None = None) -> Query:
    """Reads a query; never raises. `custom_fields` are the names that exist, in lower case; None when not known."""
    parser = _Parser(custom_fields)
    root = parser.read(text)
    notes = sorted(parser.notes, key=lambda note: note.start)
    return Query(root, tuple(notes[:_MOST_NOTES]), _wanted(root))


@dataclass
class _Group:
    """What stands between two brackets: parts that all hold, alternatives to them, and the minus signs before."""

    start: int
    minus: int = 0
    parts: list[Node] = field(default_factory=list)
    alternatives: list[Node] = field(default_factory=list)
    waiting: Piece | None = None
    """An "or" whose other side has not come yet."""
    left_out: bool = False
    """Whether something before the next "or" was not understood: that is said already."""


class _Parser:
    def __init__(self, custom_fields: Collection[str] | None) -> None:
        self.notes: list[Note] = []
        self._custom_fields = custom_fields
        self._minus: list[Piece] = []
        self._count = 0
        self._full = False

    def read(self, text: str) -> Node:
        groups = [_Group(0)]
        ignored = 0
        for count, piece in enumerate(pieces(text)):
            if self._full or count >= MOST_PIECES:
                self.notes.append(Note(piece.start, len(text), "The query is too long: the rest is left out."))
                break
            match piece.kind:
                case "-":
                    self._minus.append(piece)
                case "(" if len(groups) > _DEEPEST:
                    if not ignored:
                        self._note(piece, "Brackets are nested too deeply here: the inner ones do not count.")
                    ignored += 1
                case "(":
                    groups.append(_Group(piece.start, self._signs(piece.start)))
                case ")" if ignored:
                    ignored -= 1
                case ")" if len(groups) == 1:
                    self._note(piece, "This bracket was not opened.")
                case ")":
                    self._close(groups, piece.end)
                case "or":
                    self._or(groups[-1], piece)
                case _:
                    self._take(groups[-1], piece)
        while len(groups) > 1:
            self.notes.append(Note(groups[-1].start, groups[-1].start + 1, "This bracket is not closed."))
            self._close(groups, len(text))
        self._signs()
        return self._whole(groups[0]) or EVERYTHING

    def _take(self, group: _Group, piece: Piece) -> None:
        minus = self._signs(piece.start)
        if piece.unclosed:
            self.notes.append(Note(piece.unclosed - 1, piece.unclosed, "This quote is not closed."))
        node = self._node(piece)
        if node is not None:
            self._add(group, _negated(node, minus))
        else:
            group.waiting, group.left_out = None, True

    def _add(self, group: _Group, node: Node) -> None:
        self._count += 1
        self._full = self._count >= _MOST_PARTS
        group.parts.append(node)
        group.waiting = None

    def _or(self, group: _Group, piece: Piece) -> None:
        self._signs()
        left_out, group.left_out = group.left_out, False
        if not group.parts and left_out:
            return
        if not group.parts:
            self._note(piece, "“or” stands between two things. Put it in quotes to search for the word.", '"or"')
            return
        group.alternatives.append(_all(group.parts))
        group.parts = []
        group.waiting = piece

    def _close(self, groups: list[_Group], end: int) -> None:
        self._signs()
        group = groups.pop()
        node = self._whole(group)
        if node is None:
            self.notes.append(Note(group.start, end, "There is nothing in these brackets."))
        else:
            self._add(groups[-1], _negated(node, group.minus))

    def _whole(self, group: _Group) -> Node | None:
        if group.waiting:
            self._note(
                group.waiting, "“or” stands between two things. Put it in quotes to search for the word.", '"or"'
            )
        sides = [*group.alternatives, *([_all(group.parts)] if group.parts else [])]
        if not sides:
            return None
        return sides[0] if len(sides) == 1 else Any(tuple(sides))

    def _signs(self, following: int | None = None) -> int:
        """How many minus signs stand directly before what begins at `following`; any other is noted."""
        signs, self._minus = self._minus, []
        count = 0
        for sign in reversed(signs):
            if sign.end == following:
                count, following = count + 1, sign.start
            else:
                self._note(sign, "A minus sign stands directly before what is not wanted.")
        if count > _DEEPEST:
            self._note(signs[-1], "There are too many minus signs here.")
            count %= 2
        return count

    def _node(self, piece: Piece) -> Node | None:
        name, value = piece.name, piece.value
        if name is None and self._is_begun_custom(piece):
            self._note(piece, _CUSTOM_NEEDS)
            return None
        if name is None:
            return Word(value.casefold(), piece.needs_quotes or value[:3].casefold() == "cf.")
        name = name.casefold()
        if name == "is":
            return self._state(piece, value.casefold())
        if name.startswith("cf."):
            return self._custom(piece, name, value.casefold())
        if name not in _NAMES:
            return self._unknown(piece, name)
        if value.startswith("(") and piece.needs_quotes and not piece.text.endswith('"'):
            self._note(piece, f"A field takes one value: {name}:one or {name}:two")
            return None
        if not value:
            self._note(piece, f"{name}: needs a value: {_example(name)}")
            return None
        if name == SEEN and not AGE.fullmatch(value.casefold()):
            nearly = _NEARLY_AGE.fullmatch(value.casefold())
            better = f"seen:{nearly[1] or '<'}{nearly[2]}{nearly[3]}" if nearly else ""
            self._note(piece, "seen: needs < or > and an age in m, h, d or w: seen:<2d, seen:>4w", better)
            return None
        return Field(name, value.casefold())

    def _state(self, piece: Piece, value: str) -> Node | None:
        value = OTHER_STATES.get(value, value)
        if value in STATES:
            return Is(value)
        if not value:
            self._note(piece, "is: needs a state, such as is:online or is:rebootneeded")
            return None
        near = _nearest(value, tuple(STATES)) or next((name for name in STATES if name.startswith(value)), "")
        hint = "" if near else " F1 in the search box shows them all."
        self._note(piece, f"“{_short(piece.value)}” is not a state.{hint}", f"is:{near}" if near else "")
        return None

    def _custom(self, piece: Piece, name: str, value: str) -> Node | None:
        own = name[3:]
        if not own or not value:
            self._note(piece, _CUSTOM_NEEDS)
            return None
        if self._custom_fields is not None and own not in self._custom_fields and not own.isdecimal():
            near = _nearest(own, tuple(self._custom_fields))
            better = printed(Field(f"cf.{near}", value)) if near else ""
            self._note(piece, f"There is no custom field “{_short((piece.name or name)[3:])}”.", better)
            return None
        return Field(name, value)

    def _is_begun_custom(self, piece: Piece) -> bool:
        """If what has no colon yet may become a custom field: "cf.acme.local" is a text where none is called so."""
        text = piece.text.casefold()
        if not text.startswith("cf."):
            return False
        begun = text[3:].removeprefix('"')
        known = self._custom_fields
        return not begun or known is None or text[3] == '"' or any(name.startswith(begun) for name in known)

    def _unknown(self, piece: Piece, name: str) -> Node | None:
        """A near miss of a field is explained; anything else with a colon is text, such as an address."""
        typed = _short(piece.text.partition(":")[0])
        near = OTHER_NAMES.get(name) or (_nearest(name, _NAMES) if name.isalpha() and len(name) > 2 else "")
        value = piece.text.partition(":")[2]
        if not near and not value.startswith('"'):
            if name.isalpha() and len(name) > 2 and value and ":" not in value and value[0] not in "/\\":
                self._note(piece, f"There is no field “{typed}:”. It is looked for as a text.")
            return Word(piece.text.casefold(), piece.needs_quotes)
        self._note(piece, f"“{typed}:” is not a field.", f"{near}:{value}" if near else "")
        return None

    def _note(self, piece: Piece, message: str, suggestion: str = "") -> None:
        self.notes.append(Note(piece.start, piece.end, message, suggestion))


def _negated(node: Node, signs: int) -> Node:
    for _ in range(signs):
        node = Not(node)
    return node


def _all(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """A known word that begins like this one, or is nearly it; "" when there is none."""
    begun = [one for one in known if len(word) > 1 and one.startswith(word)]
    return next(iter(begun or difflib.get_close_matches(word[:40], known, 1, 0.7)), "")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _example(name: str) -> str:
    return {"ip": "ip:10.0.", "os": "os:server", SEEN: "seen:<2d", "version": "version:2.11"}.get(name, f"{name}:abc")


def _wanted(root: Node) -> tuple[str, ...]:
    """The texts that are asked for, not those that are kept out."""
    found: list[str] = []
    nodes = [root]
    while nodes:
        match nodes.pop():
            case Word(text, _):
                found.append(text)
            case Field(name, value) if name != SEEN:
                found.append(value)
            case All(parts) | Any(parts):
                nodes.extend(parts)
    return tuple(dict.fromkeys(reversed(found)))
