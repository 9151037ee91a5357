"""The journal's SQLite file: its schema, its mode, and what is done when it is damaged or cannot be written."""

import contextlib
import errno
import os
import sqlite3
import sys
from pathlib import Path

from console.files import put_aside
from console.problem import Problem

APPLICATION_ID = 0x54434A4C
"""Marks the file as a journal of this console (PRAGMA application_id)."""
SCHEMA_VERSION = 1
_BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE session (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  server_id TEXT NOT NULL,
  server TEXT NOT NULL,
  address TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  host TEXT NOT NULL,
  client TEXT NOT NULL,
  site TEXT NOT NULL,
  kind TEXT NOT NULL,
  who TEXT NOT NULL,
  opened REAL NOT NULL,
  connected REAL,
  ended REAL,
  updated REAL NOT NULL,
  seconds REAL NOT NULL,
  ending TEXT NOT NULL,
  how TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  note_in_rmm INTEGER NOT NULL DEFAULT 0,
  words TEXT NOT NULL,
  note_words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_opened ON session (opened, id);
CREATE INDEX session_open ON session (run) WHERE ended IS NULL;
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_PERHAPS_FULL = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_REFUSED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_TAKEN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class JournalProblem(Problem):
    """The journal could not be read or written. Sessions do not depend on it."""


class JournalPutAside(JournalProblem):
    """The file was damaged or not a journal: it was kept under another name, and a new one was begun."""


class JournalTooNew(JournalProblem):
    """A newer version of the console made the file; it is left alone."""


class _UnusableError(Exception):
    """The file is no journal that can be gone on with; the text says what it is."""


def open_file(path: Path) -> tuple[sqlite3.Connection, JournalPutAside | None]:
    """A connection to the journal, which is made when it is not there, and what there is to say about it.

    Raises JournalProblem, sqlite3.Error or OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        if path.is_dir():
            raise _UnusableError("is a folder")
        return _opened(path), None
    except (sqlite3.DatabaseError, _UnusableError) as error:
        if isinstance(error, sqlite3.DatabaseError) and not is_damage(error):
            raise
        kept = _put_aside(path)
        reason = str(error) if isinstance(error, _UnusableError) else "is damaged"
        return _opened(path), JournalPutAside(
            f"The journal's file {reason}, so a new journal was begun.",
            f"The old file was kept as {kept.name} in {kept.parent}.",
            f"{type(error).__name__}: {error}",
        )


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, so that trying again cannot help."""
    return _primary(error) in _DAMAGED


def worded(error: Exception, path: Path) -> JournalProblem:
    """An error of the file in words for a person."""
    detail = f"{type(error).__name__}: {error}\n{path}"
    if isinstance(error, JournalProblem):
        return error
    code = _primary(error) if isinstance(error, sqlite3.Error) else None
    full = code == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno == errno.ENOSPC)
    if full or (code in _PERHAPS_FULL and _no_room(path)):
        return JournalProblem(
            "The journal cannot be written: the disk is full.",
            "Make room on the disk. Sessions go on without it, and what is missing is added as soon as there is room.",
            detail,
        )
    if code in _TAKEN:
        return JournalProblem(
            "The journal is in use by another program.",
            "Close what else has the file open. Sessions go on without it.",
            detail,
        )
    if code in _REFUSED or isinstance(error, OSError):
        return JournalProblem(
            f"The journal in {path.parent} cannot be opened or written.",
            "Allow your user to write there. Sessions go on without it.",
            detail,
        )
    return JournalProblem(
        "The journal could not be read or written.",
        "Look at the disk that it is on. Sessions go on without it.",
        detail,
    )


def _opened(path: Path) -> sqlite3.Connection:
    if sys.platform != "win32":  # the files that SQLite makes beside it get the same mode
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise _UnusableError("is damaged")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _migrate(connection)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    """Makes the tables in an empty file; a file with something else in it is foreign."""
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if owner == APPLICATION_ID and version > SCHEMA_VERSION:
        raise JournalTooNew(
            "The journal was made by a newer version of this console.",
            "Update this one. Until then its sessions are not written down.",
            f"schema {version}, this version knows {SCHEMA_VERSION}",
        )
    if owner == APPLICATION_ID and not empty:
        try:
            connection.execute("SELECT words, note_words, run, note_in_rmm FROM session LIMIT 0")
        except sqlite3.OperationalError:
            raise _UnusableError("lacks a part of the journal") from None
        return
    if not empty or owner or version:
        raise _UnusableError("is not a journal of this console")
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _put_aside(path: Path) -> Path:
    """Renames the file and those that SQLite keeps beside it; they belong together. Raises OSError."""
    target = put_aside(path)
    for part in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + part).replace(target.with_name(target.name + part))
    return target


def _primary(error: sqlite3.Error) -> int | None:
    """SQLite's own code without what it adds in the upper bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _no_room(path: Path) -> bool:
    """A full disk shows as an input/output error too, when the file beside the journal cannot grow."""
    if sys.platform == "win32":
        return False
    try:
        return os.statvfs(path.parent).f_bavail == 0
    except OSError:
        return False
