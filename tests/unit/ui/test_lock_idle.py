"""When nobody works with the console."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.lock.idle import IdleWatch


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Room:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.clock = Clock()
        self.window = QWidget()
        self.field = QLineEdit()
        QVBoxLayout(self.window).addWidget(self.field)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.watch = IdleWatch(qapp, self.clock)
        self.idle = 0
        self.watch.idle.connect(self._idle)

    def _idle(self) -> None:
        self.idle += 1

    def after(self, seconds: float) -> int:
        """How often it was idle by then."""
        self.clock.now += seconds
        self.watch.look()
        return self.idle


@pytest.fixture
def room(qapp: QApplication, qtbot: QtBot) -> Iterator[Room]:
    made = Room(qapp, qtbot)
    yield made
    made.watch.watch(0)


def test_it_is_told_once_after_so_many_seconds(room: Room) -> None:
    room.watch.watch(60)
    assert room.after(59) == 0
    assert room.after(1) == 1
    assert not room.watch._tick.isActive()
    room.watch.watch(60)
    assert room.after(59) == 1


def test_keys_and_mouse_begin_it_anew(room: Room) -> None:
    room.watch.watch(60)
    handle = room.window.windowHandle()
    room.after(50)
    QTest.keyClick(handle, Qt.Key.Key_A)
    assert room.after(50) == 0
    QTest.mouseMove(handle, QPoint(5, 5))
    QApplication.processEvents()
    assert room.after(50) == 0
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert room.after(50) == 0
    assert room.after(10) == 1


def test_what_the_console_does_by_itself_is_no_work(room: Room, qtbot: QtBot) -> None:
    room.watch.watch(60)
    room.after(50)
    room.window.resize(300, 200)
    room.field.setText("a")
    qtbot.wait(50)
    assert room.after(10) == 1


def test_a_window_that_came_later_counts_too(room: Room, qtbot: QtBot) -> None:
    room.watch.watch(60)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    qtbot.waitExposed(other)
    room.after(50)
    QTest.keyClick(other.windowHandle(), Qt.Key.Key_A)
    assert room.after(50) == 0


def test_zero_is_never(room: Room) -> None:
    room.watch.watch(0)
    assert room.after(10**6) == 0


def test_a_clock_that_was_set_back_begins_it_anew(room: Room) -> None:
    room.watch.watch(60)
    assert room.after(-3600) == 0
    assert room.after(59) == 0
    assert room.after(1) == 1
