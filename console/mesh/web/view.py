"""The embedded view of one session: profile, page, containment and bridge put together."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QImage
from PySide6.QtNetwork import QNetworkCookie
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QMenu

from console.mesh.command import Command
from console.mesh.containment import Containment
from console.mesh.errors import MeshProblem
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.report import Report, SignInShown
from console.mesh.web.bridge import PageBridge
from console.mesh.web.download import Download
from console.mesh.web.interceptor import ContainmentInterceptor
from console.mesh.web.page import MeshPage
from console.mesh.web.profile import session_profile

_COOKIE_MILLISECONDS = 2000


class SessionView(QObject):
    """One session's web view. `warm` while the link is still being asked for, then `open` once, then `close`."""

    reported = Signal(object)
    """A console.mesh.report.Report."""
    failed = Signal(object)
    """A Problem: the page could not be loaded or its process died."""
    clipboard_wanted = Signal()
    download_started = Signal(object)
    """A Download."""
    upload_wanted = Signal(object)
    """A list of paths: files that the technician chose in the page or dropped on it."""

    def __init__(self, downloads_folder: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._downloads_folder = downloads_folder
        self._profile = session_profile(self)
        self.widget = _View()
        self._page = MeshPage(self._profile, lambda: self.widget.window(), self)
        self.widget.setPage(self._page)
        self._link: SessionLink | None = None
        self._bridge: PageBridge | None = None
        self._interceptor: ContainmentInterceptor | None = None
        self._signing_in = False
        self._page.clipboard_wanted.connect(self.clipboard_wanted)
        self._page.certificate_refused.connect(self._certificate_refused)
        self._page.loadFinished.connect(self._load_finished)
        self._page.renderProcessTerminated.connect(self._process_ended)
        self._profile.downloadRequested.connect(self._download_requested)

    def warm(self) -> None:
        """Starts the page's process, so that it is there when the link arrives."""
        self._page.setUrl(QUrl("about:blank"))

    def open(self, link: SessionLink, session: MeshCookies) -> None:
        """Puts the cookies into the session's own store and then loads the agent's page."""
        self._link = link
        rules = Containment(link.origin, link.path, link.mesh_node)
        self._page.rules, self._page.leaf = rules, session.leaf
        self._interceptor = ContainmentInterceptor(rules, self._profile)  # no Qt object keeps it: without us it is gone
        self._profile.setUrlRequestInterceptor(self._interceptor)
        self._bridge = PageBridge(self._page, link)
        self._bridge.reported.connect(self._reported)
        if session.cookies:
            self._load_after_cookies(link, session)
        else:
            self._load()

    def reload(self) -> None:
        """Loads the agent's page once more, also after its process died."""
        self._load()

    def do(self, command: Command) -> None:
        """Sends the page a command."""
        if self._bridge:
            self._bridge.send(command)

    def screenshot(self, taken: Callable[[QImage], None]) -> None:
        """Calls `taken` with the picture of the view."""
        taken(self.widget.grab().toImage())

    def answer_clipboard(self, share: bool) -> None:
        self._page.answer_clipboard(share)

    def close(self) -> None:
        """Ends the page without its question, then its profile: a profile must outlive its page."""
        self._page.loadFinished.disconnect(self._load_finished)
        self._page.renderProcessTerminated.disconnect(self._process_ended)
        self.widget.deleteLater()
        self._page.destroyed.connect(self._profile.deleteLater)
        self._page.destroyed.connect(self.deleteLater)
        self._profile.setParent(None)
        self._page.deleteLater()

    def _load_after_cookies(self, link: SessionLink, session: MeshCookies) -> None:
        store = self._profile.cookieStore()
        awaited = set(session.cookies)
        late = QTimer(self, singleShot=True, interval=_COOKIE_MILLISECONDS)

        def added(cookie: QNetworkCookie) -> None:
            awaited.discard(bytes(cookie.name().data()).decode())
            if not awaited:
                go_on()

        def go_on() -> None:
            late.stop()
            store.cookieAdded.disconnect(added)
            self._load()

        late.timeout.connect(go_on)
        store.cookieAdded.connect(added)
        for name, value in session.cookies.items():
            cookie = QNetworkCookie(QByteArray(name.encode()), QByteArray(value.reveal().encode()))
            cookie.setPath(link.path)
            cookie.setSecure(True)
            cookie.setHttpOnly(True)
            store.setCookie(cookie, QUrl(link.origin))
        late.start()

    def _load(self) -> None:
        if self._link:
            self._page.setUrl(QUrl(self._link.page_url))

    def _reported(self, report: Report) -> None:
        if isinstance(report, SignInShown):
            self._signing_in = True
        self.reported.emit(report)

    def _load_finished(self, fine: bool) -> None:
        url = self._page.url()
        if url.toString() == "about:blank" or self._link is None:
            return
        if not fine:
            self.failed.emit(
                MeshProblem(
                    f"The page of MeshCentral at {url.host()} could not be loaded.",
                    "Check that this computer reaches the server, then try again.",
                )
            )
        elif self._signing_in and "gotonode=" not in url.query() and url.path() == self._link.path:
            # MeshCentral shows its device list after its own sign-in: go on to the agent. Not from within the handler
            # of a navigation: WORKAROUND https://github.com/qutebrowser/qutebrowser/issues/8785
            self._signing_in = False
            QTimer.singleShot(0, self, self._load)

    def _process_ended(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        self.failed.emit(
            MeshProblem(
                "The view of this session stopped working.",
                "Reconnect: the remote machine is not affected.",
                f"The page's process ended: {status.name}, code {code}.",
            )
        )

    def _certificate_refused(self) -> None:
        self.failed.emit(
            MeshProblem(
                "The page of MeshCentral came under another certificate than its sign-in.",
                "Someone may be reading along, or several servers answer under one name. Ask whoever runs the server.",
            )
        )

    def _download_requested(self, request: QWebEngineDownloadRequest) -> None:
        self.download_started.emit(Download(request, self._downloads_folder(), self))


class _View(QWebEngineView):
    """Without Chromium's own context menu: it would copy links and save pages. Text can be copied and pasted."""

    def contextMenuEvent(self, event: QContextMenuEvent, /) -> None:
        request = self.lastContextMenuRequest()
        actions: list[QAction] = []
        if request.selectedText():
            actions.append(self.page().action(QWebEnginePage.WebAction.Copy))
        if request.isContentEditable():
            actions.append(self.page().action(QWebEnginePage.WebAction.Paste))
        if actions:
            menu = QMenu(self)
            menu.addActions(actions)
            menu.popup(event.globalPos())
            menu.aboutToHide.connect(menu.deleteLater)
