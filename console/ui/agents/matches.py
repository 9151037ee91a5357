"""Where what was searched for stands: in a cell, in the part of it that is cut off, or in a column that is hidden."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from console.fleet.query.matching import ID_LETTERS
from console.rmm.models import Agent
from console.ui.agents.columns import ColumnSpec

_DOTS = "…"


def marked(text: str, shown: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Beginnings and ends within `shown`, which is `text` or its beginning with dots. A match that is cut off, or is in
    the part that is, has the dots marked. `words` are case-folded."""
    folded = text.casefold()
    found = [word for word in words if word and word in folded]
    if not found:
        return []
    places = None if len(folded) == len(text) else _places(text)
    cut = len(shown) if shown == text else len(shown) - len(_DOTS)
    spans = []
    for word in found:
        start = folded.find(word)
        while start >= 0:
            end = start + len(word)
            first, last = (places[start], places[end - 1] + 1) if places else (start, end)
            spans.append((first, last) if last <= cut else (min(first, cut), len(shown)))
            start = folded.find(word, end)
    return list(dict.fromkeys(spans))


def _places(text: str) -> list[int]:
    """Of each letter of the folded text, the letter that it comes from: "ß" folds into two."""
    return [place for place, letter in enumerate(text) for _ in letter.casefold()]


def only_hidden(
    agent: Agent, words: Iterable[str], shown: Sequence[ColumnSpec], hidden: Sequence[ColumnSpec], now: datetime
) -> list[tuple[str, str]]:
    """Titles of hidden columns and their texts: what they alone have of what was searched for."""
    folded = [column.text(agent, now).casefold() for column in shown]
    missing = [word for word in words if word and not any(word in text for text in folded)]
    if not missing:
        return []
    return [
        (column.title, text)
        for column in hidden
        if (text := column.text(agent, now)) and any(word in text.casefold() for word in _looked_for(missing, column))
    ]


def _looked_for(words: Sequence[str], column: ColumnSpec) -> Sequence[str]:
    """A search looks through agent ids for what is nearly one only."""
    return words if column.name != "agent_id" else [word for word in words if len(word) >= ID_LETTERS]
