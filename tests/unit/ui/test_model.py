import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMessageLogContext, QModelIndex, QPersistentModelIndex, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QColor, QIcon
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.fleet.search import search_text
from console.fleet.store import FleetStore
from console.preferences import Theme
from console.rmm.models import Agent
from console.ui.agents.columns import COLUMNS, ColumnSpec
from console.ui.agents.model import AgentModel, sorted_ids
from console.ui.theme import Appearance
from tests.unit.fleet.agents import agents, named

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
LISTS = st.lists(agents(st.sampled_from([letter * 4 for letter in "abcdefghijkl"])), max_size=14)
STEPS = st.one_of(
    LISTS,
    st.sampled_from(["", "alpha", "beta", "al be", "online", "nothing at all", "a"]),
    st.tuples(st.integers(0, len(COLUMNS) - 1), st.sampled_from([UP, DOWN])),
)


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@contextmanager
def complaints() -> Iterator[list[str]]:
    """What Qt's own model tester has to say meanwhile, and whatever else Qt warns of."""
    said: list[str] = []

    def note(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
        said.append(text or "")

    before = qInstallMessageHandler(note)
    try:
        yield said
    finally:
        qInstallMessageHandler(before)


def watched(model: AgentModel) -> QAbstractItemModelTester:
    """Keep it: it tests as long as it lives."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)


@dataclass
class Shown:
    """A model under Qt's model tester, and what it should show, worked out in the plainest way."""

    model: AgentModel
    store: FleetStore
    query: str = ""
    column: ColumnSpec = COLUMNS[1]
    descending: bool = False
    agents: list[Agent] = field(default_factory=list)

    def step(self, step: list[Agent] | str | tuple[int, Qt.SortOrder]) -> None:
        if isinstance(step, str):
            self.query = step
            self.model.search(step)
        elif isinstance(step, tuple):
            self.column, self.descending = COLUMNS[step[0]], step[1] is DOWN
            self.model.sort(*step)
        else:
            self.agents = step
            self.model.apply(self.store.update(step))

    def wanted(self) -> list[str]:
        latest = {agent.agent_id: agent for agent in self.agents}.values()
        words = self.query.casefold().split()
        found = [agent for agent in latest if all(word in search_text(agent) for word in words)]
        return [agent.agent_id for agent in sorted(found, key=functools.cmp_to_key(self._compared))]

    def rows(self) -> list[str]:
        found = [self.model.agent_at(row) for row in range(self.model.rowCount())]
        return [agent.agent_id if agent else "" for agent in found]

    def _compared(self, one: Agent, other: Agent) -> int:
        if self.column.key(one) != self.column.key(other):
            smaller = self.column.key(one) < self.column.key(other)
            return -1 if smaller is not self.descending else 1
        names = [(each.hostname.casefold(), each.agent_id) for each in (one, other)]
        return -1 if names[0] < names[1] else 1


def shown(appearance: Appearance) -> Shown:
    store = FleetStore()
    return Shown(AgentModel(store, appearance), store)


@given(st.lists(STEPS, max_size=8))
def test_any_steps_show_what_they_should_and_lose_no_selection(
    appearance: Appearance, steps: list[list[Agent] | str | tuple[int, Qt.SortOrder]]
) -> None:
    now = shown(appearance)
    kept: list[tuple[str, QPersistentModelIndex]] = []
    with complaints() as said:
        tester = watched(now.model)
        for step in steps:
            before = now.rows()
            now.step(step)
            assert now.rows() == now.wanted()
            still = {agent_id for agent_id in before if agent_id in now.rows()}
            for agent_id, index in kept:
                assert index.isValid() is (agent_id in still)
                assert not index.isValid() or now.rows()[index.row()] == agent_id
            kept = [
                (agent_id, QPersistentModelIndex(now.model.index(row, row % len(COLUMNS))))
                for row, agent_id in enumerate(now.rows())
            ]
            assert [index.column() for _, index in kept] == [row % len(COLUMNS) for row in range(len(kept))]
        assert tester.model() is now.model
    assert said == []


def test_the_tester_would_complain(appearance: Appearance) -> None:
    """Else the test above could not fail for it."""
    model = shown(appearance).model
    with complaints() as said:
        tester = watched(model)
        model.beginInsertRows(QModelIndex(), 0, 0)
        model.endInsertRows()
        assert tester.model() is model
    assert any("FAIL" in text for text in said)


@pytest.mark.parametrize("wide", [True, False])
def test_many_changes_at_once_are_shown_as_well(appearance: Appearance, wide: bool) -> None:
    """Past some hundred separate runs of rows the model starts anew."""
    now = shown(appearance)
    everyone = [named(f"{number:04}", hostname=f"HOST {number:04}") for number in range(420)]
    resets: list[bool] = []
    now.model.modelReset.connect(lambda: resets.append(True))
    with complaints() as said:
        tester = watched(now.model)
        now.step(everyone)
        now.step((len(COLUMNS) - 1, UP))
        now.step([agent for number, agent in enumerate(everyone) if number % (2 if wide else 60)])
        assert now.rows() == now.wanted()
        assert bool(resets) is wide
        now.step(everyone)
        assert now.rows() == now.wanted()
        assert tester.model() is now.model
    assert said == []


def test_what_stays_is_not_announced_as_removed(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named(letter, hostname=letter) for letter in "abcde"])
    gone: list[tuple[int, int]] = []
    come: list[tuple[int, int]] = []
    now.model.rowsRemoved.connect(lambda _, first, last: gone.append((first, last)))
    now.model.rowsInserted.connect(lambda _, first, last: come.append((first, last)))
    now.step([named(letter, hostname=letter) for letter in "aefg"])
    assert gone == [(1, 3)]
    assert come == [(2, 3)]


def test_every_cell_shows_its_column(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a", hostname="HOST", logged_username="tech", italic=True, needs_reboot=True)])
    for place, column in enumerate(COLUMNS):
        cell = now.model.index(0, place)
        agent = now.agents[0]
        assert now.model.headerData(place, Qt.Orientation.Horizontal) == column.title
        assert cell.data() == column.text(agent, now.model._now)
        assert cell.data(Qt.ItemDataRole.ToolTipRole) == column.tip(agent) or column.text(agent, now.model._now)
        picture = cell.data(Qt.ItemDataRole.DecorationRole)
        assert isinstance(picture, QIcon) is bool(column.icon(agent))
        colour = cell.data(Qt.ItemDataRole.ForegroundRole)
        assert (colour == QColor(appearance.colours.muted)) is column.muted(agent)


def test_rows_are_found_by_agent(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a", hostname="2"), named("b", hostname="1")])
    assert now.model.row_of("a") == 1
    assert now.model.row_of("c") is None
    assert now.model.agent_at(0) == named("b", hostname="1")
    assert now.model.agent_at(-1) is None
    assert now.model.agent_at(2) is None


def test_a_change_of_looks_repaints_every_cell(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a"), named("b")])
    changed: list[tuple[int, int, int, int]] = []
    now.model.dataChanged.connect(
        lambda first, last: changed.append((first.row(), first.column(), last.row(), last.column()))
    )
    appearance.choose(Theme.DARK)
    appearance.choose(Theme.LIGHT)
    assert changed == [(0, 0, 1, len(COLUMNS) - 1)] * 2


def test_equal_ones_are_sorted_by_host_name_both_ways() -> None:
    three = [named("1", hostname="b"), named("2", hostname="A"), named("3", hostname="a", description="x")]
    description = COLUMNS[-1]
    assert sorted_ids(three, description, descending=False) == ["3", "2", "1"]
    assert sorted_ids(three, description, descending=True) == ["2", "1", "3"]
