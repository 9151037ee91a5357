"""What the lock shows, and where its buttons lead."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Preferences, Theme
from console.problem import Problem
from console.secret import Secret
from console.servers import Server, Way
from console.sessions.lock import MOST_TRIES, Lock, LockFile, LockReason
from console.sessions.unlocking import Unlocking
from console.ui.lock import words
from console.ui.lock.computer import ComputerLock
from console.ui.lock.mac_lock import MacLock
from console.ui.lock.menu import LockMenu
from console.ui.lock.window import LockWindow
from console.ui.lock.windows_lock import WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK, WTS_SESSION_UNLOCK, WindowsLock
from console.ui.theme import Appearance
from tests.unit.sessions.parts import Inline

PASSWORD = Server(address="https://api.one.example", name="One", username="tech")
KEY = Server(address="https://api.two.example", name="Two", way=Way.API_KEY)


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@dataclass
class FakeUnlocking:
    """Notes what is tried; `answer` tells how it ends."""

    has_pin: bool = True
    servers: tuple[Server, ...] = ()
    tried: list[tuple[str, str]] = field(default_factory=list)
    answer: Callable[[Problem | None], object] | None = None

    def try_pin(self, pin: Secret, told: Callable[[Problem | None], object]) -> None:
        self.tried.append(("PIN", pin.reveal()))
        self.answer = told

    def try_server(self, server: Server, typed: Secret, told: Callable[[Problem | None], object]) -> None:
        self.tried.append((server.title, typed.reveal()))
        self.answer = told


class Door:
    def __init__(self, qtbot: QtBot, appearance: Appearance, folder: Path) -> None:
        self._qtbot = qtbot
        self._appearance = appearance
        self.lock = Lock(LockFile(folder / "lock.json"), Inline())
        self.lock.lock(LockReason.IDLE)
        self.unlocking = FakeUnlocking(servers=(PASSWORD, KEY))
        self.going_on = (0, 0)
        self.wanted: list[str] = []

    def make(self, computer: bool = False) -> LockWindow:
        unlocking = cast(Unlocking, self.unlocking)
        return LockWindow(self.lock, unlocking, self._appearance, lambda: self.going_on, computer)

    def show(self, computer: bool = False) -> LockWindow:
        made = self.make(computer)
        made.end_wanted.connect(lambda: self.wanted.append("end"))
        made.close_wanted.connect(lambda: self.wanted.append("close"))
        self._qtbot.addWidget(made, before_close_func=lambda _: self.wanted.clear())
        made.resize(1280, 760)
        made.show()
        made.take_focus()
        return made


@pytest.fixture
def door(qtbot: QtBot, appearance: Appearance, tmp_path: Path) -> Door:
    return Door(qtbot, appearance, tmp_path)


def said(window: LockWindow) -> str:
    return "\n".join(one.text() for one in window.findChildren(QLabel) if one.isVisible())


def buttons(window: LockWindow) -> dict[str, QPushButton]:
    return {one.text(): one for one in window.findChildren(QPushButton) if one.isVisible()}


def focused() -> QWidget:
    found: QWidget | None = QApplication.focusWidget()
    assert found is not None
    return found


def use_up_tries(lock: Lock) -> None:
    for _ in range(MOST_TRIES):
        lock.begin_try(lock.wrong)


def test_it_says_since_when_and_why_and_what_goes_on(door: Door) -> None:
    door.going_on = (2, 1)
    window = door.show()
    assert "Nobody worked with it for a while." in said(window)
    assert "Since " in said(window)
    assert "2 sessions and 1 transfer go on." in said(window)
    assert "computer" not in said(window)
    door.going_on = (0, 0)
    window.say_state()
    assert "go on" not in said(window)
    assert "It unlocks with the computer." in said(door.show(computer=True))


def test_a_state_that_was_unreadable_is_said(door: Door) -> None:
    door.lock.unlock()
    door.lock.lock(LockReason.UNREADABLE)
    window = door.show()
    assert words.REASONS[LockReason.UNREADABLE] in said(window)
    assert "Since" not in said(window)


def test_one_that_would_not_hold_over_a_restart_says_so(door: Door, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("in the way", encoding="utf-8")
    door.lock = Lock(LockFile(in_the_way / "lock.json"), Inline())
    door.lock.lock(LockReason.HAND)
    window = door.show()
    assert "may find it open" in said(window)
    in_the_way.unlink()
    window._tick.timeout.emit()
    assert "may find it open" not in said(window)


def test_a_pin_is_tried_once_and_typed_anew(door: Door) -> None:
    window = door.show()
    assert window.field.accessibleName() == "PIN"
    QTest.keyClicks(window.field, "704913")
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert window.field.text() == ""
    QTest.keyClicks(window.field, "1")
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert door.unlocking.tried == [("PIN", "704913")], "one was tried before the other was answered"
    assert not window.unlock.isEnabled()
    assert door.unlocking.answer is not None
    door.unlocking.answer(Problem("This is not the PIN.", "4 tries are left."))
    assert "This is not the PIN." in said(window)
    assert window.unlock.isEnabled()


def test_an_answer_after_it_was_unlocked_is_not_shown(door: Door) -> None:
    window = door.make()
    window.field.setText("704913")
    window.unlock.click()
    shiboken6.delete(window)
    assert door.unlocking.answer is not None
    door.unlocking.answer(Problem("This is not the PIN."))


def test_nothing_typed_is_no_try(door: Door) -> None:
    window = door.show()
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    window.unlock.click()
    assert door.unlocking.tried == []


def test_other_ways_are_one_click_away(door: Door) -> None:
    window = door.show()
    buttons(window)["Use your password at One"].click()
    assert window.field.accessibleName() == "Password of tech at One"
    QTest.keyClicks(window.field, "horse")
    window.unlock.click()
    assert door.unlocking.tried == [("One", "horse")]
    assert door.unlocking.answer is not None
    door.unlocking.answer(Problem("It was not taken."))
    buttons(window)["Use an API key for Two"].click()
    assert window.field.accessibleName() == "API key for Two"
    assert "It was not taken." not in said(window)
    buttons(window)["Use the PIN"].click()
    assert window.field.accessibleName() == "PIN"


def test_long_names_of_many_servers_are_cut_and_scrolled_to(door: Door) -> None:
    names = [f"Number {number} of the servers of an office with a name that is long" for number in range(40)]
    door.unlocking.servers = tuple(
        Server(address=f"https://{number}.example", name=names[number]) for number in range(40)
    )
    door.unlocking.has_pin = False
    window = door.show()
    assert window.size() == QSize(1280, 760), "it does not fit the screen"
    (first,) = (one for one in window.findChildren(QLabel) if one.text().startswith("Password of"))
    assert first.toolTip() == window.field.accessibleName()
    links = [one for one in window.findChildren(QPushButton) if one.accessibleName().startswith("Use your password at")]
    assert [one.toolTip() for one in links] == [f"Use your password at {name}" for name in names[1:]]
    (area,) = window.findChildren(QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    for link in links:
        assert "…" in link.text()
        for _ in range(3):
            if not link.hasFocus():
                QTest.keyClick(focused(), Qt.Key.Key_Tab)
        assert area.viewport().rect().contains(link.mapTo(area.viewport(), link.rect().center()))


def test_without_a_pin_the_first_server_is_asked(door: Door) -> None:
    door.unlocking.has_pin = False
    window = door.show()
    assert window.field.accessibleName() == "Password of tech at One"
    assert "Use the PIN" not in buttons(window)


def test_after_the_last_try_the_pin_is_not_offered_any_more(door: Door) -> None:
    window = door.show()
    use_up_tries(door.lock)
    window.ways_changed()
    assert window.field.accessibleName() == "Password of tech at One"
    assert "Use the PIN" not in buttons(window)


def test_where_there_is_no_way_it_says_so(door: Door) -> None:
    door.unlocking.servers = ()
    use_up_tries(door.lock)
    window = door.show()
    assert "There is no way to unlock it here." in said(window)
    assert not window.field.isVisible()
    assert not window.unlock.isVisible()


def test_ending_all_is_asked_about_here(door: Door) -> None:
    window = door.show()
    window.end.click()
    assert door.wanted == []
    buttons(window)["Stay locked"].click()
    assert "End and sign out" not in buttons(window)
    window.end.click()
    buttons(window)["End and sign out"].click()
    assert door.wanted == ["end"]


def test_closing_asks_only_when_something_goes_on(door: Door) -> None:
    window = door.show()
    window.close()
    assert window.isVisible()
    assert door.wanted == ["close"]
    door.going_on = (1, 0)
    window.close()
    assert door.wanted == ["close"]
    buttons(window)["Close it"].click()
    assert door.wanted == ["close", "close"]


def test_the_day_is_said_when_it_was_another_one() -> None:
    now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC).astimezone()
    assert words.since(now - timedelta(minutes=1), now) == f"Since {now - timedelta(minutes=1):%H:%M}"
    assert "25 November" in words.since(now - timedelta(days=2), now)


def test_the_menu_tells_what_was_chosen(door: Door, qtbot: QtBot) -> None:
    parent = door.show()
    door.unlocking.has_pin = False
    menu = LockMenu(Preferences(lock_minutes=15), cast(Unlocking, door.unlocking), parent)
    chosen: list[Preferences] = []
    menu.changed.connect(chosen.append)
    menus: list[QMenu] = [menu, *menu.findChildren(QMenu)]
    entries = {action.text(): action for one in menus for action in one.actions()}
    assert entries["After 15 minutes"].isChecked()
    assert "Set a PIN…" in entries
    entries["After 5 minutes"].trigger()
    entries["Lock when the computer locks"].trigger()
    entries["End sessions when it locks"].trigger()
    last = chosen[-1]
    assert (last.lock_minutes, last.lock_with_computer, last.lock_closes_sessions) == (5, False, True)
    assert not entries["Unlock with the computer then"].isEnabled()
    assert last.unlock_with_computer
    door.unlocking.has_pin = True
    menu.aboutToShow.emit()
    assert any(action.text() == "Change the PIN…" for action in menu.actions())


def told(lock: ComputerLock) -> list[str]:
    events: list[str] = []
    lock.locked.connect(lambda: events.append("locked"))
    lock.unlocked.connect(lambda: events.append("unlocked"))
    return events


def test_what_windows_tells_of_its_session(qapp: QApplication) -> None:
    lock = WindowsLock()
    events = told(lock)
    for message, what in (
        (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK),
        (WM_WTSSESSION_CHANGE, 5),
        (0x0100, WTS_SESSION_UNLOCK),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK),
    ):
        lock.told(message, what)
    assert events == ["locked", "unlocked"]
    lock.end()


def test_elsewhere_than_on_a_mac_it_tells_nothing(qapp: QApplication) -> None:
    lock = MacLock()
    assert told(lock) == []
    lock.end()
