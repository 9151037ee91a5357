"""What leaves memory while the console is locked: credentials that nothing needs, and links for new sessions."""

from PySide6.QtCore import QObject, QTimer, Signal

from console import memory
from console.problem import Problem
from console.sessions.accounts import Accounts
from console.sessions.agent_watches import AgentWatches
from console.sessions.connection import Connection
from console.sessions.fleet_actions import FleetActions
from console.sessions.fleet_watches import FleetWatches
from console.sessions.lock import Lock
from console.sessions.manager import Sessions
from console.sessions.sign_in_flow import SignInFlow
from console.sessions.transfers import Transfers
from console.work import Runner

_LOOK_MILLISECONDS = 30_000


class LockedAway(QObject):
    """Follows the lock.

    A server where nothing goes on is left alone while the console is locked, and its credential is let go where the
    keyring holds it too. One with open or waiting sessions, transfers, actions or watched agents keeps it until they
    are over. Python gives no way to overwrite a text: what was let go is freed, and the memory may be read until
    something else is written there.
    """

    not_back = Signal(object, object)
    """A Connection whose credential is not in the keyring any more, and the Problem: the technician signs in anew."""

    def __init__(
        self,
        lock: Lock,
        accounts: Accounts,
        sessions: Sessions,
        transfers: Transfers,
        actions: FleetActions,
        watched: AgentWatches,
        watches: FleetWatches,
        flow: SignInFlow,
        disk: Runner,
    ) -> None:
        super().__init__()
        self._lock = lock
        self._accounts = accounts
        self._sessions = sessions
        self._transfers = transfers
        self._actions = actions
        self._watched = watched
        self._watches = watches
        self._flow = flow
        self._disk = disk
        self._look = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._look.timeout.connect(self.put_away)
        lock.changed.connect(self._changed)

    def needed(self, server_id: str) -> bool:
        """Whether something goes on for which the server may have to be asked."""
        return (
            self._sessions.busy_with(server_id)
            or bool(self._transfers.active_of(server_id))
            or any(run.server_id == server_id for run in self._actions.running)
            or any(one.server == server_id for one in self._watched.watched)
        )

    def put_away(self) -> None:
        """Lets go of what is not needed; looked at again and again, as what goes on comes to an end."""
        for server_id, connection in tuple(self._accounts.connections.items()):
            connection.forget_links()
            if not self.needed(server_id):
                self._watches.rest(server_id, True)
                self._accounts.withhold(server_id, lambda: self._lock.locked, self._free)

    def _changed(self) -> None:
        if self._lock.locked:
            self._look.start()
            self._flow.forget_password()
            self.put_away()
            return
        self._look.stop()
        for server_id, connection in tuple(self._accounts.connections.items()):
            self._bring_back(server_id, connection)

    def _bring_back(self, server_id: str, connection: Connection) -> None:
        def back() -> None:
            self._watches.rest(server_id, False)

        def refused(problem: Problem) -> None:
            self.not_back.emit(connection, problem)

        if connection.withheld:
            self._accounts.hand_back(server_id, back, refused)
        else:
            back()

    def _free(self) -> None:
        """Freed blocks go back to the system, which clears them."""
        self._disk.run(memory.give_back)
