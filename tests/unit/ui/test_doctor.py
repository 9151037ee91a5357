"""The doctor's window: lines as they are found, the report that is copied, and asking only when it is said."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.demo.api_server import serve
from console.mesh.engine_facts import EngineFacts, EngineQuestion
from console.preferences import Theme
from console.rmm.credentials import ApiKey
from console.secret import Secret
from console.servers import Server
from console.sessions.doctor.case import Folders, Question
from console.sessions.doctor.verdict import Verdict
from console.ui.doctor.window import DoctorWindow
from console.ui.theme import Appearance
from console.vault.store import MemoryVault
from console.work import Lane
from tests.unit.raw_server import free_port
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.sessions.doctor import stand_in

Ask = Callable[[EngineQuestion], EngineFacts]


class Shown:
    def __init__(self, qtbot: QtBot, appearance: Appearance, folder: Path, engine: Ask, address: str) -> None:
        self.asked: list[str] = []
        self._qtbot = qtbot
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        folders = Folders(folder / "config", folder / "data", folder / "log")
        server = Server(address=address, name="Acme") if address else None
        key = ApiKey(Secret(stand_in.KEY))

        def question(hostname: str) -> Question:
            self.asked.append(hostname)
            return Question(folders, {}, (), MemoryVault, engine, server, key, hostname=hostname)

        self.window = DoctorWindow("Acme" if address else "", question, Lane("doctor", 2), appearance, self.parent)
        self.window.show()
        self.window.look()

    def until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=30_000)

    def words(self) -> str:
        return "\n".join(one.text() for one in self.window.findChildren(QLabel) if one.isVisible())

    def finished(self) -> None:
        self.until(self.window.copy.isEnabled)


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


Show = Callable[..., Shown]


@pytest.fixture
def show(qtbot: QtBot, appearance: Appearance, tmp_path: Path) -> Show:
    def make(engine: Ask = stand_in.engine, address: str = "") -> Shown:
        return Shown(qtbot, appearance, tmp_path, engine, address)

    return make


def test_lines_come_while_others_are_still_looked_for(show: Show) -> None:
    go = threading.Event()

    def slow(question: EngineQuestion) -> EngineFacts:
        go.wait(30)
        return stand_in.engine(question)

    shown = show(slow)
    rows = shown.window.list.rows
    shown.until(lambda: rows["keyring"].line is not None)
    assert rows["engine"].line is None
    assert not shown.window.copy.isEnabled()
    assert "Looking…" in shown.words()
    go.set()
    shown.finished()
    assert rows["graphics"].line is not None
    assert "Nothing fails." in shown.words()


def test_a_failure_says_what_to_do_and_its_details_unfold(show: Show) -> None:
    shown = show(address=f"https://127.0.0.1:{free_port()}")
    shown.finished()
    row = shown.window.list.rows["rmm.reach"]
    assert row.line is not None
    assert row.line.verdict is Verdict.FAILURE
    assert "does not take connections" in shown.words()
    assert "→ Check the address and port" in shown.words()
    assert "1 failure, first: The RMM – Reachable" in shown.words()
    (fold,) = (one for one in row.findChildren(QPushButton) if one.isVisible())
    (detail,) = row.findChildren(QPlainTextEdit)
    assert not detail.isVisible()
    fold.click()
    assert detail.isVisible()
    assert "Refused" in detail.toPlainText()


def test_the_report_is_copied_without_secrets(show: Show) -> None:
    with serve(Scripted({"/": [answer({"detail": stand_in.KEY}, 500)]})) as api:
        shown = show(address=api.address)
        shown.finished()
    shown.window.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied == shown.window.report
    assert "Server: Acme" in copied
    assert "had an error of its own" in copied
    assert stand_in.KEY not in copied


def test_the_rmm_is_asked_for_a_link_only_when_the_technician_says_so(show: Show) -> None:
    shown = show(address=f"https://127.0.0.1:{free_port()}")
    shown.finished()
    shown.window.ask.click()  # without a name it has nothing to ask for
    assert shown.asked == [""]
    assert shown.window.hostname.hasFocus() or not shown.window.isActiveWindow()
    shown.window.hostname.setText(" HOST ")
    shown.window.ask.click()
    shown.finished()
    shown.window.again.click()
    shown.finished()
    assert shown.asked == ["", "HOST", ""]


def test_without_a_server_there_is_nobody_to_ask(show: Show) -> None:
    shown = show()
    shown.finished()
    assert not shown.window.hostname.isVisible()
    assert "audit log" not in shown.words()


def test_it_can_be_closed_while_it_looks(show: Show, qtbot: QtBot) -> None:
    go, ended = threading.Event(), threading.Event()

    def slow(question: EngineQuestion) -> EngineFacts:
        go.wait(30)
        ended.set()
        return stand_in.engine(question)

    shown = show(slow)
    closed: list[bool] = []
    shown.window.destroyed.connect(lambda: closed.append(True))
    QTest.keyClick(shown.window, Qt.Key.Key_Escape)
    shown.until(lambda: bool(closed))
    go.set()
    assert ended.wait(20)
    qtbot.wait(50)


def test_every_icon_says_what_it_means(show: Show) -> None:
    shown = show(address=f"https://127.0.0.1:{free_port()}")
    shown.finished()
    for row in shown.window.list.rows.values():
        assert row.line is not None
        assert row.line.verdict.value in [one.toolTip() for one in row.findChildren(QLabel)]
