"""How the cells of the agents table are drawn."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from console.fleet.query.parser import parse
from console.fleet.store import FleetStore
from console.preferences import Preferences, Theme
from console.rmm.models import AgentStatus
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.theme import Appearance
from tests.unit.fleet.agents import named

_WIDTH, _HEIGHT = 220, 30


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@pytest.fixture
def table(appearance: Appearance, qtbot: QtBot) -> AgentTable:
    store = FleetStore()
    store.update(
        [
            named("id-0", hostname="kestrel-server", status=AgentStatus.ONLINE),
            named("id-1", hostname="straße-" + "lang" * 40),
            named("id-2", hostname=""),
        ]
    )
    made = AgentTable(AgentModel(store, appearance), appearance)
    qtbot.addWidget(made)
    made.restore(Preferences())
    return made


def drawn(table: AgentTable, agent_id: str, column: str, *, selected: bool = False) -> QImage:
    """One cell on white."""
    model = table.model()
    assert isinstance(model, AgentModel)
    row = model.row_of(agent_id)
    assert row is not None
    image = QImage(_WIDTH, _HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, _WIDTH, _HEIGHT)
    option.state = QStyle.StateFlag.State_Enabled | (
        QStyle.StateFlag.State_Selected if selected else QStyle.StateFlag.State_None
    )
    painter = QPainter(image)
    place = [one.name for one in model.columns].index(column)
    table.itemDelegate().paint(painter, option, model.index(row, place))
    painter.end()
    return image


def ink(image: QImage) -> list[int]:
    """The columns of pixels that are not white."""
    white = QColor("white").rgb()
    return [x for x in range(image.width()) if any(image.pixel(x, y) != white for y in range(image.height()))]


def differing(one: QImage, other: QImage) -> list[int]:
    return [x for x in range(one.width()) if any(one.pixel(x, y) != other.pixel(x, y) for y in range(one.height()))]


def test_what_was_searched_for_is_marked_where_it_stands(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    plain = drawn(table, "id-0", "hostname")
    model.show(parse("SERVER"))
    marked = differing(plain, drawn(table, "id-0", "hostname"))
    assert marked, "nothing is marked"
    assert min(marked) > min(ink(plain)) + 20, "“kestrel-” is marked as well"
    model.show(parse("kestrel"))
    first = differing(plain, drawn(table, "id-0", "hostname"))
    assert max(first) <= min(marked) + 12, "the mark goes further than the word"
    model.show(parse("-zebra"))
    assert drawn(table, "id-0", "hostname") == plain, "what must not occur is no match"


def test_letters_that_fold_into_two_are_drawn_without_marks(table: AgentTable) -> None:
    """Places in the folded text would be wrong ones."""
    model = table.model()
    assert isinstance(model, AgentModel)
    plain = drawn(table, "id-1", "hostname")
    model.show(parse("strasse"))
    assert model.rowCount() == 1
    assert drawn(table, "id-1", "hostname") == plain


def test_a_long_text_stays_in_its_cell(table: AgentTable) -> None:
    assert max(ink(drawn(table, "id-1", "hostname"))) < _WIDTH - 4


def test_an_empty_cell_is_empty(table: AgentTable) -> None:
    assert ink(drawn(table, "id-2", "hostname")) == []


def test_what_is_not_known_has_a_dash_and_what_is_not_there_has_none(table: AgentTable) -> None:
    blank = drawn(table, "id-0", "description")
    assert drawn(table, "id-0", "serial") != blank
    assert drawn(table, "id-0", "serial") == drawn(table, "id-0", "model")
    assert drawn(table, "id-0", "reboot") == blank


def test_a_selected_cell_is_coloured_to_its_edges(table: AgentTable) -> None:
    assert ink(drawn(table, "id-2", "hostname", selected=True)) == list(range(_WIDTH))


def test_a_state_that_is_old_news_is_dimmed(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    bright, host = drawn(table, "id-0", "status"), drawn(table, "id-0", "hostname")
    model.stale = "As it was at 10:00, in the last run."
    assert drawn(table, "id-0", "status") != bright
    assert drawn(table, "id-0", "hostname") == host, "only states get old"
