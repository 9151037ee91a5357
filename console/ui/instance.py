"""One console for each person and folder of settings: a second start shows the first and ends.

Two would write the same files. The first listens on a local socket that only its user may open; the second says over it
what it was started with, and waits for the word that somebody is at home. Of two that start at the same moment the one
that has the lock is the first; the other waits until it listens.
"""

import hashlib
import logging
import time
from pathlib import Path

import msgspec
from PySide6.QtCore import QDir, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from console.problem import Problem

_log = logging.getLogger(__name__)
_MILLISECONDS = 3000
_STARTING_SECONDS = 15.0
"""So long another may need from its start until it listens."""
_LIMIT = 64 * 1024
_TAKEN = b"taken\n"


class Start(msgspec.Struct, frozen=True):
    """What a console was started with. `search` is a query for the list of agents."""

    version: int = 1
    search: str = ""


class Claim:
    """The right to be the first on some settings. Keep it until the console ends; the system takes it back from one
    that was killed."""

    def __init__(self, folder: Path) -> None:
        self._lock = QLockFile(QDir.temp().filePath(f"{_name(folder)}.lock"))
        self._lock.setStaleLockTime(0)  # a console runs for days

    def take(self) -> bool:
        """Whether it is ours; also where no lock can be made, because then there is no telling."""
        return self._lock.tryLock(0) or self._lock.error() is not QLockFile.LockError.LockFailedError

    def give_back(self) -> None:
        self._lock.unlock()


class FirstInstance(QObject):
    """Listens for further starts."""

    started_again = Signal(object)
    """A Start: the window is wanted in front."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        name = _name(folder)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # what a console that was killed left behind
            if not self._server.listen(name):
                _log.warning("a second console would not find this one: %s", self._server.errorString())

    def end(self) -> None:
        self._server.close()

    def _welcome(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.readyRead.connect(lambda caller=caller: self._read(caller))
            caller.disconnected.connect(caller.deleteLater)
            self._read(caller)

    def _read(self, caller: QLocalSocket) -> None:
        if caller.bytesAvailable() > _LIMIT:
            caller.abort()
        if not caller.canReadLine():
            return
        try:
            start = msgspec.json.decode(bytes(caller.readLine().data()), type=Start)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            caller.abort()
            return
        caller.write(_TAKEN)
        caller.flush()
        caller.disconnectFromServer()
        self.started_again.emit(start)


def handed_over(folder: Path, start: Start, claim: Claim) -> bool:
    """Whether a console that runs on the same settings took it over; False when there is none, and the claim is ours.

    Waits up to some seconds. Raises Problem when there is one that does not answer.
    """
    end = time.monotonic() + _STARTING_SECONDS
    while not _told(folder, start):
        if claim.take():
            return False
        if time.monotonic() > end:
            raise _silent()
        time.sleep(0.05)
    return True


def _told(folder: Path, start: Start) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    if not socket.waitForConnected(_MILLISECONDS):
        return False
    socket.write(msgspec.json.encode(start) + b"\n")
    socket.flush()
    if (socket.canReadLine() or socket.waitForReadyRead(_MILLISECONDS)) and bytes(socket.readAll().data()) == _TAKEN:
        return True
    raise _silent()


def _silent() -> Problem:
    return Problem(
        "Technician Console is running already, and does not answer.",
        "Wait a moment and start it again. If it stays so, end the other one first; its sessions end with it.",
    )


def _name(folder: Path) -> str:
    """Short: the path of a Unix socket has room for some hundred bytes."""
    return "technician-console-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
