"""The web page of one session: what it may do, and what Chromium asks on its behalf."""

import contextlib
import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtNetwork import QAuthenticator
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineFileSystemAccessRequest,
    QWebEngineFullScreenRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from console import certificates
from console.mesh.containment import Containment
from console.mesh.errors import CertificateChanged
from console.mesh.web.refusals import Refusals
from console.proxies import Proxies, ProxyProblem, ProxySignIn
from console.transport import host_and_port

_log = logging.getLogger(__name__)
_LONGEST_LOGGED = 500
_FILES_TO_READ = (
    QWebEnginePage.FileSelectionMode.FileSelectOpen,
    QWebEnginePage.FileSelectionMode.FileSelectOpenMultiple,
)


class MeshPage(QWebEnginePage):
    """Stays on its own node, pins the certificate that the exchange has seen, and asks before it shares the clipboard.

    `rules` is None until a link is opened: only the empty page is allowed then. `leave` is set while the console loads
    another page in place of the one that is there. While `own_uploads` is set, files are not given to the page. What
    the page is refused is noted in `refusals`.
    """

    clipboard_wanted = Signal()
    """The page wants the clipboard; answer with `answer_clipboard`."""
    certificate_refused = Signal(object)
    """The problem."""
    sent_on = Signal()
    """The server answered with a redirect to where the page must not go: it stays where it is."""
    files_wanted = Signal(bool)
    """The page asks for files, several of them or one, and was given none."""

    def __init__(
        self, profile: QWebEngineProfile, dialogs_over: Callable[[], QWidget], proxies: Proxies, parent: QObject
    ) -> None:
        super().__init__(profile, parent)
        self._proxies = proxies
        self._given: set[tuple[str, ProxySignIn]] = set()
        self._dialogs_over = dialogs_over
        self._clipboard_requests: list[QWebEnginePermission] = []
        self.rules: Containment | None = None
        self.leaf: str | None = None
        self.leave = False
        self.own_uploads = False
        self.refusals = Refusals()
        self.certificateError.connect(self._certificate_error)
        self.permissionRequested.connect(self._permission_requested)
        self.fullScreenRequested.connect(self._full_screen_requested)
        self.fileSystemAccessRequested.connect(self._file_access_requested)
        self.proxyAuthenticationRequired.connect(self._proxy_asks)

    def answer_clipboard(self, share: bool) -> None:
        """Grants or denies what the page has asked so far."""
        for request in self._clipboard_requests:
            if share:
                request.grant()
            else:
                request.deny()
        self._clipboard_requests.clear()

    def acceptNavigationRequest(
        self, url: QUrl | str, type: QWebEnginePage.NavigationType, isMainFrame: bool, /
    ) -> bool:
        address = QUrl(url).toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if address == "about:blank":  # Chromium goes there without asking; SessionView sees it
            return True
        allowed = self.rules is not None and self.rules.allows_page(address)
        if not allowed:
            self.refusals.add("going to", address)
            if isMainFrame and type is QWebEnginePage.NavigationType.NavigationTypeRedirect:
                self.sent_on.emit()
        return allowed

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, lineNumber: int, sourceID: str, /
    ) -> None:
        if _log.isEnabledFor(logging.DEBUG):  # what the page writes is not to look like a line of this log
            place = sourceID.partition("?")[0][:_LONGEST_LOGGED]
            _log.debug("page: %r (%s:%d)", message[:_LONGEST_LOGGED], place, lineNumber)

    def javaScriptAlert(self, securityOrigin: QUrl | str, msg: str, /) -> None:
        self.refusals.add("showing", msg)

    def javaScriptConfirm(self, securityOrigin: QUrl | str, msg: str, /) -> bool:
        """Only the question before leaving comes here, and this page is left when the console loads it anew."""
        return self.leave

    def javaScriptPrompt(self, securityOrigin: QUrl | str, msg: str, defaultValue: str, /) -> tuple[bool, str]:
        """Never shown: it would look like a question of the console."""
        self.refusals.add("asking", msg)
        return False, ""

    def chooseFiles(
        self,
        mode: QWebEnginePage.FileSelectionMode,
        oldFiles: Sequence[str],
        acceptedMimeTypes: Sequence[str],
        /,
    ) -> list[str]:
        """What the page asks for to upload: the console takes it over, unless the page is not one that it knows."""
        if mode not in _FILES_TO_READ:
            self.refusals.add("choosing", mode.name)
            return []
        many = mode is QWebEnginePage.FileSelectionMode.FileSelectOpenMultiple
        if self.own_uploads:
            self.files_wanted.emit(many)
            return []
        dialog = upload_dialog(self._dialogs_over(), many)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return chosen

    def _certificate_error(self, error: QWebEngineCertificateError) -> None:
        chain = error.certificateChain()
        der = bytes(chain[0].toDer().data()) if chain else b""
        leaf = certificates.fingerprint(der) if der else None
        inside = self.rules is not None and self.rules.allows_request(
            error.url().toString(QUrl.ComponentFormattingOption.FullyEncoded)
        )
        if inside and leaf is not None and leaf == self.leaf:
            error.acceptCertificate()
            return
        error.rejectCertificate()
        shown = None
        with contextlib.suppress(ValueError):
            shown = certificates.parse(der)
        host = host_and_port(error.url().toString())
        self.certificate_refused.emit(CertificateChanged(host, shown, self.leaf))

    def _proxy_asks(self, url: QUrl, authenticator: QAuthenticator, host: str) -> None:
        """Gives the sign-in that our own call by the same way has used. Where that is refused, the request fails, and
        so does our own next one: the technician is asked then."""
        address = url.toString()
        try:
            proxy = self._proxies.route(address)
        except ProxyProblem:
            return
        known = self._proxies.known(proxy) if proxy else None
        if known is not None and (address, known) not in self._given:
            self._given.add((address, known))
            authenticator.setUser(known.user)
            authenticator.setPassword(known.password.reveal())

    def _permission_requested(self, request: QWebEnginePermission) -> None:
        own = self.rules is not None and self.rules.allows_page(request.origin().toString())
        if own and request.permissionType() is QWebEnginePermission.PermissionType.ClipboardReadWrite:
            self._clipboard_requests.append(request)
            self.clipboard_wanted.emit()
        else:
            self.refusals.add("using", request.permissionType().name)
            request.deny()

    def _full_screen_requested(self, request: QWebEngineFullScreenRequest) -> None:
        """The console has a full screen of its own; the page's would hide whose it is."""
        if request.toggleOn():
            self.refusals.add("filling", "the screen")
            request.reject()
        else:
            request.accept()

    def _file_access_requested(self, request: QWebEngineFileSystemAccessRequest) -> None:
        self.refusals.add("keeping", "access to a file of this computer")
        request.reject()


def upload_dialog(parent: QWidget, many: bool) -> QFileDialog:
    """Asks for files to upload; neither shown nor deleted by itself."""
    dialog = QFileDialog(parent, "Upload to the remote machine")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if many else QFileDialog.FileMode.ExistingFile)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Upload")
    return dialog
