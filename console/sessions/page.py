"""What a session needs of its embedded page. `console.mesh.web.view.SessionView` is the real one."""

from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget

from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink


class SessionPage(Protocol):
    """Signals: `reported(Report)`, `failed(Problem)`, `clipboard_wanted()`, `download_started(download)`."""

    @property
    def reported(self) -> SignalInstance: ...

    @property
    def failed(self) -> SignalInstance: ...

    @property
    def clipboard_wanted(self) -> SignalInstance: ...

    @property
    def download_started(self) -> SignalInstance: ...

    @property
    def widget(self) -> QWidget: ...

    def warm(self) -> None:
        """Starts what takes time, before the link is known."""

    def open(self, link: SessionLink, session: MeshCookies) -> None: ...

    def connect_again(self) -> None: ...

    def answer_clipboard(self, share: bool) -> None: ...

    def close(self) -> None: ...


class PageFactory(Protocol):
    def __call__(self, parent: QObject) -> SessionPage: ...
