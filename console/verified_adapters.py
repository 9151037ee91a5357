"""The connections that `console.verified_http` sends over: verified or pinned, bounded in time, led through proxies."""

import contextlib
import io
import socket
import ssl
import time
from functools import partial
from http.client import HTTPResponse
from typing import Any, Self

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry
from urllib3.util.ssltransport import SSLTransport

from console.proxies import Proxies, Proxy
from console.proxy_tunnel import open_tunnel


def is_refusal_of_certificate(error: object) -> bool:
    # urllib3 has no type of its own for a fingerprint that differs (util/ssl_.py, assert_fingerprint)
    return isinstance(error, ssl.SSLCertVerificationError) or str(error).startswith("Fingerprints did not match")


def presented_on(connection: object) -> bytes | None:
    """The certificate that the host of a connection presented, DER; None without encryption."""
    if isinstance(connection, ssl.SSLSocket | SSLTransport):  # the latter: TLS to the host within TLS to the proxy
        return connection.getpeercert(binary_form=True) or None
    return None


class RetryUnlessLate(Retry):
    """A server that did not answer in time is not asked again: the person has waited long enough. Nor is one whose
    certificate was refused: it would be the same."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        refused = error is not None and any(map(is_refusal_of_certificate, (error, *error.args)))
        if error is not None and (refused or isinstance(error, ReadTimeoutError)):
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
    der: bytes | None = None
    proxies: Proxies

    def connect(self) -> None:
        super().connect()
        self.der = presented_on(self.sock)

    def getresponse(self) -> Any:
        """With the certificate: an answer without a body has let go of its connection by the time it is looked at."""
        response: Any = super().getresponse()
        response.der = self.der
        return response

    def _tunnel(self) -> None:
        proxy = Proxy(self.host.strip("[]"), self.port, self._tunnel_scheme == "https")
        try:
            host, port = str(self._tunnel_host), self._tunnel_port or 443
            open_tunnel(self.sock, proxy, host, port, self.proxies.known(proxy), self.response_class)
        except BaseException:
            self.close()
            raise


class _ConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _Connection

    def __init__(self, proxies: Proxies, *args: Any, **kwargs: Any) -> None:
        self._proxies = proxies
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> Any:
        made: Any = super()._new_conn()
        made.proxies = self._proxies
        return made


class VerifiedAdapter(HTTPAdapter):
    """Verifies with the operating system's trust store, as the browsers on this computer do."""

    def __init__(self, proxies: Proxies, max_retries: Retry) -> None:
        self._proxies = proxies
        super().__init__(max_retries=max_retries)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, **self.tls()})
        self._use(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        own = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a pin of the host says nothing about the proxy
        manager: PoolManager = super().proxy_manager_for(proxy, **{**kwargs, **self.tls(), "proxy_ssl_context": own})
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
        made: Any = partial(_ConnectionPool, self._proxies)
        manager.pool_classes_by_scheme = {
            "http": _PlainConnectionPool,
            "https": made,
        }


class PinnedAdapter(VerifiedAdapter):
    """Takes exactly the certificate that the technician trusted, whoever signed it."""

    def __init__(self, pin: str | None, proxies: Proxies, max_retries: Retry) -> None:
        self._pin = pin
        super().__init__(proxies, max_retries)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The chain is not verified, the fingerprint is: decided here, so that no other connection can lose both."""
        return super().build_connection_pool_key_attributes(request, False, cert)

    def tls(self) -> dict[str, Any]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl_context": context, "assert_fingerprint": self._pin}


class LookingAdapter(PinnedAdapter):
    """Takes any certificate, to have a look at it. Nothing is ever sent over its connections."""

    def __init__(self, proxies: Proxies, max_retries: Retry) -> None:
        super().__init__(None, proxies, max_retries)
