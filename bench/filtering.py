"""`filter_key`: from a key in the search box until the rows that it leaves are painted, for each letter of several
words. `filter_key_naive`: the same for a QSortFilterProxyModel whose filter is Python, as it is written at first."""

import time
from collections.abc import Iterator

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView

from bench.fleet_desk import SIZES, listed
from bench.rows import Row, row
from bench.waiting import pause
from console.fleet.search import search_text
from console.rmm.models import Agent
from console.ui.agents.columns import COLUMNS, now
from console.ui.agents.page import AgentsPage

_ROUNDS = 2
_NAIVE_SECONDS = 12.0
"""A round of the naive one may take minutes: it ends after so long."""


def filter_key() -> list[Row]:
    made: list[Row] = []
    for count in SIZES:
        with listed(count) as (_, page, _):
            figures = [figure for _ in range(_ROUNDS) for word in _words(page) for figure in _typed(page, word)]
            naive = list(_typed_naively(page))
        made.append(row("filter_key", "ms", figures, agents=count))
        made.append(row("filter_key_naive", "ms", naive, agents=count))
    return made


def _words(page: AgentsPage) -> list[str]:
    """What technicians type: a client, a host name, an address, a description, a state, and what is nowhere."""
    agents = list(page.watch.store.agents())
    some = agents[len(agents) // 3]
    return ["kestrel", some.hostname.lower(), some.local_ips.split("/")[0], "reception", "is:offline windows", "zebra"]


def _typed(page: AgentsPage, word: str) -> Iterator[float]:
    """Milliseconds for each letter."""
    field = page.search.field
    field.setFocus()
    page.search.clear()
    pause(700)  # until notes and completion have come to rest
    for letter in word:
        begun = time.perf_counter()
        QTest.keyClicks(field, letter)
        QApplication.processEvents()  # paints what was to be painted, down to the screen
        yield 1000 * (time.perf_counter() - begun)
        pause(120)  # a quick typist


class _Source(QAbstractTableModel):
    def __init__(self, agents: list[Agent]) -> None:
        super().__init__()
        self.agents = agents
        self.texts = [search_text(agent) for agent in agents]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(self.agents)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 9

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[index.column()].text(self.agents[index.row()], _NOW)
        return None


class _Filter(QSortFilterProxyModel):
    def __init__(self, source: _Source) -> None:
        super().__init__()
        self.words: list[str] = []
        self._texts = source.texts
        self.setSourceModel(source)

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex, /) -> bool:
        return all(word in self._texts[source_row] for word in self.words)


_NOW = now()


def _typed_naively(page: AgentsPage) -> Iterator[float]:
    filtered = _Filter(_Source(list(page.watch.store.agents())))
    view = QTableView()
    view.setSortingEnabled(True)
    view.setModel(filtered)
    view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    view.resize(page.table.size())
    view.show()
    pause(500)
    end = time.perf_counter() + _NAIVE_SECONDS
    for word in _words(page):
        for length in range(1, len(word) + 1):
            if time.perf_counter() > end:
                view.close()
                return
            begun = time.perf_counter()
            filtered.words = word[:length].split()
            filtered.invalidateFilter()
            QApplication.processEvents()
            yield 1000 * (time.perf_counter() - begun)
    view.close()
