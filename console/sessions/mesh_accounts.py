"""Which MeshCentral account a server's sessions work with: asked once for each way in, not for each session."""

from enum import StrEnum

import msgspec
from PySide6.QtCore import QObject, Signal

from console.mesh.control import Control, MeshAccount
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.problem import Problem
from console.rmm.texts import one_line
from console.sessions.connection import Connection
from console.sessions.entry_way import EntryWay
from console.work import Job


class Standing(StrEnum):
    """What an account can reach. SHARED is a full administrator that the RMM hands to everybody, ADMINISTRATOR one
    that is the technician's own; OWN has limited rights."""

    OWN = "own account"
    ADMINISTRATOR = "own administrator account"
    SHARED = "shared administrator account"


class KnownAccount(msgspec.Struct, frozen=True):
    """An account that a way in got. `name` and `shown_name` are MeshCentral's, on one line; the remote user is shown
    the latter."""

    site: MeshSite
    way: EntryWay
    name: str
    shown_name: str
    standing: Standing


_Key = tuple[str, MeshSite, EntryWay]
"""A server's id, its MeshCentral, and the way."""


class MeshAccounts(QObject):
    """The accounts at all servers that the technician is signed in to."""

    changed = Signal(str)
    """The id of a server."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[_Key, KnownAccount] = {}
        self._asked: dict[_Key, Job | None] = {}

    def all_of(self, server_id: str) -> list[KnownAccount]:
        """Those that are known of one server."""
        return [account for key, account in self._known.items() if key[0] == server_id]

    def of(self, server_id: str, site: MeshSite, way: EntryWay) -> KnownAccount | None:
        """None while it is not known."""
        return self._known.get((server_id, site, way))

    def learn(self, connection: Connection, site: MeshSite, way: EntryWay, cookies: MeshCookies) -> None:
        """Asks MeshCentral who these cookies belong to, unless that is known or being asked. A failure is forgotten:
        the next session asks again."""
        server_id, transport = connection.server.id, connection.transport
        key = (server_id, site, way)
        if key in self._asked or not cookies.cookies:
            return
        self._asked[key] = None

        def ask() -> MeshAccount:
            with Control(site, cookies, transport) as control:
                return control.account()

        def told(account: MeshAccount) -> None:
            self._known[key] = known(site, way, account)
            self.changed.emit(server_id)

        def failed(_: Problem) -> None:
            self._asked.pop(key, None)

        job = connection.lane.run(ask, told, failed)
        if key in self._asked:
            self._asked[key] = job

    def forget(self, server_id: str, way: EntryWay | None = None) -> None:
        """Another account may be used from now on, by one way or by all."""
        for key in [key for key in self._asked if key[0] == server_id and way in (None, key[2])]:
            if job := self._asked.pop(key):
                job.cancel()
            self._known.pop(key, None)
        self.changed.emit(server_id)


def known(site: MeshSite, way: EntryWay, account: MeshAccount) -> KnownAccount:
    """What an account means, with its texts made fit to be shown."""
    if not account.administrator:
        standing = Standing.OWN
    else:
        standing = Standing.SHARED if way is EntryWay.LINK else Standing.ADMINISTRATOR
    return KnownAccount(site, way, one_line(account.name), one_line(account.shown_name), standing)
