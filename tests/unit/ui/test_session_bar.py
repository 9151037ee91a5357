import time
from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from console.mesh.report import FEATURES, Features
from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.rmm.models import AgentStatus
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.session.actions import SessionActions
from console.ui.session.bar import SessionBar
from console.ui.session.looks import KIND_WORDS, STATE_LOOKS, duration
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
    assert {look.colour for look in STATE_LOOKS.values()} <= set(Colours.__struct_fields__)


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


@pytest.fixture
def bar(session: Session, appearance: Appearance, qtbot: QtBot) -> SessionBar:
    made = SessionBar(session, SessionActions(session, appearance, session), appearance)
    qtbot.addWidget(made)
    made.resize(1280, 40)
    made.show()
    return made


def texts(bar: SessionBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.text() and not label.isHidden()]


def button(bar: SessionBar, name: str) -> QAbstractButton:
    return next(each for each in bar.findChildren(QAbstractButton) if each.accessibleName() == name)


def reach(session: Session, state: State) -> None:
    session._progress.go_to(state)
    session.connected_at = time.monotonic() if state is State.CONNECTED else None
    session.changed.emit()


def connect(session: Session, reasons: dict[str, str] | None = None) -> None:
    session.facts.take(Features(reasons=dict.fromkeys(FEATURES, "") | (reasons or {})))
    reach(session, State.CONNECTED)


def test_the_bar_shows_state_machine_and_place(bar: SessionBar) -> None:
    assert {"Asking the RMM…", "HOST <b>", "Client / Site"} <= set(texts(bar))


def test_the_bar_shows_what_the_rmm_says_of_the_agent(bar: SessionBar, session: Session) -> None:
    session.agent_refreshed(named("a" * 40, hostname="HOST", status=AgentStatus.ONLINE, logged_username="ACME\\jo"))
    assert {"RMM: online", "ACME\\jo"} <= set(texts(bar))
    reach(session, State.CONNECTED)
    assert "online" in texts(bar)


@pytest.mark.parametrize("state", State)
def test_the_bar_follows_the_session(session: Session, bar: SessionBar, state: State) -> None:
    reach(session, state)
    assert STATE_LOOKS[state].words in texts(bar)
    assert ("0:00" in texts(bar)) is (state is State.CONNECTED)
    again = {State.CONNECTED, State.BY_HAND, State.LOST, State.FAILED, State.MESH_OFFLINE}
    assert button(bar, "Reconnect").isEnabled() is (state in again)


def test_what_the_page_cannot_do_is_disabled_and_says_why(session: Session, bar: SessionBar) -> None:
    screenshot = button(bar, "Save a screenshot")
    assert not screenshot.isEnabled()
    connect(session)
    assert screenshot.isEnabled()
    connect(session, {"screenshot": "There is no canvas."})
    assert not screenshot.isEnabled()
    assert screenshot.toolTip() == "Save a screenshot: There is no canvas."


def test_a_narrow_bar_keeps_its_state_and_offers_the_rest_in_its_menu(session: Session, bar: SessionBar) -> None:
    connect(session)
    assert button(bar, "Save a screenshot").isVisible()
    bar.resize(420, 40)
    assert not button(bar, "Save a screenshot").isVisible()
    assert "Connected" in texts(bar)
    menu = next(menu for menu in bar.findChildren(QMenu) if menu.title() == "More")
    menu.aboutToShow.emit()
    assert "Save a screenshot" in [action.text() for action in menu.actions()]
    bar.resize(1280, 40)
    menu.aboutToShow.emit()
    assert "Save a screenshot" not in [action.text() for action in menu.actions()]


def test_another_kind_is_one_click_away_and_its_own_does_nothing(bar: SessionBar, qtbot: QtBot) -> None:
    wanted: list[SessionKind] = []
    bar.kind_wanted.connect(wanted.append)
    for kind, one in bar.kinds.items():
        one.click()
        assert one.isChecked() is (kind is SessionKind.TERMINAL)
    assert wanted == [SessionKind.CONTROL, SessionKind.FILES]


def test_the_host_key_stands_in_the_bar_while_the_session_has_the_keyboard(bar: SessionBar) -> None:
    assert "Right Ctrl" not in texts(bar)
    bar.show_hint("Right Ctrl")
    assert "Right Ctrl" in texts(bar)
    bar.show_hint("")
    assert "Right Ctrl" not in texts(bar)
