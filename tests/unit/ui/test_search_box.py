"""The search box by real key events: what it says, offers, explains, and which keys it leaves to the list."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.fleet.query.parser import Query, parse
from console.fleet.query.vocabulary import vocabulary
from console.preferences import Theme
from console.rmm.models import Agent, CustomField
from console.ui.search.box import SearchBox
from console.ui.search.completion_list import CompletionList
from console.ui.search.fleet_words import FleetWords
from console.ui.search.help import FIELD_LINES, STATE_LINES, WORDS, QueryHelp
from console.ui.search.note_line import NoteLine
from console.ui.theme import DARK, Appearance
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Held, Inline

FLEET = [
    named("a", client_name="Acme Corp", custom_fields=(CustomField(1, "ACM-1"),)),
    named("b", client_name="Zebra"),
]
NAMES = {1: "Asset tag"}
Key = Qt.Key


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


class Desk:
    """A window with the box and something else that can have the focus."""

    def __init__(self, appearance: Appearance) -> None:
        self.window = QWidget()
        self.window.resize(900, 600)
        self.box = SearchBox(appearance)
        self.other = QLineEdit()
        column = QVBoxLayout(self.window)
        column.addWidget(self.box)
        column.addWidget(self.box.notes)
        column.addWidget(self.other)
        column.addStretch(1)
        self.box.set_vocabulary(vocabulary(FLEET, NAMES))
        self.queries: list[Query] = []
        self.list_keys: list[int] = []
        self.box.changed.connect(self.queries.append)
        self.box.list_key.connect(lambda event: self.list_keys.append(event.key()))

    @property
    def completions(self) -> CompletionList:
        (found,) = self.window.findChildren(CompletionList)
        return found

    @property
    def notes(self) -> NoteLine:
        (found,) = self.window.findChildren(NoteLine)
        return found

    @property
    def suggestion(self) -> QPushButton:
        (found,) = self.notes.findChildren(QPushButton)
        return found

    def type(self, text: str) -> None:
        QTest.keyClicks(self.box.field, text)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.box.field, key, modifier)

    def offered(self) -> list[str]:
        if not self.completions.isVisible():
            return []
        model = self.completions.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


@pytest.fixture
def desk(appearance: Appearance, qtbot: QtBot) -> Desk:
    made = Desk(appearance)
    qtbot.addWidget(made.window)
    made.window.show()
    qtbot.waitExposed(made.window)
    made.window.activateWindow()
    made.box.focus_field()
    qtbot.waitUntil(made.box.field.hasFocus)
    return made


def test_each_letter_that_means_something_else_is_told(desk: Desk) -> None:
    desk.type("ab")
    assert desk.queries == [parse("a"), parse("ab")]
    desk.type("  ")
    desk.press(Key.Key_Backspace)
    assert len(desk.queries) == 2, "a space means nothing else"
    desk.type("-")
    assert len(desk.queries) == 2, "a dash alone means nothing yet"
    desk.type("c")
    assert desk.box.query == parse("ab -c") == desk.queries[-1]
    assert desk.box.text() == "ab -c"


def test_another_text_is_told_once(desk: Desk) -> None:
    desk.box.set_text("acme is:online")
    assert desk.queries == [parse("acme is:online")]
    desk.box.set_text("acme is:onl")
    assert desk.offered() == [], "nobody is typing"
    desk.box.clear()
    assert desk.queries[-1] == Query()


def test_what_is_not_understood_is_explained_after_a_pause(desk: Desk, qtbot: QtBot) -> None:
    desk.box.set_text("acme is:onl x")
    assert not desk.notes.isVisible()
    qtbot.waitUntil(desk.notes.isVisible)
    assert "“onl” is not a state" in desk.notes.accessibleName()
    assert desk.suggestion.text() == "is:online?"
    QTest.mouseClick(desk.suggestion, Qt.MouseButton.LeftButton)
    assert desk.box.text() == "acme is:online x"
    assert desk.box.query == parse("acme is:online x")
    assert not desk.notes.isVisible(), "what is understood needs no explanation, at once"
    assert desk.box.field.hasFocus()


def test_a_suggestion_is_taken_by_key(desk: Desk, qtbot: QtBot) -> None:
    desk.box.set_text("clinet:acme")
    qtbot.waitUntil(desk.notes.isVisible)
    desk.suggestion.setFocus()
    QTest.keyClick(desk.suggestion, Key.Key_Return)
    assert desk.box.text() == "client:acme"


def test_a_note_without_a_suggestion_has_no_button(desk: Desk, qtbot: QtBot) -> None:
    desk.box.set_text("a ) is:onl -")
    qtbot.waitUntil(desk.notes.isVisible)
    assert not desk.suggestion.isVisible()
    assert "and 2 more" in {label.text() for label in desk.notes.findChildren(type(desk.notes._more))}
    assert desk.notes.toolTip().count("\n") == 2


def test_a_long_message_widens_nothing_and_can_be_read_whole(desk: Desk, qtbot: QtBot) -> None:
    desk.window.resize(420, 300)
    width = desk.window.minimumSizeHint().width()
    desk.box.set_text("is:" + "x" * 500)
    qtbot.waitUntil(desk.notes.isVisible)
    message = desk.box.query.notes[0].message
    assert desk.notes.fontMetrics().horizontalAdvance(message) > 420, "the message is too short to show it"
    assert desk.window.minimumSizeHint().width() <= max(width, 420)
    assert message in desk.notes.toolTip()


def test_markup_in_the_query_is_shown_as_it_is(desk: Desk, qtbot: QtBot) -> None:
    desk.box.set_text("is:<b>x</b>")
    qtbot.waitUntil(desk.notes.isVisible)
    assert "<b>x</b>" in desk.notes._message.text()
    assert desk.notes._message.textFormat() is Qt.TextFormat.PlainText


def test_what_is_not_understood_is_underlined(desk: Desk, qtbot: QtBot) -> None:
    field = desk.box.field

    def is_underlined(start: int, end: int) -> bool:
        """Whether something of the colour of warnings is below these letters."""
        picture = field.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        left, right = field.span_of(start, end)
        letters = range(max(0, round(left) + 1), min(picture.width(), round(right) - 1))
        colours = (picture.pixelColor(x, y) for y in range(picture.height() // 2, picture.height()) for x in letters)
        return any(colour.red() - colour.blue() > 60 for colour in colours)

    desk.box.set_text("acme is:online")
    qtbot.wait(10)
    assert not is_underlined(0, 14)
    desk.box.set_text("acme is:onl mmmmmmmm")
    qtbot.waitUntil(desk.notes.isVisible)
    assert is_underlined(5, 11)
    assert not is_underlined(0, 4)
    assert not is_underlined(12, 20)
    desk.type(" and more words than there is room for" * 4)
    qtbot.waitUntil(lambda: field.span_of(5, 11)[1] < 0)
    field.mark(desk.box.query.notes)
    assert not is_underlined(len(field.text()) - 30, len(field.text())), "it goes out of sight with its word"


def test_what_is_not_understood_is_underlined_beside_words_that_run_to_the_left(desk: Desk) -> None:
    field = desk.box.field
    desk.box.set_text("شركة is:onl")
    word, arabic = field.span_of(5, 11), field.span_of(0, 4)
    assert word[0] < word[1] <= arabic[0] < arabic[1] < field.width()


def test_what_was_typed_comes_back(desk: Desk) -> None:
    desk.type("acme is:on")
    desk.press(Key.Key_Tab)
    assert desk.box.text() == "acme is:online "
    desk.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.box.text() == "acme is:on"
    assert desk.box.query == parse("acme is:on")
    desk.box.set_text("")
    desk.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.box.text() == "acme is:on"


def test_states_are_completed_by_enter(desk: Desk) -> None:
    desk.type("is:reb")
    assert desk.offered() == ["is:rebootneeded"]
    desk.press(Key.Key_Return)
    assert desk.box.text() == "is:rebootneeded "
    assert desk.offered() == []
    assert desk.list_keys == [], "the Enter was the list's"
    desk.press(Key.Key_Return)
    assert desk.list_keys == [Key.Key_Return], "the next one is not"


def test_values_are_chosen_by_arrows_and_only_then_by_enter(desk: Desk) -> None:
    desk.type("client:c")
    assert desk.offered() == ['client:"Acme Corp"']
    desk.press(Key.Key_Return)
    assert desk.list_keys == [Key.Key_Return], "what is typed is good as it is: Enter is for the list"
    assert desk.offered() == []
    desk.type("o")
    desk.press(Key.Key_Down)
    assert desk.completions.current() is not None
    desk.press(Key.Key_Return)
    assert desk.box.text() == 'client:"Acme Corp" '
    assert desk.list_keys == [Key.Key_Return]


def test_tab_takes_the_first_and_goes_on_where_nothing_is_offered(desk: Desk, qtbot: QtBot) -> None:
    desk.type("client:ze")
    desk.press(Key.Key_Tab)
    assert desk.box.text() == "client:Zebra "
    assert desk.box.field.hasFocus()
    desk.press(Key.Key_Tab)
    assert not desk.box.field.hasFocus()


def test_the_arrows_go_around(desk: Desk) -> None:
    desk.type("client:")
    assert desk.offered() == ['client:"Acme Corp"', "client:Zebra"]
    chosen = []
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Up):
        desk.press(key)
        current = desk.completions.current()
        assert current
        chosen.append(current.text)
    assert chosen == ["client:Zebra", 'client:"Acme Corp"', "client:Zebra", 'client:"Acme Corp"']
    assert desk.list_keys == []


def test_a_custom_field_is_completed_in_two_steps(desk: Desk) -> None:
    desk.type("cf.as")
    assert desk.offered() == ['cf."Asset tag":']
    desk.press(Key.Key_Tab)
    assert desk.box.text() == 'cf."Asset tag":'
    assert desk.offered() == ['cf."Asset tag":ACM-1'], "its values are offered at once"


def test_escape_closes_the_completions_then_empties_the_box_then_is_not_taken(desk: Desk) -> None:
    desk.type("is:on")
    desk.press(Key.Key_Escape)
    assert desk.offered() == []
    assert desk.box.text() == "is:on"
    desk.type("l")
    assert desk.offered() == [], "they were not wanted for this word"
    desk.press(Key.Key_Escape)
    assert desk.box.text() == ""
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(desk.box.field, event)
    assert not event.isAccepted()


def test_control_space_offers_for_plain_words(desk: Desk) -> None:
    desk.type("zeb")
    assert desk.offered() == []
    desk.press(Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert desk.offered() == ["client:Zebra"]
    desk.press(Key.Key_Tab)
    assert desk.box.text() == "client:Zebra "


def test_a_click_takes_a_completion_and_leaves_the_focus(desk: Desk) -> None:
    desk.type("a client:")
    place = desk.completions.visualRect(desk.completions.model().index(1, 0)).center()
    QTest.mouseClick(desk.completions.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.box.text() == "a client:Zebra "
    assert desk.box.field.hasFocus()
    assert desk.offered() == []


def test_the_completions_go_with_the_focus_and_with_the_cursor(desk: Desk) -> None:
    desk.type("a is:")
    assert desk.offered()
    desk.press(Key.Key_Home)
    assert desk.offered() == []
    desk.press(Key.Key_End)
    desk.type("o")
    assert desk.offered()
    desk.other.setFocus()
    assert desk.offered() == []


def test_keys_for_the_list_are_handed_on_while_nothing_is_offered(desk: Desk) -> None:
    desk.type("acme")
    keys = [Key.Key_Down, Key.Key_Up, Key.Key_PageDown, Key.Key_PageUp, Key.Key_Return, Key.Key_Enter]
    for key in keys:
        desk.press(key)
    assert desk.list_keys == keys
    assert desk.box.text() == "acme"


def test_what_is_being_completed_is_not_explained_as_well(desk: Desk, qtbot: QtBot) -> None:
    desk.type("is:x is:on")
    assert desk.offered() == ["is:online"]
    qtbot.waitUntil(desk.notes.isVisible)
    assert "“x” is not" in desk.notes.accessibleName()
    assert "“on”" not in desk.notes.accessibleName()
    desk.press(Key.Key_Escape)
    qtbot.waitUntil(lambda: "“on”" in desk.notes.accessibleName())


def test_a_custom_field_that_does_not_exist_is_explained_once_the_names_are_known(desk: Desk, qtbot: QtBot) -> None:
    desk.box.set_vocabulary(vocabulary(FLEET, None))
    desk.box.set_text("zebra cf.rack:1")
    assert desk.box.query.notes == ()
    told = len(desk.queries)
    desk.box.set_vocabulary(vocabulary(FLEET, NAMES))
    assert len(desk.queries) == told + 1
    assert desk.queries[-1].root == parse("zebra").root
    qtbot.waitUntil(desk.notes.isVisible)


def test_values_are_counted_when_the_box_is_used_and_again_when_they_are_old(desk: Desk) -> None:
    fleet, moment, lane = [named("a", client_name="Acme")], [1000.0], Held()
    words = FleetWords(desk.box, lambda: fleet, lane, lambda: moment[0])
    assert len(lane.waiting) == 0, "nobody uses the box"
    desk.type("client:")
    desk.type("a")
    assert len(lane.waiting) == 1, "one count at a time"
    lane.go()
    desk.press(Key.Key_Backspace)
    assert desk.offered() == ["client:Acme"]
    fleet.append(named("b", client_name="Beta"))
    desk.type("b")
    assert len(lane.waiting) == 0, "the values are not old"
    moment[0] += 1000
    desk.press(Key.Key_Backspace)
    lane.go()
    desk.type("b")
    assert desk.offered() == ["client:Beta"]
    words.set_field_names({1: "Rack"})
    lane.go()
    desk.box.set_text("")
    desk.type("cf.")
    assert desk.offered() == ["cf.Rack:"]


def test_a_list_that_comes_late_is_counted_all_the_same(desk: Desk) -> None:
    fleet: list[Agent] = []
    FleetWords(desk.box, lambda: fleet, Inline())
    desk.type("client:")
    assert desk.offered() == []
    fleet.append(named("b", client_name="Beta"))
    desk.type("b")
    desk.type("e")
    assert desk.offered() == ["client:Beta"]


def test_help_lists_the_language_and_writes_examples(desk: Desk, qtbot: QtBot) -> None:
    desk.type("acme")
    desk.press(Key.Key_F1)
    (sheet,) = desk.window.findChildren(QueryHelp)
    assert sheet.isVisible()
    assert sheet.screen().availableGeometry().contains(sheet.geometry()), "a part of it is off the screen"
    examples = {button.text(): button for button in sheet.findChildren(QPushButton)}
    assert set(examples) == {example for example, _ in (*WORDS, *FIELD_LINES, *STATE_LINES)}
    QTest.mouseClick(examples["is:online"], Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
    assert desk.box.text() == "acme is:online"
    assert desk.box.query == parse("acme is:online")


def test_help_opens_by_its_button_and_closes_by_escape(desk: Desk, qtbot: QtBot) -> None:
    (ask,) = desk.box.findChildren(QToolButton, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert ask.accessibleName()
    QTest.mouseClick(ask, Qt.MouseButton.LeftButton)
    (sheet,) = desk.window.findChildren(QueryHelp)
    assert sheet.isVisible()
    QTest.keyClick(sheet, Key.Key_Escape)
    assert not sheet.isVisible()


@pytest.mark.parametrize("example", [example for example, _ in (*WORDS, *FIELD_LINES, *STATE_LINES)])
def test_each_example_of_the_help_is_understood(example: str) -> None:
    query = parse(example)
    assert query.notes == ()
    assert query != Query()


def test_the_box_follows_the_appearance(desk: Desk, appearance: Appearance) -> None:
    desk.type("is:")
    try:
        appearance.choose(Theme.DARK)
        picture = desk.completions.grab().toImage()
        colours = {picture.pixelColor(x, 20).name() for x in range(picture.width())}
        assert DARK.selection in colours
    finally:
        appearance.choose(Theme.LIGHT)
