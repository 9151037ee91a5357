"""Taking a file to or from the remote machine as a whole: under another name until it is whole, and never over another.

Each is blocking and runs on a thread; `Watch` is what that thread and the window share.
"""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from console.mesh.files import FarFiles

if TYPE_CHECKING:
    from console.mesh.web_socket import WebSocket


class Answer(StrEnum):
    """What shall become of a file whose name is taken. SKIP leaves it out."""

    REPLACE = "replace"
    KEEP_BOTH = "keep both"
    SKIP = "skip"


class NameTaken(msgspec.Struct, frozen=True):
    """Something has that name already. A folder cannot be replaced by a file."""

    name: str
    can_replace: bool


class Moved(msgspec.Struct, frozen=True):
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
    _sockets: list["WebSocket"] = field(default_factory=list)

    def cancel(self) -> None:
        """Ends it: at once while a tunnel is being opened, else as soon as what came so far is removed."""
        self.cancelled.set()
        for socket in tuple(self._sockets):
            socket.abort()

    def opening(self, socket: "WebSocket") -> None:
        """A connection stands that a cancel may cut."""
        self._sockets.append(socket)
        if self.cancelled.is_set():
            socket.abort()

    def opened(self) -> None:
        """From here on a cancel is heard by the tunnel itself."""
        self._sockets.clear()


class Move(Protocol):
    """A file's way. `run` may be called again with an answer after it gave NameTaken, or to begin anew.

    `left_behind` says that something of it may lie about, and `needs_tunnel` that it is at the far end.
    """

    needs_tunnel: bool

    @property
    def left_behind(self) -> bool: ...

    def run(self, files: FarFiles, watch: Watch, answer: Answer | None) -> Moved | NameTaken:
        """Raises Cancelled or a FileProblem."""

    def discard(self, files: FarFiles | None) -> None:
        """Removes what came so far."""
