"""The agent's file protocol, over a files tunnel: JSON commands and, for contents, binary messages.

Read in MeshCentral 1.1.55 (agents/meshcore.js, protocol 5; views/default.handlebars, p13*). The agent answers in the
order in which it was asked. `mkdir`, `rm` and `rename` answer nothing: look with `entries` what came of them. The agent
gives no reason for a write that failed, and its file system may fail without a word, so a size has to be looked at too.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from console.mesh import file_errors as errors
from console.mesh.far_path import shown

if TYPE_CHECKING:
    from console.mesh.web_socket import WebSocket

BLOCK = 64 * 1024
"""Bytes of a message with contents; the page sends as many."""
_WINDOW = 16
"""Messages on the way that the agent has not confirmed yet: 1 MB, which is all that is ever held here."""
_DOWN_WINDOW = 32
"""Blocks of 16 kB that the agent may send before the first is confirmed."""
_LOOK_EVERY = 64 * 1024 * 1024
"""Bytes after which it is looked at whether the file grows: the agent does not say that its disk is full."""
_ANSWER_SECONDS = 60.0
_PARTING_SECONDS = 10.0
"""For the answer to a cancel: somebody waits for it."""
_SLICE = 0.25
"""How long a cancel may go unnoticed, in seconds."""
_ASKING, _REFUSED = 1, 2
_LAST = 1


class Entry(msgspec.Struct, frozen=True):
    """What a folder holds: `kind` 1 is a drive, 2 a folder, 3 a file; `size` in bytes of a file."""

    name: str = msgspec.field(name="n", default="")
    kind: int = msgspec.field(name="t", default=3)
    size: int | float = msgspec.field(name="s", default=0)

    @property
    def is_file(self) -> bool:
        return self.kind == 3


class _Message(msgspec.Struct):
    action: str = ""
    sub: str = ""
    reqid: int | str | None = None
    id: int | str | None = None
    dir: list[Entry] | None = None
    ctrlChannel: str | int | None = None
    type: str = ""
    msg: str | None = None
    msgid: int | None = None


Moved = Callable[[int], None]
"""Is told how many bytes are through."""


class FarFiles:
    """Files of one agent. Blocking, for one thread, one thing at a time."""

    def __init__(self, socket: "WebSocket", asking: Callable[[bool], None]) -> None:
        """`asking` is told when the remote user is being asked, and when they have allowed it."""
        self._socket = socket
        self._asking = asking
        self._number = 0

    def entries(self, folder: str, cancelled: threading.Event) -> list[Entry] | None:
        """What a folder holds; None when there is no such folder or it cannot be read. Raises a FileProblem."""
        number = self._ask({"action": "ls", "path": folder})
        return self._answer(lambda message: message.reqid == number, cancelled).dir

    def make_folder(self, path: str) -> None:
        """Makes a folder. It must not be there: the agent does not catch the error."""
        self._ask({"action": "mkdir", "path": path})

    def rename(self, folder: str, old: str, new: str) -> None:
        """Gives a file another name. What has that name is replaced on some systems and not on others."""
        self._ask({"action": "rename", "path": folder, "oldname": old, "newname": new})

    def remove(self, folder: str, name: str) -> None:
        self._ask({"action": "rm", "path": folder, "delfiles": [name], "rec": False})

    def upload(
        self, folder: str, name: str, source: BinaryIO, size: int, moved: Moved, cancelled: threading.Event
    ) -> int:
        """Writes a file, over one of that name, and returns how many bytes the agent took. Nothing is left of it when
        it is cancelled or the agent cannot write. Raises Cancelled or a FileProblem."""
        number = self._ask({"action": "upload", "path": folder, "name": name, "size": size})
        if self._write_answer(number, cancelled) != "uploadstart":
            raise errors.NotWritable(shown(folder))
        try:
            sent = self._send_contents(number, folder, name, source, moved, cancelled)
        except (errors.Cancelled, errors.WriteFailed, OSError):
            self._send({"action": "uploadcancel", "reqid": number})
            self._write_answer(number, threading.Event(), "uploadcancel", _PARTING_SECONDS)
            raise
        self._send({"action": "uploaddone", "reqid": number})
        self._write_answer(number, threading.Event(), "uploaddone")
        return sent

    def can_write(self, folder: str, name: str, cancelled: threading.Event) -> bool:
        """Whether a file of this name can be made in a folder; it is removed again."""
        number = self._ask({"action": "upload", "path": folder, "name": name, "size": 0})
        if self._write_answer(number, cancelled) != "uploadstart":
            return False
        self._send({"action": "uploadcancel", "reqid": number})
        self._write_answer(number, threading.Event(), "uploadcancel")
        return True

    def download(self, path: str, sink: BinaryIO, moved: Moved, cancelled: threading.Event) -> int:
        """Writes a file of the agent into `sink` and returns its bytes. Raises Cancelled, OSError of the sink, or a
        FileProblem."""
        number = self._ask({"action": "download", "sub": "start", "path": path}, "id")
        start = self._answer(lambda message: message.action == "download", cancelled)
        if start.sub != "start":
            raise errors.NotThere(shown(path))
        received = 0
        try:
            self._send({"action": "download", "sub": "startack", "id": number, "ack": 1})
            for _ in range(_DOWN_WINDOW - 1):
                self._send({"action": "download", "sub": "ack", "id": number})
            last = False
            while not last:
                block = self._block(cancelled)
                last = bool(block[3] & _LAST)
                sink.write(memoryview(block)[4:])
                received += len(block) - 4
                moved(received)
                if not last:
                    self._send({"action": "download", "sub": "ack", "id": number})
        except (errors.Cancelled, OSError):
            self._send({"action": "download", "sub": "stop", "id": number})
            raise
        return received

    def close(self) -> None:
        self._socket.close()

    def abort(self) -> None:
        """Ends what is under way with TunnelLost; from any thread."""
        self._socket.abort()

    # Sending

    def _ask(self, command: dict[str, object], field: str = "reqid") -> int:
        self._number += 1
        self._send({**command, field: self._number})
        return self._number

    def _send(self, command: dict[str, object]) -> None:
        self._socket.send(msgspec.json.encode(command))

    def _send_contents(
        self, number: int, folder: str, name: str, source: BinaryIO, moved: Moved, cancelled: threading.Event
    ) -> int:
        sent = confirmed = 0
        look_at = _LOOK_EVERY
        under_way: list[int] = []
        ended = False
        while not ended or under_way:
            while not ended and len(under_way) < _WINDOW and sent < look_at:
                data = source.read(BLOCK)
                if data:
                    self._socket.send(b"\0" + data)  # the zero tells it from a command; the agent drops it
                    under_way.append(len(data))
                    sent += len(data)
                ended = not data
            if under_way:
                if self._write_answer(number, cancelled) != "uploadack":
                    raise errors.WriteFailed(shown(folder))
                confirmed += under_way.pop(0)
                moved(confirmed)
            elif not ended:
                self._look(folder, name, confirmed - BLOCK, cancelled)
                look_at += _LOOK_EVERY
        return sent

    def _look(self, folder: str, name: str, least: int, cancelled: threading.Event) -> None:
        entries = self.entries(folder, cancelled) or []
        if not any(entry.name == name and entry.size >= least for entry in entries):
            raise errors.WriteFailed(shown(folder))

    # Receiving

    def _write_answer(
        self, number: int, cancelled: threading.Event, wanted: str = "", seconds: float = _ANSWER_SECONDS
    ) -> str:
        """The agent's next word about an upload, or the next such one. An error has no number."""
        words = {wanted} if wanted else {"uploadstart", "uploadack", "uploaderror"}

        def is_it(message: _Message) -> bool:
            return message.action in words and message.reqid in (number, None)

        return self._answer(is_it, cancelled, seconds).action

    def _answer(
        self, wanted: Callable[[_Message], bool], cancelled: threading.Event, seconds: float = _ANSWER_SECONDS
    ) -> _Message:
        """The next message that is wanted. While the remote user is asked it waits as long as they take."""
        deadline = time.monotonic() + seconds
        asking = False
        while asking or time.monotonic() < deadline:
            raw = self._next(cancelled)
            if raw is None or not raw.startswith(b"{"):
                continue
            try:
                message = msgspec.json.decode(raw, type=_Message)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if message.ctrlChannel is not None:
                asking = self._control(message, asking)
                deadline = time.monotonic() + seconds
            elif wanted(message):
                return message
        raise errors.AgentSilent

    def _block(self, cancelled: threading.Event) -> bytes:
        """The next message with contents."""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while time.monotonic() < deadline:
            raw = self._next(cancelled)
            if raw is not None and len(raw) >= 4 and not raw.startswith(b"{"):
                return raw
        raise errors.AgentSilent

    def _next(self, cancelled: threading.Event) -> bytes | None:
        if cancelled.is_set():
            raise errors.Cancelled
        message = self._socket.receive(_SLICE)
        return message.encode() if isinstance(message, str) else message

    def _control(self, message: _Message, asking: bool) -> bool:
        """Takes in a message about the tunnel itself; returns whether the remote user is being asked."""
        if message.type == "ping":
            self._socket.send('{"ctrlChannel":"102938","type":"pong"}')
        elif message.type == "console":
            if message.msgid == _REFUSED:
                raise errors.Refused(message.msg or "")
            now = message.msgid == _ASKING and bool(message.msg)
            if now != asking:
                self._asking(now)
            return now
        return asking
