"""`technician-console doctor`: the examination in a terminal, each line as soon as it is found."""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from console.mesh.engine_facts import EngineFacts, EngineQuestion
from console.mesh.link import MeshSite, site_of
from console.problem import Problem
from console.proxies import Proxies, Proxy, ProxySignIn
from console.servers import Server, ServerBook
from console.sessions import proxy_sign_ins
from console.sessions.doctor import engine, report
from console.sessions.doctor.case import Folders, Question
from console.sessions.doctor.plan import plan
from console.sessions.doctor.verdict import Line, Section
from console.sessions.system_proxies import SystemProxies
from console.transport import ProxySignInWanted
from console.vault.errors import VaultProblem
from console.vault.store import Vault

FAILED = 2


def run(
    book: Callable[[], ServerBook],
    wanted: str,
    last: str,
    folders: Folders,
    open_vault: Callable[[], Vault],
    dropped: tuple[str, ...],
    *,
    hostname: str = "",
    mesh: str = "",
    as_json: bool = False,
    ask_engine: Callable[[EngineQuestion], EngineFacts] = engine.ask,
    out: TextIO | None = None,
) -> int:
    """`wanted` names a server of the book, else it is the one with the id `last`, or the first. The exit code."""
    out = out or sys.stdout
    try:
        server = _server(book(), wanted, last)
        site = _site(mesh) if mesh else None
    except Problem as problem:
        print(problem.report(), file=sys.stderr)
        return FAILED
    question = Question(
        folders,
        os.environ,
        dropped,
        open_vault,
        ask_engine,
        server,
        mesh=site,
        hostname=hostname if server else "",
        proxies=Proxies(SystemProxies().settings, _kept_sign_ins(open_vault)),
    )
    examination, _ = plan(question)
    if not as_json:
        print(f"Server: {server.title}" if server else "No server is known: only this computer is looked at.", file=out)
    if hostname and server:
        print(f"The RMM is asked for a session link of {hostname} and writes that into its audit log.", file=sys.stderr)
    printer = _InOrder([check.key for check in examination.checks], out)
    lines = examination.run(lambda line: None if as_json else printer.take(line))
    print(report.json(lines) if as_json else f"\n{report.summary(lines)}", file=out)
    return report.exit_code(lines)


def _kept_sign_ins(open_vault: Callable[[], Vault]) -> Callable[[Proxy, ProxySignIn | None], ProxySignIn]:
    """Nobody is asked in a terminal: a proxy gets what the keyring keeps for it, once."""
    one_at_a_time = threading.Lock()

    def ask(proxy: Proxy, refused: ProxySignIn | None) -> ProxySignIn:
        found = None
        if refused is None:
            with contextlib.suppress(VaultProblem), one_at_a_time:  # that the keyring fails is a line of its own
                found = proxy_sign_ins.read(open_vault(), proxy)
        if found is None:
            said = "wants a sign-in, and the keyring holds none" if refused is None else "did not accept the sign-in"
            raise ProxySignInWanted(
                f"The proxy {proxy.name} {said}.",
                "Sign in to it in the console's window and keep that in the keyring, or write user name and password "
                "into the variable HTTPS_PROXY (docs/tls.md).",
            )
        return found

    return ask


class _InOrder:
    """Prints each line as soon as it and all before it are found."""

    def __init__(self, keys: list[str], out: TextIO) -> None:
        self._keys = keys
        self._out = out
        self._found: dict[str, Line] = {}
        self._section: Section | None = None

    def take(self, line: Line) -> None:
        self._found[line.key] = line
        while self._keys and (following := self._found.get(self._keys[0])) is not None:
            self._keys.pop(0)
            if following.section is not self._section:
                self._section = following.section
                print(f"\n{self._section.value}", file=self._out)
            print(report.whole(following), file=self._out, flush=True)


def _server(book: ServerBook, wanted: str, last: str) -> Server | None:
    if wanted:
        return book.named(wanted)
    return book.get(last) or next(iter(book.servers), None)


def _site(address: str) -> MeshSite:
    return site_of(address if "://" in address else f"https://{address}")
