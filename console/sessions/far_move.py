"""Carries a transfer out through the agent's files tunnel: an upload, or a download that is tried again."""

from typing import cast

from console.mesh.files import FarFiles
from console.mesh.moving import Answer, Move, Moved, NameTaken, Step, Watch
from console.problem import Problem
from console.sessions.far_queue import Errand, FarQueue
from console.sessions.transfer import Direction, Question, Transfer, TransferState

_SHOWN = {
    Step.OPENING: TransferState.WAITING,
    Step.CONSENT: TransferState.CONSENT,
    Step.MOVING: TransferState.RUNNING,
}


class FarMove:
    """A Mover. `where` is the folder that the question about a taken name speaks of."""

    can_retry = True

    def __init__(self, transfer: Transfer, move: Move, queue: FarQueue, where: str) -> None:
        self._transfer = transfer
        self._move = move
        self._queue = queue
        self._where = where
        self._errand: Errand | None = None

    def start(self, answer: Answer | None = None) -> None:
        """Begins, or goes on with an answer."""

        def call(files: FarFiles, watch: Watch) -> Moved | NameTaken:
            return self._move.run(files, watch, answer)

        watch = Watch(moved=self._transfer.moved, size=self._transfer.size)
        self._errand = Errand(call, self._ended, self._failed, self._cancelled, watch=watch)
        self._queue.put(self._errand)

    def cancel(self) -> None:
        if self._errand:
            self._transfer.cancel_begun()
            self._queue.cancel(self._errand)
        else:
            self._discard()
            self._transfer.go_to(TransferState.CANCELLED)

    def retry(self) -> None:
        self._transfer.restart()
        self.start()

    def answer(self, answer: Answer) -> None:
        if answer is Answer.SKIP:
            self.cancel()
            return
        self._transfer.question = None
        self._transfer.go_to(TransferState.WAITING)
        self.start(answer)

    def forget(self) -> None:
        self._discard()

    def look(self) -> None:
        if self._errand is None:
            return
        watch = self._errand.watch
        state = _SHOWN[watch.step]
        if state is not self._transfer.state and not watch.cancelled.is_set():
            self._transfer.go_to(state)
        self._transfer.progressed(watch.moved, watch.size)

    def _ended(self, result: object) -> None:
        outcome = cast(Moved | NameTaken, result)
        transfer = self._transfer
        self.look()
        self._errand = None
        if isinstance(outcome, NameTaken):
            self._ask(outcome)
            return
        transfer.name = outcome.name
        if transfer.direction is Direction.DOWN:
            transfer.near = outcome.near
        transfer.moved = transfer.size
        transfer.go_to(TransferState.DONE)

    def _ask(self, taken: NameTaken) -> None:
        question = Question(taken.name, self._where, taken.can_replace)
        preset = self._transfer.preset
        if preset is not None and question.takes(preset):
            self.answer(preset)
        else:
            self._transfer.ask(question, TransferState.ASKING)

    def _failed(self, problem: Problem) -> None:
        self._errand = None
        self._transfer.go_to(TransferState.FAILED, problem)

    def _cancelled(self) -> None:
        self._errand = None
        self._transfer.go_to(TransferState.CANCELLED)

    def _discard(self) -> None:
        """Removes what came so far. Nobody waits for it, and nobody is asked for it."""
        move = self._move
        if not move.left_behind:
            return
        if not move.needs_tunnel:
            self._queue.run_near(lambda: move.discard(None))
        elif not self._queue.asks:

            def call(files: FarFiles, _: Watch) -> None:
                move.discard(files)

            self._queue.put(Errand(call, lambda _: None, lambda _: None, lambda: None, extra=True))
