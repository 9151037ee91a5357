"""An examination in the background: its lines come to the GUI thread as they are found."""

from PySide6.QtCore import QObject, Qt, Signal, Slot

from console.sessions.doctor.case import Question
from console.sessions.doctor.examination import Check, Examination
from console.sessions.doctor.plan import plan
from console.sessions.doctor.verdict import Line
from console.work import Runner


class Doctor(QObject):
    """One at a time: what an earlier one still finds is not heard of."""

    found = Signal(object)
    """A Line."""
    finished = Signal(object)
    """All lines, in the order of the checks."""
    _told = Signal(int, object)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._number = 0
        self._running: Examination | None = None
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._running is not None

    def begin(self, question: Question) -> tuple[Check, ...]:
        """The checks that are carried out now."""
        self.stop()
        examination, _ = plan(question)
        self._running = examination
        number = self._number
        self._runner.run(
            lambda: examination.run(lambda line: self._told.emit(number, line)),
            lambda lines: self._ended(number, lines),
        )
        return examination.checks

    def stop(self) -> None:
        self._number += 1
        if self._running is not None:
            self._running.stop()
            self._running = None

    @Slot(int, object)
    def _take(self, number: int, line: Line) -> None:
        if number == self._number:
            self.found.emit(line)

    def _ended(self, number: int, lines: tuple[Line, ...]) -> None:
        if number == self._number:
            self._running = None
            self.finished.emit(lines)
