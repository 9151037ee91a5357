"""Cuts a query's text into its pieces: brackets, minus signs, "or", texts, and fields with their values."""

from collections.abc import Iterator
from typing import Literal

import msgspec

Kind = Literal["(", ")", "-", "or", "text"]


class Piece(msgspec.Struct, frozen=True):
    """`text` is as it was typed from `start` to `end`. For "text", `name` is what stands before the first colon, None
    when there is none or it is quoted, and `value` the rest without quotes. `needs_quotes`: the value would be read as
    something else without them. `unclosed` is where the text behind a quote begins that does not end, else 0."""

    kind: Kind
    text: str
    start: int
    end: int
    name: str | None = None
    value: str = ""
    needs_quotes: bool = False
    unclosed: int = 0


def pieces(text: str) -> Iterator[Piece]:
    """The pieces from left to right."""
    place, depth = 0, 0
    while place < len(text):
        letter = text[place]
        if letter.isspace():
            place += 1
        elif letter in "()":
            depth = depth + 1 if letter == "(" else max(0, depth - 1)
            yield Piece("(" if letter == "(" else ")", letter, place, place + 1)
            place += 1
        elif letter == "-":
            yield Piece("-", letter, place, place + 1)
            place += 1
        else:
            piece = _text(text, place, depth)
            place = piece.end
            yield piece


def _text(text: str, start: int, depth: int) -> Piece:
    if text[start] == '"':
        value, end, unclosed = _quoted(text, start)
        return Piece("text", text[start:end], start, end, None, value, True, unclosed)
    name_end = _name_end(text, start)
    if name_end is not None:
        return _field(text, start, name_end, depth)
    if _begins_custom(text, start):
        _, end, _ = _quoted(text, start + 3)
        return Piece("text", text[start:end], start, end, None, text[start:end], True)
    end = _end(text, start, depth)
    typed = text[start:end]
    if typed.casefold() == "or":
        return Piece("or", typed, start, end)
    return Piece("text", typed, start, end, None, typed, _odd(typed))


def _name_end(text: str, start: int) -> int | None:
    """Where the colon of a field stands, for a name as fields have it; `cf."two words"` has quotes in it."""
    if _begins_custom(text, start):
        _, end, _ = _quoted(text, start + 3)
        return end if text[end : end + 1] == ":" else None
    place = start
    while place < len(text) and (_is_letter(text[place]) or text[place] in "._"):
        place += 1
    custom = text[start : start + 3].casefold() == "cf."
    if custom:
        while place < len(text) and (_is_letter(text[place]) or text[place] in "._-"):
            place += 1
    return place if place > start and text[place : place + 1] == ":" else None


def _is_letter(character: str) -> bool:
    """A letter or digit, or the one sign that becomes a letter when its case is folded: U+0345."""
    return character.isalnum() or character.casefold().isalnum()


def _begins_custom(text: str, start: int) -> bool:
    return text[start : start + 4].casefold() == 'cf."'


def _field(text: str, start: int, colon: int, depth: int) -> Piece:
    name = text[start:colon]
    if _begins_custom(name, 0):
        name = name[:3] + _quoted(name, 3)[0]
    if text[colon + 1 : colon + 2] == '"':
        value, end, unclosed = _quoted(text, colon + 1)
        return Piece("text", text[start:end], start, end, name, value, True, unclosed)
    end = _end(text, colon + 1, depth)
    return Piece("text", text[start:end], start, end, name, text[colon + 1 : end], _odd(text[start:end]))


def _quoted(text: str, start: int) -> tuple[str, int, int]:
    """The value of what begins with a quote at `start`, where it ends, and where it began when it never does."""
    letters: list[str] = []
    place = start + 1
    while place < len(text):
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            letters.append(text[place + 1])
            place += 2
        elif letter == '"':
            return "".join(letters), place + 1, 0
        else:
            letters.append(" " if letter.isspace() else letter)  # no line's end: fields are lines of the searched text
            place += 1
    return "".join(letters), len(text), start + 1


def _end(text: str, start: int, depth: int) -> int:
    """Where a text without quotes ends. Brackets within it belong to it as long as they pair: Intel(R)."""
    inner, place = 0, start
    while place < len(text) and not text[place].isspace():
        if text[place] == "(":
            inner += 1
        elif text[place] == ")":
            if inner == 0 and depth > 0:
                break
            inner -= 1
        place += 1
    return place


def _odd(typed: str) -> bool:
    """Whether a text has to be quoted when it is written down again, wherever it then stands."""
    inner = 0
    for letter in typed:
        inner += (letter == "(") - (letter == ")")
        if inner < 0 or letter == '"':
            return True
    return inner != 0
