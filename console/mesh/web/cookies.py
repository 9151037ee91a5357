"""Puts a session's cookies into its web profile, in place of those that were there."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QObject, QTimer, QUrl
from PySide6.QtNetwork import QNetworkCookie
from PySide6.QtWebEngineCore import QWebEngineCookieStore

from console.mesh.exchange import MeshCookies
from console.mesh.link import SessionLink
from console.secret import Secret

_MILLISECONDS = 2000
_NAMES = frozenset({"xid", "xid.sig"})


class CookieWatch(QObject):
    """The latest session cookies of a profile's store, by name. That one is removed says nothing: when MeshCentral
    renews one, the old one's removal may be told after the new one came."""

    def __init__(self, store: QWebEngineCookieStore, parent: QObject) -> None:
        super().__init__(parent)
        self.cookies: dict[str, Secret] = {}
        store.cookieAdded.connect(self._added)

    def _added(self, cookie: QNetworkCookie) -> None:
        if (name := _name(cookie)) in _NAMES:
            self.cookies[name] = Secret(bytes(cookie.value().data()).decode(errors="replace"))


class CookieSwap(QObject):
    """One replacement of the cookies; `then` is called once, when the new ones are there or after two seconds."""

    def __init__(
        self,
        store: QWebEngineCookieStore,
        link: SessionLink,
        session: MeshCookies,
        then: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._then = then
        self._awaited = set(session.cookies)
        self._late = QTimer(self, singleShot=True, interval=_MILLISECONDS)
        self._late.timeout.connect(self._done)
        store.cookieAdded.connect(self._added)
        store.deleteAllCookies()
        for name, value in session.cookies.items():
            cookie = QNetworkCookie(QByteArray(name.encode()), QByteArray(value.reveal().encode()))
            cookie.setPath(link.path)
            cookie.setSecure(True)
            cookie.setHttpOnly(True)
            store.setCookie(cookie, QUrl(link.origin))
        self._late.start()

    def cancel(self) -> None:
        """`then` is not called any more. Call it once at most, and not after `then` was called."""
        self._late.stop()
        self._store.cookieAdded.disconnect(self._added)
        self.deleteLater()

    def _added(self, cookie: QNetworkCookie) -> None:
        self._awaited.discard(_name(cookie))
        if not self._awaited:
            self._done()

    def _done(self) -> None:
        self.cancel()
        self._then()


def _name(cookie: QNetworkCookie) -> str:
    return bytes(cookie.name().data()).decode(errors="replace")
