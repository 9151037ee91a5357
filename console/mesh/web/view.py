"""The embedded view of one session: profile, page, containment and bridge put together."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QFileDialog, QMenu

from console.mesh.command import Command
from console.mesh.containment import Containment
from console.mesh.errors import (
    MeshProblem,
    MeshUnusable,
    PageLeft,
    PageNotLoaded,
    PageSilent,
    SentOn,
    ViewNotStarted,
)
from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.mesh.report import (
    BarsShown,
    FirstData,
    NodeMissing,
    Ready,
    Report,
    SignInShown,
    TunnelState,
    Unfamiliar,
)
from console.mesh.session_kind import SessionKind
from console.mesh.web import screenshot
from console.mesh.web.bridge import ISOLATED, PageBridge
from console.mesh.web.cookies import CookieSwap, CookieWatch
from console.mesh.web.download import Download
from console.mesh.web.download_pace import DownloadPace, Verdict
from console.mesh.web.interceptor import ContainmentInterceptor
from console.mesh.web.page import MeshPage, upload_dialog
from console.mesh.web.policy import put_policy
from console.mesh.web.profile import session_profile
from console.proxies import Proxies
from console.transport import host_and_port

_SILENT_MILLISECONDS = 60_000
"""A page that has come to nothing after so long will not: Chromium itself waits for many minutes."""
_LAUNCH_FAILED = 1002
"""Chromium's LAUNCH_RESULT_FAILURE, in place of a process's exit code."""
_NO_WORD_MILLISECONDS = 500
_COME_UP = (Ready, SignInShown, NodeMissing, Unfamiliar, TunnelState)


class SessionView(QObject):
    """One session's web view: `warm` while the link is still being asked for, then `open`, at the end `close`.

    `open` and `reload` begin a new generation of the page: nothing that an earlier one says counts any more.
    """

    reported = Signal(object)
    """A console.mesh.report.Report."""
    failed = Signal(object)
    """A Problem: the page could not be loaded or its process died."""
    clipboard_wanted = Signal()
    download_started = Signal(object)
    """A Download."""
    upload_wanted = Signal(object)
    """A list of paths: files that the technician chose in the page or dropped on it."""

    def __init__(self, downloads_folder: Callable[[], Path], proxies: Proxies, parent: QObject) -> None:
        super().__init__(parent)
        self._downloads_folder = downloads_folder
        self._profile = session_profile(self)
        self._store = CookieWatch(self._profile.cookieStore(), self)
        self.widget = _View()
        self.widget.dropped.connect(self.upload_wanted)
        self._page = MeshPage(self._profile, lambda: self.widget.window(), proxies, self)
        self.widget.setPage(self._page)
        put_policy(self._page)
        self._channel = QWebChannel(self._page)
        self._page.setWebChannel(self._channel, ISOLATED.value)
        self._link: SessionLink | None = None
        self._bridge: PageBridge | None = None
        self._interceptor: ContainmentInterceptor | None = None
        self._cookies: CookieSwap | None = None
        self._choosing: QFileDialog | None = None
        self._pace = DownloadPace()
        self._signing_in = False
        self._drawn = False
        self._silence = QTimer(self, singleShot=True, interval=_SILENT_MILLISECONDS)
        self._silence.timeout.connect(lambda: self._not_loaded(PageSilent()))
        self._there = False  # MeshCentral's page, and not yet the empty one that a view begins with
        self._page.clipboard_wanted.connect(self.clipboard_wanted)
        self._page.certificate_refused.connect(self._not_loaded)
        self._page.sent_on.connect(self._sent_on)
        self._page.files_wanted.connect(self._choose_files)
        self._page.loadStarted.connect(self._load_started)
        self._page.loadingChanged.connect(self._loading_changed)
        self._page.renderProcessTerminated.connect(self._process_ended)
        self._profile.downloadRequested.connect(self._download_requested)

    def warm(self) -> None:
        """Starts the page's process, so that it is there when the link arrives."""
        self._page.setUrl(QUrl("about:blank"))

    def open(self, link: SessionLink, session: MeshCookies) -> None:
        """Puts the cookies into the session's own store and then loads the agent's page; also in place of one whose
        cookies no longer serve."""
        self._link = link
        rules = Containment(link.origin, link.path, link.mesh_node)
        self._page.rules, self._page.leaf = rules, session.leaf
        if self._interceptor:
            self._interceptor.rules = rules
        else:
            self._interceptor = ContainmentInterceptor(rules, self._page.refusals, self._profile)  # kept here only
            self._profile.setUrlRequestInterceptor(self._interceptor)
        self._end_generation()
        if session.cookies:
            store = self._profile.cookieStore()
            self._cookies = CookieSwap(store, link, session, self._cookies_there, self)
        else:
            self._begin_generation()

    def reload(self, leaf: str | None = None) -> None:
        """Loads the agent's page once more with the cookies that are there, also after its process died. `leaf` is the
        fingerprint of the certificate that our own call has just seen there."""
        self._page.leaf = leaf or self._page.leaf
        self._end_generation()
        self._begin_generation()

    def cookies(self) -> MeshCookies:
        """The session cookies that the page has now, and the certificate that it was opened under."""
        return MeshCookies(dict(self._store.cookies), self._page.leaf)

    def do(self, command: Command) -> None:
        """Sends the page a command."""
        if self._bridge:
            self._bridge.send(command)

    def screenshot(self, taken: Callable[[QImage], None]) -> None:
        """Calls `taken` once: with the remote picture in its own size, which is a null image while there is none; for
        terminal and files with the picture of the view."""
        if self._link is None or self._link.kind is not SessionKind.CONTROL:
            taken(self.widget.grab().toImage())
        elif self._drawn:
            screenshot.take(self._page, taken, self)
        else:
            taken(QImage())

    def answer_clipboard(self, share: bool) -> None:
        self._page.answer_clipboard(share)

    def close(self) -> None:
        """Ends the page without its question, then its profile: a profile must outlive its page. It is never Python's
        own: whichever thread found it unused would end it, and Chromium the program with it."""
        self._end_generation()
        self._page.loadingChanged.disconnect(self._loading_changed)
        self._page.renderProcessTerminated.disconnect(self._process_ended)
        self.widget.deleteLater()
        self._page.destroyed.connect(self._profile.deleteLater)
        self._page.destroyed.connect(self.deleteLater)
        self._profile.setParent(self.parent())  # whose children end in the order in which they came
        self._page.deleteLater()

    def _end_generation(self) -> None:
        self._silence.stop()
        self._signing_in = self._drawn = False
        self._page.own_uploads = False
        if self._cookies:
            self._cookies.cancel()
            self._cookies = None
        if self._bridge:
            self._bridge.reported.disconnect(self._reported)
            self._bridge.end()
            self._bridge = None
        if self._choosing:
            self._choosing.close()

    def _cookies_there(self) -> None:
        self._cookies = None
        self._begin_generation()

    def _begin_generation(self) -> None:
        if self._link:
            self._bridge = PageBridge(self._page, self._channel, self._link)
            self._bridge.reported.connect(self._reported)
            self._load()

    def _load(self) -> None:
        if self._link:
            self._page.leave = True
            self._silence.start()
            self._page.setUrl(QUrl(self._link.page_url))

    def _load_started(self) -> None:
        self._page.leave = False

    def _reported(self, report: Report) -> None:
        if isinstance(report, _COME_UP):
            self._silence.stop()
        match report:
            case SignInShown():
                self._signing_in = True
            case FirstData():
                self._drawn = True
            case TunnelState(state=state) if state == 0:
                self._drawn = False
            case BarsShown(missing=missing):
                files = self._link is not None and self._link.kind is SessionKind.FILES
                self._page.own_uploads = files and not missing
            case Unfamiliar():
                self._page.own_uploads = False
        self.reported.emit(report)

    def _loading_changed(self, info: QWebEngineLoadingInfo) -> None:
        url = info.url()
        if self._link is None or url.toString() == "about:blank":
            if self._link and self._there and info.status() is QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
                self._there = False
                self._not_loaded(PageLeft())
            else:
                QTimer.singleShot(_NO_WORD_MILLISECONDS, self, self._look_whether_loading)
            return
        if info.status() is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
            self._not_loaded(_why_not_loaded(info, host_and_port(self._link.origin)))
        elif info.status() is QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
            self._there = True
            url = self._page.url()
            if self._signing_in and "gotonode=" not in url.query() and url.path() == self._link.path:
                # MeshCentral shows its device list after its own sign-in: go on to the agent. Not from within the
                # handler of a navigation: WORKAROUND https://github.com/qutebrowser/qutebrowser/issues/8785
                self._signing_in = False
                QTimer.singleShot(0, self, self._load)

    def _not_loaded(self, problem: MeshProblem) -> None:
        self._silence.stop()
        self.failed.emit(problem)

    def _look_whether_loading(self) -> None:
        """A load that fails at once, while the empty page is being loaded still, ends without a word of Qt's."""
        waits = self._silence.isActive() and not self._page.isLoading()
        if self._link and waits and self._page.url().toString() == "about:blank":
            self._not_loaded(PageNotLoaded(host_and_port(self._link.origin), "It ended before it began."))

    def _sent_on(self) -> None:
        """While the page is being loaded; one that is there stays there."""
        if self._link and self._silence.isActive():
            self._not_loaded(SentOn(host_and_port(self._link.origin), "A redirect when the page was loaded."))

    def _choose_files(self, many: bool) -> None:
        """Asks for files to upload without keeping the page waiting, which has been told that there are none."""
        if self._choosing:
            self._choosing.raise_()
            return
        self._choosing = dialog = upload_dialog(self.widget.window(), many)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.upload_wanted.emit([Path(name) for name in names]))
        dialog.finished.connect(self._chosen)
        QTimer.singleShot(0, dialog, dialog.open)  # not from within the page's call

    def _chosen(self) -> None:
        self._choosing = None

    def _process_ended(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        self._drawn = False
        detail = f"The page's process ended: {status.name}, code {code}."
        if code == _LAUNCH_FAILED:
            self._not_loaded(ViewNotStarted(detail))
            return
        self._not_loaded(
            MeshProblem(
                "The view of this session stopped working.", "Reconnect: the remote machine is not affected.", detail
            )
        )

    def _download_requested(self, request: QWebEngineDownloadRequest) -> None:
        rules = self._page.rules
        url = request.url().toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if rules is None or not rules.allows_download(url):
            self._page.refusals.add("keeping a file from", url)
            request.cancel()
            return
        verdict = self._pace.look()
        if verdict is Verdict.DROPPED:
            request.cancel()
            return
        download = Download(request, self._downloads_folder(), self, accept=verdict is Verdict.FINE)
        self.download_started.emit(download)


def _why_not_loaded(info: QWebEngineLoadingInfo, host: str) -> MeshProblem:
    if info.errorDomain() is QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain:
        return MeshUnusable(host, info.errorCode(), "its page was loaded")
    return PageNotLoaded(host, f"{info.errorDomain().name}, {info.errorCode()}")


class _View(QWebEngineView):
    """Without Chromium's own context menu: it would copy links and save pages. Text can be copied and pasted.

    Files that are dropped on it never reach the page.
    """

    dropped = Signal(object)
    """A list of paths."""

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        if _files(event):
            event.acceptProposedAction()
        elif event.mimeData().hasText():
            super().dragEnterEvent(event)
        else:
            event.ignore()  # such as a tab of the console: whatever is around the page may take it

    def dragMoveEvent(self, event: QDragMoveEvent, /) -> None:
        if _files(event):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent, /) -> None:
        if paths := _files(event):
            event.acceptProposedAction()
            self.dropped.emit(paths)
        else:
            super().dropEvent(event)

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


def _files(event: QDropEvent) -> list[Path]:
    """The files and folders of this computer that are being dragged: by the technician, from another program or from
    the console. What is dragged out of a page names what the page likes."""
    if isinstance(event.source(), QWebEngineView):
        return []
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
