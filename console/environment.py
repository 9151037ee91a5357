"""What must be settled in the process's environment before Qt starts."""

import os
import sys
from collections.abc import MutableMapping

from console.problem import Problem


def refuse_root(environment: MutableMapping[str, str]) -> None:
    """Chromium does not run its sandbox as root. Raises Problem unless the person has decided that themselves."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root and sys.platform == "linux" and environment.get("QTWEBENGINE_DISABLE_SANDBOX") != "1":
        raise Problem(
            "Technician Console does not run as root.",
            "Start it as an ordinary user. Root has no sandbox around the web pages of the sessions; if you want it "
            "all the same, set QTWEBENGINE_DISABLE_SANDBOX=1 yourself.",
        )


def drop_dangerous(environment: MutableMapping[str, str]) -> list[str]:
    """Takes out the variables that would open a debugging port into the sessions or weaken TLS; answers their names."""
    dropped = [name for name in _DANGEROUS_VARIABLES if environment.pop(name, None) is not None]
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "").split()
    kept = [flag for flag in flags if not flag.lstrip(_BEFORE_FLAG).lower().startswith(_DANGEROUS_FLAGS)]
    if len(kept) < len(flags):
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(kept)
        dropped += [flag.partition("=")[0] for flag in flags if flag not in kept]
    return dropped


def quiet(environment: MutableMapping[str, str]) -> None:
    """Chromium writes a line to standard error for each connection under a pinned certificate: fatal ones only."""
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if "--log-level" not in flags:
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} --log-level=3".strip()


_BEFORE_FLAG = "-/\"'"
"""Chromium takes "--flag" and "-flag", on Windows "/flag" as well; Qt takes each in quotes."""
_DANGEROUS_VARIABLES = ("QTWEBENGINE_REMOTE_DEBUGGING", "SSLKEYLOGFILE")
_DANGEROUS_FLAGS = (
    "remote-debugging",
    "remote-allow-origins",
    "ignore-certificate-errors",
    "allow-insecure-localhost",
    "disable-web-security",
    "user-data-dir",
    "load-extension",
    "host-resolver-rules",
    "host-rules",
    "log-net-log",
    "ssl-key-log-file",
    "net-log",
)
