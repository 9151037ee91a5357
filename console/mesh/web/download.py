"""A file that the page of a session hands to this computer."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest

from console.mesh import file_errors as errors
from console.mesh.download import DownloadState, safe_name
from console.mesh.near_disk import part_for
from console.problem import Problem

_Engine = QWebEngineDownloadRequest.DownloadState
_Interrupt = QWebEngineDownloadRequest.DownloadInterruptReason
_DISK = {
    _Interrupt.FileFailed: "it cannot be written to",
    _Interrupt.FileAccessDenied: "it cannot be written to",
    _Interrupt.FileNameTooLong: "the file's name is too long for it",
    _Interrupt.FileTooLarge: "the file is too large for it",
}


class Download(QObject):
    """Receives into `part` and leaves it there: what becomes of it is decided by whoever takes the download.

    Nothing here waits for the disk; whoever takes it removes the part when it did not become whole. `wanted` is where
    it shall be in the end. `received` and `total` are bytes; `total` is 0 while it is not known. `far_path` is the file
    at the agent, "" when the page made its contents. `problem` says why it failed.
    """

    changed = Signal()

    def __init__(
        self, request: QWebEngineDownloadRequest, folder: Path, parent: QObject, *, accept: bool = True
    ) -> None:
        """One that is not accepted has failed at once, because the page begins too many."""
        super().__init__(parent)
        self._request = request
        self._cancelling = False
        self.wanted = folder / safe_name(request.downloadFileName())
        self.part = part_for(self.wanted)
        self.name = self.wanted.name
        self.far_path = _far_path(request.url())
        self.received = 0
        self.total = max(0, request.totalBytes())
        self.state = DownloadState.RUNNING
        self.problem: Problem | None = None
        if not accept:
            request.cancel()
            QTimer.singleShot(0, self, lambda: self._end(DownloadState.FAILED, errors.TooManyDownloads()))
            return
        request.receivedBytesChanged.connect(self._progressed)
        request.totalBytesChanged.connect(self._progressed)
        request.stateChanged.connect(self._state_changed)
        request.setDownloadDirectory(str(folder))  # Qt makes it where it is not there, and cancels when it cannot
        request.setDownloadFileName(self.part.name)
        request.accept()

    def cancel(self) -> None:
        """Stops receiving."""
        if self.state is DownloadState.RUNNING:
            self._cancelling = True
            self._request.cancel()

    def _progressed(self) -> None:
        self.received, self.total = self._request.receivedBytes(), max(0, self._request.totalBytes())
        self.changed.emit()

    def _state_changed(self, state: QWebEngineDownloadRequest.DownloadState) -> None:
        if state is _Engine.DownloadCompleted:
            self.received = self._request.receivedBytes()
            if self.received < self.total:
                self._end(DownloadState.FAILED, errors.Incomplete())
            else:
                self.total = self.received
                self._end(DownloadState.DONE)
        elif state is _Engine.DownloadCancelled:
            if self._cancelling:
                self._end(DownloadState.CANCELLED)
            else:
                self._end(DownloadState.FAILED, errors.NearUnusable(self.wanted.parent, "it could not be made"))
        elif state is _Engine.DownloadInterrupted:
            self._end(DownloadState.FAILED, self._interruption())

    def _interruption(self) -> Problem:
        reason, folder = self._request.interruptReason(), self.wanted.parent
        if reason is _Interrupt.FileNoSpace:
            return errors.DiskFull(folder)
        if reason in _DISK:
            return errors.NearUnusable(folder, _DISK[reason])
        return errors.TunnelLost(self._request.interruptReasonString())

    def _end(self, state: DownloadState, problem: Problem | None = None) -> None:
        self.state, self.problem = state, problem
        self.changed.emit()


def _far_path(url: QUrl) -> str:
    """The agent's path in the address of a file that MeshCentral passes on (`devicefile.ashx?…&f=PATH`)."""
    parts = urlsplit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
    if not parts.path.endswith("/devicefile.ashx"):
        return ""
    return parse_qs(parts.query).get("f", [""])[0]
