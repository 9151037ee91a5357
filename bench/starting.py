"""`start_to_list`: from the start of the process until the list of an earlier run is painted, with a server that takes
the connection and does not answer.

The key and the session token are in a real Secret Service (gnome-keyring), as on a technician's desktop.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.rows import Row, row
from bench.secret_service import secret_service
from console.demo.fleet import make
from console.fleet.cache import Kept, ListCache
from console.preferences import PreferenceFile, Preferences
from console.rmm import rows
from console.secret import Secret
from console.servers import Server, ServerBook
from console.vault.sealing import new_key
from console.vault.store import Kind, open_vault

_NAME = "technician-console"
_SIZES = {1_000: 9, 10_000: 9, 100_000: 5}
"""Agents, and how often each is started."""


def start_to_list() -> list[Row]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="technician-console-bench-")))
        environment = stack.enter_context(secret_service(home))
        environment |= {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        os.environ.update(environment)  # this process's vault is the same keyring
        # As an installed program has it: each module compiled once, by the start that does not count.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(home / "compiled")
        server = Server(address=stack.enter_context(_silent_server()), name="Bench", username="bench")
        key = _signed_in(server, home / "config" / _NAME)
        return [_measure(agents, runs, server, key, home / "data" / _NAME) for agents, runs in _SIZES.items()]


def _measure(agents: int, runs: int, server: Server, key: Secret, data: Path) -> Row:
    listed = rows.read(msgspec.json.encode(make(agents).rows(time.time()))).agents
    ListCache(data / "lists").save(server.id, key, Kept(datetime.now(UTC), listed))
    _start(agents)  # does not count: the files are read from the disk
    return row("start_to_list", "ms", [_start(agents) for _ in range(runs)], agents=agents)


def _start(agents: int) -> float:
    """Milliseconds from before the process was made."""
    begun = time.time()
    command = [sys.executable, "-m", "bench.started"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    moment, rows_painted = ended.stdout.split()
    if int(rows_painted) != agents:
        raise RuntimeError(f"{rows_painted} rows were painted, not {agents}")
    return (float(moment) - begun) * 1000


def _signed_in(server: Server, config: Path) -> Secret:
    """What an earlier run left: the server, the token, the key of the list."""
    book = ServerBook(config / "servers.json")
    book.put(server)
    book.save()
    PreferenceFile(config / "preferences.json").save(Preferences(last_server=server.id, host_key_known=True))
    vault, key = open_vault(), new_key()
    vault.put(server.id, Kind.SESSION_TOKEN, Secret("f" * 64))
    vault.put(server.id, Kind.LIST_KEY, key)
    return key


@contextlib.contextmanager
def _silent_server() -> Iterator[str]:
    """The address of a server that takes every connection and says nothing."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for connection in taken:
        connection.close()
