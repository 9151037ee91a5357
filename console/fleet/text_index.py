"""The texts of all rows, kept so that a word is found in a few milliseconds among 100,000.

What many rows share (client, site, system, model …) is looked through once for each different text, and its rows come
from the codes of that column. What is a row's own (host name, addresses, serial number …) is one short text for each
row.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter
from threading import Lock

from console import turns
from console.fleet import masks
from console.fleet.masks import Mask
from console.fleet.query.words import states_text
from console.fleet.search import BORDER, OWN_TEXTS, SHARED_TEXTS, joined
from console.rmm.models import Agent

_MOST_VALUES = 4096
"""A column with more different texts than this is one whose texts are the rows' own after all."""
_MOST_REMEMBERED = 24
"""Words whose rows are remembered: some more than one types."""


class SharedColumn:
    """One text of every row as a number. Row `n` has the text `values[low[n] + 256 * high[n]]`."""

    def __init__(self) -> None:
        self.values: list[str] = [""]
        self._low = bytearray()
        self._high = bytearray()
        self._codes: dict[str, int] = {"": 0}
        self._pick: Callable[[bytes | bytearray], tuple[int, ...]] | None = None
        self._last: tuple[bytes, Mask] = (b"", masks.NONE)
        """Which values were found last, and their rows: the next letter of a word mostly finds the same."""

    def copy(self) -> "SharedColumn":
        made = SharedColumn()
        made.values, made._codes = self.values.copy(), self._codes.copy()
        made._low, made._high = self._low.copy(), self._high.copy()
        return made

    def put(self, row: int, text: str) -> bool:
        """Whether there was room for the text; if not it has to be found elsewhere."""
        code = self._codes.get(text)
        if code is None:
            if len(self.values) >= _MOST_VALUES:
                self._low[row] = self._high[row] = 0
                return False
            code = self._codes[text] = len(self.values)
            self.values.append(text)
        self._low[row], self._high[row] = code & 255, code >> 8
        return True

    def grow(self, by: int) -> None:
        self._low.extend(bytes(by))
        self._high.extend(bytes(by))

    def freeze(self) -> None:
        """Prepares what `find` needs; nothing is put in after it."""
        self._last = (b"", masks.NONE)
        if len(self.values) > 256 and len(self._low) > 1:
            numbers = tuple(range(len(self.values)))
            self._pick = itemgetter(
                *[numbers[low | high << 8] for low, high in zip(self._low, self._high, strict=True)]
            )

    def find(self, word: str) -> Mask:
        """The rows whose text holds the word."""
        flags = bytes([word in value for value in self.values])
        if 1 not in flags:
            return masks.NONE
        if flags == self._last[0]:
            return self._last[1]
        if self._pick is not None:
            mask = masks.of_bytes(bytes(self._pick(flags)))
        else:
            mask = masks.of_bytes(self._low.translate(flags.ljust(256, b"\0")[:256]))
        self._last = (flags, mask)
        return mask


class TextIndex:
    """Rows are numbers from 0 on; one that is not in use holds no text. `freeze` it before anything is looked for.

    With `later` the texts are not made before something is looked for, or `catch_up` is called, from any thread.
    """

    def __init__(self, *, later: bool = False) -> None:
        self._later = later
        self._late: dict[int, Agent] = {}
        self._catching_up = Lock()
        self.own: list[str] = []
        self.columns: dict[str, SharedColumn] = {name: SharedColumn() for name in SHARED_TEXTS}
        self._states = SharedColumn()
        self._found: dict[str, Mask] = {}

    def __len__(self) -> int:
        return len(self.own)

    @property
    def ready(self) -> bool:
        """Whether no texts are left for later."""
        return not self._late

    def copy(self) -> "TextIndex":
        """One to be changed while this one is in use."""
        self.catch_up()
        made = TextIndex(later=self._later)
        made.own = self.own.copy()
        made.columns = {name: column.copy() for name, column in self.columns.items()}
        made._states = self._states.copy()
        return made

    def grow(self, by: int) -> None:
        self.own.extend([""] * by)
        for column in self._all():
            column.grow(by)

    def put(self, row: int, agent: Agent) -> None:
        if self._later:
            self._late[row] = agent
            return
        texts = [text for each in OWN_TEXTS for text in each(agent)]
        for name, column in self.columns.items():
            shared = SHARED_TEXTS[name](agent).casefold()
            if not column.put(row, shared):
                texts.append(shared)
        self.own[row] = joined(texts)
        self._states.put(row, states_text(agent))

    def clear(self, row: int) -> None:
        self.own[row] = ""
        for column in self._all():
            column.put(row, "")

    def catch_up(self) -> None:
        """Makes the texts that were left for later."""
        with self._catching_up:
            if self._late:
                self._later = False
                for row, agent in self._late.items():
                    turns.give_way()
                    self.put(row, agent)
                self.freeze()
                self._late = {}

    def freeze(self) -> None:
        for column in self._all():
            column.freeze()

    def _all(self) -> Iterator[SharedColumn]:
        yield from self.columns.values()
        yield self._states

    def find_state(self, name: str) -> Mask | None:
        """The rows of one of the agents' own states; None while the texts are not made."""
        return None if self._late else self._states.find(f" {name} ")

    def find(self, word: str) -> Mask:
        """The rows in one of whose texts the word occurs."""
        if BORDER in word:
            return masks.NONE
        if self._late:
            self.catch_up()
        mask = self._find_own(word)
        for column in self.columns.values():
            mask |= column.find(word)
        return mask

    def _find_own(self, word: str) -> Mask:
        """The rows in whose own text the word occurs. A word that grew letter by letter is looked for only where the
        shorter one was."""
        if word in self._found:
            return self._found[word]
        own = self.own
        within = max((known for known in self._found if known in word), key=len, default=None)
        rows = None if within is None else masks.rows_of(self._found[within], len(own))
        if rows is None or 2 * len(rows) > len(own):
            mask = masks.of_bytes(bytes([word in text for text in own]))
        else:
            mask = masks.of_rows([row for row in rows if word in own[row]], len(own))
        if len(self._found) >= _MOST_REMEMBERED:
            del self._found[next(iter(self._found))]
        self._found[word] = mask
        return mask
