"""A technician's day, compressed: sessions opened and closed, lists refreshed meanwhile, connections lost and back."""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QMessageBox

from bench.near_side import NearSide
from bench.waiting import TooLongError, pause, until
from console import memory
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.sessions.fleet_watch import FleetWatch
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.journal.closing_note import ClosingNote
from tests.soak.far_side import LIVE, FarSide, Order
from tests.soak.record import Plan
from tests.soak.weight import Weight, renderers, weigh

_OPEN = 3
"""So many sessions are open at once; the oldest is closed then."""
_KINDS = (SessionKind.TERMINAL, SessionKind.FILES, SessionKind.TERMINAL, SessionKind.CONTROL)
_MODIFIERS = {
    SessionKind.CONTROL: Qt.KeyboardModifier.NoModifier,
    SessionKind.TERMINAL: Qt.KeyboardModifier.ControlModifier,
    SessionKind.FILES: Qt.KeyboardModifier.ShiftModifier,
}
_MOST_DESKTOPS = 30
_HOST_COLUMN = 1
_BETWEEN_LISTS_MILLISECONDS = 30
_TIDY_MILLISECONDS = 3500
"""The console gives freed memory back a moment after the last session."""


class Day:
    """One process's share of it."""

    def __init__(self, far: FarSide, near: NearSide, home: Path, troubles: list[str]) -> None:
        """`troubles` gets what goes wrong and does not stop it."""
        self._far = far
        self._near = near
        self._home = home
        self._begun = time.monotonic()
        self._open: deque[Session] = deque()
        self._lists = _Lists(near.page.watch, self._trouble)
        self._sessions = 0
        self._recoveries = 0
        self._desktops = 0
        self._troubles = troubles
        pause(_TIDY_MILLISECONDS)
        memory.end_start()  # as it is in a console that has started

    def part(self, plan: Plan) -> Weight:
        """Does so many sessions, refreshes and recoveries, and weighs what is left of them."""
        self._lists.wish(plan.refreshes)
        due = [(number + 1) * plan.sessions // (plan.recoveries + 1) for number in range(plan.recoveries)]
        for number in range(1, plan.sessions + 1):
            self._open_one(_KINDS[self._sessions % len(_KINDS)])
            for _ in range(due.count(number)):
                self._recover()
        while self._open:
            self._close_oldest()
        until(lambda: renderers() == 0, "the pages' processes did not end")
        self._lists.finish()
        self._renew_agent()
        pause(_TIDY_MILLISECONDS)
        seconds = time.monotonic() - self._begun
        return weigh(
            self._sessions, self._lists.seen, self._recoveries, seconds, self._home, frozenset({self._far.pid})
        )

    def _open_one(self, kind: SessionKind) -> None:
        if len(self._open) == _OPEN:
            self._close_oldest()
        page, before = self._near.page, set(self._near.app.sessions)
        self._near.window.tabs.show_home()
        page.search.focus_field()
        QTest.keyClicks(page.search.field, LIVE.lower())
        until(lambda: self._live_row() is not None, "the agent was not found")
        table, row = page.table, self._live_row()
        assert row is not None
        table.setCurrentIndex(table.model().index(row, _HOST_COLUMN))
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_Return, _MODIFIERS[kind])
        until(lambda: set(self._near.app.sessions) != before, "no session was opened")
        (session,) = set(self._near.app.sessions) - before
        self._open.append(session)
        self._sessions += 1
        self._desktops += kind is SessionKind.CONTROL
        self._connected("opening")
        page.search.clear()

    def _live_row(self) -> int | None:
        model = self._near.page.table.model()
        if model.rowCount() > 100:  # the search has not been carried out yet
            return None
        rows = range(model.rowCount())
        return next((row for row in rows if model.index(row, _HOST_COLUMN).data() == LIVE), None)

    def _close_oldest(self) -> None:
        """With its tab's cross, and the button that says so."""
        session = self._open.popleft()
        workspace = self._near.window.workspace
        tab = workspace.tab_of(session)
        assert tab is not None
        live = session.live
        workspace.close_tab(tab)
        if live:
            box = next(box for box in tab.window().findChildren(QMessageBox) if box.isVisible())
            box.defaultButton().click()
        until(lambda: session not in list(self._near.app.sessions), "the session was not closed")
        self._write_note()

    def _write_note(self) -> None:
        """The console asks for one after each session."""
        until(lambda: self._asking() is not None, "no note was asked for")
        sheet = self._asking()
        assert sheet is not None
        if self._sessions % 2:
            QTest.keyClicks(sheet.edit, "looked after it")
            sheet.save.click()
        else:
            sheet.skip.click()
        until(lambda: self._asking() is None, "the note was not taken")

    def _asking(self) -> ClosingNote | None:
        return next((sheet for sheet in self._near.window.findChildren(ClosingNote) if sheet.isVisible()), None)

    def _recover(self) -> None:
        """By turns the network is cut and mended, and the newest page's process killed."""
        if sys.platform != "linux":
            raise NotImplementedError("the memory is read from /proc")
        if self._recoveries % 2:
            page = self._open[-1].page
            assert page is not None
            assert isinstance(page.widget, QWebEngineView)
            os.kill(page.widget.page().renderProcessPid(), signal.SIGKILL)
            self._reached([self._open[-1]], State.LOST, "killing a page's process")
        else:
            self._far.do(Order.CUT)
            self._reached(list(self._open), State.LOST, "cutting the network")
            self._far.do(Order.MEND)
        self._recoveries += 1
        self._connected("coming back")

    def _connected(self, doing: str) -> None:
        self._reached(list(self._open), State.CONNECTED, doing)

    def _reached(self, sessions: list[Session], state: State, doing: str) -> None:
        try:
            until(lambda: all(session.state is state for session in sessions), "")
        except TooLongError:
            for session in sessions:
                if session.state is not state:
                    why = session.problem.report() if session.problem else ""
                    self._trouble(f"{doing}: {session.kind} is {session.state} and not {state}. {why}")

    def _renew_agent(self) -> None:
        """The Mesh agent itself goes away after some sixty desktops."""
        if self._desktops < _MOST_DESKTOPS:
            return
        self._desktops = 0
        thread = threading.Thread(target=self._far.do, args=(Order.NEW_AGENT,))
        thread.start()
        until(lambda: not thread.is_alive(), "the agent did not come back")

    def _trouble(self, text: str) -> None:
        print(f"Trouble after {self._sessions} sessions: {text}", flush=True)
        self._troubles.append(text)


class _Lists(QObject):
    """Has the list refreshed one time after the other while other things are done."""

    def __init__(self, watch: FleetWatch, trouble: Callable[[str], None]) -> None:
        super().__init__()
        self.seen = 0
        self._left = 0
        self._watch = watch
        self._trouble = trouble
        self._pause = QTimer(self, singleShot=True, interval=_BETWEEN_LISTS_MILLISECONDS)
        self._pause.timeout.connect(watch.refresh)
        watch.updated.connect(self._updated)
        watch.failed.connect(self._failed)

    def wish(self, count: int) -> None:
        self._left += count
        self._watch.refresh()

    def finish(self) -> None:
        """Waits for what is left of them."""
        while self._left:
            before = self._left
            until(lambda: self._left < before, "the list was not refreshed")  # noqa: B023

    def _updated(self) -> None:
        if self._watch.busy:
            return  # rows that were asked for on their own
        self.seen += 1
        self._left = max(0, self._left - 1)
        if self._left:
            self._pause.start()

    def _failed(self, problem: Problem) -> None:
        self._trouble(problem.report())
        self._pause.start()
