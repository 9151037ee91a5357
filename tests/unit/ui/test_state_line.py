from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.session.state_line import KIND_WORDS, STATE_LOOKS, StateLine, duration
from console.ui.theme import Appearance, Colours
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import FakePage, far_server

# What a state means to the technician: those of different groups must never look alike.
MEANINGS = {
    "under way": {State.ASKED, State.OPENING, State.CONNECTING, State.WAITING},
    "works": {State.CONNECTED},
    "needs you": {State.SIGNING_IN, State.BY_HAND},
    "needs the remote user": {State.CONSENT},
    "the machine is away": {State.OFFLINE, State.MESH_OFFLINE},
    "broken": {State.LOST, State.FAILED},
    "over": {State.CLOSED},
}


def test_every_state_has_a_look_and_a_meaning() -> None:
    assert set(STATE_LOOKS) == set(State)
    assert set().union(*MEANINGS.values()) == set(State)


def test_every_kind_has_its_word() -> None:
    assert set(KIND_WORDS) == set(SessionKind)


def test_every_state_is_told_in_words_of_its_own() -> None:
    assert len({look.words for look in STATE_LOOKS.values()}) == len(STATE_LOOKS)


def test_colours_are_those_of_the_theme() -> None:
    assert {look.colour for look in STATE_LOOKS.values()} <= set(Colours.__dataclass_fields__)


@pytest.mark.parametrize(("one", "other"), list(combinations(MEANINGS, 2)))
def test_states_of_different_meaning_never_share_shape_and_colour(one: str, other: str) -> None:
    looks = [
        {(STATE_LOOKS[state].icon, STATE_LOOKS[state].colour) for state in MEANINGS[name]} for name in (one, other)
    ]
    assert not looks[0] & looks[1]


@pytest.mark.parametrize("broken", [State.LOST, State.FAILED, State.OFFLINE])
def test_what_works_and_what_does_not_differ_in_shape_and_in_colour(broken: State) -> None:
    fine = STATE_LOOKS[State.CONNECTED]
    assert STATE_LOOKS[broken].icon != fine.icon
    assert STATE_LOOKS[broken].colour != fine.colour


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (7, "0:07"), (59, "0:59"), (60, "1:00"), (761, "12:41"), (3599, "59:59"), (3723, "1:02:03")],
)
def test_a_length_of_time_is_a_clock(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with far_server() as far:
        agent = named("a" * 40, hostname="HOST <b>", client_name="Client", site_name="Site")
        made = Session(agent, SessionKind.TERMINAL, far.connection, FakePage, lambda agent: None)
        yield made


def texts(line: StateLine) -> list[str]:
    return [label.text() for label in line.findChildren(QLabel) if label.text() and not label.isHidden()]


def reconnect_button(line: StateLine) -> QAbstractButton:
    return next(each for each in line.findChildren(QAbstractButton) if each.accessibleName() == "Reconnect")


def test_the_line_shows_state_machine_and_place(session: Session, appearance: Appearance, qtbot: QtBot) -> None:
    line = StateLine(session, appearance)
    qtbot.addWidget(line)
    assert {"Asking the RMM…", "HOST <b>", "Client / Site"} <= set(texts(line))


@pytest.mark.parametrize("state", State)
def test_the_line_follows_the_session(session: Session, appearance: Appearance, qtbot: QtBot, state: State) -> None:
    line = StateLine(session, appearance)
    qtbot.addWidget(line)
    session._progress.go_to(state)
    session._state_changed()
    assert STATE_LOOKS[state].words in texts(line)
    assert reconnect_button(line).isHidden() is (state not in (State.CONNECTED, State.BY_HAND))
    timed = [text for text in texts(line) if text == "0:00"]
    assert bool(timed) is (state is State.CONNECTED)


def test_the_line_asks_for_what_the_tab_does(session: Session, appearance: Appearance, qtbot: QtBot) -> None:
    line = StateLine(session, appearance)
    qtbot.addWidget(line)
    with qtbot.waitSignal(line.reconnect_wanted):
        reconnect_button(line).click()
