"""An agent's end of a files tunnel, for tests: a folder of this computer, spoken to in the agent's protocol.

It answers as MeshCentral 1.1.55's meshcore.js was seen to answer, the odd things too: `mkdir`, `rm` and `rename` say
nothing, a write that does not fit on the disk is confirmed, and a rename replaces what is there, or does not.
"""

import json
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from console.mesh.file_errors import TunnelLost
from console.mesh.files import FarFiles
from console.mesh.web_socket import WebSocket


@dataclass
class FarFolder:
    """Stands in for the web socket. `room` is the largest file that fits. `cut_after` ends the connection after so many
    messages with contents. `rename_replaces` is so on all systems but Windows."""

    top: Path
    room: int | None = None
    cut_after: int | None = None
    rename_replaces: bool = True
    busy_names: set[str] = field(default_factory=set)
    asked: list[dict[str, object]] = field(default_factory=list)
    answers: deque[bytes | str] = field(default_factory=deque)
    closed: bool = False
    most_unconfirmed: int = 0
    held: bool = False
    _path: Path | None = None
    _number: object = None
    _contents: int = 0
    _sending: bytes | None = None
    _unconfirmed: deque[bytes | str] = field(default_factory=deque)

    def send(self, message: str | bytes) -> None:
        if self.closed:
            raise TunnelLost("closed")
        if isinstance(message, bytes) and not message.startswith(b"{"):
            self._take(message)
            return
        command = json.loads(message)
        self.asked.append(command)
        getattr(self, f"_{command.get('action')}", lambda _: None)(command)

    def receive(self, seconds: float) -> str | bytes | None:
        if self.answers:
            return self.answers.popleft()
        if self.closed:
            raise TunnelLost("closed")
        if self._unconfirmed:
            return self._unconfirmed.popleft()
        return None

    def close(self) -> None:
        self.closed = True

    abort = close

    def say(self, **words: object) -> None:
        self.answers.append(json.dumps(words).encode())

    def _ls(self, command: dict[str, object]) -> None:
        folder = self._at(command["path"])
        listed: list[dict[str, object]] | None = None
        if folder.is_dir():
            listed = [
                {"n": one.name, "t": 2 if one.is_dir() else 3, "s": 0 if one.is_dir() else one.stat().st_size}
                for one in folder.iterdir()
            ]
        self._unconfirmed.append(
            json.dumps({"path": command["path"], "dir": listed, "reqid": command["reqid"]}).encode()
        )

    def _mkdir(self, command: dict[str, object]) -> None:
        self._at(command["path"]).mkdir()

    def _rm(self, command: dict[str, object]) -> None:
        for name in cast(list[str], command["delfiles"]):
            (self._at(command["path"]) / name).unlink(missing_ok=True)

    def _rename(self, command: dict[str, object]) -> None:
        folder = self._at(command["path"])
        old, new = folder / str(command["oldname"]), folder / str(command["newname"])
        if {old.name, new.name} & self.busy_names or (new.exists() and not self.rename_replaces):
            return
        old.rename(new)

    def _upload(self, command: dict[str, object]) -> None:
        path = self._at(command["path"]) / str(command["name"])
        if not path.parent.is_dir() or path.parent.name == "protected":
            self.say(action="uploaderror", reqid=command["reqid"])
            return
        path.write_bytes(b"")
        self._path, self._number = path, command["reqid"]
        self.say(action="uploadstart", reqid=self._number)

    def _take(self, message: bytes) -> None:
        assert self._path is not None
        self._contents += 1
        if self.cut_after is not None and self._contents > self.cut_after:
            self.closed = True
            return
        data = message[1:] if message.startswith(b"\0") else message
        whole = self._path.read_bytes() + data
        self._path.write_bytes(whole if self.room is None else whole[: self.room])
        self._unconfirmed.append(json.dumps({"action": "uploadack", "reqid": self._number}).encode())
        self.most_unconfirmed = max(self.most_unconfirmed, len(self._unconfirmed))

    def _uploaddone(self, command: dict[str, object]) -> None:
        self._path = None
        self.say(action="uploaddone", reqid=command["reqid"])

    def _uploadcancel(self, command: dict[str, object]) -> None:
        assert self._path is not None
        self._path.unlink()
        self._path = None
        self.say(action="uploadcancel", reqid=command["reqid"])

    def _download(self, command: dict[str, object]) -> None:
        if command["sub"] == "start":
            path = self._at(command["path"])
            if not path.is_file():
                self.say(action="download", sub="cancel", id=command["id"])
                return
            self._sending = path.read_bytes()
            self.say(action="download", sub="start", id=command["id"])
        elif command["sub"] == "stop":
            self._sending = None
        elif self._sending is not None:
            block, self._sending = self._sending[:16380], self._sending[16380:]
            self._contents += 1
            if self.cut_after is not None and self._contents > self.cut_after:
                self.closed = True
                return
            last = len(block) < 16380
            self.answers.append(bytes([1, 0, 0, int(last)]) + block)
            if last:
                self._sending = None

    def _at(self, path: object) -> Path:
        return self.top / str(path).strip("/")


def tunnel(far: FarFolder, asking: list[bool] | None = None) -> FarFiles:
    """The console's end."""
    heard = asking if asking is not None else []
    return FarFiles(cast(WebSocket, far), heard.append)
