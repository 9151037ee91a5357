"""Runs calls off the GUI thread and brings each one's result or error back to it.

A `Lane` is a named pool of threads: one for each server's network, one for the keyring, one for the disk. The threads
are daemons, so that a call which still waits for a dead server does not hold up the end of the program.
"""

import atexit
import logging
import queue
import threading
import traceback
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from console.problem import Problem

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Job:
    """A call under way. After `cancel` its result and its error are dropped; the call itself runs to its end."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Early(Generic[T]):
    """A call that was begun before anybody waited for it: hand `done` and `failed` to a runner. GUI thread only."""

    def __init__(self) -> None:
        self._outcome: Callable[[], None] | None = None
        self._taker: tuple[Callable[[T], None], Callable[[Problem], None]] | None = None

    def done(self, result: T) -> None:
        self._came(lambda taker: taker[0](result))

    def failed(self, problem: Problem) -> None:
        self._came(lambda taker: taker[1](problem))

    def take(self, done: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
        """Calls one of the two: at once when the call has ended already."""
        self._taker = (done, failed)
        if self._outcome:
            self._outcome()

    def _came(self, hand_over: Callable[[tuple[Callable[[T], None], Callable[[Problem], None]]], None]) -> None:
        self._outcome = lambda: hand_over(self._taker) if self._taker else None
        self._outcome()


class Runner(Protocol):
    """What runs calls for others: a Lane, or in tests something that runs them at once."""

    def run(
        self,
        call: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
    ) -> Job: ...


class Lane(QObject):
    """A pool of threads. Create it on the GUI thread: that is where `done` and `failed` are called."""

    _finished = Signal(object)

    def __init__(self, name: str, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._most = threads
        self._started = 0
        self._idle = threading.Semaphore(0)
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._handing_over = threading.Lock()
        self._ended = False
        # Before PySide destroys what Qt has, this lane with it, a thread that still runs must have stopped using it.
        atexit.register(_end, weakref.ref(self))

    def run(
        self,
        call: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Problem], None] | None = None,
    ) -> Job:
        """Runs `call` on a thread; then `done(result)` or `failed(problem)` on the GUI thread, unless cancelled.

        Without `failed` an error is logged.
        """
        job = Job()

        def work() -> None:
            outcome: Callable[[], None]
            try:
                result = call()
            except Exception as error:  # everything ends as a Problem that someone reads
                problem = as_problem(error)
                outcome = (lambda: failed(problem)) if failed else (lambda: _log.error("%s", problem.report()))
            else:
                outcome = (lambda: done(result)) if done else (lambda: None)
            self._hand_over(job, outcome)

        self._calls.put(work)
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            name = f"{self._name} {self._started}"
            threading.Thread(target=self._serve, name=name, daemon=True).start()
        return job

    def finished(self) -> "Future[None]":
        """Done when all that was to be run so far has been, on a lane of one thread."""
        future: Future[None] = Future()
        self.run(lambda: future.set_result(None))
        return future

    def stop(self) -> None:
        """Lets idle threads end; what is running ends when it is done, and its result is dropped."""
        self.end()
        for _ in range(self._started):
            self._calls.put(None)

    def end(self) -> None:
        """No result is handed over any more once this has returned."""
        with self._handing_over:
            self._ended = True

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            del call  # else an idle thread would keep what the call had, such as a credential
            self._idle.release()

    def _hand_over(self, job: Job, outcome: Callable[[], None]) -> None:
        with self._handing_over:
            if not self._ended:
                try:
                    self._finished.emit((job, outcome))
                except RuntimeError:  # the lane is gone: the program is ending
                    _log.debug("a result of %s came too late", self._name)

    @Slot(object)
    def _deliver(self, finished: tuple[Job, Callable[[], None]]) -> None:
        job, outcome = finished
        if not job.cancelled:
            outcome()


def _end(reference: "weakref.ref[Lane]") -> None:
    if lane := reference():
        lane.end()


def as_problem(error: Exception) -> Problem:
    """The error itself when it has words for a person, else one that says where it came from, without its values."""
    if isinstance(error, Problem):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-8:])
    return Problem(
        "Something went wrong inside the console.",
        "Try again. If it stays so, send the details to whoever looks after the console.",
        f"{type(error).__name__}\n{places}",
    )
