from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from console.fleet.store import FleetStore
from console.preferences import Preferences, Theme
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.theme import Appearance
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
