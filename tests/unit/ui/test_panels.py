"""The panels beside the list: what the technician wants, and what has room."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Preferences
from console.ui.agents.panels import Panels


class Shown:
    def __init__(self, preferences: Preferences, qtbot: QtBot) -> None:
        self.side, self.centre, self.detail = QWidget(), QWidget(), QWidget()
        self.side.setMinimumWidth(180)
        self.detail.setMinimumWidth(320)
        self.panels = Panels(self.side, self.centre, preferences)
        self.changed = QSignalSpy(self.panels.changed)
        self.panels.put_beside(self.detail)
        qtbot.addWidget(self.panels)
        self.wide(1280)
        self.panels.show()

    def wide(self, width: int) -> None:
        self.panels.resize(width, 500)
        self.panels.fit()

    def there(self) -> str:
        parts = (("side", self.side), ("list", self.centre), ("detail", self.detail))
        return " ".join(name for name, each in parts if not each.isHidden())


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot) -> Shown:
    return Shown(Preferences(side_width=240, detail_width=340), qtbot)


def test_in_a_narrow_window_the_details_give_way_first(shown: Shown) -> None:
    assert shown.there() == "side list detail"
    shown.wide(1000)
    assert shown.there() == "side list"
    shown.wide(700)
    assert shown.there() == "list"
    shown.wide(1280)
    assert shown.there() == "side list detail"
    assert shown.changed.count() == 0, "what the technician wants is what it was"
    assert shown.panels.kept()["side_shown"] is shown.panels.kept()["detail_shown"] is True


def test_what_is_asked_for_in_a_narrow_window_comes(shown: Shown) -> None:
    shown.wide(1000)
    shown.panels.toggle_detail()
    assert shown.there() == "list detail"
    shown.panels.toggle_side()
    assert shown.there() == "side list"
    shown.wide(700)
    shown.panels.toggle_detail()
    assert shown.there() == "list detail"


def test_what_was_hidden_by_hand_stays_hidden(shown: Shown) -> None:
    shown.panels.toggle_side()
    assert shown.there() == "list detail"
    assert shown.changed.count() == 1
    shown.wide(700)
    shown.wide(1600)
    assert shown.there() == "list detail"
    assert shown.panels.kept()["side_shown"] is False


def test_only_a_hand_changes_the_widths_that_are_kept(shown: Shown) -> None:
    shown.wide(1100)
    assert (shown.panels.kept()["side_width"], shown.panels.kept()["detail_width"]) == (240, 340)
    shown.wide(1280)
    handle = shown.panels.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    target = middle + middle.__class__(40, 0)
    QTest.mouseMove(handle, target)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=target)
    assert 270 <= Preferences(**shown.panels.kept()).side_width <= 280  # type: ignore[arg-type]
    assert shown.changed.count() >= 1
