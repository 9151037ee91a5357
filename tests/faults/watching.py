"""The agents page of a technician, on a real connection to a server that misbehaves."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from console.fleet.bookmarks import BookmarkFile
from console.preferences import Preferences
from console.rmm.client import RmmClient
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import Server
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.connection import connect
from console.sessions.fleet_watch import FleetWatch
from console.sessions.refresh_pace import RefreshPace
from console.transport import MEGABYTE
from console.ui.agents.page import AgentsPage
from console.ui.theme import Appearance
from tests.faults.list_server import ListServer
from tests.unit.sessions.parts import Inline

SECONDS = 60
_HOST = 1


def _no_bookmarks() -> FleetBookmarks:
    return FleetBookmarks(BookmarkFile(Path("unused")), "unused", Inline())


class Watched:
    """A page that is shown. The list's time-out and size are scaled down; it asks when the test says so."""

    def __init__(self, server: ListServer, appearance: Appearance, qtbot: QtBot) -> None:
        self.server = server
        self._qtbot = qtbot
        own = Server(address=server.address, name="Faulty")
        connection = connect(own, SessionToken(Secret("f" * 64)))
        connection.client = RmmClient(
            server.address, connection.transport, connection.credential, list_seconds=4.0, largest_list=3 * MEGABYTE
        )
        self.watch = FleetWatch(connection, pace=RefreshPace(every=3600, first_try=3600, longest=3600))
        self.page = AgentsPage(self.watch, Preferences(), appearance, _no_bookmarks())
        qtbot.addWidget(self.page)
        self.page.resize(1000, 600)
        self.page.show()
        self.ticks = 0
        self._clock = QTimer(self.page, interval=5)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def end(self) -> None:
        """As signing out does it: what is Qt's goes in Qt's thread, whichever thread looks for garbage later."""
        self._clock.stop()
        self.watch.stop()
        self.watch.deleteLater()

    def start(self) -> None:
        """The first list."""
        self.watch.start()
        self.until(lambda: not self.watch.busy, "the first list was not answered")

    def refresh(self) -> None:
        """Asks, and uses the window until the answer is there."""
        self.ask()
        self.answered()

    def ask(self) -> None:
        before = self.server.asked
        self.watch.refresh()
        assert self.watch.busy
        self.until(lambda: self.server.asked > before, "the server was not asked")

    def answered(self) -> None:
        self.until(lambda: not self.watch.busy, "the question did not end")
        self._qtbot.wait(20)  # what the answer posted

    def works(self) -> None:
        """The window is usable now: its clock goes on, and a search narrows the table and widens it again."""
        ticks, shown, current = self.ticks, self.hosts(), self.page.table.current_agent()
        wanted = current.hostname if current else shown[1]
        field = next(one for one in self.page.findChildren(QLineEdit) if "search" in one.accessibleName().lower())
        field.setFocus()
        QTest.keyClicks(field, wanted)
        self.until(lambda: self.hosts() == [wanted], "the search did not narrow the table")
        field.clear()
        self.until(lambda: self.hosts() == shown, "the table did not come back")
        self.until(lambda: self.ticks > ticks + 3, "the window stands still")

    def hosts(self) -> list[str]:
        model = self.page.table.model()
        return [str(model.index(row, _HOST).data()) for row in range(model.rowCount())]

    def statuses(self) -> set[str]:
        return {agent.status.value for agent in self.watch.store.agents()}

    def words(self) -> str:
        """All that the page says beside the table."""
        labels = self.page.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible() and label.text())

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def check() -> None:
            assert condition(), what

        self._qtbot.waitUntil(check, timeout=SECONDS * 1000)

    def _tick(self) -> None:
        self.ticks += 1
