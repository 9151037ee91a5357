"""HTTP as this console does it: verified, size-limited, without redirects, and with errors worded for a person.

One `Transport` serves one RMM server and the MeshCentral that belongs to it. It may be called from any thread; each
thread has its own `requests.Session`, because a session is not safe to share.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from console.certificates import Certificate
from console.problem import Problem
from console.proxies import Proxies, ProxyProblem

if TYPE_CHECKING:
    import requests

    from console.verified_http import VerifiedHttp

Auth = Callable[["requests.PreparedRequest"], "requests.PreparedRequest"]
"""Adds what proves who the technician is to a request."""

MEGABYTE = 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class TransportProblem(Problem):
    """No usable answer came from a host."""


class Unreachable(TransportProblem):
    """The host could not be found, refused the connection or dropped it."""


class BrokenOff(Unreachable):
    """The connection ended before the whole answer was there: the host may have done what it was asked."""


class TimedOut(TransportProblem):
    """The host did not answer in time."""


class AnswerTooLarge(TransportProblem):
    """The answer passed the size that this call allows."""


class PlainHttpRefused(TransportProblem):
    """An http:// address that is not on this computer."""


class ProxyRefused(Unreachable):
    """The proxy on the way does not lead to the host."""


class ProxySignInWanted(TransportProblem, ProxyProblem):
    """The proxy on the way wants a sign-in, and there is none that it takes."""


class CertificateUntrusted(TransportProblem):
    """The host's certificate is not trusted by this computer and is not the one that the technician pinned.

    `certificate` is what the host presents, for the technician to look at, and `pinned` the fingerprint that was
    expected, None when none was. `before` is the certificate that was good until now, as far as it is known.
    """

    def __init__(
        self,
        host: str,
        certificate: Certificate | None,
        pinned: str | None,
        detail: str,
        before: Certificate | None = None,
    ) -> None:
        if pinned:
            what = f"The certificate of {host} is not the one that you trusted."
            advice = (
                "Someone may be reading along, or the certificate was renewed. "
                "Ask whoever runs the server before you trust the new one."
            )
        elif before:
            what = f"This computer does not trust the certificate of {host} any more."
            advice = (
                "Someone may be reading along, or the certificate has run out or was replaced. "
                "Ask whoever runs the server before you trust it."
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
        self.before = before

    @property
    def changed(self) -> bool:
        """Whether there was another one that was good."""
        return self.pinned is not None or self.before is not None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whole. `leaf` is the SHA-256 of the certificate that it came under, None on loopback http.

    `repr` leaves out what may hold a secret.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    leaf: str | None
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


class Transport:
    """Sends requests for one RMM server. `pins` maps "host:port" to the fingerprint that the technician trusted.

    Once a host presents another certificate than before, nothing more is sent to any host: each call ends with what
    `distrusted` says, until the technician has decided and goes on with another Transport.
    """

    def __init__(
        self,
        pins: Mapping[str, str] | None = None,
        proxies: Proxies | None = None,
        *,
        known: Mapping[str, bytes] | None = None,
        home: str = "",
        tell: Callable[[CertificateUntrusted], object] | None = None,
    ) -> None:
        """`proxies` are those of the environment unless others are given. `known` are pinned certificates, DER, as far
        as they were kept. `home` is the "host:port" without which nothing works: there a certificate that was never
        good stops everything too. `tell` is called, on any thread, when everything stops; without it nothing does."""
        self._pins = dict(pins or {})
        self._proxies = proxies or Proxies()
        self._known = dict(known or {})
        self._home = home
        self._tell = tell
        self.distrusted: CertificateUntrusted | None = None
        self._made: VerifiedHttp | None = None
        self._making = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        auth: Auth | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        limit: int = MEGABYTE,
        seconds: float = 30.0,
        repeat: bool = False,
        keep_body: bool = True,
    ) -> Answer:
        """Sends one request and reads the whole answer, whatever its status.

        `form` are the fields of an HTML form, in place of `json`. `limit` is the largest body taken, in bytes;
        `seconds` bounds a try as a whole, however slowly bytes drip in. `repeat` allows a GET without side effects to
        be tried again, at most twice, when the connection fails or the server answers 502 to 504; not when it is late.
        `keep_body=False` drops the body unread. No redirect is followed: a 3xx is an answer as well.

        Raises a TransportProblem.
        """
        host = host_and_port(url)
        if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK:
            raise PlainHttpRefused(f"The address of {host} is not encrypted (http://).", "Use its https:// address.")
        with self._watched() as http:
            return http.send(method, url, auth, json, limit, seconds, form=form, repeat=repeat, keep_body=keep_body)

    def connect(self, url: str, seconds: float = 15.0) -> socket.socket:
        """A connection to the host of an https:// URL for what is not HTTP: verified, pinned and led through the
        system's proxies as `send` does it. `seconds` bounds it. Raises a TransportProblem."""
        with self._watched() as http:
            return http.connect(url, seconds)

    def look(self, host: str, seconds: float = 5.0) -> Certificate | None:
        """The certificate that a "host:port" presents now, to be shown to a person: nothing is sent to it. None when it
        presents none."""
        return self._http().presented_by(host, seconds)

    def distrust(self, problem: CertificateUntrusted) -> None:
        """Stops everything, if it is about a certificate that was good, or about the host without which nothing works.
        Also for who sees such a certificate elsewhere, as a page does."""
        if self._tell and self.distrusted is None and (problem.changed or problem.host == self._home):
            self.distrusted = problem
            self._tell(problem)

    @contextlib.contextmanager
    def _watched(self) -> "Iterator[VerifiedHttp]":
        if self.distrusted:
            raise self.distrusted.with_traceback(None)
        try:
            yield self._http()
        except CertificateUntrusted as problem:
            self.distrust(problem)
            raise

    def _http(self) -> "VerifiedHttp":
        with self._making:
            if self._made is None:
                from console.verified_http import VerifiedHttp  # not before something is sent

                self._made = VerifiedHttp(self._pins, self._proxies, self._known)
            return self._made


def host_and_port(url: str) -> str:
    """The "host:port" that a URL leads to, with the scheme's port when none is written."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
