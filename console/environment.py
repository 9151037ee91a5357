"""What must be settled in the process's environment before Qt starts."""

import os
import sys
from collections.abc import Iterable, MutableMapping, Sequence

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
    # A bundled program finds its own process for the pages by this one.
    variables = _DANGEROUS_VARIABLES if getattr(sys, "frozen", False) else (*_DANGEROUS_VARIABLES, _PROCESS)
    dropped = [name for name in variables if environment.pop(name, None) is not None]
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "").split()
    kept = [flag for flag in flags if not _bare(flag).lower().startswith(_DANGEROUS_FLAGS)]
    if len(kept) < len(flags):
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(kept)
        dropped += [flag.partition("=")[0] for flag in flags if flag not in kept]
    return dropped


def _bare(flag: str) -> str:
    """A flag's name and value. Chromium takes "--flag" and "-flag", on Windows "/flag" as well; Qt takes quotes out of
    it, wherever they stand."""
    return flag.translate(_QUOTES).lstrip("-/")


def dropped_problem(names: Sequence[str]) -> Problem:
    """What the window says of what `drop_dangerous` has taken out."""
    return Problem(
        "This computer's environment would weaken the security of your sessions.",
        "It was ignored for this run. Take it out of what starts the console, or ask whoever looks after this computer "
        "why it is set.",
        f"Ignored: {', '.join(names)}",
    )


def contain(environment: MutableMapping[str, str]) -> None:
    """Has Chromium do without what a session's page could use to reach other hosts past the containment
    (docs/security.md)."""
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "").split()
    for flag in _CONTAINING:
        name, _, value = flag.partition("=")
        given = next((one for one in flags if one.startswith(f"{name}=")), None)
        if given is None:
            flags += [] if flag in flags else [flag]
        elif name == "--enable-features" and value not in given:
            flags[flags.index(given)] = f"{given},{value}"  # Chromium takes the last of several
    environment["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join(flags)


def lead(environment: MutableMapping[str, str], flags: Iterable[str]) -> None:
    """Leads the pages by these switches. Chromium reads them once, with its first page."""
    there = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "").split()
    added = [flag for flag in flags if flag not in there]
    if added:
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = " ".join((*there, *added))


def quiet(environment: MutableMapping[str, str]) -> None:
    """Chromium writes a line to standard error for each connection under a pinned certificate: fatal ones only."""
    flags = environment.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if "--log-level" not in flags:
        environment["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} --log-level=3".strip()


_NO_PREFETCH = (
    "%5B%7B%22preloading_type%22%3A%22Prefetch%22%2C%22preloading_predictor%22%3A%22SpeculationRules%22%2C"
    "%22holdback%22%3Atrue%7D%5D"
)
_CONTAINING = (
    "--disable-shared-workers",  # their web sockets are hidden from the interceptor
    "--disable-quic",  # a server may name another host and port for it (Alt-Svc)
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--enable-features=PreloadingConfig:preloading_config/{_NO_PREFETCH}",  # by speculation rules, to any host
)
_QUOTES = str.maketrans("", "", "\"'\\")
_PROCESS = "QTWEBENGINEPROCESS_PATH"
_DANGEROUS_VARIABLES = (
    "QTWEBENGINE_REMOTE_DEBUGGING",
    "SSLKEYLOGFILE",
    # other authorities than those of the operating system
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "OPENSSL_CONF",
)
_DANGEROUS_FLAGS = (
    # a way in
    "remote-debugging",
    "remote-allow-origins",
    "auto-open-devtools",
    "load-extension",
    "user-data-dir",
    "renderer-cmd-prefix",
    "utility-cmd-prefix",
    "gpu-launcher",
    # TLS, and who is at the other end
    "ignore-certificate-errors",
    "ignore-urlfetcher-cert-requests",
    "allow-insecure-localhost",
    "allow-running-insecure-content",
    "unsafely-treat-insecure-origin-as-secure",
    "ssl-version-min",
    "ssl-key-log-file",
    "host-resolver-rules",
    "host-rules",
    "proxy-",
    "no-proxy-server",
    "log-net-log",
    "net-log",
    "auth-server-",
    "auth-negotiate-delegate",
    # what keeps a page in its place
    "disable-web-security",
    "disable-site-isolation",
    "disable-ipc-flooding-protection",
    "allow-file-access",
    "use-fake-ui-for-media-stream",
    "auto-accept-",
    "auto-select-",
    "enable-blink-test-features",
    "single-process",
    # the sandbox: who wants to do without says so with QTWEBENGINE_DISABLE_SANDBOX
    "no-sandbox",
    "no-zygote-sandbox",
    "disable-namespace-sandbox",
    "disable-seccomp-filter-sandbox",
    "disable-setuid-sandbox",
)
