"""Keeps what the search box completes with up to date with the list, off the GUI thread, and only while it is used."""

import time
from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject

from console.fleet.query.vocabulary import Vocabulary, vocabulary
from console.rmm.models import Agent
from console.ui.search.box import SearchBox
from console.work import Runner

_LASTS_SECONDS = 120.0


class FleetWords(QObject):
    """Counts the values of the agents when the box is gone to, and again when they have become old."""

    def __init__(
        self,
        box: SearchBox,
        agents: Callable[[], Iterable[Agent]],
        lane: Runner,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(box)
        self._box = box
        self._agents = agents
        self._lane = lane
        self._clock = clock
        self._names: Mapping[int, str] | None = None
        self._counted: float | None = None
        self._count = 0
        self._busy = False
        box.words_wanted.connect(self._wanted)

    def set_field_names(self, names: Mapping[int, str]) -> None:
        """The names of the custom fields by their ids, once they are known: all there are."""
        self._names = names
        self._counted = None
        self._wanted()

    def _wanted(self) -> None:
        """A list that is not there yet is counted as soon as it is."""
        old = self._counted is None or self._count == 0 or self._clock() - self._counted > _LASTS_SECONDS
        if self._busy or not old:
            return
        agents, names = tuple(self._agents()), self._names
        self._busy, self._counted, self._count = True, self._clock(), len(agents)
        self._lane.run(lambda: vocabulary(agents, names), self._take, lambda _: self._ended())

    def _take(self, words: Vocabulary) -> None:
        self._box.set_vocabulary(words)
        self._ended()

    def _ended(self) -> None:
        self._busy = False
        if self._counted is None and self._names is not None:
            self._wanted()  # names came while it was being counted
