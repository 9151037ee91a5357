"""Where an RMM server is: the API address from what a technician types, and the web pages that belong to it."""

import ipaddress
import re
from urllib.parse import urlsplit

import idna

from console.problem import Problem
from console.transport import LOOPBACK

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_EXAMPLE = "Type the API address of the server, for example https://api.example.com."


def api_address(typed: str) -> str:
    """The API address "https://host" or "https://host:port" (lower case, no path) from what was typed or pasted.

    `http://` is taken for this computer only. Raises a Problem that says what is wrong with the text.
    """
    text = "".join(typed.translate(_INVISIBLE).split()).strip("<>\"'")
    if not text:
        raise Problem("No server address was entered.", _EXAMPLE)
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("https", text)
    if scheme not in ("http", "https"):
        raise Problem("This is not the address of an RMM server.", _EXAMPLE)
    host, port = _host_and_port(rest)
    if scheme == "http" and host not in LOOPBACK:
        raise Problem(
            f"http:// is not encrypted, and {host} is not this computer.",
            f"Use https://{_bracketed(host)} instead.",
        )
    standard = 80 if scheme == "http" else 443
    return f"{scheme}://{_bracketed(host)}" + ("" if port in (None, standard) else f":{port}")


def web_address_guess(api: str) -> str:
    """Where the RMM's own web page probably is: api.DOMAIN has it at rmm.DOMAIN, other hosts at the same place."""
    return api.replace("://api.", "://rmm.", 1)


def api_address_guess(address: str) -> str | None:
    """The API address when the address of the RMM's web page (rmm.DOMAIN) or of MeshCentral (mesh.DOMAIN) was typed."""
    scheme, _, host = address.partition("://")
    first, _, domain = host.partition(".")
    return f"{scheme}://api.{domain}" if first in ("rmm", "mesh") and "." in domain else None


def agent_web_page(web_address: str, agent_id: str) -> str:
    """The web page's own window of one agent, as its "pop out" opens it."""
    return f"{web_address.rstrip('/')}/agents/{agent_id}"


def host_name(address: str) -> str:
    """The host of an address as a person names it, with the port when there is one."""
    return address.partition("://")[2]


def _host_and_port(rest: str) -> tuple[str, int | None]:
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" in authority:
        raise Problem("The server address holds a user name.", f"Leave out everything up to the @. {_EXAMPLE}")
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Problem("The port or the host in this address is not valid.", _EXAMPLE) from None
    if port == 0:
        raise Problem("0 is not a port that a server can have.", _EXAMPLE)
    if authority.startswith("["):
        return _ip_version_6(host), port
    return _name(host.rstrip(".")), port


def _ip_version_6(host: str) -> str:
    try:
        return ipaddress.IPv6Address(host.partition("%")[0]).compressed
    except ValueError:
        raise Problem("The address between the brackets is not an IPv6 address.", _EXAMPLE) from None


def _name(host: str) -> str:
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise Problem("This is not the name of a server.", _EXAMPLE) from None
    if not host or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise Problem("This is not the name of a server.", _EXAMPLE)
    return host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
