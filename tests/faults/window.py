"""The whole console in a window that nobody has to see, and what a technician reads in it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QPushButton, QWidget

from console.app import App, Options, Places
from console.mesh.session_kind import SessionKind
from console.preferences import PreferenceFile, Preferences
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import Server
from console.sessions.page import SessionPage
from console.sessions.session import Session
from console.ui.agents.page import AgentsPage
from console.vault.store import MemoryVault, Vault
from tests.faults.faulty import SESSION_TOKEN
from tests.unit.sessions.parts import FakePage

_MILLISECONDS = 30_000


class Waits(Protocol):
    """What pytest-qt does for it."""

    def waitUntil(self, check: Callable[[], None], *, timeout: int) -> None: ...

    def wait(self, milliseconds: int) -> None: ...


class HasAddress(Protocol):
    @property
    def address(self) -> str: ...


class Office:
    """One console. `pages` are the stand-ins of its sessions' pages, unless `real_pages`."""

    def __init__(
        self,
        qapp: QApplication,
        qtbot: Waits,
        folder: Path,
        vault: Callable[[], Vault] = MemoryVault,
        *,
        real_pages: bool = False,
        begin: bool = True,
    ) -> None:
        self.places = Places(folder / "config", folder / "log", folder / "data")
        self.downloads = folder / "Downloads"
        self.pages: list[FakePage] = []
        self._qtbot = qtbot
        file = PreferenceFile(self.places.config / "preferences.json")
        if not (self.places.config / "preferences.json").exists() and _writable(self.places.config.parent):
            file.save(Preferences(downloads_folder=str(self.downloads), ask_note=False, host_key_known=True))
        self.app = App(qapp, Options(self.places, vault))
        if not real_pages:
            self.app.sessions._make_page = self._make_page
        self.window = self.app.window
        self.window.resize(1280, 800)  # narrower, it hides the details
        if begin:
            self.window.show()
            self.window.begin()
        self._ended = False
        self.ticks = 0
        self._clock = QTimer(self.window, interval=5)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._clock.stop()
        for box in self.window.findChildren(QMessageBox):
            box.close()
        self.window.hide()
        self.app.end()
        self.window.deleteLater()
        self._qtbot.wait(20)

    # What happens

    def sign_in(self, rmm: HasAddress, pins: dict[str, str] | None = None, *, listed: bool = True) -> AgentsPage:
        """Signed in with a session token; unless not `listed` the agents are there, and the first of them selected."""
        server = Server(address=rmm.address, name="Faulty RMM", username="tech", pins=pins or {})
        return self.sign_in_to(server, SESSION_TOKEN, listed=listed)

    def sign_in_to(self, server: Server, session_token: str, *, listed: bool = True) -> AgentsPage:
        accounts = self.app.accounts
        accounts.put(server)
        token = SessionToken(Secret(session_token))
        accounts.signed_in(server, token, None, lambda _: self.window.show_server(server), lambda _: None)
        self.until(lambda: isinstance(self.window.home.currentWidget(), AgentsPage), "nobody is signed in")
        page = self.page
        if listed:
            self.until(lambda: page.watch.as_of is not None, "the agents are not listed")
            page.table.selectRow(0)
        return page

    @property
    def page(self) -> AgentsPage:
        page = self.window.home.currentWidget()
        assert isinstance(page, AgentsPage)
        return page

    def open(self, kind: SessionKind = SessionKind.TERMINAL, hostname: str = "PC-00000") -> Session:
        """A session on an agent."""
        page = self.page
        before = list(self.app.sessions)
        agent = next(agent for agent in page.watch.store.agents() if agent.hostname == hostname)
        page.wanted.emit(agent, kind)
        return next(session for session in self.app.sessions if session not in before)

    # What is seen

    def words(self, within: QWidget | None = None) -> str:
        labels = (within or self.window).findChildren(QLabel)
        return " ".join(" ".join(label.text().split()) for label in labels if label.isVisible() and label.text())

    def says(self, pattern: str, within: Callable[[], QWidget] | None = None) -> None:
        """Waits until it is said."""

        def shown() -> str:
            return self.words(within() if within else None)

        self.until(lambda: re.search(pattern, shown()) is not None, lambda: f"“{pattern}” is not in: {shown()}")

    def tab_of(self, session: Session) -> QWidget:
        tab = self.window.workspace.tab_of(session)
        assert tab is not None
        return tab

    def press(self, text: str, within: QWidget | None = None) -> None:
        """Clicks the visible button with this text, once it is there."""

        def there() -> list[QPushButton]:
            buttons = (within or self.window).findChildren(QPushButton)
            return [one for one in buttons if one.text() == text and one.isVisible() and one.isEnabled()]

        self.until(lambda: bool(there()), f"no button “{text}”")
        there()[0].click()

    def field(self, name: str) -> QLineEdit:
        edits = self.window.findChildren(QLineEdit)
        return next(edit for edit in edits if edit.accessibleName() == name and edit.isVisible())

    def messages(self) -> list[str]:
        """What the messages over the window say."""
        boxes = self.window.findChildren(QMessageBox)
        return [f"{box.text()} {box.informativeText()}" for box in boxes if box.isVisible()]

    def works(self) -> None:
        """The window's clock goes on, and it can be searched."""
        ticks = self.ticks
        self.until(lambda: self.ticks > ticks + 3, "the window stands still")

    def until(self, condition: Callable[[], bool], what: str | Callable[[], str] = "") -> None:
        def check() -> None:
            assert condition(), (what() if callable(what) else what) or "it did not come to be"

        self._qtbot.waitUntil(check, timeout=_MILLISECONDS)

    def wait(self, milliseconds: int) -> None:
        self._qtbot.wait(milliseconds)

    def _make_page(self, parent: QObject) -> SessionPage:
        self.pages.append(FakePage(parent))
        return self.pages[-1]

    def _tick(self) -> None:
        self.ticks += 1


def _writable(folder: Path) -> bool:
    probe = folder / "probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
