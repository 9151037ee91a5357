"""Errors that nobody caught, thrown for real: in a slot, in an event handler, on a thread."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.ui.unhandled import ErrorDialog, UnhandledErrors

TOKEN = "0123456789abcdef" * 4


@pytest.fixture
def errors(qtbot: QtBot) -> Iterator[UnhandledErrors]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    before = sys.excepthook, threading.excepthook
    made = UnhandledErrors(window)
    made.install()
    yield made
    made.end()
    sys.excepthook, threading.excepthook = before


def fail(text: str = "login=secret-word") -> None:
    raise ValueError(text)


def opened(errors: UnhandledErrors, qtbot: QtBot) -> ErrorDialog:
    qtbot.waitUntil(lambda: errors.dialog is not None)
    assert errors.dialog is not None
    return errors.dialog


def press(dialog: ErrorDialog, text: str) -> None:
    next(each for each in dialog.findChildren(QPushButton) if each.text() == text).click()


def test_a_slot(errors: UnhandledErrors, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    QTimer.singleShot(0, lambda: fail(f"token={TOKEN}"))
    dialog = opened(errors, qtbot)
    assert dialog.isVisible()
    assert "ValueError" in dialog.report
    assert "in fail" in dialog.report
    assert TOKEN not in dialog.report
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)
    press(dialog, "Copy the report")
    assert QGuiApplication.clipboard().text() == dialog.report
    press(dialog, "Go on")
    assert errors.dialog is None


def test_an_event_handler_and_a_thread_in_one_dialog(errors: UnhandledErrors, qtbot: QtBot) -> None:
    class Window(QWidget):
        def event(self, event: QEvent, /) -> bool:
            if event.type() == QEvent.Type.User:
                raise KeyError("in an event")
            return super().event(event)

    window = Window()
    qtbot.addWidget(window)
    QApplication.postEvent(window, QEvent(QEvent.Type.User))
    dialog = opened(errors, qtbot)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "ValueError" in dialog.report)
    assert "in an event" in dialog.report
    assert "secret-word" not in dialog.report
    assert any("(2 times)" in each.text() for each in dialog.findChildren(QLabel))
    assert errors.dialog is dialog


def test_the_same_again_is_not_shown_again(errors: UnhandledErrors, qtbot: QtBot) -> None:
    timer = QTimer(interval=5)
    timer.timeout.connect(fail)
    timer.start()
    dialog = opened(errors, qtbot)
    qtbot.wait(50)
    press(dialog, "Go on")
    qtbot.wait(50)
    timer.stop()
    qtbot.wait(20)
    assert errors.dialog is None


def test_ctrl_c_is_no_error(errors: UnhandledErrors, qtbot: QtBot) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    qtbot.wait(20)
    assert errors.dialog is None


def test_the_hooks_are_given_back(errors: UnhandledErrors) -> None:
    errors.end()
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__
