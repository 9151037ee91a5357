"""Queries of every shape, for hypothesis."""

from hypothesis import strategies as st

from console.fleet.query.parser import parse
from console.fleet.query.reader import pieces
from console.fleet.query.tree import All, Any, Field, Is, Node, Not, Word
from console.fleet.query.words import FIELDS, STATES

LETTERS = st.text('ab()"\\-: <>.ortisclient7é', max_size=40)


def word(text: str) -> Node:
    """A word as it is read: quoted when it would be read as something else."""
    plain = text and [piece.text for piece in pieces(text)] == [text] and not parse(text).notes
    return parse(text).root if plain else Word(text.casefold(), True)


TEXTS = LETTERS.map(str.casefold)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    LETTERS.map(word),
    st.sampled_from(sorted(STATES)).map(Is),
    st.builds(Field, st.sampled_from(sorted(FIELDS)), TEXTS.filter(bool)),
    st.builds(Field, TEXTS.filter(bool).map("cf.{}".format), TEXTS.filter(bool)),
    st.builds("{}{}{}".format, st.sampled_from("<>"), st.integers(0, 999999), st.sampled_from("mhdw")).map(
        lambda age: Field("seen", age)
    ),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=4).map(lambda some: All(tuple(some))),
        st.lists(parts, min_size=2, max_size=4).map(lambda some: Any(tuple(some))),
    ),
    max_leaves=12,
)
