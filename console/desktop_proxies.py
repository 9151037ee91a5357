"""The proxy that a Linux desktop is set to: GNOME's settings (and those of its relatives) or KDE's. Read once.

On Windows and macOS `console.sessions.system_proxies` asks the system for each address.
"""

import ast
import configparser
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from console.proxies import ProxySettings, of_address

_GSETTINGS = ("GNOME", "UNITY", "CINNAMON", "MATE", "BUDGIE", "PANTHEON", "XFCE", "LXQT")
_SECONDS = 5.0


def of_linux(environ: Mapping[str, str] = os.environ) -> ProxySettings:
    """What the desktop that runs says. Blocks for a moment."""
    names = environ.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
    if "KDE" in names:
        return of_kde(environ)
    if set(names) & set(_GSETTINGS):
        return of_gnome(_gsettings)
    return ProxySettings()


def of_gnome(read: Callable[[], str]) -> ProxySettings:
    """`read` gives what `gsettings list-recursively org.gnome.system.proxy` prints, "" when there is nothing."""
    values: dict[tuple[str, str], object] = {}
    for line in read().splitlines():
        schema, _, rest = line.partition(" ")
        key, _, text = rest.partition(" ")
        try:
            values[schema.removeprefix("org.gnome.system.proxy").lstrip("."), key] = ast.literal_eval(
                text.removeprefix("@as ").replace("uint32 ", "").replace("true", "True").replace("false", "False")
            )
        except (ValueError, SyntaxError):
            continue
    mode = values.get(("", "mode"))
    ignored = values.get(("", "ignore-hosts"))
    bypass = tuple(str(each) for each in ignored) if isinstance(ignored, list) else ()
    if mode == "auto":
        return ProxySettings(script=True)
    if mode != "manual":
        return ProxySettings()
    for schema in ("https", "http"):  # GNOME's page for it sets both
        host, port = values.get((schema, "host")), values.get((schema, "port"))
        if host and port:
            return of_address(f"{host}:{port}", bypass)
    return ProxySettings(bypass=bypass, unusable="a SOCKS proxy") if values.get(("socks", "host")) else ProxySettings()


def of_kde(environ: Mapping[str, str]) -> ProxySettings:
    """KDE keeps it in a file of its own, the port apart from the host with a blank."""
    folder = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/")) / ".config")
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string((folder / "kioslaverc").read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return ProxySettings()
    values = dict(parser.items("Proxy Settings")) if parser.has_section("Proxy Settings") else {}
    kind = values.get("proxytype", "0")
    if kind in ("2", "3"):
        return ProxySettings(script=True)
    if kind != "1":
        return ProxySettings()
    bypass = tuple(values.get("noproxyfor", "").replace(",", " ").split())
    written = values.get("httpsproxy") or values.get("httpproxy") or values.get("socksproxy") or ""
    return of_address(written.strip().replace(" ", ":"), bypass) if written else ProxySettings()


def _gsettings() -> str:
    program = shutil.which("gsettings")
    if program is None:
        return ""
    try:
        asked = subprocess.run(
            [program, "list-recursively", "org.gnome.system.proxy"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout
