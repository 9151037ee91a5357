"""Asking a proxy for a tunnel to a host (CONNECT), on a connection to it that stands, and what it may answer."""

import base64
import socket
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse

from console.proxies import Proxy, ProxySignIn


class TunnelRefused(OSError):
    """The proxy does not lead there."""

    def __init__(self, proxy: Proxy, status: int) -> None:
        super().__init__(f"{proxy.name} answered CONNECT with status {status}")
        self.proxy = proxy
        self.status = status


class SignInAsked(Exception):
    """The proxy wants a sign-in, or another one than `used`. `schemes` are the ways that it takes, in lower case.

    No OSError: urllib3 would try again with what was refused, and a proxy may lock the account for that.
    """

    def __init__(self, proxy: Proxy, used: ProxySignIn | None, schemes: tuple[str, ...]) -> None:
        super().__init__(f"{proxy.name} asks for a sign-in ({', '.join(schemes)})")
        self.proxy = proxy
        self.used = used
        self.schemes = schemes


def open_tunnel(
    sock: socket.socket,
    proxy: Proxy,
    host: str,
    port: int,
    sign_in: ProxySignIn | None,
    response: Callable[..., HTTPResponse],
) -> None:
    """What follows on the connection reaches the host. Raises TunnelRefused, SignInAsked or an OSError."""
    target = f"[{host.strip('[]')}]:{port}" if ":" in host else f"{host.encode('idna').decode('ascii')}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if sign_in is not None:
        pair = f"{sign_in.user}:{sign_in.password.reveal()}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode('ascii')}")
    sock.sendall("\r\n".join((*lines, "", "")).encode("ascii"))
    answer = response(sock, method="CONNECT")
    try:
        answer.begin()
        headers = answer.headers.get_all("Proxy-Authenticate") or []
    except HTTPException as error:
        raise OSError(f"{proxy.name} answered CONNECT with {type(error).__name__}") from None
    finally:
        answer.close()
    if answer.status == 407:
        raise SignInAsked(proxy, sign_in, tuple(words[0].lower() for each in headers if (words := each.split())))
    if answer.status != 200:
        raise TunnelRefused(proxy, answer.status)
