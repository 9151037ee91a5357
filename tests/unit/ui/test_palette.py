from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.rmm.models import AgentStatus
from console.ui.palette.entries import Command, Entry
from console.ui.palette.haystack import Haystack, matched
from console.ui.palette.palette import Palette
from console.ui.palette.rows import line_of
from console.ui.theme import Appearance
from tests.unit.fleet.agents import named

LETTERS = st.text("abcAB -1é", max_size=8)


def names(*some: str) -> Haystack[str]:
    return Haystack((one, one, "Acme North") for one in some)


def keys(haystack: Haystack[str], typed: str, preferred: Sequence[str] = ()) -> list[str]:
    return [one.key for one in haystack.find(typed, preferred)]


def test_the_better_a_name_fits_the_earlier_it_comes() -> None:
    haystack = names("my-srv-dc", "1crds", "srdxc", "srdc", "srdc-2")
    assert keys(haystack, "SRDC") == ["srdc", "srdc-2", "srdxc", "my-srv-dc", "1crds"]


def test_words_are_found_in_any_order_and_beside_the_name() -> None:
    haystack = Haystack([(1, "pc-1", "Acme North"), (2, "acme-pc", "Other"), (3, "pc-3", "Other")])
    assert [one.key for one in haystack.find("pc acme")] == [2, 1]
    assert [one.key for one in haystack.find("north 1")] == [1]


def test_a_name_is_found_among_very_many_that_only_hold_it_or_stand_beside_it() -> None:
    """More fit than are ranked: which of them are looked at closely must not be a matter of luck."""
    many = [(f"xpc-{n}", f"xpc-{n}", "Acme") for n in range(5000)]
    assert Haystack([*many, ("pc", "pc", "Acme")]).find("acme pc")[0].key == "pc"
    beside = [(f"host-{n}", f"host-{n}", "DC Corp") for n in range(5000)]
    assert Haystack([*beside, ("srv-dc-01", "srv-dc-01", "Other")]).find("dc")[0].key == "srv-dc-01"
    mixed = [(f"rvs-{n}", f"rvs-{n}", "Acme") for n in range(3000)]
    assert Haystack([*mixed, ("s-r-v-1", "s-r-v-1", "Acme")]).find("srv")[0].key == "s-r-v-1"


def test_the_latest_are_preferred_but_not_to_the_name_itself() -> None:
    haystack = names("pc-10", "pc-11", "pc-1")
    assert keys(haystack, "pc-1", ["pc-11"]) == ["pc-1", "pc-11", "pc-10"]


def test_what_is_wanted_is_found_among_very_many_that_fit() -> None:
    haystack = names(*(f"host-{n}" for n in range(5000)))
    assert keys(haystack, "host-4711")[0] == "host-4711"
    assert keys(haystack, "host", ["host-4999"])[0] == "host-4999"
    assert len(keys(haystack, "host")) == 50
    assert keys(haystack, "host-4")[0] == "host-4"


@given(st.lists(LETTERS, max_size=12, unique=True), LETTERS, LETTERS)
def test_typing_on_finds_what_typing_at_once_does(some: list[str], first: str, more: str) -> None:
    step_by_step, at_once = names(*some), names(*some)
    step_by_step.find(first)
    assert keys(step_by_step, first + more) == keys(at_once, first + more)
    assert keys(step_by_step, first) == keys(names(*some), first), "letters that were taken back"


@given(st.lists(LETTERS, max_size=12, unique=True), LETTERS)
def test_whatever_holds_all_words_is_found_and_what_lacks_a_letter_is_not(some: list[str], typed: str) -> None:
    found = keys(names(*some), typed)
    words = typed.casefold().split()
    assert len(found) == len(set(found))
    for one in some:
        text = f"{one}\nAcme North".casefold()
        if words and all(word in text for word in words):
            assert one in found
        elif not all(letter in text for word in words for letter in word):
            assert one not in found


@given(st.text(max_size=12), st.text(max_size=6))
def test_marked_letters_are_letters_of_the_text(text: str, typed: str) -> None:
    assert all(0 <= place < len(text) for place in matched(text, typed))


def test_the_letters_that_were_typed_are_marked() -> None:
    assert matched("srv-dc", "DC") == {4, 5}
    assert matched("srv-dc", "sdc") == {0, 4, 5}
    assert matched("srv-dc", "cds") == {0, 4, 5}
    assert matched("srv-dc", "x") == frozenset()


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


AGENTS = [named(f"id-{n}", hostname=f"pc-{n}", client_name="Acme", status=AgentStatus.ONLINE) for n in range(30)]


class Desk:
    """A window with a line that has the focus, and a palette over it."""

    def __init__(self, qtbot: QtBot, appearance: Appearance) -> None:
        self.window = QWidget()
        self.window.resize(900, 700)
        self.line = QLineEdit(self.window)
        qtbot.addWidget(self.window)
        self.done: list[str] = []
        command = Command("Refresh the list", "refresh", lambda: self.done.append("refresh"), "F5")

        everything: list[tuple[str, Entry]] = [*((one.hostname, one) for one in AGENTS), (command.title, command)]

        def find(typed: str) -> list[Entry]:
            return [entry for name, entry in everything if typed in name]

        self.palette = Palette(self.window, appearance, find, lambda entry, typed: line_of(entry, typed, starred=False))
        self.agents: list[tuple[str, SessionKind]] = []
        self.palette.agent_chosen.connect(lambda agent, kind: self.agents.append((agent.hostname, kind)))
        self.palette.command_chosen.connect(lambda command: command.act())
        self.window.show()
        self.line.setFocus()
        qtbot.waitUntil(self.line.hasFocus)
        self.palette.open()
        qtbot.waitUntil(self.palette.field.hasFocus)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.palette.field, text)

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.palette.field, key, held)


@pytest.fixture
def desk(qtbot: QtBot, appearance: Appearance) -> Desk:
    return Desk(qtbot, appearance)


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        (Qt.KeyboardModifier.NoModifier, SessionKind.CONTROL),
        (Qt.KeyboardModifier.ControlModifier, SessionKind.TERMINAL),
        (Qt.KeyboardModifier.ShiftModifier, SessionKind.FILES),
    ],
)
def test_enter_opens_a_session_of_the_kind_that_the_held_key_says(
    desk: Desk, held: Qt.KeyboardModifier, kind: SessionKind
) -> None:
    desk.type("pc-7")
    desk.press(Qt.Key.Key_Return, held)
    assert desk.agents == [("pc-7", kind)]
    assert desk.palette.isHidden()
    assert desk.line.hasFocus()


def test_arrows_choose_and_go_round(desk: Desk) -> None:
    desk.type("pc-1")
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Up)
    desk.press(Qt.Key.Key_Return)
    desk.palette.open()
    desk.press(Qt.Key.Key_Up)
    desk.press(Qt.Key.Key_Return)
    assert desk.agents == [("pc-10", SessionKind.CONTROL)]
    assert desk.done == ["refresh"], "the last one is above the first"


def test_escape_closes_and_gives_the_focus_back(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Escape)
    assert desk.palette.isHidden()
    assert desk.line.hasFocus()
    assert not desk.agents


def test_what_nothing_is_called_is_said(desk: Desk) -> None:
    desk.type("zzz")
    assert desk.palette.nothing.text() == "Nothing here is called “zzz”."
    desk.press(Qt.Key.Key_Return)
    assert desk.palette.isVisible()
    assert not desk.agents


def test_a_click_beside_it_closes_it_and_a_click_on_a_row_takes_it(desk: Desk) -> None:
    rows = desk.palette.rows
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(rows.model().index(3, 0)).center())
    assert desk.agents == [("pc-3", SessionKind.CONTROL)]
    desk.palette.open()
    QTest.mouseClick(desk.palette, Qt.MouseButton.LeftButton, pos=QPoint(5, 690))
    assert desk.palette.isHidden()


def test_a_row_says_all_of_it_to_a_reader_of_screens(desk: Desk) -> None:
    index = desk.palette.rows.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "pc-0, Acme, Online"


def test_the_footer_says_what_enter_does_with_what_is_chosen(desk: Desk) -> None:
    desk.type("pc-1")
    assert desk.palette.hint.text().startswith("Enter: control")
    desk.palette.field.clear()
    desk.type("Refresh")
    assert desk.palette.hint.text() == "Enter: go    Esc: close"
    desk.palette.field.clear()
    desk.press(Qt.Key.Key_Up)
    assert desk.palette.hint.text() == "Enter: go    Esc: close", "the last one is no agent"
    desk.press(Qt.Key.Key_Up)
    assert desk.palette.hint.text().startswith("Enter: control")
    desk.type("zebra")
    assert desk.palette.hint.text() == "Esc: close"
