"""How `console.transport` speaks HTTP: with requests, on connections that are verified, bounded in time and pinned.

Apart from it because the libraries take a tenth of a second to load: that waits until something is sent.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ProxyError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from console import __version__, certificates
from console.certificates import Certificate
from console.proxies import Proxies, Proxy, ProxyProblem
from console.proxy_tunnel import SignInAsked, TunnelRefused
from console.transport import (
    MEGABYTE,
    Answer,
    AnswerTooLarge,
    Auth,
    BrokenOff,
    CertificateUntrusted,
    ProxyRefused,
    ProxySignInWanted,
    TimedOut,
    TransportProblem,
    Unreachable,
    host_and_port,
)
from console.verified_adapters import (
    LookingAdapter,
    PinnedAdapter,
    RetryUnlessLate,
    VerifiedAdapter,
    is_refusal_of_certificate,
    presented_on,
)

T = TypeVar("T")
_CONNECT_SECONDS = 8.0


class VerifiedHttp:
    """What a Transport sends with, from any thread; each has its own session. All it is given is the Transport's."""

    def __init__(self, pins: Mapping[str, str], proxies: Proxies, known: Mapping[str, bytes]) -> None:
        self._pins = pins
        self._proxies = proxies
        self._known = known
        self._seen: dict[str, bytes] = {}
        """The certificate that each host was last sent something under, DER."""
        self._local = threading.local()

    def send(
        self,
        method: str,
        url: str,
        auth: Auth | None,
        json: object,
        limit: int,
        seconds: float,
        *,
        form: Mapping[str, str] | None,
        repeat: bool,
        keep_body: bool,
    ) -> Answer:
        """As Transport.send, once the address may be used."""
        host = host_and_port(url)
        bounds: Any = Timeout(connect=min(_CONNECT_SECONDS, seconds), total=seconds)  # requests' types lack it

        def once(proxies: dict[str, str]) -> Answer:
            with self._session(repeat).request(
                method,
                url,
                auth=auth or _no_auth,
                json=json,
                data=form,
                timeout=bounds,
                allow_redirects=False,
                stream=True,
                proxies=proxies,
            ) as response:
                der: bytes | None = getattr(response.raw, "der", None)
                if der:
                    self._seen[host] = der
                leaf = certificates.fingerprint(der) if der else None
                body = _read(response, limit, host) if keep_body else b""
                return Answer(response.status_code, response.headers, body, leaf, response.cookies.get_dict())

        return self._led(url, seconds, once)

    def connect(self, url: str, seconds: float) -> socket.socket:
        """As Transport.connect."""
        if not urlsplit(url).path:
            url += "/"  # what a pin is found by ends so

        def once(proxies: dict[str, str]) -> socket.socket:
            adapter = self._session(False).get_adapter(url)
            if not isinstance(adapter, VerifiedAdapter):
                raise TypeError("every address has an adapter of ours")
            return adapter.connect(url, proxies, min(_CONNECT_SECONDS, seconds))

        made = self._led(url, seconds, once)
        made.settimeout(seconds)
        return made

    def presented_by(self, host: str, seconds: float) -> Certificate | None:
        """As Transport.look."""
        url = f"https://{host}"

        def once(proxies: dict[str, str]) -> bytes | None:
            with LookingAdapter(self._proxies, Retry(0)).connect(url, proxies, seconds) as made:
                return presented_on(made)

        try:
            der = self._led(url, seconds, once)
            return certificates.parse(der) if der else None
        except (TransportProblem, ProxyProblem, ValueError):
            return None

    def _led(self, url: str, seconds: float, once: Callable[[dict[str, str]], T]) -> T:
        """Does it by the way that leads to the host, again when the technician has signed in to the proxy there."""
        proxy = self._proxies.route(url)
        while True:
            try:
                return once({"https": proxy.url} if proxy else {})
            except SignInAsked as asked:
                refused = asked
            except (requests.RequestException, HTTPError, OSError) as error:
                raise self._worded(error, url, seconds, proxy) from None
            if "basic" not in refused.schemes:
                raise _no_way_in(refused)
            if self._proxies.sign_in(refused.proxy, refused.used) is None:
                raise _not_signed_in(refused)

    def _session(self, repeat: bool) -> requests.Session:
        name = "repeating" if repeat else "once"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no netrc, no CA-bundle variables; the proxies are handed over with each call
            session.headers["User-Agent"] = f"technician-console/{__version__}"
            session.cookies.set_policy(_NoCookies())
            retry: Retry = RetryUnlessLate(
                2,
                redirect=False,
                backoff_factor=0.3,
                status_forcelist=(502, 503, 504),
                raise_on_status=False,
                respect_retry_after_header=False,  # else a 429 is slept on here, for a day if the server says so
            )
            retry = retry if repeat else Retry(0, redirect=False, read=False)
            session.mount("https://", VerifiedAdapter(self._proxies, retry))
            session.mount("http://", VerifiedAdapter(self._proxies, retry))
            for host, pin in self._pins.items():
                for written in {host, host.removesuffix(":443")}:  # a URL may leave the scheme's own port out
                    session.mount(f"https://{written}/", PinnedAdapter(pin, self._proxies, retry))
            setattr(self._local, name, session)
        return session

    def _before(self, host: str) -> Certificate | None:
        """The certificate that was good until now, as far as it is known."""
        pin = self._pins.get(host)
        seen = certificates.parsed(self._seen.get(host, b""), pin)
        return seen or certificates.parsed(self._known.get(host, b"") if pin else b"", pin)

    def _worded(self, error: Exception, url: str, seconds: float, proxy: Proxy | None) -> TransportProblem:
        host = host_and_port(url)
        chain, detail = _chain(error), _bare(error)
        if proxy and (problem := _of_proxy(proxy, host, chain, detail)):
            return problem
        if any(is_refusal_of_certificate(link) for link in chain):
            shown = self.presented_by(host, 5.0)
            return CertificateUntrusted(host, shown, self._pins.get(host), detail, self._before(host))
        if any(isinstance(link, requests.exceptions.Timeout | ReadTimeoutError | TimeoutError) for link in chain):
            return TimedOut(
                f"{host} did not answer within {seconds:.0f} seconds.", "Try again; it may be busy.", detail
            )
        if any(isinstance(link, NameResolutionError) for link in chain):
            return Unreachable(
                f"No computer named {urlsplit(url).hostname} was found.",
                "Check the spelling, and that this computer is connected to the network.",
                detail,
            )
        if any(isinstance(link, NewConnectionError | ConnectionRefusedError) for link in chain):
            return Unreachable(
                f"{host} does not take connections.",
                "Check the address and port, or whether the server is down.",
                detail,
            )
        if any(isinstance(link, ssl.SSLError) for link in chain):
            return Unreachable(
                f"No encrypted connection to {host} came about.",
                "Check the address and port: something else than a web server may answer there, "
                "or something in between cuts the connection.",
                detail,
            )
        return BrokenOff(
            f"The connection to {host} broke off.",
            "Try again. If it stays so, look at the network and the server.",
            detail,
        )


def _of_proxy(proxy: Proxy, host: str, chain: list[BaseException], detail: str) -> TransportProblem | None:
    """What the proxy itself did or did not do; None when it was not the proxy."""
    refused = next((link for link in chain if isinstance(link, TunnelRefused)), None)
    if refused:
        return ProxyRefused(
            f"The proxy {proxy.name} does not lead to {host} (status {refused.status}).",
            "Ask whoever runs the proxy, or whether this host can be reached without it (NO_PROXY).",
            detail,
        )
    if any(isinstance(link, ProxyError) for link in chain):
        return ProxyRefused(
            f"The proxy {proxy.name}, which leads to {host}, could not be used.",
            "Check the proxy in the settings of this computer or in HTTPS_PROXY, and that it is reachable.",
            detail,
        )
    return None


def _not_signed_in(asked: SignInAsked) -> ProxySignInWanted:
    refused = "did not accept the user name and password" if asked.used else "wants a sign-in"
    return ProxySignInWanted(
        f"The proxy {asked.proxy.name} {refused}.", "Choose “Proxy sign-in…” at the top of the window.", str(asked)
    )


def _no_way_in(asked: SignInAsked) -> ProxySignInWanted:
    ways = ", ".join(asked.schemes) or "no way at all"
    return ProxySignInWanted(
        f"The proxy {asked.proxy.name} takes sign-ins by {ways} only, which the console cannot do.",
        "It can do Basic. Ask whoever runs the proxy to allow that or to let the hosts of your RMM through, or run a "
        "proxy on this computer that signs in for you, such as Px or CNTLM, and name it in HTTPS_PROXY.",
        str(asked),
    )


def _read(response: requests.Response, limit: int, host: str) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(host, limit)
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(256 * 1024):
        size += len(piece)
        if size > limit:
            raise _too_large(host, limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(host: str, limit: int) -> AnswerTooLarge:
    return AnswerTooLarge(
        f"{host} sent more than {limit // MEGABYTE} MB in one answer.",
        "This is not what a Tactical RMM server does: check the address.",
    )


def _chain(error: BaseException) -> list[BaseException]:
    """An error with the causes that requests and urllib3 wrap into one another, outermost first."""
    links: list[BaseException] = []
    following: list[object] = [error]
    while following and len(links) < 20:
        link = following.pop()
        if isinstance(link, BaseException) and link not in links:
            links.append(link)
            following += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return links


def _bare(error: Exception) -> str:
    """The innermost cause alone, and never one that quotes a URL: that may hold a login token."""
    causes = [link for link in _chain(error) if isinstance(link, OSError | HTTPError) and not _quotes_url(str(link))]
    return f"{type(causes[-1]).__name__}: {causes[-1]}" if causes else type(error).__name__


def _quotes_url(text: str) -> bool:
    return "url:" in text or "://" in text or "?" in text


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without one, requests would look for credentials in a netrc file."""
    return request


class _NoCookies(DefaultCookiePolicy):
    """Nothing is kept between calls: the API's sign-in sets cookies that it does not need (rmm-api, sign-in)."""

    def return_ok(self, *_: object) -> bool:
        return False

    def set_ok(self, *_: object) -> bool:
        return False
