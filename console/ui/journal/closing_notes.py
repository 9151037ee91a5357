"""Asks for a note when a session was closed. The session is gone by then: nothing waits for the answer."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.problem import Problem
from console.rmm.errors import NotAllowed
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Ending, Entry
from console.ui.dialogs import present
from console.ui.journal.closing_note import ClosingNote
from console.ui.theme import Appearance


class ClosingNotes(QObject):
    """Asks after each session that was connected, one after the other, while `ask` is set."""

    ask_changed = Signal(bool)
    """The technician does not want to be asked again: for the preferences."""
    not_added = Signal(object)
    """A Problem: the RMM did not take a note whose dialog is no longer there. It is in the journal."""

    def __init__(self, journal: Journal, appearance: Appearance, window: QWidget, ask: bool) -> None:
        super().__init__(window)
        self.ask = ask
        self._journal = journal
        self._appearance = appearance
        self._window = window
        self._also_rmm = True
        self._forbidden: set[str] = set()
        self._waiting: list[tuple[Entry, Connection]] = []
        self._open: ClosingNote | None = None
        journal.closed.connect(self._closed)

    def stop(self) -> None:
        """The console ends: nothing more is asked, and what was written already is kept in the journal."""
        self.ask = False
        self._waiting.clear()
        if self._open:
            if self._open.note():
                entry = self._open.entry
                self._journal.set_note(entry.id, self._open.note(), lambda: None, self.not_added.emit)
            self._open.close()

    def _closed(self, entry: Entry, connection: Connection) -> None:
        if self.ask and entry.ending != Ending.NOT_CONNECTED:
            self._waiting.append((entry, connection))
            self._next()

    def _next(self) -> None:
        if self._open is not None:
            self._open.show_waiting(len(self._waiting))
        elif self._waiting:
            entry, connection = self._waiting.pop(0)
            forbidden = entry.server_id in self._forbidden
            also = self._also_rmm and not forbidden
            self._open = sheet = ClosingNote(entry, self._appearance, self._window, also, forbidden)
            sheet.saved.connect(partial(self._save, sheet, connection))
            sheet.skipped_all.connect(self._waiting.clear)
            sheet.never_again.connect(self._never_again)
            sheet.gone.connect(partial(self._gone, sheet))
            sheet.show_waiting(len(self._waiting))
            present(sheet, modal=False)

    def _gone(self, sheet: ClosingNote) -> None:
        if self._open is sheet:
            self._open = None
            self._next()

    def _never_again(self) -> None:
        self.ask = False
        self._waiting.clear()
        self.ask_changed.emit(False)

    def _save(self, sheet: ClosingNote, connection: Connection, note: str, also_rmm: bool) -> None:
        entry = sheet.entry
        there = _While(sheet)
        if not sheet.rmm_refused:
            self._also_rmm = also_rmm

        def kept() -> None:
            if also_rmm:
                there.do(sheet.show_adding)
                self._journal.add_to_rmm(connection, entry.id, entry.agent_id, note, finished, not_added)
            else:
                finished()

        def finished() -> None:
            there.do(sheet.close)

        def not_kept(problem: Problem) -> None:
            there.do(lambda: sheet.show_not_saved(problem))

        def not_added(problem: Problem) -> None:
            forbidden = isinstance(problem, NotAllowed)
            if forbidden:
                self._forbidden.add(entry.server_id)
            if not there.do(lambda: sheet.show_not_added(problem, not forbidden)):
                what = f"The note about {entry.host} is in the journal, but not in the RMM. {problem.what}"
                self.not_added.emit(Problem(what, "It can be added again from the journal.", problem.detail))

        self._journal.set_note(entry.id, note, kept, not_kept)


class _While:
    """Does things to a dialog for as long as it is there."""

    def __init__(self, sheet: ClosingNote) -> None:
        self._there = True
        sheet.gone.connect(self._end)

    def do(self, what: Callable[[], object]) -> bool:
        if self._there:
            what()
            return True
        return False

    def _end(self) -> None:
        self._there = False
