"""A technician's desk: consoles that are started, looked at, worked with and ended."""

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.app import App, Options, Places
from console.mesh.session_kind import SessionKind
from console.preferences import PreferenceFile, Preferences
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import Server
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.agents.page import AgentsPage
from console.ui.session.tab import SessionTab
from console.ui.window import MainWindow
from console.vault.store import MemoryVault, Vault, open_vault
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm

SECONDS = 30


class Console:
    """One running console."""

    def __init__(self, app: App, qtbot: QtBot, hands: Hands) -> None:
        self.app = app
        self.window: MainWindow = app.window
        self.hands = hands
        self._qtbot = qtbot

    def until(
        self, condition: Callable[[], bool], what: str | Callable[[], str] = "", seconds: float = SECONDS
    ) -> None:
        """Lets the console work until something is so; `what` says what is wrong when it does not come to be."""

        def check() -> None:
            assert condition(), (what() if callable(what) else what) or "it did not come to be"

        self._qtbot.waitUntil(check, timeout=int(seconds * 1000))

    @property
    def agents(self) -> AgentsPage:
        """The agents page that is shown."""
        page = self.window.home.currentWidget()
        assert isinstance(page, AgentsPage)
        return page

    def row(self, hostname: str) -> QModelIndex:
        """The cell with an agent's host name in the table shown."""
        model = self.agents.table.model()
        for row in range(model.rowCount()):
            index = model.index(row, 1)
            if index.data() == hostname:
                return index
        raise AssertionError(f"{hostname} is not in the table")

    def open(self, hostname: str, kind: SessionKind) -> Session:
        """Opens a session as a technician does: double-click for control, keys for the others."""
        before = list(self.app.sessions)
        table = self.agents.table
        if kind is SessionKind.CONTROL:
            self.hands.click_row(table, self.row(hostname), times=2)
        else:
            self.hands.click_row(table, self.row(hostname))
            self.hands.press({SessionKind.TERMINAL: "ctrl+Return", SessionKind.FILES: "shift+Return"}[kind])
        self.until(lambda: len(list(self.app.sessions)) > len(before), "no session was opened")
        return next(session for session in self.app.sessions if session not in before)

    def connected(self, session: Session) -> None:
        """Waits, touching nothing, until a session is connected."""

        def check() -> bool:
            assert session.state is not State.FAILED, session.problem and session.problem.report()
            return session.state is State.CONNECTED

        self.until(check, "the session was not connected")

    def tab(self, session: Session) -> SessionTab:
        """The session's tab, in whichever window it is."""
        tab = self.window.workspace.tab_of(session)
        assert tab is not None, "the session has no tab"
        return tab

    def button(self, text: str, within: QWidget | None = None) -> QPushButton:
        """The visible button with this text."""
        buttons = (within or self.window).findChildren(QPushButton)
        return next(one for one in buttons if one.text() == text and one.isVisible())

    def wait_for_button(self, text: str, within: QWidget | None = None) -> QPushButton:
        def there() -> bool:
            return any(
                one.text() == text and one.isVisible() for one in (within or self.window).findChildren(QPushButton)
            )

        self.until(there, f"no button “{text}”")
        return self.button(text, within)


class Desk:
    """Starts consoles that share one folder of settings, as several starts on one computer do."""

    def __init__(self, qapp: QApplication, qtbot: QtBot, hands: Hands, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.places = Places(folder / "config", folder / "log", folder / "data")
        self.downloads = folder / "Downloads"
        self._qapp = qapp
        self._qtbot = qtbot
        self._hands = hands
        self._stack = stack
        self._ended: list[App] = []
        self._file = PreferenceFile(self.places.config / "preferences.json")
        self._file.save(Preferences(downloads_folder=str(self.downloads), ask_note=False, host_key_known=True))

    def prefer(self, **changes: object) -> None:
        """Changes preferences before a console starts."""
        self._file.save(msgspec.structs.replace(self._file.load(), **changes))

    def start(self, vault: Callable[[], Vault] = open_vault, search: str = "", *, prompted: bool = False) -> Console:
        """A console on the real keyring, its window on the display. `search` is as on the command line; `prompted` says
        that the keyring asks for its password meanwhile, over the window."""
        app = App(self._qapp, Options(self.places, vault, log_level=logging.DEBUG, search=search))
        self._stack.callback(self._end, app)
        app.window.resize(1280, 760)
        if app.lock_desk.locked:  # it was locked when an earlier one ended
            app.begin()
            return Console(app, self._qtbot, self._hands)
        app.window.show()
        self._placed(app.window, active=not prompted)
        app.window.begin()
        return Console(app, self._qtbot, self._hands)

    def end(self, console: Console) -> None:
        """Ends a console as its last window does."""
        self._end(console.app)

    def signed_in(self, rmm: Rmm, server: Server | None = None, search: str = "") -> Console:
        """A console that is signed in with a session token already, its agents listed. `server` is one that an earlier
        console on this desk has kept."""
        console = self.start(MemoryVault, search)
        server = server or rmm.server()
        token, _ = rmm.users.new_token(rmm.users.technician)
        accounts = console.app.accounts
        accounts.put(server)
        accounts.signed_in(
            server, SessionToken(Secret(token)), None, lambda _: console.window.show_server(server), lambda _: None
        )
        console.until(lambda: isinstance(console.window.home.currentWidget(), AgentsPage))
        console.until(lambda: console.agents.watch.as_of is not None, "the agents were not listed")
        return console

    def _placed(self, window: MainWindow, active: bool) -> None:
        """Waits until the window manager has put the window where it stays: until then a click would miss."""
        places = [window.geometry()]

        def stays() -> bool:
            places.append(window.geometry())
            return (
                (window.isActiveWindow() or not active) and len(places) > 20 and len(set(map(str, places[-20:]))) == 1
            )

        self._qtbot.waitUntil(stays, timeout=SECONDS * 1000)

    def _end(self, app: App) -> None:
        if app in self._ended:
            return
        self._ended.append(app)
        app.window.hide()
        app.end()
        app.window.deleteLater()
        self._qtbot.wait(50)
        gc.collect()  # here, before a thread of a server finds what is left of the windows
