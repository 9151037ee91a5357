"""HTTP as this console does it: verified, size-limited, without redirects, and with errors worded for a person.

One `Transport` serves one RMM server and the MeshCentral that belongs to it. It may be called from any thread; each
thread has its own `requests.Session`, because a session is not safe to share.
"""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.util import Retry

from console import __version__, certificates
from console.certificates import Certificate
from console.problem import Problem

MEGABYTE = 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CONNECT_SECONDS = 8.0


class TransportProblem(Problem):
    """No usable answer came from a host."""


class Unreachable(TransportProblem):
    """The host could not be found, refused the connection or dropped it."""


class TimedOut(TransportProblem):
    """The host did not answer in time."""


class AnswerTooLarge(TransportProblem):
    """The answer passed the size that this call allows."""


class PlainHttpRefused(TransportProblem):
    """An http:// address that is not on this computer."""


class CertificateUntrusted(TransportProblem):
    """The host's certificate is not trusted by this computer and is not the one that the technician pinned.

    `certificate` is what the host presents, for the technician to look at; `pinned` is the fingerprint that was
    expected, or None when none was.
    """

    def __init__(self, host: str, certificate: Certificate | None, pinned: str | None, detail: str) -> None:
        if pinned:
            what = f"The certificate of {host} is not the one that you trusted."
            advice = (
                "Someone may be reading along, or the certificate was renewed. "
                "Ask whoever runs the server before you trust the new one."
            )
        else:
            what = f"This computer does not trust the certificate of {host}."
            advice = (
                "Compare its fingerprint with whoever runs the server, then trust it, or have a trusted one set up."
            )
        super().__init__(what, advice, detail)
        self.host = host
        self.certificate = certificate
        self.pinned = pinned


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whole. `leaf` is the SHA-256 of the certificate that it came under, None on loopback http."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    leaf: str | None
    cookies: Mapping[str, str] = field(default_factory=dict)


class Transport:
    """Sends requests for one RMM server. `pins` maps "host:port" to the fingerprint that the technician trusted."""

    def __init__(self, pins: Mapping[str, str] | None = None) -> None:
        self._pins = dict(pins or {})
        self._local = threading.local()

    def send(
        self,
        method: str,
        url: str,
        *,
        auth: AuthBase | None = None,
        json: object = None,
        limit: int = MEGABYTE,
        seconds: float = 30.0,
        repeat: bool = False,
        keep_body: bool = True,
    ) -> Answer:
        """Sends one request and reads the whole answer, whatever its status.

        `limit` is the largest body taken, in bytes; `seconds` bounds the wait for each piece and for the whole.
        `repeat` allows a GET without side effects to be tried again when the connection fails or the server answers
        502 to 504. `keep_body=False` drops the body unread. No redirect is followed: a 3xx is an answer as well.

        Raises a TransportProblem.
        """
        host = host_and_port(url)
        if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK:
            raise PlainHttpRefused(f"The address of {host} is not encrypted (http://).", "Use its https:// address.")
        deadline = time.monotonic() + seconds
        try:
            with self._session(repeat).request(
                method,
                url,
                auth=auth or _NoAuth(),
                json=json,
                timeout=(_CONNECT_SECONDS, seconds),
                allow_redirects=False,
                stream=True,
                verify=host not in self._pins,
                proxies={} if urlsplit(url).hostname in LOOPBACK else requests.utils.get_environ_proxies(url, None),
            ) as response:
                leaf = getattr(getattr(response.raw, "connection", None), "leaf", None)
                body = _read(response, limit, deadline, host) if keep_body else b""
                return Answer(response.status_code, response.headers, body, leaf, response.cookies.get_dict())
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._worded(error, url, seconds) from None

    def _session(self, repeat: bool) -> requests.Session:
        name = "repeating" if repeat else "once"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no netrc, no CA-bundle variables; the proxies are handed over with each call
            session.headers["User-Agent"] = f"technician-console/{__version__}"
            session.cookies.set_policy(_NoCookies())
            retry = Retry(
                2,
                redirect=False,
                backoff_factor=0.3,
                status_forcelist=(502, 503, 504),
                raise_on_status=False,
                respect_retry_after_header=False,  # else a 429 is slept on here, for a day if the server says so
            )
            retry = retry if repeat else Retry(0, redirect=False, read=False)
            session.mount("https://", _VerifiedAdapter(max_retries=retry))
            session.mount("http://", HTTPAdapter(max_retries=retry))
            for host, pin in self._pins.items():
                session.mount(f"https://{host}/", _PinnedAdapter(pin, max_retries=retry))
            setattr(self._local, name, session)
        return session

    def _worded(self, error: Exception, url: str, seconds: float) -> TransportProblem:
        host = host_and_port(url)
        if isinstance(error, requests.exceptions.SSLError):
            name, _, port = host.rpartition(":")
            certificate = certificates.presented_by(name.strip("[]"), int(port))
            return CertificateUntrusted(host, certificate, self._pins.get(host), _bare(error))
        if isinstance(error, requests.exceptions.Timeout | TimeoutError):
            return TimedOut(
                f"{host} did not answer within {seconds:.0f} seconds.", "Try again; it may be busy.", _bare(error)
            )
        reason = next((link for link in _chain(error) if isinstance(link, NameResolutionError)), None)
        if reason:
            return Unreachable(
                f"No computer named {urlsplit(url).hostname} was found.",
                "Check the spelling, and that this computer is connected to the network.",
                _bare(error),
            )
        if any(isinstance(link, NewConnectionError | ConnectionRefusedError) for link in _chain(error)):
            return Unreachable(
                f"{host} does not take connections.",
                "Check the address and port, or whether the server is down.",
                _bare(error),
            )
        return Unreachable(
            f"The connection to {host} broke off.",
            "Try again. If it stays so, look at the network and the server.",
            _bare(error),
        )


def host_and_port(url: str) -> str:
    """The "host:port" that a URL leads to, with the scheme's port when none is written."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _read(response: requests.Response, limit: int, deadline: float, host: str) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(256 * 1024):
        size += len(piece)
        if size > limit:
            raise AnswerTooLarge(
                f"{host} sent more than {limit // MEGABYTE} MB in one answer.",
                "This is not what a Tactical RMM server does: check the address.",
            )
        if time.monotonic() > deadline:
            raise TimedOut(f"{host} did not finish its answer in time.", "Try again; it may be busy.")
        pieces.append(piece)
    return b"".join(pieces)


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
    """The innermost cause alone: outer texts quote the whole URL, and a URL may hold a login token."""
    causes = [link for link in _chain(error) if isinstance(link, OSError | HTTPError) and "url:" not in str(link)]
    return f"{type(causes[-1]).__name__}: {causes[-1]}" if causes else type(error).__name__


class _NoAuth(AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _NoCookies(DefaultCookiePolicy):
    """Nothing is kept between calls: the API's sign-in sets cookies that it does not need (rmm-api, sign-in)."""

    def return_ok(self, *_: object) -> bool:
        return False

    def set_ok(self, *_: object) -> bool:
        return False


class _Connection(HTTPSConnection):
    leaf: str | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, ssl.SSLSocket) and (der := self.sock.getpeercert(binary_form=True)):
            self.leaf = certificates.fingerprint(der)


class _ConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _VerifiedAdapter(HTTPAdapter):
    """Verifies with the operating system's trust store, as the browsers on this computer do."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, **self.tls()})
        self._use(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **{**kwargs, **self.tls()})
        self._use(manager)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: object) -> None:
        """Without the base class: it would add the bundle of certifi to the system's store."""

    def tls(self) -> dict[str, Any]:
        return {"ssl_context": truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}

    def _use(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _ConnectionPool}


class _PinnedAdapter(_VerifiedAdapter):
    """Takes exactly the certificate that the technician trusted, whoever signed it."""

    def __init__(self, pin: str, max_retries: Retry) -> None:
        self._pin = pin
        super().__init__(max_retries=max_retries)

    def tls(self) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl_context": context, "assert_fingerprint": self._pin}
