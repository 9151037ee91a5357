"""Taking a file to or from the remote machine as a whole: under another name until it is whole, and never over another.

Each is blocking and runs on a thread; `Watch` is what that thread and the window share.
"""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from console.mesh.files import FarFiles


class Answer(StrEnum):
    """What shall become of a file whose name is taken. SKIP leaves it out."""

    REPLACE = "replace"
    KEEP_BOTH = "keep both"
    SKIP = "skip"


@dataclass(frozen=True)
class NameTaken:
    """Something has that name already. A folder cannot be replaced by a file."""

    name: str
    can_replace: bool


@dataclass(frozen=True)
class Moved:
    """It is whole and in its place. `near` is where it is on this computer, when it came."""

    name: str
    near: Path | None = None


class Step(StrEnum):
    OPENING = "opening"
    CONSENT = "consent"
    MOVING = "moving"


@dataclass
class Watch:
    """How far it is, written by the thread that works; `cancelled` is set by the window."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    step: Step = Step.OPENING
    moved: int = 0
    size: int = 0


class Move(Protocol):
    """A file's way. `run` may be called again with an answer after it gave NameTaken, or to begin anew."""

    def run(self, files: FarFiles, watch: Watch, answer: Answer | None) -> Moved | NameTaken:
        """Raises Cancelled or a FileProblem."""

    def discard(self, files: FarFiles | None) -> None:
        """Removes what came so far, as far as it can be reached."""
