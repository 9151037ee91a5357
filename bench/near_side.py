"""The console as a technician has it open: signed in, its agents listed, its window shown."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from bench.far_side import Ready
from bench.waiting import until
from console import environment
from console.app import App, Options, Places, application
from console.mesh.session_kind import SessionKind
from console.preferences import PreferenceFile, Preferences
from console.rmm.credentials import SessionToken
from console.rmm.models import Agent
from console.secret import Secret
from console.servers import Server
from console.sessions.connection import Connection
from console.sessions.session import Session
from console.ui.agents.page import AgentsPage
from console.vault.store import MemoryVault, Vault

_HOST_COLUMN = 1


class NearSide:
    """A running console whose double-click opens sessions of one kind."""

    def __init__(
        self, far: Ready, default: SessionKind = SessionKind.CONTROL, vault: Callable[[], Vault] = MemoryVault
    ) -> None:
        self._far = far
        self._default = default
        self._vault = vault
        self._stack = ExitStack()

    def __enter__(self) -> "NearSide":
        folder = Path(tempfile.mkdtemp(prefix="technician-console-bench-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environment.drop_dangerous(os.environ)
        environment.quiet(os.environ)
        PreferenceFile(folder / "config" / "preferences.json").save(
            Preferences(default_action=self._default.value, host_key_known=True)
        )
        self.app = App(application(), Options(Places(folder / "config", folder / "log", folder / "data"), self._vault))
        self._stack.callback(self._end)
        self.window = self.app.window
        self.window.show()
        self.window.begin()
        far = self._far
        server = Server(address=far.address, name="Bench", username=far.username, pins=far.pins)
        accounts = self.app.accounts
        accounts.put(server)
        token = SessionToken(Secret(far.token))
        accounts.signed_in(server, token, None, lambda _: self.window.show_server(server), lambda _: None)
        self._server = server
        until(self._listed, "the agents were not listed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def page(self) -> AgentsPage:
        page = self.window.page_of(self._server.id)
        assert page is not None
        return page

    @property
    def connection(self) -> Connection:
        return self.app.accounts.connections[self._server.id]

    @property
    def live_agent(self) -> Agent:
        """The agent that is really there."""
        return next(agent for agent in self.page.watch.store.agents() if agent.hostname == self._far.hostname)

    def live_row(self) -> QModelIndex:
        """The row of the agent that is really there, selected and in sight."""
        table = self.page.table
        model = table.model()
        found = (model.index(row, _HOST_COLUMN) for row in range(model.rowCount()))
        index = next(index for index in found if index.data() == self._far.hostname)
        table.setCurrentIndex(index)
        table.scrollTo(index)
        return index

    def click(self, row: QModelIndex) -> None:
        """The first half of a double-click."""
        QTest.mouseClick(*self._at(row))

    def double_click(self, row: QModelIndex) -> Session:
        """The second half: opens a session."""
        QTest.mouseDClick(*self._at(row))
        return list(self.app.sessions)[-1]

    def _at(self, row: QModelIndex) -> tuple[QWidget, Qt.MouseButton, Qt.KeyboardModifier, QPoint]:
        table = self.page.table
        place = table.visualRect(row).center()
        return table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place

    def _listed(self) -> bool:
        page = self.window.page_of(self._server.id)
        return page is not None and page.watch.as_of is not None

    def _end(self) -> None:
        self.app.window.hide()
        self.app.end()
