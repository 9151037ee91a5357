"""Looks at the web engine from inside, in a process of its own: where it cannot start, only that process ends.

`technician-console doctor --web-engine` reads an EngineQuestion from its standard input and writes EngineFacts.
"""

import os
import sys
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer, QUrl, qVersion
from PySide6.QtNetwork import QAuthenticator
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineLoadingInfo,
    QWebEnginePage,
    qWebEngineChromiumSecurityPatchVersion,
    qWebEngineChromiumVersion,
)
from PySide6.QtWidgets import QApplication

from console import certificates, environment
from console.mesh.engine_facts import EngineFacts, EngineQuestion, PageLoad
from console.mesh.web.profile import session_profile

# What WebGL says is what Chromium draws with; without a usable GPU it offers no WebGL at all.
_RENDERER = """(() => {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return '';
  const more = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(more ? more.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
})()"""
_SANDBOX = "document.body.innerText"
_PAGE_SECONDS = 12.0
_MOST = 4000


def main() -> int:
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=EngineQuestion)
    environment.lead(os.environ, question.flags)
    qt = QApplication(sys.argv[:1])
    looking = _Looking(question, qt.quit)
    QTimer.singleShot(0, looking.begin)
    qt.exec()
    facts = looking.facts(qt.platformName())
    looking.end()
    qt.processEvents()
    sys.stdout.buffer.write(msgspec.json.encode(facts))
    sys.stdout.flush()
    return 0


class _Looking(QObject):
    """One page after the other, in one profile off the record."""

    def __init__(self, question: EngineQuestion, done: Callable[[], object]) -> None:
        super().__init__()
        self._question = question
        self._done = done
        self._page = QWebEnginePage(session_profile(self), self)
        self._found: dict[str, str] = {}
        self._leaf = self._proxy = ""
        self._error = "it took too long"
        self._signed_in = False
        self._late = QTimer(self, singleShot=True, interval=int(_PAGE_SECONDS * 1000))
        self._late.timeout.connect(self._done)

    def begin(self) -> None:
        if self._question.url:
            self._page.certificateError.connect(self._certificate_error)
            self._page.proxyAuthenticationRequired.connect(self._proxy_asks)
            self._page.loadingChanged.connect(self._loading)
            self._late.start()
            self._page.setUrl(QUrl(self._question.url))
        else:
            self._read("about:blank", _RENDERER, lambda: self._read("chrome://sandbox", _SANDBOX, self._done))

    def facts(self, platform: str) -> EngineFacts:
        return EngineFacts(
            qVersion(),
            str(qWebEngineChromiumVersion()),
            str(qWebEngineChromiumSecurityPatchVersion()),
            platform,
            self._found.get("about:blank", ""),
            self._found.get("chrome://sandbox", ""),
            PageLoad(self._error, self._leaf, self._proxy) if self._question.url else None,
        )

    def end(self) -> None:
        self._page.deleteLater()

    def _read(self, url: str, script: str, then: Callable[[], object]) -> None:
        def read(text: object) -> None:
            self._found[url] = str(text or "")[:_MOST]
            then()

        def loaded(_: bool) -> None:
            self._page.loadFinished.disconnect(loaded)
            self._page.runJavaScript(script, 0, read)

        self._page.loadFinished.connect(loaded)
        self._page.setUrl(QUrl(url))

    def _loading(self, info: QWebEngineLoadingInfo) -> None:
        status = info.status()
        if status is QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus:
            self._error = ""
        elif status is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
            http = info.errorDomain() is QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
            self._error = "" if http else (info.errorString() or f"error {info.errorCode()}")[:200]
        else:
            return
        self._late.stop()
        self._done()

    def _certificate_error(self, error: QWebEngineCertificateError) -> None:
        chain = error.certificateChain()
        self._leaf = certificates.fingerprint(bytes(chain[0].toDer().data())) if chain else ""
        if self._leaf and self._leaf == self._question.pin:
            error.acceptCertificate()
        else:
            error.rejectCertificate()

    def _proxy_asks(self, url: QUrl, authenticator: QAuthenticator, proxy: str) -> None:
        if self._question.user and not self._signed_in:
            self._signed_in = True
            authenticator.setUser(self._question.user)
            authenticator.setPassword(self._question.password)
        else:
            self._proxy = proxy[:200]


if __name__ == "__main__":
    sys.exit(main())
