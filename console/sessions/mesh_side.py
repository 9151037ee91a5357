"""What a session needs of MeshCentral beside its page: whose account it is, a sign-in where the link has none, and the
emergency key when the RMM is down."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.problem import Problem
from console.rmm.errors import ServerFailed
from console.sessions.connection import Connection
from console.sessions.entry import Entry
from console.sessions.entry_way import EntryWay
from console.sessions.mesh_accounts import KnownAccount, MeshAccounts
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.transport import CertificateUntrusted, PlainHttpRefused, TransportProblem

BY_KEY = "Opened with the emergency key."
"""What the journal says of such a session."""


class MeshSide(QObject):
    """That of one session. `key` is there while it is on offer: the RMM is down, and there is one. While `asks` the
    technician's own sign-in is wanted, and `refused` says why the last one did not do. `to_keep` is a sign-in that
    worked and may be kept in the keyring."""

    changed = Signal()

    def __init__(self, accounts: MeshAccounts | None = None, secrets: MeshSecrets | None = None) -> None:
        """Without `secrets` nothing is kept and no key is looked for."""
        super().__init__()
        self.key: EmergencyKey | None = None
        self.asks = False
        self.refused: Problem | None = None
        self.to_keep: OwnSignIn | None = None
        self._typed: OwnSignIn | None = None
        self._accounts = accounts or MeshAccounts(self)
        self._secrets = secrets
        self._number = 0
        self._accounts.changed.connect(self._account_known)

    def over(self) -> None:
        """The session is opened anew, or closed: what was asked before is not heard of any more."""
        self._number += 1
        self.key = self.refused = self.to_keep = self._typed = None
        self.asks = False

    # Whose account

    def _account_known(self, _: str) -> None:
        self.changed.emit()

    def account(self, connection: Connection, entry: Entry) -> KnownAccount | None:
        """None while it is not known."""
        link = entry.link
        return self._accounts.of(connection.server.id, link.site, entry.way) if link else None

    def connected(self, connection: Connection, entry: Entry, cookies: MeshCookies) -> None:
        """The session is connected, with these cookies in its page."""
        if entry.link is None:
            return
        self._accounts.learn(connection, entry.link.site, entry.way, cookies)
        if entry.way is EntryWay.OWN and self._typed and entry.link.site.url not in connection.server.never_keep:
            self.to_keep = self._typed
        self._typed = None

    # The technician's own sign-in

    def look_for_sign_in(
        self, connection: Connection, site: MeshSite, found: Callable[[OwnSignIn | None], object]
    ) -> None:
        """One that the keyring keeps, else None."""
        if self._secrets is None:
            found(None)
            return
        number = self._number
        self._secrets.sign_in(connection.server.id, site, lambda own: found(own) if number == self._number else None)

    def ask(self, refused: Problem | None) -> None:
        """The technician has to type it."""
        self.asks, self.refused, self._typed = True, refused, None

    def given(self, own: OwnSignIn | None) -> None:
        """It was typed, or is typed in the page."""
        self.asks, self.refused, self._typed = False, None, own

    def keeping_answered(self) -> None:
        """The technician said what becomes of the sign-in that worked."""
        self.to_keep = None
        self.changed.emit()

    # The emergency key

    def rmm_failed(self, connection: Connection, problem: Problem) -> None:
        """The RMM did not do what opening the session needs: a key is looked for, if the RMM is down."""
        if self._secrets is None or not is_down(problem):
            return
        number = self._number

        def found(key: EmergencyKey | None) -> None:
            if key is not None and number == self._number:
                self.key = key
                self.changed.emit()

        self._secrets.key(connection.server.id, found)


def is_down(problem: Problem) -> bool:
    """Whether the RMM is down. A certificate that is not trusted is no outage: somebody may listen in."""
    away = isinstance(problem, TransportProblem | ServerFailed)
    return away and not isinstance(problem, CertificateUntrusted | PlainHttpRefused)
