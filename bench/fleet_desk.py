"""A console whose list comes from memory instead of a server: for what happens once a list has arrived."""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QApplication

from bench.waiting import until
from console.app import App, Options, Places, application
from console.demo.fleet import make
from console.rmm import rows
from console.rmm.client import RmmClient
from console.rmm.credentials import SessionToken
from console.rmm.models import AgentList
from console.secret import Secret
from console.servers import Server
from console.sessions.connection import Connection, connect
from console.ui.agents.page import AgentsPage
from console.vault.store import MemoryVault

SIZES = (1_000, 10_000, 100_000)
_CHANGED = 10
"""One agent of so many is another one in the next list."""

_ANSWER_SECONDS = 0.1
"""No list is there in the moment in which it is asked for. Real servers take seconds."""


class Replay(RmmClient):
    """Answers the list from bodies at hand, one after the other, decoded as if they had just arrived."""

    def __init__(self, bodies: list[bytes], connection: Connection) -> None:
        """What else is asked for finds nobody at the connection's address."""
        super().__init__(connection.server.address, connection.transport, connection.credential)
        self._bodies = bodies
        self.served = 0

    def agents(self) -> AgentList:
        body = self._bodies[self.served % len(self._bodies)]
        time.sleep(_ANSWER_SECONDS)
        self.served += 1
        return rows.read(body)


def bodies(count: int) -> list[bytes]:
    """Two lists of so many agents, some 1.2 kB each: in the second a tenth has changed, and the order is another."""
    dice = random.Random(7)
    first = make(count).rows(time.time())
    second = [dict(one) for one in first]
    for one in dice.sample(second, count // _CHANGED):
        one["status"] = "offline" if one["status"] == "online" else "online"
        one["logged_username"] = f"user{dice.randrange(1000)}"
        one["last_seen"] = "2026-11-24T10:00:00.000000Z"
    dice.shuffle(second)
    return [msgspec.json.encode(first), msgspec.json.encode(second)]


@contextmanager
def listed(count: int) -> Iterator[tuple[App, AgentsPage, Replay]]:
    """A console that shows the first of the lists."""
    folder = Path(tempfile.mkdtemp(prefix="technician-console-bench-"))
    qt = QApplication.instance()
    qt = qt if isinstance(qt, QApplication) else application()  # there is one in a process
    app = App(qt, Options(Places(folder / "config", folder / "log", folder / "data"), MemoryVault))
    try:
        server = Server(address="https://127.0.0.1:9", name="Bench")
        app.accounts.put(server)
        connection = connect(server, SessionToken(Secret("b" * 64)))
        replay = Replay(bodies(count), connection)
        connection.client = replay
        app.window.resize(1280, 800)
        app.window.show()
        app.window._signed_in(connection)
        page = app.window.page_of(server.id)
        if page is None:
            raise RuntimeError("there is no page of agents")
        until(lambda: len(page.watch.store) == count, "the agents were not listed")
        yield app, page, replay
    finally:
        app.window.hide()
        app.end()
        shutil.rmtree(folder, ignore_errors=True)
