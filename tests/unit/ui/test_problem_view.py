from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.ui.problem_view import Notice
from console.ui.theme import Appearance
from console.ui.widgets import button


@pytest.fixture
def notice(qapp: QApplication, qtbot: QtBot) -> Iterator[Notice]:
    made = Notice(Appearance(qapp, Theme.LIGHT))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    qapp.setStyleSheet("")


def shown(notice: Notice) -> list[QPushButton]:
    return [one for one in notice.findChildren(QPushButton) if one.isVisible()]


def test_new_buttons_take_the_keyboard_over_from_the_old_ones(notice: Notice) -> None:
    notice.say("offline", "warning", "It is offline.", "", [button("Wait", list), button("Open", list)])
    notice.focus_first()
    notice.say("wait", "accent", "Waiting.", "", [button("Stop", list)])
    (stop,) = shown(notice)
    assert QApplication.focusWidget() is stop


def test_the_same_words_with_another_text_keep_their_buttons(notice: Notice) -> None:
    notice.say("lost", "bad", "Lost.", "Trying again in 4 s.", [button("Now", list), button("Stop", list)])
    before = shown(notice)
    before[1].setFocus()
    notice.say("lost", "bad", "Lost.", "Trying again in 3 s.", [button("Now", list), button("Stop", list)])
    assert shown(notice) == before
    assert QApplication.focusWidget() is before[1]
