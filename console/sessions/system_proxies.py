"""The proxies that the operating system has, where the environment names none."""

import sys
import threading

from console import desktop_proxies
from console.proxies import Proxy, ProxySettings


class SystemProxies:
    """For any thread. What a Linux desktop is set to is read once, as Chromium is told it once; Windows and macOS are
    asked for each address, as Chromium asks them itself, scripts (PAC) included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: ProxySettings | None = None

    def settings(self, url: str) -> ProxySettings:
        if sys.platform in ("win32", "darwin"):
            return _asked(url) if url else ProxySettings()
        with self._lock:
            if self._read is None:
                self._read = desktop_proxies.of_linux()
            return self._read


def _asked(url: str) -> ProxySettings:
    from PySide6.QtCore import QUrl
    from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

    kinds = QNetworkProxy.ProxyType
    for found in QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(url))):
        if found.type() in (kinds.HttpProxy, kinds.HttpCachingProxy):
            return ProxySettings(Proxy(found.hostName(), found.port()))
        if found.type() is kinds.Socks5Proxy:
            return ProxySettings(unusable="a SOCKS proxy")
        return ProxySettings()
    return ProxySettings()
