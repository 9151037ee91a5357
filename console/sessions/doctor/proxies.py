"""Which proxies are in force for calls of the console and for the pages of the sessions, and whether they agree.

The console's calls go by `console.proxies`: variables, else the settings of the system or the desktop. Chromium is told
the same where that is possible, and asks the system itself elsewhere.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from console.proxies import Proxies, ProxyUnusable
from console.sessions.doctor.verdict import Outcome, failure, fine, warning
from console.transport import LOOPBACK

_ONLY_PAGE = ("auto_proxy", "SOCKS_SERVER", "socks_server")
"""Variables that Chromium follows on Linux and the console's own calls do not."""


def without_credentials(proxy: str) -> str:
    """scheme://host:port of a proxy, whatever else stands in its URL."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or '?'}{port}"
    except ValueError:
        return "an address that is none"


def of_calls(url: str, proxies: Proxies) -> str:
    """The proxy of the console's own calls to a URL, "" for none. Raises ProxyUnusable."""
    proxy = proxies.route(url)
    return proxy.url if proxy else ""


def of_system(url: str) -> str:
    """What Qt finds in the system's settings for a URL, "" for none."""
    from PySide6.QtCore import QUrl
    from PySide6.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery

    for proxy in QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(url))):
        if proxy.type() is QNetworkProxy.ProxyType.NoProxy:
            return ""
        scheme = "socks5" if proxy.type() is QNetworkProxy.ProxyType.Socks5Proxy else "http"
        return f"{scheme}://{proxy.hostName()}:{proxy.port()}"
    return ""


def look(urls: Mapping[str, str], environment: Mapping[str, str], proxies: Proxies) -> Outcome:
    """`urls` are the addresses that matter, by what they are."""
    said: list[str] = []
    differing: list[str] = []
    for what, url in urls.items():
        try:
            calls, system = of_calls(url, proxies), of_system(url)
        except ProxyUnusable as problem:
            return failure(problem.what, problem.advice, problem.detail)
        said.append(f"{what}: {calls or 'direct'}")
        led = bool(proxies.flags()) or urlsplit(url).hostname in LOOPBACK  # the pages go where they are told
        if not led and calls.partition("://")[2] != system.partition("://")[2]:
            differing.append(f"{what}: the console's calls go {_way(calls)}, the system's settings say {_way(system)}")
    only_page = [name for name in _ONLY_PAGE if environment.get(name)]
    if only_page:
        differing.append(f"only the pages follow {', '.join(only_page)}")
    words = "; ".join(said) or "No address is known yet."
    if differing:
        return warning(
            f"{words}. They do not agree: {'; '.join(differing)}.",
            "Set https_proxy and no_proxy for the console to what the system's settings say: calls and pages have to "
            "reach the servers from the same address.",
        )
    return fine(words)


def page(error: str, leaf: str, pin: str, asking: str, url: str) -> Outcome:
    """How Chromium fared with a small file of MeshCentral's, `error` being its own word."""
    if not error:
        return fine("The web engine reaches MeshCentral as the console does.")
    if asking:
        return failure(
            f"The proxy {without_credentials(asking)} wants a sign-in from the pages of the sessions.",
            "Ask whoever runs the proxy to let this computer through without one, or to exempt MeshCentral's address.",
            error,
        )
    if leaf and leaf != pin:
        return failure(
            "The web engine meets a certificate that it does not trust and that is not the one that was trusted here.",
            "Something between the web engine and MeshCentral may present a certificate of its own, such as a proxy "
            "that looks into encrypted connections.",
            f"{error}, certificate {leaf}",
        )
    through = of_system(url)
    return failure(
        f"The console reaches MeshCentral, the web engine does not{f' (through {through})' if through else ''}.",
        "Pages may go by another proxy than the console's own calls: compare the line about proxies. A filter on this "
        "computer may also stop the process of the web engine.",
        error,
    )


def _way(proxy: str) -> str:
    return f"through {proxy}" if proxy else "directly"
