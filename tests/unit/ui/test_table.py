from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.fleet.store import FleetStore
from console.preferences import Preferences, Theme
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
    model.search("")
    row = next(row for row in range(model.rowCount()) if model.index(row, 1).data() == "pc-0500")
    table.selectRow(row)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.search("even")  # every second row goes: more runs than are removed one by one
    model.search("")
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
    menus = table.findChildren(QMenu)
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
    model.search("pc-7")
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
