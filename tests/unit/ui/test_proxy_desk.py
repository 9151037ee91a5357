"""Where a proxy's question stands while the console is locked: a password that unlocks it may have to go through it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.problem import Problem
from console.proxies import Proxies, Proxy, ProxySignIn
from console.secret import Secret
from console.sessions.accounts import Accounts
from console.sessions.manager import Sessions
from console.sessions.proxy_sign_ins import ProxySignIns
from console.sessions.sign_in_flow import SignInFlow
from console.ui.lock.curtain import Curtain
from console.ui.proxies.desk import ProxyDesk
from console.ui.proxies.sign_in_dialog import ProxySignInDialog
from console.ui.theme import Appearance
from console.ui.window import MainWindow

PROXY = Proxy("proxy.example", 3128)
OFFICE = ProxySignIn("office", Secret("Sesame-0pen"))


class Window(QWidget):
    """As much of the main window as the desk needs."""

    def add_tool(self, tool: QWidget) -> None:
        tool.setParent(self)


class NoKeyring:
    def with_vault(self, call: object, done: object, failed: Callable[[Problem], object]) -> None:
        failed(Problem("There is no keyring."))


class Room:
    def __init__(self, qapp: QApplication, qtbot: QtBot, threads: ThreadPoolExecutor) -> None:
        self._qtbot = qtbot
        self._threads = threads
        self.window, self.lock = Window(), QWidget()
        for one in (self.window, self.lock):
            qtbot.addWidget(one)
        self.window.show()
        self.sign_ins = ProxySignIns()
        self.look = Appearance(qapp, Theme.LIGHT)
        self.desk = ProxyDesk(
            cast(MainWindow, self.window),
            cast(Accounts, NoKeyring()),
            cast(Sessions, ()),
            cast(SignInFlow, None),
            Proxies(),
            self.sign_ins,
            self.look,
        )
        self.curtain = Curtain(qapp)

    def close(self) -> None:
        self.curtain.close(self.lock)
        self.lock.show()
        self.desk.stand_over(self.lock)

    def open(self) -> None:
        self.curtain.open()
        self.desk.stand_over(self.window)
        self.lock.hide()

    def call(self) -> "Future[ProxySignIn | None]":
        """One that needs the proxy, on its thread."""
        return self._threads.submit(self.sign_ins.ask, PROXY, None)

    def asked(self, over: QWidget) -> ProxySignInDialog:
        """The question, once it is to be seen over a window."""
        self._qtbot.waitUntil(lambda: any(one.isVisible() for one in over.findChildren(ProxySignInDialog)))
        self._qtbot.wait(120)  # the curtain looks meanwhile
        (dialog,) = over.findChildren(ProxySignInDialog)
        assert dialog.isVisible(), "the curtain hides what unlocks the console"
        return dialog

    def answer(self, dialog: ProxySignInDialog) -> None:
        dialog.user.setText(OFFICE.user)
        dialog.password.setText(OFFICE.password.reveal())
        dialog.password.returnPressed.emit()


@pytest.fixture
def room(qapp: QApplication, qtbot: QtBot) -> Iterator[Room]:
    with ThreadPoolExecutor(2) as threads:
        made = Room(qapp, qtbot, threads)
        yield made
        made.curtain.open()
        made.sign_ins.stop()
    qapp.setStyleSheet("")


def test_while_it_is_locked_it_stands_over_the_lock(room: Room) -> None:
    room.close()
    call = room.call()
    room.answer(room.asked(room.lock))
    assert call.result(10) == OFFICE


def test_one_that_was_open_moves_to_the_lock_and_back(room: Room) -> None:
    call = room.call()
    dialog = room.asked(room.window)
    dialog.user.setText("off")
    room.close()
    assert room.asked(room.lock).user.text() == "off"
    room.open()
    room.lock.deleteLater()
    room.answer(room.asked(room.window))
    assert call.result(10) == OFFICE
    room.lock = QWidget()


def test_who_declined_is_asked_anew_when_a_server_is_to_unlock_it(room: Room) -> None:
    room.close()
    call = room.call()
    room.asked(room.lock).reject()
    assert call.result(10) is None
    assert room.call().result(10) is None, "background calls ask again and again"
    room.desk.ask_anew()
    again = room.call()
    room.answer(room.asked(room.lock))
    assert again.result(10) == OFFICE
