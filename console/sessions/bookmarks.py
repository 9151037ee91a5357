"""The bookmarks of the server that is worked with, kept on the disk's lane."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.fleet.bookmarks import BookmarkFile, Bookmarks
from console.problem import Problem
from console.sessions.saver import Saver
from console.work import Runner

_log = logging.getLogger(__name__)


class FleetBookmarks(QObject):
    """One server's. `now` is empty until `load` has brought what is kept."""

    changed = Signal()
    failed = Signal(object)
    """A Problem: they could not be read or written, which is said once; what was changed holds until the console ends.
    Or their file was put aside."""

    def __init__(self, file: BookmarkFile, server_id: str, disk: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self._server_id = server_id
        self._disk = disk
        self.now = Bookmarks()
        self._loaded = self._writable = False
        self._saver = Saver(disk, self)
        self._saver.failed.connect(self.failed)
        self._waiting: list[Callable[[Bookmarks], Bookmarks]] = []

    def load(self) -> None:
        self._disk.run(lambda: self._file.load(self._server_id), self._opened, self._unread)

    def change(self, change: Callable[[Bookmarks], Bookmarks]) -> None:
        """Changes them, here at once and on the disk soon. Before they are loaded it waits: nothing is written over."""
        if not self._loaded:
            self._waiting.append(change)
            return
        changed = change(self.now)
        if changed != self.now:
            self.now = changed
            if self._writable:
                self._saver.save(lambda: self._file.save(self._server_id, changed))
            self.changed.emit()

    def _opened(self, found: tuple[Bookmarks, Problem | None]) -> None:
        self._writable = True
        self._begin(*found)

    def _unread(self, problem: Problem) -> None:
        """What there is stays as it is; what is changed holds until the console ends."""
        self._begin(Bookmarks(), problem)

    def _begin(self, kept: Bookmarks, problem: Problem | None) -> None:
        self.now, self._loaded = kept, True
        self.changed.emit()
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            self.change(change)
        if problem:
            _log.warning("%s", problem.report())
            self.failed.emit(problem)
