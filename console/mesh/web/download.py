"""A file that the page of a session hands to this computer."""

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest

from console.mesh.download import DownloadState, safe_name, unused

_Engine = QWebEngineDownloadRequest.DownloadState


class Download(QObject):
    """Receives into a file that ends in ".part" and gives it its own name once it is whole.

    `received` and `total` are bytes; `total` is 0 while it is not known. `reason` says why it failed.
    """

    changed = Signal()

    def __init__(self, request: QWebEngineDownloadRequest, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._request = request
        self._wanted = folder / safe_name(request.downloadFileName())
        self._part = unused(self._wanted.with_name(self._wanted.name + ".part"))
        self.name = self._wanted.name
        self.path: Path | None = None
        self.received = 0
        self.total = 0
        self.state = DownloadState.RUNNING
        self.reason = ""
        request.receivedBytesChanged.connect(self._progressed)
        request.totalBytesChanged.connect(self._progressed)
        request.stateChanged.connect(self._state_changed)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._end(DownloadState.FAILED, f"The folder {folder} cannot be used: {error.strerror}.")
            return
        request.setDownloadDirectory(str(folder))
        request.setDownloadFileName(self._part.name)
        request.accept()

    def cancel(self) -> None:
        """Stops receiving and removes what has come so far."""
        if self.state is DownloadState.RUNNING:
            self._request.cancel()

    def _progressed(self) -> None:
        self.received, self.total = self._request.receivedBytes(), max(0, self._request.totalBytes())
        self.changed.emit()

    def _state_changed(self, state: QWebEngineDownloadRequest.DownloadState) -> None:
        if state is _Engine.DownloadCompleted:
            self._complete()
        elif state is _Engine.DownloadCancelled:
            self._end(DownloadState.CANCELLED, "")
        elif state is _Engine.DownloadInterrupted:
            self._end(DownloadState.FAILED, f"{self._request.interruptReasonString() or 'The transfer broke off'}.")

    def _complete(self) -> None:
        self.received = self.total = self._request.receivedBytes()
        path = unused(self._wanted)
        try:
            self._part.rename(path)
        except OSError as error:
            self.state, self.reason = (
                DownloadState.FAILED,
                f"It is complete but keeps the name {self._part.name}: {error}.",
            )
        else:
            self.state, self.path, self.name = DownloadState.DONE, path, path.name
        self.changed.emit()

    def _end(self, state: DownloadState, reason: str) -> None:
        self.state, self.reason = state, reason
        with contextlib.suppress(OSError):
            self._part.unlink()
        self.changed.emit()
