"""How `console.transport` speaks HTTP: with requests, on connections that are verified, bounded in time and pinned.

Apart from it because the libraries take a tenth of a second to load: that waits until something is sent.
"""

import contextlib
import io
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError
from urllib3.util import Retry, Timeout

from console import __version__, certificates
from console.transport import (
    LOOPBACK,
    MEGABYTE,
    Answer,
    AnswerTooLarge,
    Auth,
    BrokenOff,
    CertificateUntrusted,
    TimedOut,
    TransportProblem,
    Unreachable,
    host_and_port,
)

_CONNECT_SECONDS = 8.0


class VerifiedHttp:
    """What a Transport sends with, from any thread; each has its own session. `pins` are the Transport's."""

    def __init__(self, pins: Mapping[str, str]) -> None:
        self._pins = pins
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
        try:
            with self._session(repeat).request(
                method,
                url,
                auth=auth or _no_auth,
                json=json,
                data=form,
                timeout=bounds,
                allow_redirects=False,
                stream=True,
                proxies=_proxies(url),
            ) as response:
                leaf = getattr(response.raw, "leaf", None)
                body = _read(response, limit, host) if keep_body else b""
                return Answer(response.status_code, response.headers, body, leaf, response.cookies.get_dict())
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._worded(error, url, seconds) from None

    def connect(self, url: str, seconds: float) -> socket.socket:
        """As Transport.connect."""
        if not urlsplit(url).path:
            url += "/"  # what a pin is found by ends so
        adapter = self._session(False).get_adapter(url)
        if not isinstance(adapter, _VerifiedAdapter):
            raise TypeError("every address has an adapter of ours")
        try:
            made = adapter.connect(url, _proxies(url), min(_CONNECT_SECONDS, seconds))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._worded(error, url, seconds) from None
        made.settimeout(seconds)
        return made

    def _session(self, repeat: bool) -> requests.Session:
        name = "repeating" if repeat else "once"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no netrc, no CA-bundle variables; the proxies are handed over with each call
            session.headers["User-Agent"] = f"technician-console/{__version__}"
            session.cookies.set_policy(_NoCookies())
            retry: Retry = _RetryUnlessLate(
                2,
                redirect=False,
                backoff_factor=0.3,
                status_forcelist=(502, 503, 504),
                raise_on_status=False,
                respect_retry_after_header=False,  # else a 429 is slept on here, for a day if the server says so
            )
            retry = retry if repeat else Retry(0, redirect=False, read=False)
            session.mount("https://", _VerifiedAdapter(max_retries=retry))
            session.mount("http://", _VerifiedAdapter(max_retries=retry))
            for host, pin in self._pins.items():
                for written in {host, host.removesuffix(":443")}:  # a URL may leave the scheme's own port out
                    session.mount(f"https://{written}/", _PinnedAdapter(pin, max_retries=retry))
            setattr(self._local, name, session)
        return session

    def _worded(self, error: Exception, url: str, seconds: float) -> TransportProblem:
        host = host_and_port(url)
        chain, detail = _chain(error), _bare(error)
        if any(_is_refusal_of_certificate(link) for link in chain):
            name, _, port = host.rpartition(":")
            certificate = certificates.presented_by(name.strip("[]"), int(port))
            return CertificateUntrusted(host, certificate, self._pins.get(host), detail)
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


def _proxies(url: str) -> dict[str, str]:
    """The proxies that the system has for a URL; none for this computer itself, where http:// is allowed."""
    return {} if urlsplit(url).hostname in LOOPBACK else requests.utils.get_environ_proxies(url, None)


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


def _is_refusal_of_certificate(error: BaseException) -> bool:
    # urllib3 has no type of its own for a fingerprint that differs (util/ssl_.py, assert_fingerprint)
    return isinstance(error, ssl.SSLCertVerificationError) or str(error).startswith("Fingerprints did not match")


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


class _RetryUnlessLate(Retry):
    """A server that did not answer in time is not asked again: the person has waited long enough."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class _BoundedInput(io.RawIOBase):
    """An answer's bytes, all of them by one moment. A socket's own time-out starts anew with each byte."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._raw, self._sock, self._seconds = raw, sock, seconds
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            with contextlib.suppress(OSError):
                self._sock.settimeout(self._seconds)  # the connection may serve another request
            self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        if (seconds := sock.gettimeout()) is not None:
            self.fp = io.BufferedReader(_BoundedInput(self.fp.detach(), sock, seconds))


class _PlainConnection(HTTPConnection):
    response_class = _BoundedResponse


class _PlainConnectionPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Connection(HTTPSConnection):
    response_class = _BoundedResponse
    leaf: str | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, ssl.SSLSocket) and (der := self.sock.getpeercert(binary_form=True)):
            self.leaf = certificates.fingerprint(der)

    def getresponse(self) -> Any:
        """With the fingerprint: an answer without a body has let go of its connection by the time it is looked at."""
        response: Any = super().getresponse()
        response.leaf = self.leaf
        return response


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

    def connect(self, url: str, proxies: dict[str, str], seconds: float) -> socket.socket:
        """A connection that stands, verified as each of this adapter's is, and is the caller's to close."""
        request = requests.Request("GET", url).prepare()
        pool: Any = self.get_connection_with_tls_context(request, True, proxies)
        connection = pool._new_conn()  # one of the pool's own would come back to it
        connection.timeout = seconds
        if pool.proxy is not None:
            pool._prepare_proxy(connection)
        else:
            connection.connect()
        made: socket.socket = connection.sock
        connection.sock = None  # else it would be closed together with urllib3's object
        return made

    def tls(self) -> dict[str, Any]:
        return {"ssl_context": truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}

    def _use(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": _PlainConnectionPool, "https": _ConnectionPool}


class _PinnedAdapter(_VerifiedAdapter):
    """Takes exactly the certificate that the technician trusted, whoever signed it."""

    def __init__(self, pin: str, max_retries: Retry) -> None:
        self._pin = pin
        super().__init__(max_retries=max_retries)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The chain is not verified, the fingerprint is: decided here, so that no other connection can lose both."""
        return super().build_connection_pool_key_attributes(request, False, cert)

    def tls(self) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl_context": context, "assert_fingerprint": self._pin}
