"""What a session needs of its embedded page. `console.mesh.web.view.SessionView` is the real one."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from console.mesh.command import Command
from console.mesh.download import DownloadState
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.problem import Problem


class Download(Protocol):
    """A file that a session hands to this computer, received into `part`: see console.mesh.web.download.Download."""

    name: str
    wanted: Path
    part: Path
    far_path: str
    received: int
    total: int
    state: DownloadState
    problem: Problem | None

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def destroyed(self) -> SignalInstance: ...

    def cancel(self) -> None: ...


class SessionPage(Protocol):
    """Signals: `reported(Report)`, `failed(Problem)`, `clipboard_wanted()`, `download_started(Download)` and
    `upload_wanted(list[Path])`: files that the technician chose in the page or dropped on it."""

    @property
    def reported(self) -> SignalInstance: ...

    @property
    def failed(self) -> SignalInstance: ...

    @property
    def clipboard_wanted(self) -> SignalInstance: ...

    @property
    def download_started(self) -> SignalInstance: ...

    @property
    def upload_wanted(self) -> SignalInstance: ...

    @property
    def widget(self) -> QWidget: ...

    def warm(self) -> None:
        """Starts what takes time, before the link is known."""

    def open(self, link: SessionLink, session: MeshCookies) -> None:
        """Loads the agent's page with these cookies; also in place of one whose cookies no longer serve."""

    def reload(self, leaf: str | None = None) -> None:
        """Loads the agent's page once more with the cookies that are there, also after its process died. What the
        page reports from here on counts its connections from 0 again; nothing that the earlier one said follows. `leaf`
        is the fingerprint of the certificate that our own call has just seen."""

    def cookies(self) -> MeshCookies:
        """The session cookies that the page has now: those that it was opened with, or of a sign-in in the page."""

    def do(self, command: Command) -> None:
        """Sends the page a command."""

    def screenshot(self, taken: Callable[[QImage], None]) -> None:
        """Calls `taken` once with the remote picture in its own size, or a null image where there is none."""

    def answer_clipboard(self, share: bool) -> None: ...

    def close(self) -> None: ...


class PageFactory(Protocol):
    def __call__(self, parent: QObject) -> SessionPage: ...
