"""One file on its way to or from an agent, as the window shows it."""

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from console.mesh.moving import Answer
from console.problem import Problem
from console.sessions.pace import Pace


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class TransferState(StrEnum):
    """ASKING: nothing goes on until the question is answered. CONSENT: the remote user is being asked."""

    WAITING = "waiting"
    CONSENT = "consent"
    RUNNING = "running"
    ASKING = "asking"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OVER = frozenset({TransferState.DONE, TransferState.CANCELLED, TransferState.FAILED})


class Question(msgspec.Struct, frozen=True):
    """What to do with a file whose name is taken in `where`, "" for a folder of this computer's own."""

    name: str
    where: str
    can_replace: bool

    def takes(self, answer: Answer | None) -> bool:
        return answer is not None and (answer is not Answer.REPLACE or self.can_replace)


class Mover(Protocol):
    """What carries a transfer out."""

    @property
    def can_retry(self) -> bool: ...

    def cancel(self) -> None: ...

    def retry(self) -> None: ...

    def answer(self, answer: Answer) -> None: ...

    def forget(self) -> None:
        """The transfer leaves the list: what a failed one left behind is removed where it can be reached."""

    def look(self) -> None:
        """Writes down how far it is."""


class Transfer(QObject):
    """`far_path` is the file's folder at the agent and its name there; `near` is where it is on this computer, None
    until a download is in its place. `size` and `moved` are bytes, `size` 0 while unknown; `speed` is bytes a second,
    `seconds_left` None while that cannot be said. `problem` says why it failed. `question` may be open while the bytes
    go on. `preset` answers questions that are still to come. While `cancelling`, what came so far is being removed.
    """

    changed = Signal()

    def __init__(
        self,
        direction: Direction,
        agent_id: str,
        hostname: str,
        name: str,
        far_path: str,
        near: Path | None,
        size: int,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.direction = direction
        self.agent_id = agent_id
        self.hostname = hostname
        self.name = name
        self.far_path = far_path
        self.near = near
        self.size = size
        self.moved = 0
        self.state = TransferState.WAITING
        self.problem: Problem | None = None
        self.question: Question | None = None
        self.preset: Answer | None = None
        self.cancelling = False
        self.mover: Mover | None = None
        self._pace = Pace(clock)

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def speed(self) -> float:
        return self._pace.speed if self.state is TransferState.RUNNING else 0.0

    @property
    def seconds_left(self) -> int | None:
        if self.state is not TransferState.RUNNING or not self.size:
            return None
        return self._pace.seconds_for(self.size - self.moved)

    @property
    def can_cancel(self) -> bool:
        return not self.over and not self.cancelling

    @property
    def can_retry(self) -> bool:
        again = self.state in (TransferState.FAILED, TransferState.CANCELLED)
        return again and self.mover is not None and self.mover.can_retry

    @property
    def folder(self) -> Path | None:
        """Where a download is on this computer, once it is there."""
        there = self.direction is Direction.DOWN and self.state is TransferState.DONE
        return self.near.parent if there and self.near is not None else None

    def cancel(self) -> None:
        if self.mover and self.can_cancel:
            self.mover.cancel()

    def retry(self) -> None:
        """Begins anew."""
        if self.mover and self.can_retry:
            self.mover.retry()

    def answer(self, answer: Answer) -> None:
        """Answers the question that is open."""
        if self.mover and self.question and self.question.takes(answer):
            self.mover.answer(answer)

    # For the movers

    def go_to(self, state: TransferState, problem: Problem | None = None) -> None:
        if state is not TransferState.RUNNING:
            self._pace.forget()
        self.state, self.problem = state, problem
        if state in OVER:
            self.question, self.cancelling = None, False
        self.changed.emit()

    def ask(self, question: Question, state: TransferState) -> None:
        """Puts a question; `state` is ASKING where nothing goes on meanwhile."""
        self.question = question
        self.go_to(state)

    def cancel_begun(self) -> None:
        """It is over once what came so far is removed."""
        self.cancelling = True
        self.changed.emit()

    def progressed(self, moved: int, size: int) -> None:
        """How far it is now; at most ten times a second."""
        self._pace.note(moved)
        if (moved, size) != (self.moved, self.size) or self.state is TransferState.RUNNING:
            self.moved, self.size = moved, size
            self.changed.emit()

    def restart(self) -> None:
        self.moved, self.question = 0, None
        self.go_to(TransferState.WAITING)
