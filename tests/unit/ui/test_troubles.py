from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.sessions.fleet_watch import FleetWatch
from console.ui.agents.page import age_words
from console.ui.agents.troubles import ListTroubles
from console.ui.theme import Appearance
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.parts import Far, Held, far_server

ID = "A" * 40
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Shown:
    def __init__(self, far: Far, runner: Held, appearance: Appearance) -> None:
        self.far, self.runner = far, runner
        self.watch = FleetWatch(far.connection)
        self.troubles = ListTroubles(self.watch, appearance)

    def refresh(self, *answers: object) -> None:
        self.far.api.answers["/agents/"] = [
            answer({"detail": "no"}, each) if isinstance(each, int) else answer(each) for each in answers
        ]
        for _ in answers:
            self.watch.refresh()
            self.runner.go()

    def button(self, text: str) -> QPushButton:
        found = self.troubles.findChildren(QPushButton)
        return next(one for one in found if one.text() == text and not one.isHidden())


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Iterator[Shown]:
    runner = Held()
    with far_server(runner) as far:
        made = Shown(far, runner, Appearance(qapp, Theme.LIGHT))
        qtbot.addWidget(made.troubles)
        made.troubles.show()
        yield made
        made.watch.stop()


def test_without_a_trouble_it_is_not_there(shown: Shown) -> None:
    shown.refresh([{"agent_id": ID}])
    assert shown.troubles.isHidden()
    assert shown.troubles.words() == ""


def test_a_list_that_was_not_refreshed_says_why_and_when_it_is_tried_again(shown: Shown) -> None:
    shown.refresh([{"agent_id": ID}], 500)
    assert not shown.troubles.isHidden()
    assert "had an error of its own (the list of agents). Next try in 1" in shown.troubles.words()
    shown.button("Try now").click()
    assert "Trying again…" in shown.troubles.words()
    assert not shown.button("Try now").isEnabled()
    shown.far.api.answers["/agents/"] = [answer([{"agent_id": ID}])]
    shown.runner.go()
    assert shown.troubles.isHidden()


def test_without_an_agent_to_show_the_page_says_it(shown: Shown) -> None:
    shown.refresh(500)
    assert shown.troubles.isHidden()


def test_a_notice_is_dismissed(shown: Shown) -> None:
    shown.refresh([{"agent_id": ID}], [])
    assert "The server shows you no agents any more." in shown.troubles.words()
    shown.troubles.findChildren(QToolButton)[-1].click()
    assert shown.watch.notice is None
    assert shown.troubles.isHidden()


def test_a_server_that_wants_to_be_left_alone_is_not_asked_by_a_click(shown: Shown) -> None:
    shown.refresh([{"agent_id": ID}])
    shown.far.api.answers["/agents/"] = [answer({"detail": "Expected available in 1234 seconds."}, 429)]
    shown.watch.refresh()
    shown.runner.go()
    assert "asks to wait" in shown.troubles.words()
    assert shown.watch.left_alone > 0
    assert not shown.button("Try now").isEnabled()
    assert "left alone" in shown.button("Try now").toolTip()


@pytest.mark.parametrize(
    ("moment", "from_cache", "words"),
    [
        (NOON, False, "as of {}:00"),
        (NOON.replace(minute=5), False, "as of {}:00, 5 min ago"),
        (NOON.replace(minute=5), True, "as of {}, from the last run"),
    ],
)
def test_the_age_of_a_list_in_words(moment: datetime, from_cache: bool, words: str) -> None:
    local = NOON.astimezone()
    assert age_words(NOON, moment, from_cache=from_cache) == words.format(f"{local:%H:%M}")


def test_a_list_of_another_day_says_which() -> None:
    words = age_words(NOON, NOON.replace(day=26), from_cache=True)
    assert words == f"{NOON.astimezone():%Y-%m-%d %H:%M}, last run"
