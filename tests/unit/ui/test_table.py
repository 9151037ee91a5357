from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.fleet.grouping import Grouping
from console.fleet.query.parser import parse
from console.fleet.store import FleetStore
from console.preferences import Column, Preferences, Theme
from console.rmm.models import Agent
from console.ui.agents.columns import COLUMNS
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.theme import Appearance
from console.ui.widgets import button
from tests.unit.fleet.agents import named


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


def test_the_selection_survives_a_search_that_changes_most_rows(appearance: Appearance) -> None:
    store = FleetStore()
    words = ("even", "odd")
    store.update([named(f"id-{n:04}", hostname=f"pc-{n:04}", description=words[n % 2]) for n in range(1000)])
    model = AgentModel(store, appearance)
    table = AgentTable(model, appearance)
    table.restore(Preferences())
    model.show(parse(""))
    row = next(row for row in range(model.rowCount()) if model.index(row, 1).data() == "pc-0500")
    table.selectRow(row)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.show(parse("even"))  # every second row goes: more runs than are removed one by one
    model.show(parse(""))
    assert resets, "the search was too small to show it"
    agent = table.current_agent()
    assert agent is not None
    assert agent.hostname == "pc-0500"


@pytest.fixture
def table(appearance: Appearance, qtbot: QtBot) -> AgentTable:
    """Ten machines, pc-0 to pc-9, in this order."""
    store = FleetStore()
    store.update([named(f"id-{n}", hostname=f"pc-{n}") for n in range(10)])
    made = AgentTable(AgentModel(store, appearance), appearance)
    qtbot.addWidget(made)
    made.restore(Preferences())
    made.resize(800, 400)
    made.show()
    return made


def test_the_menu_key_is_about_the_current_machine(table: AgentTable) -> None:
    table.selectRow(4)
    elsewhere = QPoint(20, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, elsewhere, table.mapToGlobal(elsewhere))
    table.contextMenuEvent(event)
    menus = [each for each in table.findChildren(QMenu) if each.parent() is table]
    assert len(menus) == 1
    menus[0].close()
    agent = table.current_agent()
    assert agent is not None
    assert agent.hostname == "pc-4"


def test_no_neighbour_takes_the_place_of_a_machine_that_goes(table: AgentTable) -> None:
    opened: list[str] = []
    table.wanted.connect(lambda agent, kind: opened.append(agent.hostname))
    table.selectRow(4)
    model = table.model()
    assert isinstance(model, AgentModel)
    model.show(parse("pc-7"))
    assert table.current_agent() is None
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened == []
    table.select_first()
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened == ["pc-7"]


def test_enter_presses_a_button(qtbot: QtBot) -> None:
    pressed: list[None] = []
    page = QWidget()
    qtbot.addWidget(page)
    made: QPushButton = button("Reconnect", lambda: pressed.append(None))
    made.setParent(page)
    page.show()
    made.setFocus()
    QTest.keyClick(made, Qt.Key.Key_Return)
    assert pressed == [None]


ALL_COLUMNS = [column.name for column in COLUMNS]
NAMES = ("pc-1", "pc-10", "pc-2", "srv", "mac", "kiosk")
FLEETS = st.lists(
    st.builds(
        lambda number, name, client: named(f"id-{number:03}", hostname=f"{name}-{number}", client_name=client),
        st.integers(0, 60),
        st.sampled_from(NAMES),
        st.sampled_from(["One", "Two", "Three"]),
    ),
    max_size=90,
    unique_by=lambda agent: agent.agent_id,
)


@settings(max_examples=60)
@given(FLEETS, FLEETS, st.data(), st.sampled_from(Grouping))
def test_a_refresh_moves_nothing_under_the_technicians_hands(
    appearance: Appearance, before: list[Agent], after: list[Agent], data: st.DataObject, grouping: Grouping
) -> None:
    store = FleetStore()
    store.update(before)
    model = AgentModel(store, appearance)
    table = AgentTable(model, appearance)
    table.resize(700, 300)
    table.restore(Preferences(grouping=grouping.value))
    model.show(parse("-kiosk"))
    table.show()
    told: list[None] = []
    shown = [agent.agent_id for agent in model.agents()]
    chosen = data.draw(st.sets(st.sampled_from(shown))) if shown else set()
    table.select_agents(chosen)
    table.verticalScrollBar().setValue(data.draw(st.integers(0, max(0, table.verticalScrollBar().maximum()))))
    QApplication.processEvents()
    table.selection_changed.connect(lambda: told.append(None))
    current, place = table.current_agent(), table.verticalScrollBar().value()
    y = table.visualRect(table.currentIndex()).top() if current else 0
    in_sight = current is not None and 0 <= y < table.viewport().height()

    model.apply(store.update(after))
    QApplication.processEvents()

    left = {agent.agent_id for agent in model.agents()}
    assert {agent.agent_id for agent in table.selected_agents()} == chosen & left
    again = table.current_agent()
    if current and current.agent_id in left:
        assert again is not None
        assert again.agent_id == current.agent_id
        bar = table.verticalScrollBar()
        if place and in_sight and 0 < bar.value() < bar.maximum():
            assert table.visualRect(table.currentIndex()).top() == y
    else:
        assert again is None, "the next Enter would act on a machine that nobody chose"
    if chosen:
        assert bool(told) is not (chosen <= left)
    table.close()


def test_several_columns_are_sorted_by_with_shift(table: AgentTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    header = table.horizontalHeader()
    names = [column.name for column in model.columns]

    def click(name: str, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        logical = names.index(name)
        place = QPoint(header.sectionViewportPosition(logical) + 20, 10)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, held, place)

    click("client")
    assert list(model.sorting) == [
        ("client", False),
    ]
    click("client")
    assert list(model.sorting) == [
        ("client", True),
    ]
    click("status", Qt.KeyboardModifier.ShiftModifier)
    assert list(model.sorting) == [("client", True), ("status", False)]
    click("client", Qt.KeyboardModifier.ShiftModifier)
    assert list(model.sorting) == [("client", False), ("status", False)]
    click("hostname")
    assert list(model.sorting) == [
        ("hostname", False),
    ]


def test_rows_are_copied_as_they_are_shown(table: AgentTable) -> None:
    table.show_columns([Column("hostname", 100), Column("status", 80)])
    shown = [column.name for column in table.shown_columns()]
    assert shown[:2] == ["hostname", "status"]
    table.selectRow(3)
    table.selectionModel().select(
        table.model().index(1, 0), QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    )
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[:2] for line in lines] == [["pc-1", "Unknown"], ["pc-3", "Unknown"]]


def test_what_changed_in_sight_is_coloured_for_a_moment(table: AgentTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    qtbot.waitUntil(lambda: bool(table._delegate.painted))
    store = model._store
    changed = [named(f"id-{n}", hostname=f"pc-{n}", client_name="new" if n == 3 else "") for n in range(10)]
    model.apply(store.update(changed))
    names = [column.name for column in model.columns]
    assert {(model.place_of(row), names[column]) for row, column in table._delegate.flashes} == {(3, "client")}
    qtbot.waitUntil(lambda: not table._delegate.flashes, timeout=5000)


def test_a_group_is_opened_and_closed_with_keys_and_mouse(table: AgentTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    table.group_by(Grouping.CLIENT)
    assert model.rowCount() == 11
    table.setCurrentIndex(model.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert model.rowCount() == 11, "it is open"
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert model.rowCount() == 1
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert model.rowCount() == 11
    place = table.visualRect(model.index(0, 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert model.rowCount() == 1
    assert table.selected_agents() == []


def test_groups_are_not_counted_as_selected_agents(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    clients = ("One", "Two", "Three", "")
    rows = [named(f"id-{n}", hostname=f"pc-{n}", client_name=clients[n % 4]) for n in range(10)]
    model.apply(model._store.update(rows))
    table.group_by(Grouping.CLIENT)
    model.toggle("Two")
    table.selectAll()
    assert table.selected_count() == len(table.selected_agents()) == 7
    table.group_by(Grouping.NOTHING)
    table.selectAll()
    assert table.selected_count() == 10


def test_each_column_that_is_sorted_by_shows_its_direction(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)

    def titles() -> list[str]:
        columns = range(model.columnCount())
        shown = [str(model.headerData(one, Qt.Orientation.Horizontal)) for one in columns]
        return [title for title in shown if title[-1] in "▴▾" or title[-1].isdigit()]

    table.order_by((("client", False), ("user", False), ("site", True)))
    assert titles() == ["Client  1", "Site  3 ▾", "User  2 ▴"]
    table.order_by((("client", False), ("user", True)))
    assert titles() == ["Client  1", "User  2 ▾"]
    table.order_by((("client", True),))
    assert titles() == []


def test_several_columns_are_ticked_in_one_menu_and_the_last_one_stays(table: AgentTable) -> None:
    table.show_columns([Column("hostname", 100), *(Column(one, 100, True) for one in ALL_COLUMNS if one != "hostname")])
    table.show_column_menu(table.mapToGlobal(QPoint(10, 10)))
    (menu,) = (each for each in table.findChildren(QMenu) if each.isVisible())
    entries = {action.text(): action for action in menu.actions()}
    assert not entries["Host name"].isEnabled()
    for title in ("Client", "Site"):
        place = menu.actionGeometry(entries[title]).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        assert menu.isVisible(), "it closed"
    assert [column.name for column in table.shown_columns()] == ["hostname", "client", "site"]
    assert entries["Host name"].isEnabled()
    menu.setActiveAction(entries["Host name"])
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert [column.name for column in table.shown_columns()] == ["client", "site"]
    menu.close()


def test_what_is_selected_outlasts_an_empty_list(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    rows = list(model._store.agents())
    table.select_agents(["id-3", "id-5"])
    model.apply(model._store.update([]))
    assert model.rowCount() == 0
    assert table.selected_agents() == []
    model.apply(model._store.update(rows))
    assert [agent.agent_id for agent in table.selected_agents()] == ["id-3", "id-5"]
    current = table.current_agent()
    assert current is not None
    assert current.agent_id == "id-3"
    model.show(parse("zebra"))
    model.show(parse("pc-7"))
    assert table.selected_agents() == []
    assert table.current_agent() is None, "the next Enter would act on a machine that nobody chose"
