"""Which proxies are in force, and whether a page of the sessions gets through them as the console's own calls do.

`console.proxies` decides for both; Chromium follows some variables of its own beside that.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from console.proxies import Proxies, ProxyProblem
from console.sessions.doctor.verdict import Outcome, failure, fine, warning

_ONLY_PAGE = ("auto_proxy", "SOCKS_SERVER", "socks_server")
"""Variables that Chromium follows on Linux, where no proxy is set, and the console's own calls do not."""


def without_credentials(proxy: str) -> str:
    """scheme://host:port of a proxy, whatever else stands in its URL."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or '?'}{port}"
    except ValueError:
        return "an address that is none"


def look(urls: Mapping[str, str], proxies: Proxies, environment: Mapping[str, str]) -> Outcome:
    """`urls` are the addresses that matter, by what they are."""
    said: list[str] = []
    for what, url in urls.items():
        try:
            proxy = proxies.route(url)
        except ProxyProblem as problem:
            return failure(f"{what}: {problem.what}", problem.advice, problem.detail)
        said.append(f"{what}: {proxy.url if proxy else 'direct'}")
    words = "; ".join(said)
    if any(proxies.settings(url).script for url in urls.values()):
        return warning(
            f"{words}. This computer is set to let a script choose the proxy, which is not run here.",
            "If the servers are not reached, set https_proxy and no_proxy for the console.",
        )
    only_page = [name for name in _ONLY_PAGE if environment.get(name)]
    if only_page and not proxies.flags():
        return warning(
            f"{words}. Only the pages of the sessions follow {', '.join(only_page)}.",
            "Set https_proxy and no_proxy for the console in its place: calls and pages have to reach the servers from "
            "the same address.",
        )
    return fine(words)


def page(error: str, leaf: str, pin: str, asking: str) -> Outcome:
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
    return failure(
        "The console reaches MeshCentral, the web engine does not.",
        "Compare the line about proxies. A filter on this computer may also stop the process of the web engine.",
        error,
    )
