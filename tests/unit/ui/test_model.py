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

from console.fleet.grouping import Grouping, group_of
from console.fleet.query.matching import matcher
from console.fleet.query.parser import parse
from console.fleet.store import FleetStore
from console.preferences import Theme
from console.rmm.models import Agent, AgentStatus, CustomField
from console.ui.agents.columns import COLUMNS
from console.ui.agents.model import AgentModel, Sorting
from console.ui.theme import Appearance
from tests.unit.fleet.agents import agents, named

LISTS = st.lists(agents(st.sampled_from([letter * 4 for letter in "abcdefghijkl"])), max_size=14)
NAMES = [column.name for column in COLUMNS]
SORTINGS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=3, unique_by=lambda one: one[0]
)
STEPS = st.one_of(
    LISTS,
    st.sampled_from(["", "alpha", "beta", "al be", "online", "nothing at all", "a", "is:online", "-alpha"]),
    SORTINGS.map(tuple),
    st.sampled_from(Grouping),
)
Step = list[Agent] | str | Sorting | Grouping


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
    sorting: Sorting = (("hostname", False),)
    grouping: Grouping = Grouping.NOTHING
    agents: list[Agent] = field(default_factory=list)

    def step(self, step: Step) -> bool:
        """Whether what is kept about rows stays good."""
        if isinstance(step, Grouping):
            self.grouping = step
            self.model.group_by(step)
            return False
        if isinstance(step, str):
            self.query = step
            self.model.show(parse(step))
            return False
        if isinstance(step, tuple):
            self.sorting = step
            self.model.order_by(step)
        else:
            self.agents = step
            self.model.apply(self.store.update(step))
        return self.grouping is Grouping.NOTHING

    def wanted(self) -> list[str]:
        """Agent ids, and the names of groups."""
        latest = {agent.agent_id: agent for agent in self.agents}.values()
        test = matcher(parse(self.query).root, self.store.surroundings)
        found = sorted(
            (agent for agent in latest if test(agent)), key=lambda one: (one.hostname.casefold(), one.agent_id)
        )
        for name, down in reversed(self.sorting):
            key = COLUMNS[NAMES.index(name)].key
            known = {key(agent)[1] for agent in found if not key(agent)[0]}
            values = [(0, value) for value in sorted(known, reverse=down)] + [(1, "")]
            found = [agent for value in values for agent in found if key(agent) == value]
        if self.grouping is Grouping.NOTHING:
            return [agent.agent_id for agent in found]
        names = {group_of(self.grouping, agent) for agent in found}
        return [
            each
            for name in sorted(names, key=lambda one: (one.casefold(), one))
            for each in [name, *(agent.agent_id for agent in found if group_of(self.grouping, agent) == name)]
        ]

    def rows(self) -> list[str]:
        rows = range(self.model.rowCount())
        groups = [group.name if (group := self.model.group_at(row)) else "" for row in rows]
        found = [self.model.agent_at(row) for row in rows]
        return [agent.agent_id if agent else group for agent, group in zip(found, groups, strict=True)]


def shown(appearance: Appearance) -> Shown:
    store = FleetStore()
    return Shown(AgentModel(store, appearance), store)


@given(st.lists(STEPS, max_size=8))
def test_any_steps_show_what_they_should_and_lose_no_selection(appearance: Appearance, steps: list[Step]) -> None:
    now = shown(appearance)
    kept: list[tuple[str, QPersistentModelIndex]] = []
    with complaints() as said:
        tester = watched(now.model)
        for step in steps:
            before = now.rows()
            stays = now.step(step)
            assert now.rows() == now.wanted()
            kept = kept if stays else []
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
        resets.clear()
        now.step((("description", False),))
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
        assert cell.data() == column.text(agent, now.model.moment)
        tip = column.tip(agent) or column.text(agent, now.model.moment) or "unknown"
        assert cell.data(Qt.ItemDataRole.ToolTipRole) == tip
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


def test_a_group_can_be_closed(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a", client_name="One"), named("b", client_name="Two"), named("c", client_name="One")])
    now.step(Grouping.CLIENT)
    assert now.rows() == ["One", "a", "c", "Two", "b"]
    group = now.model.group_at(0)
    assert group is not None
    assert group.summary == "2 agents"
    now.model.toggle("One")
    assert now.rows() == ["One", "Two", "b"]
    assert now.model.found == 3
    assert now.model.flags(now.model.index(0, 0)) == Qt.ItemFlag.ItemIsEnabled
    assert "closed" in now.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    now.step([named("a", client_name="One"), named("b", client_name="Two", status=AgentStatus.OFFLINE)])
    assert now.rows() == ["One", "Two", "b"], "a refresh opens nothing"
    two = now.model.group_at(1)
    assert two is not None
    assert two.summary == "1 agent  ·  1 offline"
    now.model.toggle("One")
    assert now.rows() == ["One", "a", "Two", "b"]


def test_custom_fields_are_columns(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a", custom_fields=(CustomField(2, ("x", "y")), CustomField(1, True)))])
    now.model.set_custom_fields({1: "Rack", 2: "asset"})
    titles = [now.model.headerData(place, Qt.Orientation.Horizontal) for place in range(now.model.columnCount())]
    assert titles[-2:] == ["asset", "Rack"]
    assert [now.model.index(0, len(titles) - 2 + place).data() for place in range(2)] == ["x, y", "yes"]


def test_the_header_numbers_what_is_sorted_by(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step((("client", True), ("hostname", False)))
    assert now.model.headerData(NAMES.index("client"), Qt.Orientation.Horizontal) == "Client  1"
    assert now.model.headerData(NAMES.index("hostname"), Qt.Orientation.Horizontal) == "Host name  2 ▴"
    now.model.order_by((("client", True), ("no such column", False)))
    assert now.model.sorting == (("client", True),)
    assert now.model.headerData(NAMES.index("client"), Qt.Orientation.Horizontal) == "Client"


def test_old_news_say_so(appearance: Appearance) -> None:
    now = shown(appearance)
    now.step([named("a", status=AgentStatus.ONLINE)])
    now.model.stale = "As of 14:02."
    assert now.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "Online\nAs of 14:02."
