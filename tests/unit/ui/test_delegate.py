"""How the cells of the agents table are drawn."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem, QToolTip
from pytestqt.qtbot import QtBot

from console.fleet.query.parser import parse
from console.fleet.store import FleetStore
from console.preferences import Preferences, Theme
from console.rmm.models import AgentStatus
from console.ui.agents.matches import marked
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
            named("id-1", hostname="straße-" + "lang" * 40 + "the-end"),
            named("id-2", hostname=""),
            named("id-3", hostname="osprey", serial_number="SN-7742", status=AgentStatus.ONLINE),
            named("id-4", logged_username="anna", italic=True),
            named("id-5", logged_username="anna"),
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
    painter.setFont(table.font())
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


def test_letters_that_fold_into_two_are_marked_where_they_stand(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    plain = drawn(table, "id-1", "hostname")
    model.show(parse("strasse"))
    assert model.rowCount() == 1
    first = differing(plain, drawn(table, "id-1", "hostname"))
    assert min(first) <= 10
    model.show(parse("lang"))
    assert min(differing(plain, drawn(table, "id-1", "hostname"))) > max(first)


def test_what_is_found_in_the_part_that_is_cut_off_marks_the_dots(table: AgentTable) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    plain = drawn(table, "id-1", "hostname")
    model.show(parse("the-end"))
    dots = differing(plain, drawn(table, "id-1", "hostname"))
    assert dots
    assert max(ink(plain)) - 14 <= min(dots) <= max(dots) <= max(ink(plain)) + 2


def test_what_only_a_hidden_column_has_is_told(table: AgentTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, AgentModel)
    plain, other = drawn(table, "id-3", "hostname"), drawn(table, "id-3", "status")
    model.show(parse("sn-77"))
    assert differing(plain, drawn(table, "id-3", "hostname")), "no sign of it"
    assert drawn(table, "id-3", "status") == other
    place = QPoint(5, 5)
    event = QHelpEvent(QEvent.Type.ToolTip, place, table.viewport().mapToGlobal(place))
    table.itemDelegate().helpEvent(event, table, QStyleOptionViewItem(), model.index(0, 0))
    assert QToolTip.text() == "Online\nFound in Serial number: SN-7742"
    table.setColumnHidden([one.name for one in model.columns].index("serial"), False)
    assert drawn(table, "id-3", "hostname") == plain


@pytest.mark.parametrize(
    ("text", "shown", "word", "spans"),
    [
        ("Größl.Anna", "Größl.Anna", "anna", [(6, 10)]),
        ("Größl.Anna", "Größl.Anna", "össl", [(2, 5)]),
        ("Größl", "Größl", "s", [(3, 4)]),
        ("anna anna", "anna anna", "anna", [(0, 4), (5, 9)]),
        ("anna anna", "anna a…", "anna", [(0, 4), (5, 7)]),
        ("anna berta", "ann…", "berta", [(3, 4)]),
        ("anna berta", "ann…", "anna", [(0, 4)]),
        ("anna", "anna", "berta", []),
        ("anna", "anna", "", []),
    ],
)
def test_marks_lie_on_the_letters_that_are_shown(
    text: str, shown: str, word: str, spans: list[tuple[int, int]]
) -> None:
    assert marked(text, shown, (word,)) == spans


@given(st.text(), st.text(min_size=1, max_size=3), st.integers(0, 30))
def test_marks_lie_within_what_is_shown(text: str, word: str, cut: int) -> None:
    shown = text if len(text) <= cut else text[:cut] + "…"
    for start, end in marked(text, shown, (word.casefold(),)):
        assert 0 <= start < end <= len(shown)


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


def test_a_last_user_is_told_by_more_than_a_shade(table: AgentTable, appearance: Appearance) -> None:
    """In italics: the letters lean, so that other pixels have ink."""
    before, now = ink(drawn(table, "id-4", "user")), ink(drawn(table, "id-5", "user"))
    assert before != now
    model = table.model()
    assert isinstance(model, AgentModel)
    user = [one.name for one in model.columns].index("user")
    spoken = [model.index(row, user).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert "User: anna. Nobody is signed in; this was the last user." in spoken
    assert "User: anna" in spoken
