"""Another run of the console, for a test that kills it: opens one session and says so when it is connected.

Started as a program, with what it needs in the environment variable RUN as JSON: nothing of it is in a command line.
"""

import json
import logging
import os
import sys
from pathlib import Path

from console.app import App, Options, Places, application
from console.mesh.session_kind import SessionKind
from console.rmm.credentials import SessionToken
from console.rmm.models import Agent, AgentStatus
from console.secret import Secret
from console.servers import Server
from console.sessions.connection import Connection
from console.sessions.progress import State
from console.vault.store import MemoryVault


def main() -> int:
    wanted = json.loads(os.environ["RUN"])
    folder = Path(wanted["folder"])
    places = Places(folder / "config", folder / "log", folder / "data")
    app = App(application(), Options(places, MemoryVault, log_level=logging.DEBUG))
    server = Server(address=wanted["address"], name="Test RMM", username="technician", pins=wanted["pins"])
    agent = Agent(agent_id=wanted["agent_id"], hostname=wanted["hostname"], status=AgentStatus.ONLINE)

    def signed_in(connection: Connection) -> None:
        session = app.sessions.open(connection, agent, SessionKind.TERMINAL)
        session.changed.connect(lambda: connected() if session.state is State.CONNECTED else None)

    def connected() -> None:
        app.journal.changed.connect(lambda: print("connected", flush=True))
        app.journal.tick()

    app.window.show()
    app.accounts.signed_in(server, SessionToken(Secret(wanted["token"])), None, signed_in, lambda _: None)
    return app.qt.exec()


if __name__ == "__main__":
    sys.exit(main())
