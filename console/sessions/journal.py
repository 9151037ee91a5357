"""The journal of all sessions: written while they go on, searched, kept for as long as the technician wants."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from console.problem import Problem
from console.sessions import journal_csv
from console.sessions.connection import Connection
from console.sessions.journal_entry import Entry, Found, Query, clean_note, utc_now
from console.sessions.journal_record import Record
from console.sessions.journal_store import JournalStore
from console.sessions.manager import Sessions
from console.sessions.session import Session
from console.work import Job, Runner

T = TypeVar("T")
_EVERY_MILLISECONDS = 60_000
_LAST_SECONDS = 3.0
_MOST_DAYS = 36_500


class Journal(QObject):
    """Everything that touches the file runs on `runner`, a lane with one thread; what is passed on is called back.

    A session never depends on it: what could not be written is kept in memory and tried again with the next change,
    and every minute. `problem` is why the last writing failed, None while all is well.
    """

    changed = Signal()
    """The rows, or `problem`, are other ones."""
    trouble = Signal(object)
    """A Problem to show: said once until the journal could be written again."""
    closed = Signal(object, object)
    """The Entry of a session that was just closed, and its Connection. It may not be on disk yet."""

    def __init__(
        self,
        path: Path,
        runner: Runner,
        days: int = 365,
        technician: str = "",
        clock: Callable[[], datetime] = utc_now,
        parent: QObject | None = None,
    ) -> None:
        """`path` is the file's, in the user's data folder. `days` is how long ended sessions are kept, 0 for ever."""
        super().__init__(parent)
        self.problem: Problem | None = None
        self.days = days
        self._store = JournalStore(path)
        self._runner = runner
        self._technician = technician
        self._clock = clock
        self._records: dict[Session, Record] = {}
        self._unwritten: dict[str, Entry] = {}
        self._pruned_on: datetime | None = None
        self._timer = QTimer(self, interval=_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.tick)

    @property
    def technician(self) -> str:
        """Who works here, for the servers where an API key does not tell."""
        return self._technician

    @technician.setter
    def technician(self, name: str) -> None:
        self._technician = name
        self._put([record.entry for record in self._records.values() if record.name(name)])

    def begin(self) -> None:
        """Opens the file, ends what a crash left open, and removes what is older than wanted."""
        self._timer.start()
        self._prune()

    def watch(self, sessions: Sessions) -> None:
        """Keeps a row for each session that is opened from now on."""
        sessions.opened.connect(self._opened)
        sessions.closed.connect(self._closed)

    def tick(self) -> None:
        """Each minute: how long the open sessions have been connected, what is still unwritten, and once a day what
        is too old."""
        now = self._clock()
        for record in self._records.values():
            record.look(now)
        self._put([record.entry for record in self._records.values()])
        if self.problem or self._pruned_on is None or now - self._pruned_on >= timedelta(days=1):
            self._prune()

    def end(self) -> None:
        """Writes what is left and lets go of the file, for at most a few seconds. For the end of the program, when
        no window is shown any more."""
        self._timer.stop()
        self._put([record.entry for record in self._records.values()])
        ended = threading.Event()

        def close() -> None:
            self._store.close()
            ended.set()

        self._runner.run(close)
        ended.wait(_LAST_SECONDS)

    def find(self, query: Query, most: int, done: Callable[[Found], None], failed: Callable[[Problem], None]) -> Job:
        """The newest `most` entries that match, and the totals of all that do."""
        return self._run(lambda: self._store.find(query, most), done, failed)

    def set_note(self, entry_id: str, note: str, done: Callable[[], None], failed: Callable[[Problem], None]) -> None:
        """Keeps a session's note in place of the one before."""
        text = clean_note(note)
        waiting = self._waiting(entry_id)

        def write() -> None:
            self._store.put(waiting)
            self._store.set_note(entry_id, text)

        self._run(write, lambda _: self._noted(done), failed)

    def add_to_rmm(
        self,
        connection: Connection,
        entry_id: str,
        agent_id: str,
        note: str,
        done: Callable[[], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Adds a note to the agent's notes in the RMM, once, and marks the entry when it is there."""
        text = clean_note(note)

        def unmarked(problem: Problem) -> None:
            self._not_written(problem)
            done()

        def added(_: None) -> None:
            waiting = self._waiting(entry_id)

            def mark() -> None:
                self._store.put(waiting)
                self._store.note_added(entry_id, text)

            # Without the mark it is in the RMM all the same: whoever is told that it failed would add it twice.
            self._run(mark, lambda _: self._noted(done), unmarked)

        connection.lane.run(lambda: connection.client.add_note(agent_id, text), added, failed)

    def export(self, query: Query, path: Path, done: Callable[[int], None], failed: Callable[[Problem], None]) -> None:
        """Writes all that match into a CSV file, newest first; answers how many there were."""
        self._run(lambda: journal_csv.export(self._store.every(query), path), done, failed)

    def older_than(self, days: int, done: Callable[[int], None], failed: Callable[[Problem], None]) -> None:
        """How many sessions would go if they were kept for so many days."""
        moment = self._limit(days)
        self._run(lambda: self._store.older_than(moment), done, failed)

    def keep(self, days: int) -> None:
        """Keeps ended sessions for so many days from now on, 0 for ever, and removes what is older."""
        self.days = days
        self._prune()

    def _opened(self, session: Session) -> None:
        record = self._records[session] = Record(session, self._technician, self._clock())
        session.changed.connect(lambda: self._session_changed(session))
        self._put([record.entry])

    def _session_changed(self, session: Session) -> None:
        record = self._records.get(session)
        if record and record.look(self._clock()):
            self._put([record.entry])

    def _closed(self, session: Session) -> None:
        record = self._records.pop(session, None)
        if record:
            record.finish(self._clock())
            self._put([record.entry])
            self.closed.emit(record.entry, session.connection)

    def _waiting(self, entry_id: str) -> Sequence[Entry]:
        """The entry, when it may not be on disk yet."""
        return [entry for entry in self._unwritten.values() if entry.id == entry_id]

    def _put(self, entries: Iterable[Entry]) -> None:
        self._unwritten.update((entry.id, entry) for entry in entries)
        writing = tuple(self._unwritten.values())
        if writing:
            self._run(lambda: self._store.put(writing), lambda _: self._written(writing), self._not_written)

    def _written(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self._unwritten.get(entry.id) is entry:
                del self._unwritten[entry.id]
        if not self._unwritten:
            self.problem = None
        self.changed.emit()

    def _not_written(self, problem: Problem) -> None:
        first, self.problem = self.problem is None, problem
        if first:
            self.trouble.emit(problem)
            self.changed.emit()

    def _noted(self, done: Callable[[], None]) -> None:
        self.changed.emit()
        done()

    def _prune(self) -> None:
        self._pruned_on, limit = self._clock(), self._limit(self.days)
        self._run(lambda: self._store.remove_older(limit), lambda _: self._written(()), self._not_written)

    def _limit(self, days: int) -> datetime:
        """What was opened before this goes, if sessions are kept for so many days."""
        return self._clock() - timedelta(days=min(days, _MOST_DAYS)) if days > 0 else _BEGINNING

    def _run(self, call: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]) -> Job:
        """Runs a call on the file; that a damaged one was put aside is said whatever came of the call."""

        def finished(result: T) -> None:
            self._say_put_aside()
            done(result)

        def refused(problem: Problem) -> None:
            self._say_put_aside()
            failed(problem)

        return self._runner.run(call, finished, refused)

    def _say_put_aside(self) -> None:
        said, self._store.put_aside = self._store.put_aside, None
        if said:
            self.trouble.emit(said)


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
