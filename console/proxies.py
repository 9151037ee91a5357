"""Which proxy leads to a host, and what this computer's user signs in to it with: decided here for all that the console
sends, and told to Chromium for the pages of the sessions.

The environment's variables come first, as everywhere, then what the desktop is set to. Only CONNECT is asked of a
proxy: it sees the names of the hosts, and nothing of what is said to them.
"""

import ipaddress
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from console.problem import Problem
from console.secret import Secret

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Proxy(msgspec.Struct, frozen=True):
    """An HTTP proxy. `tls`: it is spoken to over TLS."""

    host: str
    port: int
    tls: bool = False

    @property
    def name(self) -> str:
        """As a person knows it, "host:port"."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.name}"


class ProxySignIn(msgspec.Struct, frozen=True):
    user: str
    password: Secret

    def __repr__(self) -> str:
        return "ProxySignIn(…)"


class ProxySettings(msgspec.Struct, frozen=True):
    """What the environment or the desktop says about https:// addresses. `bypass` are the hosts that are reached
    without the proxy, as NO_PROXY names them; `sign_in` stood in the proxy's address. `unusable` says in a few words
    what is set that the console cannot follow. `script`: a script chooses, which is not run: no proxy is used."""

    proxy: Proxy | None = None
    bypass: tuple[str, ...] = ()
    sign_in: ProxySignIn | None = None
    unusable: str = ""
    script: bool = False

    def leads(self, host: str, port: int) -> bool:
        """Whether a connection to this host goes through the proxy, or would if it were usable."""
        return not is_near(host) and not any(_matches(rule, host.lower(), port) for rule in self.bypass)

    def flags(self) -> tuple[str, ...]:
        """The same for Chromium."""
        if self.proxy is None:
            return ("--no-proxy-server",) if self.script else ()
        rules = ";".join(rule for entry in self.bypass for rule in _for_chromium(entry))
        return (f"--proxy-server={self.proxy.url}", *((f"--proxy-bypass-list={rules}",) if rules else ()))


class ProxyProblem(Problem):
    """The way to a host leads through a proxy, which is in the way."""


class ProxyUnusable(ProxyProblem):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"This computer is set to use {what}, which the console cannot use.",
            "Set the variable HTTPS_PROXY to an http:// or https:// proxy before the console starts (docs/tls.md).",
        )


class Proxies:
    """The proxies of this computer, for any thread.

    `desktop` tells what the desktop is set to for a URL, and may block. `ask` has the technician sign in to a proxy
    and waits for it; it is given what the proxy refused, None the first time, and answers None when nobody signs in.
    """

    def __init__(
        self,
        desktop: Callable[[str], ProxySettings] = lambda url: ProxySettings(),
        ask: Callable[[Proxy, ProxySignIn | None], ProxySignIn | None] = lambda proxy, refused: None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._desktop = desktop
        self._ask = ask
        self._environ = environ
        self._lock = threading.Lock()
        self._known: dict[Proxy, ProxySignIn] = {}

    def settings(self, url: str) -> ProxySettings:
        """What holds for a URL."""
        found = of_environment(self._environ)
        return self._desktop(url) if found is None else found

    def route(self, url: str) -> Proxy | None:
        """The proxy that leads to the host of a URL, None for none. Raises ProxyUnusable."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_near(host):
            return None
        settings = self.settings(url)
        if not settings.leads(host, parts.port or 443):
            return None
        if settings.unusable:
            raise ProxyUnusable(settings.unusable)
        if settings.proxy and settings.sign_in:
            with self._lock:
                self._known.setdefault(settings.proxy, settings.sign_in)
        return settings.proxy

    def flags(self) -> tuple[str, ...]:
        """What Chromium has to be told, so that the pages go the same way. Nothing where it asks the system itself."""
        return self.settings("").flags()

    def known(self, proxy: Proxy) -> ProxySignIn | None:
        """What the proxy was signed in to with, as far as it is known. Never blocks."""
        with self._lock:
            return self._known.get(proxy)

    def learn(self, proxy: Proxy, sign_in: ProxySignIn) -> None:
        """The technician's answer to what was asked earlier."""
        with self._lock:
            self._known[proxy] = sign_in

    def sign_in(self, proxy: Proxy, refused: ProxySignIn | None) -> ProxySignIn | None:
        """Another sign-in than the refused one; waits while the technician is asked. None when there is none."""
        known = self.known(proxy)
        if known is not None and known != refused:
            return known
        given = self._ask(proxy, refused)
        if given is not None:
            self.learn(proxy, given)
        return given


def of_environment(environ: Mapping[str, str]) -> ProxySettings | None:
    """None when the environment says nothing about proxies for https:// addresses."""
    written = _first(environ, "https_proxy", "all_proxy")
    if not written:
        return None
    bypass = tuple(_first(environ, "no_proxy").replace(",", " ").split())
    return of_address(written, bypass)


def of_address(written: str, bypass: tuple[str, ...] = ()) -> ProxySettings:
    """The settings with a proxy's address as people write it, with or without a scheme and a sign-in."""
    try:
        parts = urlsplit(written if "://" in written else f"http://{written}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ProxySettings(bypass=bypass, unusable="a proxy with an address that is none")
    if parts.scheme.startswith("socks"):
        return ProxySettings(bypass=bypass, unusable="a SOCKS proxy")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ProxySettings(bypass=bypass, unusable="a proxy with an address that is none")
    proxy = Proxy(host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "https")
    user = unquote(parts.username or "")
    sign_in = ProxySignIn(user, Secret(unquote(parts.password or ""))) if user else None
    return ProxySettings(proxy, bypass, sign_in)


def is_near(host: str) -> bool:
    """Whether a host is this computer or its own link: no proxy leads there. As Chromium has it."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local


def _first(environ: Mapping[str, str], *names: str) -> str:
    written = (environ.get(each, "").strip() for name in names for each in (name, name.upper()))
    return next(filter(None, written), "")


def _cut(rule: str) -> tuple[str, int | None]:
    """A rule's host and its port."""
    host, colon, port = rule.rpartition(":")
    if colon and port.isdecimal() and (":" not in host or host.endswith("]")):
        return host.strip("[]").lower(), int(port)
    return rule.strip("[]").lower(), None


def _matches(rule: str, host: str, port: int) -> bool:
    wanted, its_port = _cut(rule)
    if its_port not in (None, port):
        return False
    if wanted == "*":
        return True
    if wanted == "<local>":
        return "." not in host and ":" not in host
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(wanted, strict=False)
    except (ValueError, TypeError):
        pass
    name = wanted.removeprefix("*").lstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _for_chromium(rule: str) -> Iterator[str]:
    """A rule as `--proxy-bypass-list` has it; nothing for what would be no rule there."""
    host, port = _cut(rule)
    suffix = "" if port is None else f":{port}"
    if host in ("*", "<local>"):
        yield host + suffix
        return
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        name = host.removeprefix("*").lstrip(".")
        if name and not set(name) & set(" ;\"'\\"):
            yield f"{name}{suffix}"
            yield f"*.{name}{suffix}"
        return
    if "/" in host and port is None:
        yield str(network)
    elif "/" not in host:
        yield (f"[{host}]" if ":" in host else host) + suffix
