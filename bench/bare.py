"""What the console is compared with: a bare web view with a fresh profile that is handed the session link."""

from PySide6.QtCore import QObject, QUrl
from PySide6.QtWebEngineCore import QWebEngineCertificateError, QWebEnginePage, QWebEngineProfile, QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QStackedLayout, QWidget

from bench.probe import Probe, add
from console.mesh.session_kind import SessionKind
from console.secret import Secret


class BareView(QObject):
    """One session: a view in `window`, which clicks Connect by itself. It takes any certificate."""

    def __init__(self, window: QWidget, kind: SessionKind, link: Secret) -> None:
        super().__init__(window)
        self._profile = QWebEngineProfile(self)
        self._page = QWebEnginePage(self._profile, self)
        self._page.certificateError.connect(_accept)
        self.probe = Probe(self._page, kind)
        add(self._page, "connect.js", kind, QWebEngineScript.InjectionPoint.DocumentReady)
        self._view = QWebEngineView()
        self._view.setPage(self._page)
        layout = window.layout()
        assert isinstance(layout, QStackedLayout)
        layout.addWidget(self._view)
        layout.setCurrentWidget(self._view)
        self._page.setUrl(QUrl(link.reveal()))

    def close(self) -> None:
        """Ends the page, then its profile."""
        self._view.deleteLater()
        self._page.destroyed.connect(self._profile.deleteLater)
        self._page.destroyed.connect(self.deleteLater)
        self._profile.setParent(None)
        self._page.deleteLater()


def window(size: QWidget) -> QWidget:
    """An empty window as large as another one; of several views it shows the last."""
    made = QWidget()
    QStackedLayout(made)
    made.resize(size.size())
    return made


def _accept(error: QWebEngineCertificateError) -> None:
    error.acceptCertificate()
