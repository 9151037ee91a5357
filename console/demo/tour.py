"""Shows the demo without a person: opens a live session of each kind and leaves a screenshot of each."""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from console.app import App
from console.demo.fleet import LIVE_DESCRIPTION
from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.problem import Problem
from console.rmm.models import Agent
from console.servers import Server
from console.sessions.progress import State
from console.sessions.session import Session

_SECONDS = 420
_SETTLE_MILLISECONDS = 1500


class Tour(QObject):
    """`begin` it once the demo's remote machine is ready. `exit_code` is 0 when every session was connected."""

    def __init__(self, app: App, server: Server, folder: Path) -> None:
        super().__init__()
        self.exit_code = 1
        self._app = app
        self._server = server
        self._folder = folder
        self._kinds = list(SessionKind)
        folder.mkdir(parents=True, exist_ok=True)
        app.window.setWindowState(Qt.WindowState.WindowMaximized)
        QTimer.singleShot(_SECONDS * 1000, self, self._end)

    def begin(self) -> None:
        """Goes from the list to the sessions."""
        page = self._app.window.page_of(self._server.id)
        if page is None or page.watch.as_of is None:
            QTimer.singleShot(200, self, self.begin)
            return
        self._after(lambda: self._shoot("agents", self._next))

    def give_up(self, problem: Problem) -> None:
        """There is no remote machine: says why and ends."""
        print(problem.report(), file=sys.stderr)
        self._end()

    def _next(self) -> None:
        if not self._kinds:
            self._app.appearance.choose(Theme.DARK)
            self._app.window.tabs.setCurrentIndex(0)
            self._after(lambda: self._shoot("agents-dark", self._done))
            return
        kind = self._kinds.pop(0)
        page = self._app.window.page_of(self._server.id)
        live = self._live_agent()
        if page is None or live is None:
            self._end()
            return
        session = self._app.sessions.open(page.watch.connection, live, kind)
        session.changed.connect(lambda: self._session_changed(session, kind))

    def _session_changed(self, session: Session, kind: SessionKind) -> None:
        if session.state is State.CONNECTED:
            session.changed.disconnect()
            self._after(lambda: self._shoot(kind.value, self._next))
        elif session.state is State.FAILED and session.problem:
            self.give_up(session.problem)

    def _live_agent(self) -> Agent | None:
        page = self._app.window.page_of(self._server.id)
        agents = page.watch.store.agents() if page else ()
        return next((agent for agent in agents if agent.description == LIVE_DESCRIPTION), None)

    def _after(self, call: Callable[[], None]) -> None:
        QTimer.singleShot(_SETTLE_MILLISECONDS, self, call)

    def _shoot(self, name: str, then: Callable[[], None]) -> None:
        window = self._app.window
        picture = window.screen().grabWindow(window.winId())
        path = self._folder / f"{name}.png"
        if picture.save(str(path)):
            print(path, flush=True)
        then()

    def _done(self) -> None:
        self.exit_code = 0
        self._end()

    def _end(self) -> None:
        self._app.journal_desk.notes.stop()  # nobody is there to be asked
        self._app.sessions.close_all()
        self._app.window.close()
