"""Saving a small file on the disk's lane. What could not be saved is said once, and tried again until it is."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from console.problem import Problem
from console.work import Runner

AGAIN_MILLISECONDS = 60_000


class Saver(QObject):
    """For one file, each time as a whole: only the latest state has to get there."""

    failed = Signal(object)
    """A Problem: said once, until saving works again."""

    def __init__(self, disk: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._disk = disk
        self._unsaved: Callable[[], None] | None = None
        self._failing = False
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MILLISECONDS)
        self._again.timeout.connect(self._once_more)

    def save(self, write: Callable[[], None]) -> None:
        """Calls `write`, which raises a Problem when it cannot be done, in place of what may wait still."""
        self._unsaved = write
        self._disk.run(write, lambda _: self._saved(write), lambda problem: self._not_saved(write, problem))

    def _saved(self, write: Callable[[], None]) -> None:
        self._failing = False
        if self._unsaved is write:
            self._unsaved = None
            self._again.stop()

    def _not_saved(self, write: Callable[[], None], problem: Problem) -> None:
        if self._unsaved is write:
            self._again.start()
        if not self._failing:
            self._failing = True
            self.failed.emit(problem)

    def _once_more(self) -> None:
        if self._unsaved:
            self.save(self._unsaved)
