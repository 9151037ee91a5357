"""Whether the console is locked, and how many tries to unlock it are left.

It outlasts the console: killing and starting it again is no way round.
"""

import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from console.files import JsonFile, NotRead, NotSaved
from console.problem import Problem
from console.work import Runner

_log = logging.getLogger(__name__)
MOST_TRIES = 5


class LockReason(StrEnum):
    HAND = "hand"
    """The technician wanted it."""
    IDLE = "idle"
    """Nobody worked with the console for a while."""
    COMPUTER = "computer"
    """The computer was locked."""
    UNREADABLE = "unreadable"
    """What was kept of the lock could not be read: it may have been locked."""


class LockRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`since` is None while it is not locked. `failures` counts the tries since it was unlocked last. `pin` says that
    there is one in the keyring."""

    version: int = 1
    since: datetime | None = None
    reason: LockReason = LockReason.HAND
    failures: int = 0
    pin: bool = False


class LockFile:
    """The record in one JSON file; both methods may be slow."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path, LockRecord, "The state of the lock", "The console is locked.")

    def load(self) -> LockRecord:
        """The record, or an open lock when there never was one. One that cannot be read is a closed lock, and stays one
        at the next start: with one try, for nobody knows how many there were, and a PIN, if the keyring has one."""
        closed = LockRecord(since=datetime.now(UTC), reason=LockReason.UNREADABLE, failures=MOST_TRIES - 1, pin=True)
        try:
            record, trouble = self._file.load()
        except NotRead as problem:
            _log.warning("%s", problem.report())
            return closed
        if trouble:
            _log.warning("%s", trouble.report())
            with contextlib.suppress(NotSaved):
                self._file.save(closed)
            return closed
        return record or LockRecord()

    def save(self, record: LockRecord) -> None:
        """Writes the file. Raises NotSaved."""
        self._file.save(record)


class Lock(QObject):
    """The state of the lock, without anything that is seen."""

    changed = Signal()
    """It was locked or unlocked."""
    exhausted = Signal()
    """The last try was wrong: sessions are to end, and servers to be signed out of. It stays locked."""
    trouble_changed = Signal()
    """`trouble` is another."""

    def __init__(
        self,
        file: LockFile,
        disk: Runner,
        record: LockRecord | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`record` is what the file held at the start."""
        super().__init__()
        self._file = file
        self._disk = disk
        self._clock = clock
        self._record = record or LockRecord()
        self.trouble: Problem | None = None
        """Why the disk holds something else: the next start may find it open, or with more tries."""
        self.from_before = self.locked
        """Whether it was locked when the console was started."""

    @property
    def locked(self) -> bool:
        return self._record.since is not None

    @property
    def since(self) -> datetime | None:
        return self._record.since

    @property
    def reason(self) -> LockReason:
        return self._record.reason

    @property
    def tries_left(self) -> int:
        return max(0, MOST_TRIES - self._record.failures)

    @property
    def pin_kept(self) -> bool:
        """Whether the keyring holds a PIN."""
        return self._record.pin

    def lock(self, reason: LockReason) -> None:
        if not self.locked:
            self._keep(since=self._clock(), reason=reason)
            self.changed.emit()

    def unlock(self) -> None:
        """Someone has proved who they are."""
        if self.locked:
            self.from_before = False
            self._keep(since=None, failures=0)
            self.changed.emit()
        else:
            self.right()

    def set_pin_kept(self, kept: bool) -> None:
        self._keep(pin=kept)

    def begin_try(self, written: Callable[[], None]) -> None:
        """Counts a try before it is known how it ends: ending the program meanwhile wins nothing. `written` is called
        once the count is on the disk, or cannot be put there."""
        record = self._record = msgspec.structs.replace(self._record, failures=self._record.failures + 1)
        self._write(record, written)

    def wrong(self) -> None:
        """The try that was begun was wrong."""
        if not self.tries_left:
            self.exhausted.emit()

    def right(self) -> None:
        """The try that was begun was right, though there was nothing to unlock."""
        self._keep(failures=0)

    def no_try(self) -> None:
        """The try that was begun could not be made."""
        self._keep(failures=max(0, self._record.failures - 1))

    def _keep(self, **changes: object) -> None:
        changed = msgspec.structs.replace(self._record, **changes)
        if changed != self._record:
            self._record = changed
            self._write(changed, lambda: None)

    def write_again(self) -> None:
        """What could not be put on the disk may go there now."""
        if self.trouble is not None:
            self._write(self._record, lambda: None)

    def _write(self, record: LockRecord, then: Callable[[], None]) -> None:
        """`then` is called also when it cannot be written."""

        def ended(trouble: Problem | None) -> None:
            if str(trouble) != str(self.trouble):
                self.trouble = trouble
                if trouble is not None:
                    _log.warning("%s", trouble.report())
                self.trouble_changed.emit()
            then()

        self._disk.run(lambda: self._file.save(record), ended, ended)
