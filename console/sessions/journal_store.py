"""The rows of the journal in its SQLite file. Every call may block, may come from any thread, and raises Problems."""

import contextlib
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from console.sessions import journal_file
from console.sessions.journal_entry import Ending, Entry, Found, Query, Totals, searchable
from console.sessions.journal_file import JournalProblem, JournalPutAside
from console.sessions.journal_runs import Runs

T = TypeVar("T")
UNEXPECTED = "The console ended unexpectedly."
_CHUNK = 2000


class NoteNotKept(JournalProblem):
    """The session that a note is about is no longer in the journal."""


class JournalStore:
    """The file is opened with the first call, and opened anew when it turns out to be damaged.

    `put_aside` is set when that has happened, for whoever tells the technician.
    """

    def __init__(self, path: Path) -> None:
        self.put_aside: JournalPutAside | None = None
        self._path = path
        self._run = uuid.uuid4().hex
        self._runs = Runs(path.parent)
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    def put(self, entries: Iterable[Entry]) -> None:
        """Adds entries, or brings those that are there up to date. The notes of these are left as they are."""
        rows = [(*_values(entry), self._run, searchable(entry)) for entry in entries]

        def write(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                connection.executemany(_PUT, rows)

        self._with(write)

    def set_note(self, entry_id: str, note: str) -> None:
        """Keeps another note; it counts as not added to the RMM. Raises NoteNotKept when the row is gone."""
        self._change(
            "UPDATE session SET note = ?, note_words = ?, note_in_rmm = 0 WHERE id = ? AND note != ?",
            (note, note.casefold(), entry_id, note),
            entry_id,
        )

    def note_added(self, entry_id: str, note: str) -> None:
        """The RMM has this note now; that of the row may be another one meanwhile."""
        self._with(
            lambda connection: connection.execute(
                "UPDATE session SET note_in_rmm = 1 WHERE id = ? AND note = ?", (entry_id, note)
            )
        )

    def find(self, query: Query, most: int) -> Found:
        """The newest entries that match, `most` of them, and the totals of all."""

        def read(connection: sqlite3.Connection) -> Found:
            where, values = _condition(query)
            rows = connection.execute(_joined(_SELECT, where, _NEWEST_FIRST), (*values, most)).fetchall()
            totals = connection.execute(_joined(_TOTALS, where), values).fetchone()
            return Found(tuple(map(_entry, rows)), Totals(*totals))

        return self._with(read)

    def every(self, query: Query) -> Iterator[Entry]:
        """All entries that match, newest first, read in pieces."""
        where, values = _condition(query)
        last: tuple[float, str] | None = None
        while True:
            after = "" if last is None else f"{'AND' if where else 'WHERE'} (opened, id) < (?, ?)"
            sql = _joined(_SELECT, where, after, _NEWEST_FIRST)
            bound = (*values, *(last or ()), _CHUNK)
            rows = self._with(lambda connection: connection.execute(sql, bound).fetchall())  # noqa: B023
            yield from map(_entry, rows)
            if len(rows) < _CHUNK:
                return
            last = rows[-1][10], rows[-1][0]

    def older_than(self, moment: datetime) -> int:
        """How many ended sessions were opened before."""
        return int(self._with(lambda connection: connection.execute(_OLDER, (moment.timestamp(),)).fetchone()[0]))

    def remove_older(self, moment: datetime) -> int:
        """Removes the ended sessions that were opened before; answers how many."""

        def remove(connection: sqlite3.Connection) -> int:
            return connection.execute(_REMOVE, (moment.timestamp(),)).rowcount

        return self._with(remove)

    def close(self) -> None:
        """Ends this run's part in the file. A later call opens it anew."""
        with self._lock:
            if self._connection:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None
            self._runs.leave()

    def _change(self, sql: str, values: tuple[object, ...], entry_id: str) -> None:
        def write(connection: sqlite3.Connection) -> bool:
            connection.execute(sql, values)
            return connection.execute("SELECT 1 FROM session WHERE id = ?", (entry_id,)).fetchone() is not None

        if not self._with(write):
            raise NoteNotKept(
                "This session is no longer in the journal, so its note could not be kept.",
                "Copy the note if you need it.",
            )

    def _with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                try:
                    return work(self._opened())
                except sqlite3.DatabaseError as error:
                    if not journal_file.is_damage(error):
                        raise
                    self.close()
                    return work(self._opened())  # puts the damaged file aside
            except (sqlite3.Error, OSError, JournalProblem) as error:
                raise journal_file.worded(error, self._path) from None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            connection, put_aside = journal_file.open_file(self._path)
            try:
                self._finish_the_dead(connection)
            except BaseException:
                connection.close()
                self._runs.leave()
                raise
            self._connection = connection
            self.put_aside = put_aside or self.put_aside
        return self._connection

    def _finish_the_dead(self, connection: sqlite3.Connection) -> None:
        """Ends the rows of runs that are no more, as of the last moment that they wrote."""
        with _transaction(connection):  # one console after the other: a lock is not looked at while it is being made
            self._runs.join(self._run)
            alive = self._runs.alive()
            left = connection.execute("SELECT run, id FROM session WHERE ended IS NULL").fetchall()
            for entry_id in [entry_id for run, entry_id in left if run not in alive]:
                entry = _entry(connection.execute(_joined(_SELECT, "WHERE id = ?"), (entry_id,)).fetchone())
                how = f"{entry.how} {UNEXPECTED}".lstrip()
                connection.execute(
                    "UPDATE session SET ended = updated, ending = ?, how = ?, words = ? WHERE id = ?",
                    (Ending.UNEXPECTED, how, f"{searchable(entry)}\n{how.casefold()}", entry.id),
                )


_SELECT = """
SELECT id, server_id, server, address, agent_id, host, client, site, kind, who,
  opened, connected, ended, updated, seconds, ending, how, note, note_in_rmm
FROM session
"""
_NEWEST_FIRST = "ORDER BY opened DESC, id DESC LIMIT ?"
_TOTALS = "SELECT count(*), total(seconds) FROM session"
_PUT = """
INSERT INTO session (id, server_id, server, address, agent_id, host, client, site, kind, who,
  opened, connected, ended, updated, seconds, ending, how, run, words)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET who = excluded.who, host = excluded.host, client = excluded.client,
  site = excluded.site, connected = excluded.connected, ended = excluded.ended, updated = excluded.updated,
  seconds = excluded.seconds, ending = excluded.ending, how = excluded.how, words = excluded.words
"""
_OLDER = "SELECT count(*) FROM session WHERE ended IS NOT NULL AND opened < ?"
_REMOVE = "DELETE FROM session WHERE ended IS NOT NULL AND opened < ?"


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _condition(query: Query) -> tuple[str, tuple[object, ...]]:
    """The WHERE of a query, "" for everything. With instr and not LIKE: no character means anything but itself."""
    parts: list[str] = []
    values: list[object] = []
    for word in query.words:
        parts.append("(instr(words, ?) OR instr(note_words, ?))")
        values += [word, word]
    for moment, sign in ((query.since, ">="), (query.until, "<")):
        if moment:
            parts.append(f"opened {sign} ?")
            values.append(moment.timestamp())
    if query.kind:
        parts.append("kind = ?")
        values.append(query.kind)
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), tuple(values)


def _joined(*parts: str) -> str:
    """A statement of parts that stand in this module; values are bound."""
    return " ".join(parts)


def _values(entry: Entry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.server_id,
        entry.server,
        entry.address,
        entry.agent_id,
        entry.host,
        entry.client,
        entry.site,
        entry.kind,
        entry.who,
        entry.opened.timestamp(),
        entry.connected.timestamp() if entry.connected else None,
        entry.ended.timestamp() if entry.ended else None,
        entry.updated.timestamp(),
        entry.seconds,
        str(entry.ending),
        entry.how,
    )


def _entry(row: tuple[object, ...]) -> Entry:
    opened, connected, ended, updated = (_moment(value) for value in row[10:14])
    return Entry(
        id=str(row[0]),
        server_id=str(row[1]),
        server=str(row[2]),
        address=str(row[3]),
        agent_id=str(row[4]),
        host=str(row[5]),
        client=str(row[6]),
        site=str(row[7]),
        kind=str(row[8]),
        who=str(row[9]),
        opened=opened or _EPOCH,
        connected=connected,
        ended=ended,
        updated=updated or _EPOCH,
        seconds=float(row[14]) if isinstance(row[14], int | float) else 0.0,
        ending=str(row[15]),
        how=str(row[16]),
        note=str(row[17]),
        note_in_rmm=bool(row[18]),
    )


def _moment(seconds: object) -> datetime | None:
    """Aware, in UTC; whatever is no moment of a person's life is unknown."""
    if not isinstance(seconds, int | float) or not 0 <= seconds < 253_402_300_799:
        return None
    return _EPOCH + timedelta(seconds=seconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
