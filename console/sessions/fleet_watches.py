"""The watch over each server that the technician is signed in to, and what all of them have to know."""

from PySide6.QtCore import QObject

from console.sessions.connection import Connection
from console.sessions.fleet_watch import FleetWatch
from console.sessions.manager import Sessions
from console.sessions.sealed_lists import SealedLists

_OPEN = "open sessions"


class FleetWatches(QObject):
    """Makes the watches. Sessions get what they learn, and the agents of open sessions are asked for sooner."""

    def __init__(self, sessions: Sessions, lists: SealedLists | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._lists = lists
        self._seen = True
        self._watches: list[FleetWatch] = []
        sessions.opened.connect(lambda _: self._sessions_changed())
        sessions.closed.connect(lambda _: self._sessions_changed())

    def watch(self, connection: Connection) -> FleetWatch:
        """A watch that is started by whoever shows it, and ended with `drop`."""
        made = FleetWatch(connection, self, self._lists)
        made.updated.connect(lambda _: self._sessions.fleet_refreshed(connection, made.fresh))
        made.seen(self._seen)
        connection.nodes.keep_in(lambda: made.nodes, made.learn_node)
        self._watches.append(made)
        self._sessions_changed()
        return made

    def drop(self, watch: FleetWatch) -> None:
        self._watches.remove(watch)
        watch.stop()
        watch.deleteLater()

    def stop(self) -> None:
        """The console ends: no server is asked any more."""
        for watch in self._watches:
            watch.stop()

    def rest(self, server_id: str, resting: bool) -> None:
        """Whether a server is left alone for a while."""
        for watch in self._watches:
            if watch.connection.server.id == server_id:
                if resting:
                    watch.rest()
                else:
                    watch.go_on()

    def seen(self, seen: bool) -> None:
        """Whether the window that shows them can be looked at."""
        self._seen = seen
        for watch in self._watches:
            watch.seen(seen)

    def _sessions_changed(self) -> None:
        for watch in self._watches:
            server_id = watch.connection.server.id
            live = (session for session in self._sessions.live if session.connection.server.id == server_id)
            watch.watch_also(_OPEN, {session.agent.agent_id for session in live})
