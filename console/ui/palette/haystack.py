"""Finds what has a name by a few letters of it, best first. It is made beside the window, and asked with each key."""

import re
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

import msgspec

_BORDER = "\n"
_MOST_RANKED = 300
_MOST_NEAR = 1500
_MOST_LOOKED_AT = 20_000
_PREFERRED = 1.5
"""By so many steps of Fit a preferred one is better than it would be."""

Key = TypeVar("Key", bound=Hashable)


class Fit(IntEnum):
    """How a name fits what was typed, the best first."""

    EQUAL = -2
    BEGINS = 1
    WITHIN = 2
    BESIDE = 3
    """Some of the words are not in the name, but in what stands beside it."""
    IN_ORDER = 4
    """Every letter, in order, with others between them."""
    ANY_ORDER = 5


@dataclass(frozen=True, order=True)
class Rank:
    """The smaller the better."""

    fit: float
    unlike: float
    name: str


class Found(msgspec.Struct, Generic[Key], frozen=True):
    key: Key
    rank: Rank


class Haystack(Generic[Key]):
    """Names to look for. Each may have something beside it that tells it from others, such as a client and a site.

    Ten thousands of them are looked through with each key, by what costs next to nothing; only the few that are left
    are compared letter by letter.
    """

    def __init__(self, names: Iterable[tuple[Key, str, str]] = ()) -> None:
        """Keys, names, and what stands beside them. Of many that fit equally well the first are found."""
        self._keys: list[Key] = []
        self._names: list[str] = []
        self._texts: list[str] = []
        for key, name, beside in names:
            folded = name.casefold()
            self._keys.append(key)
            self._names.append(folded)
            self._texts.append(f"{folded}{_BORDER}{beside.casefold()}")
        self._rows = {key: row for row, key in enumerate(self._keys)}
        self._last: tuple[str, list[int]] = ("", list(range(len(self._keys))))
        self._last_near: tuple[str, list[int]] = self._last
        self._every = self._last

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, typed: str, preferred: Collection[Key] = (), most: int = 50) -> list[Found[Key]]:
        """The best, at most so many. Nothing typed finds nothing."""
        query = " ".join(typed.casefold().split())
        if not query:
            return []
        words = query.split()
        liked = {row for key in preferred if (row := self._rows.get(key)) is not None}
        rows = self._best_few(self._holding(query, words), query, liked)
        found = [self._found(row, self._fit(row, query, words), query, liked) for row in rows]
        if len(found) < most:
            seen = set(rows)
            found += [one for row, one in self._near(query, liked) if row not in seen]
        return sorted(found, key=lambda one: one.rank)[:most]

    def _holding(self, query: str, words: list[str]) -> list[int]:
        """The rows in whose texts every word occurs. Typing on looks only through what was found before."""
        texts = self._texts
        before, rows = self._last if query.startswith(self._last[0]) else self._every
        for word in words if rows else ():
            if word not in before:
                rows = [row for row in rows if word in texts[row]]
        self._last = (query, rows)
        return rows

    def _best_few(self, rows: list[int], query: str, liked: set[int]) -> list[int]:
        """Those that are called so, preferred ones, those whose names begin with a word, or hold them all, or one of
        them; and then the first."""
        if len(rows) <= _MOST_RANKED:
            return rows
        names, words = self._names, tuple(query.split())
        begin = [row for row in rows if names[row].startswith(words)]
        called = {query, *words}
        equal = [row for row in begin if names[row] in called]
        wanted = [row for row in liked if all(word in self._texts[row] for word in words)]
        within = rows
        for word in words:
            within = [row for row in within if word in names[row]]
        longest = max(words, key=len)
        some = [row for row in rows if longest in names[row]] if len(words) > 1 else []
        parts = (equal, wanted, begin, within, some, rows)
        return list(dict.fromkeys(row for part in parts for row in part[:_MOST_RANKED]))[:_MOST_RANKED]

    def _near(self, query: str, liked: set[int]) -> Iterator[tuple[int, Found[Key]]]:
        """The names that have every letter of the query, wherever it is."""
        letters = query.replace(" ", "")
        if len(letters) < 2:
            return
        names = self._names
        before, rows = self._last_near if letters.startswith(self._last_near[0]) else self._every
        for letter in dict.fromkeys(letters):
            if letter not in before:
                rows = [row for row in rows if letter in names[row]]
        self._last_near = (letters, rows)
        few = [row for row in liked if all(letter in names[row] for letter in letters)]
        in_order = re.compile(".*".join(map(re.escape, letters))).search
        ordered = [row for row in rows[:_MOST_LOOKED_AT] if in_order(names[row])] if len(rows) > _MOST_NEAR else []
        for row in dict.fromkeys((*few, *ordered[:_MOST_NEAR], *rows[: _MOST_NEAR - len(ordered[:_MOST_NEAR])])):
            fit = _near_fit(letters, names[row])
            if fit:
                yield row, self._found(row, fit, query, liked)

    def _fit(self, row: int, query: str, words: list[str]) -> Fit:
        name = self._names[row]
        if name == query:
            return Fit.EQUAL
        if not all(word in name for word in words):
            return Fit.BESIDE
        return Fit.BEGINS if name.startswith(words[0]) else Fit.WITHIN

    def _found(self, row: int, fit: Fit, query: str, liked: set[int]) -> Found[Key]:
        name = self._names[row]
        better = _PREFERRED if row in liked and fit is not Fit.EQUAL else 0.0
        from rapidfuzz import fuzz  # the console has started long since when the first name is compared

        return Found(self._keys[row], Rank(fit - better, -fuzz.ratio(query, name), name))


def matched(text: str, typed: str) -> frozenset[int]:
    """The places in a text that what was typed stands for: its words where they all occur, else its letters in order,
    else the words that do, else each letter where it occurs first."""
    folded = text.casefold()
    if len(folded) != len(text):
        return frozenset()  # a few letters fold into two: the places would be wrong
    words = typed.casefold().split()
    letters = "".join(words)
    in_order = _in_order(letters, folded)
    if in_order is not None and not all(word in folded for word in words):
        return frozenset(in_order)
    places = {place for word in words if (start := folded.find(word)) >= 0 for place in range(start, start + len(word))}
    if places:
        return frozenset(places)
    if _near_fit(letters, folded):
        return frozenset(_any_order(letters, folded))
    return frozenset()


def _near_fit(letters: str, name: str) -> Fit | None:
    if _in_order(letters, name) is not None:
        return Fit.IN_ORDER
    return Fit.ANY_ORDER if all(name.count(letter) >= letters.count(letter) for letter in set(letters)) else None


def _in_order(letters: str, name: str) -> list[int] | None:
    places: list[int] = []
    place = -1
    for letter in letters:
        place = name.find(letter, place + 1)
        if place < 0:
            return None
        places.append(place)
    return places


def _any_order(letters: str, name: str) -> set[int]:
    places: set[int] = set()
    for letter in letters:
        place = name.find(letter)
        while place in places:
            place = name.find(letter, place + 1)
        if place >= 0:
            places.add(place)
    return places
