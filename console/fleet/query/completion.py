"""What may follow the letters that are being typed into a query."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from console.fleet.query.parser import Note, parse
from console.fleet.query.reader import pieces
from console.fleet.query.tree import Field, printed
from console.fleet.query.vocabulary import Value, Vocabulary
from console.fleet.query.words import FIELDS, SEEN, STATES

MOST = 16
"""So that all states are shown."""
_MOST_VALUES = 12
SEEN_MEANS = "seen less (<) or more (>) than so long ago"
_CUSTOM_NAME = re.compile(r'(?:^|[\s(-])(cf\.(?:"([^":]*)"?|([^\s":()]*)))$', re.IGNORECASE)
_AGES = {
    "<1h": "seen within the last hour",
    "<1d": "seen within the last day",
    "<7d": "seen within the last week",
    ">1d": "not seen for a day",
    ">7d": "not seen for a week",
    ">30d": "not seen for 30 days",
    ">90d": "not seen for 90 days",
}


class Candidate(msgspec.Struct, frozen=True):
    """`text` is what would stand in the query, `means` a short explanation. `finished`: nothing has to follow it."""

    text: str
    means: str
    finished: bool = True


class Completion(msgspec.Struct, frozen=True):
    """Candidates, the best first, for what stands from `start` to `end`. `needed`: as it stands it means nothing."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]
    needed: bool


def complete(text: str, cursor: int, words: Vocabulary, *, asked: bool = False) -> Completion | None:
    """The candidates for what stands before the cursor, None when there are none.

    Unless it was `asked` for, plain words get none: they are good as they are.
    """
    start, end, typed = _typed(text, cursor)
    there = text[start:end].casefold()
    notes = parse(typed, words.folded_names).notes if typed else ()
    found = tuple(each for each in _candidates(typed, words, asked) if each.text.casefold() != there)
    found = found or _mended(typed, notes, words, asked=asked)
    return Completion(start, end, found[:MOST], needed=bool(notes)) if found else None


def taken(text: str, completion: Completion, candidate: Candidate) -> tuple[str, int]:
    """The text and the place of the cursor after a candidate was taken; a space follows what is finished."""
    before, after = text[: completion.start] + candidate.text, text[completion.end :]
    if candidate.finished and not after[:1].isspace():
        after = " " + after if not after.startswith(")") else after
    cursor = len(before) + (1 if candidate.finished and after.startswith(" ") else 0)
    return before + after, cursor


def _typed(text: str, cursor: int) -> tuple[int, int, str]:
    """What is being typed: where it starts, where it ends (behind the cursor, perhaps), its text up to the cursor."""
    before = text[:cursor]
    custom = _CUSTOM_NAME.search(before)
    if custom:
        end = next((piece.end for piece in pieces(text) if piece.start == custom.start(1)), cursor)
        return custom.start(1), max(end, cursor), custom[1]
    last = next(iter(deque(pieces(before), maxlen=1)), None)
    if last is None or last.end != cursor or last.kind in ("(", ")", "-"):
        return cursor, cursor, ""
    whole = next((piece for piece in pieces(text) if piece.start == last.start), last)
    return last.start, max(whole.end, cursor), before[last.start :]


def _candidates(typed: str, words: Vocabulary, asked: bool) -> Iterable[Candidate]:
    custom = _CUSTOM_NAME.search(typed)
    if custom:
        return _custom_names((custom[2] or custom[3] or "").casefold(), words)
    piece = next(pieces(typed), None)
    if piece is None or piece.name is None:
        plain = typed.strip('"').casefold()
        return _for_word(plain, words) if asked else ()
    name, value = piece.name.casefold(), piece.value.casefold()
    if name == "is":
        return _states(value)
    if name == SEEN:
        return [Candidate(f"seen:{age}", means) for age, means in _AGES.items() if age.startswith(value)]
    written = "cf." + piece.name[3:] if name.startswith("cf.") else name
    return _values(written, value, words.values.get(name, ()))


def _mended(typed: str, notes: tuple[Note, ...], words: Vocabulary, *, asked: bool) -> tuple[Candidate, ...]:
    """What was probably meant. A word with an unknown name before its colon may be one that is meant as it is."""
    if len(notes) != 1 or not notes[0].suggestion or (notes[0].start, notes[0].end) != (0, len(typed)):
        return ()
    is_known = typed.casefold().startswith(("is:", f"{SEEN}:", "cf."))
    meant = notes[0].suggestion
    finished = not parse(meant, words.folded_names).notes  # the value may be half typed
    return (Candidate(meant, "probably meant", finished=finished),) if asked or is_known else ()


def _states(value: str) -> list[Candidate]:
    names = [name for name in STATES if name.startswith(value)] or [name for name in STATES if value in name]
    return [Candidate(f"is:{name}", STATES[name][0]) for name in names]


def _custom_names(typed: str, words: Vocabulary) -> list[Candidate]:
    rank = _rank(typed)
    names = sorted(
        (name for name in words.custom_names or () if typed in name.casefold()), key=lambda name: rank(name.casefold())
    )
    return [Candidate(printed(Field("cf." + name, "x"))[:-1], "custom field", finished=False) for name in names]


def _for_word(typed: str, words: Vocabulary) -> Iterator[Candidate]:
    """For a plain word: states and fields that begin like it, then clients and sites in which it occurs."""
    for name, (means, _) in STATES.items():
        if typed and (name.startswith(typed) or f"is:{name}".startswith(typed)):
            yield Candidate(f"is:{name}", means)
    if not typed:
        yield Candidate("is:", "a state, such as is:online", finished=False)
    for name, (means, _) in FIELDS.items():
        if name.startswith(typed):
            yield Candidate(f"{name}:", means, finished=False)
    if SEEN.startswith(typed):
        yield Candidate(f"{SEEN}:", SEEN_MEANS, finished=False)
    if "cf.".startswith(typed) and words.custom_names:
        yield Candidate("cf.", "a custom field by its name", finished=False)
    if typed:
        for field in ("client", "site"):
            yield from _values(field, typed, words.values.get(field, ()))[: _MOST_VALUES // 3]


def _values(name: str, typed: str, values: Iterable[Value]) -> list[Candidate]:
    """Values that hold what was typed: those that begin with it first, then the most frequent."""
    found = [value for value in values if typed in value.folded]
    rank = _rank(typed)
    found.sort(key=lambda value: rank(value.folded))
    return [Candidate(printed(Field(name, value.text)), _count(value.agents)) for value in found[:_MOST_VALUES]]


def _rank(typed: str) -> Callable[[str], int]:
    """Of a casefolded text: 0 when it begins with the typed letters, 1 when a word of it does, else 2."""
    in_word = re.compile(r"[\W_]" + re.escape(typed))
    return lambda folded: 0 if folded.startswith(typed) else 1 if in_word.search(folded) else 2


def _count(agents: int) -> str:
    return f"{agents} agent" + ("" if agents == 1 else "s")
