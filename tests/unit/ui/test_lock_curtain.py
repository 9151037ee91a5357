"""Every window but the lock is put away, what comes later too, and all of it comes back as it was."""

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMenu, QMessageBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.ui import dialogs
from console.ui.lock.curtain import Curtain


class Room:
    """A main window, another one, and a lock."""

    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self._others = {one for one in QApplication.topLevelWidgets() if one.isVisible()}  # of other tests
        self.window, self.other, self.lock = QWidget(), QWidget(), QWidget()
        self.field = QLineEdit()
        QVBoxLayout(self.window).addWidget(self.field)
        QVBoxLayout(self.lock).addWidget(QLineEdit())
        self.curtain = Curtain(qapp)
        for widget in (self.window, self.other, self.lock):
            qtbot.addWidget(widget)
        self.window.show()
        self.other.show()

    def close(self) -> None:
        self.curtain.close(self.lock)
        self.lock.show()

    def visible(self) -> set[QWidget]:
        return {one for one in QApplication.topLevelWidgets() if one.isVisible()} - self._others

    def until_only_the_lock(self) -> None:
        self.qtbot.waitUntil(lambda: self.visible() == {self.lock}, timeout=10_000)


@pytest.fixture
def room(qapp: QApplication, qtbot: QtBot) -> Room:
    made = Room(qapp, qtbot)
    assert made.visible() == {made.window, made.other}
    return made


def test_windows_dialogs_and_menus_go_and_come_back(room: Room) -> None:
    room.other.move(QPoint(70, 80))
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Acme", "PC-1", parent=room.window)
    box.open()
    sheet = QDialog(room.window)
    sheet.show()
    menu = QMenu(room.other)
    menu.addAction("PC-1")
    menu.popup(QPoint(10, 10))
    finished: list[int] = []
    box.finished.connect(finished.append)
    room.close()
    assert room.visible() == {room.lock}
    room.curtain.open()
    room.lock.hide()
    assert room.visible() == {room.window, room.other, box, sheet}
    assert box.windowModality() is Qt.WindowModality.WindowModal
    assert sheet.windowModality() is Qt.WindowModality.NonModal
    assert room.other.pos() == QPoint(70, 80)
    assert finished == [], "a question was answered by nobody"
    box.accept()
    assert len(finished) == 1
    sheet.close()


def test_a_dialog_over_a_window_that_is_away_waits_for_it(room: Room) -> None:
    room.close()
    dialogs.tell(room.window, Problem("PC-1 went away."))
    dialogs.ask(room.window, "Restart PC-1?", "", "Restart", lambda: None)
    sheet = QDialog(room.window)
    dialogs.present(sheet, modal=False)
    boxes: list[QWidget] = list(room.window.findChildren(QMessageBox))
    assert len(boxes) == 2
    assert room.visible() == {room.lock}, "it was shown for a moment"
    room.curtain.open()
    room.qtbot.waitUntil(lambda: room.visible() == {room.window, room.other, room.lock, sheet, *boxes}, timeout=10_000)
    for box in (*boxes, sheet):
        box.close()


def test_one_over_a_window_that_shall_not_be_shown_yet_waits(qtbot: QtBot) -> None:
    """As at a start of the console while it is locked."""
    window = QWidget()
    qtbot.addWidget(window)
    window.hide()
    dialogs.tell(window, Problem("Something."))
    (box,) = window.findChildren(QMessageBox)
    assert not box.isVisible()
    window.show()
    qtbot.waitUntil(box.isVisible)
    box.close()


def test_one_over_a_window_that_was_not_shown_yet_does_not_wait(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    dialogs.tell(window, Problem("Something."))
    (box,) = window.findChildren(QMessageBox)
    assert box.isVisible()
    box.close()


def test_what_comes_up_all_the_same_is_put_away_and_brought_back(room: Room) -> None:
    room.close()
    late = QDialog(room.window)
    late.open()
    window = QWidget()
    room.qtbot.addWidget(window)
    window.show()
    room.until_only_the_lock()
    room.curtain.open()
    assert {late, window} <= room.visible()
    late.close()


def test_a_dialog_that_waits_for_its_answer_is_left_without_one(room: Room) -> None:
    """As that of a page that asks for files: its own event loop would hold the page up until it is unlocked."""
    dialog = QFileDialog(room.window)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    room.qtbot.waitUntil(lambda: room.window.isVisible())
    QTimer.singleShot(100, room.lock, room.close)
    assert dialog.exec() == QDialog.DialogCode.Rejected
    room.until_only_the_lock()
    dialog.deleteLater()
    room.qtbot.waitUntil(lambda: not room.window.findChildren(QFileDialog), timeout=10_000)
    room.curtain.open()
    assert room.visible() == {room.window, room.other, room.lock}


def test_the_menu_of_its_own_field_stays(room: Room) -> None:
    room.close()
    menu = QMenu(room.lock.findChild(QLineEdit))
    menu.addAction("Paste")
    menu.popup(QPoint(10, 10))
    room.qtbot.wait(200)  # longer than the curtain looks
    assert menu.isVisible()
    menu.close()


def test_the_keyboard_is_given_back_first(room: Room) -> None:
    room.window.activateWindow()
    room.field.setFocus()
    room.qtbot.waitUntil(room.field.hasFocus)
    room.close()
    assert room.window.focusWidget() is None


def test_a_window_that_is_gone_when_it_opens_is_left_out(room: Room) -> None:
    room.close()
    room.other.deleteLater()
    room.qtbot.wait(50)
    room.curtain.open()
    assert room.window.isVisible()
    room.other = QWidget()
