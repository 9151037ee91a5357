"""Signing in and out as far as it concerns this computer: what is kept for each server, where, and who is signed in."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from console.problem import Problem
from console.proxies import Proxies
from console.rmm.credentials import ApiKey, Credential, SessionToken, Withheld
from console.rmm.errors import SignInAgain
from console.secret import Secret
from console.servers import Server, ServerBook
from console.sessions.connection import Connection, connect
from console.sessions.saver import Saver
from console.sessions.sealed_lists import NothingKept
from console.transport import CertificateUntrusted, Transport, host_and_port
from console.vault import sealing
from console.vault.errors import VaultFailed, VaultProblem
from console.vault.store import CREDENTIALS, Kind, MemoryVault, Vault
from console.work import Early, Runner

T = TypeVar("T")


class Accounts(QObject):
    """The servers of the book and the connections to those where the technician is signed in.

    The keyring and the disk are used on their own lanes; `failed` callbacks get a VaultProblem when the keyring is
    missing or locked, and the caller lets the technician choose: again, or `use_memory` and again.
    """

    _distrusted_there = Signal(str, object)
    changed = Signal()
    """A server was added, changed or removed, or someone signed in or out."""
    not_saved = Signal(object)
    """A Problem: the list of servers could not be written. Said once, until it can be."""
    distrusted = Signal(str, object)
    """A server's id and the CertificateUntrusted that stops everything there until the technician has decided."""
    list_useless = Signal(str)
    """A server's id: whoever is signed in to it now, or nobody, is not to see the agents that were listed before."""

    def __init__(
        self,
        book: ServerBook,
        open_vault: Callable[[], Vault],
        keyring: Runner,
        disk: Runner,
        proxies: Proxies | None = None,
    ) -> None:
        """`proxies` lead to the servers; those of the environment unless others are given."""
        super().__init__()
        self.book = book
        self.proxies = proxies or Proxies()
        self.connections: dict[str, Connection] = {}
        self._open_vault = open_vault
        self._vault: Vault | None = None
        self._kept_for: set[str] = set()
        """Servers whose credential is kept. Used on the keyring's runner only, as the vault is."""
        self._distrusted_there.connect(self._distrust, Qt.ConnectionType.QueuedConnection)  # it comes from any thread
        self._early: dict[str, Early[Credential | None]] = {}
        self._keyring = keyring
        self._saver = Saver(disk, self)
        self._saver.failed.connect(self.not_saved)

    def use_memory(self) -> None:
        """The technician chose to go on without a keyring: secrets stay in memory, for this run only."""
        self._vault = MemoryVault()

    def resume(
        self, server: Server, done: Callable[[Connection | None], None], failed: Callable[[Problem], None]
    ) -> None:
        """Signs in with what the keyring holds; None when it holds nothing. Makes no call to the server."""
        if server.id in self.connections:
            done(self.connections[server.id])
            return

        def found(credential: Credential | None) -> None:
            done(self._connect(server, credential) if credential else None)

        early = self._early.pop(server.id, None)
        if early is None:
            self._keyring.run(lambda: self._credential(server.id), found, failed)
        else:
            early.take(found, failed)

    def look_up(self, server: Server) -> None:
        """Begins what `resume` does, before anybody waits for it."""
        early = self._early[server.id] = Early[Credential | None]()
        self._keyring.run(lambda: self._credential(server.id), early.done, early.failed)

    def kept_password(
        self, server: Server, done: Callable[[Secret | None], None], failed: Callable[[Problem], None]
    ) -> None:
        """The password, where the technician asked to keep it."""
        self._keyring.run(lambda: self._opened().get(server.id, Kind.PASSWORD), done, failed)

    def signed_in(
        self,
        server: Server,
        credential: Credential,
        password: Secret | None,
        done: Callable[[Connection], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Keeps what the technician asked to keep, forgets the rest, and connects.

        When the keyring fails nothing has changed: call it again after `use_memory` or another try.
        """

        kind = Kind.SESSION_TOKEN if isinstance(credential, SessionToken) else Kind.API_KEY
        wanted = {kind: credential.secret} if server.keep_signed_in else {}
        if password and server.keep_password:
            wanted[Kind.PASSWORD] = password

        known = self.book.get(server.id)
        by_name = known is not None and (known.way, known.username) == (server.way, server.username)

        def keep() -> bool:
            """Whether it is the account whose agents the sealed list holds, and it may be kept."""
            self._kept_for.discard(server.id)
            same = by_name
            try:
                vault = self._opened()
                if kind is Kind.API_KEY:
                    same = vault.get(server.id, kind) == credential.secret
                for each in CREDENTIALS:
                    if secret := wanted.get(each):
                        vault.put(server.id, each, secret)
                    else:
                        vault.forget(server.id, each)
                if not (same and kind in wanted):
                    vault.forget(server.id, Kind.LIST_KEY)
            except VaultProblem:
                if wanted:  # nothing to keep needs no keyring
                    raise
            if kind in wanted:
                self._kept_for.add(server.id)
            return same and kind in wanted

        def kept(same: bool) -> None:
            if not same:
                self.list_useless.emit(server.id)
            self.put(server)
            done(self._connect(server, credential))

        self._keyring.run(keep, kept, failed)

    def sign_out(self, server: Server, done: Callable[[], None], failed: Callable[[Problem], None]) -> None:
        """Ends the session token on the server and removes everything that is kept for it on this computer.

        Here it is removed even when the server cannot be reached; `failed` then says that the token lives on there.
        """
        connection = self.connections.pop(server.id, None)
        self.list_useless.emit(server.id)
        self.changed.emit()

        def forget() -> None:
            self._kept_for.discard(server.id)
            vault = self._opened()
            for kind in Kind:
                if kind not in (Kind.MESH_KEY, Kind.LOCK_PIN, Kind.PROXY_SIGN_IN):
                    vault.forget(server.id, kind)

        def leave(kept: Problem | None) -> None:
            """`kept` says why something may still be stored here."""

            def gone() -> None:
                if kept:
                    failed(kept)
                else:
                    done()

            if connection and isinstance(connection.credential, SessionToken):
                connection.lane.run(connection.client.sign_out, lambda _: gone(), lambda problem: ended(problem, gone))
            else:
                gone()

        def ended(problem: Problem, gone: Callable[[], None]) -> None:
            if isinstance(problem, SignInAgain):  # it had ended already
                gone()
            else:
                failed(
                    Problem(
                        f"You are signed out on this computer, but {server.title} could not be told.",
                        "The session there ends by itself 5 hours after its last use.",
                        problem.report(),
                    )
                )

        stored = server.keep_signed_in or server.keep_password
        self._keyring.run(forget, lambda _: leave(None), lambda problem: leave(problem if stored else None))

    def with_vault(
        self, call: Callable[[Vault], T], done: Callable[[T], object], failed: Callable[[VaultProblem], object]
    ) -> None:
        """Does something with the keyring, off the GUI thread; `failed` gets what is wrong with it."""

        def done_with(result: T) -> None:
            done(result)

        def refused(problem: Problem) -> None:
            failed(problem if isinstance(problem, VaultProblem) else VaultFailed(problem.what))

        self._keyring.run(lambda: call(self._opened()), done_with, refused)

    def withhold(self, server_id: str, wanted: Callable[[], bool], done: Callable[[], object]) -> None:
        """Lets go of a credential that the keyring holds as well, until `hand_back`; one that is here only stays.

        The keyring is asked first; `wanted` says whether it is still to be let go then, and `done` is called after it.
        """
        connection = self.connections.get(server_id)
        if connection is None or connection.withheld:
            return
        held = connection.credential

        def kept() -> bool:
            return self._opened().lasting and self._credential(server_id) == held

        def let_go(is_kept: bool) -> None:
            same = self.connections.get(server_id) is connection and connection.credential is held
            if is_kept and same and wanted():
                connection.take(Withheld())
                done()

        self._keyring.run(kept, let_go, lambda problem: None)

    def hand_back(self, server_id: str, done: Callable[[], object], failed: Callable[[Problem], object]) -> None:
        """Gives a connection its credential from the keyring again. `failed` says why it has none: sign in anew."""
        connection = self.connections.get(server_id)
        if connection is None or not connection.withheld:
            return

        def found(credential: Credential | None) -> None:
            if self.connections.get(server_id) is not connection:
                return
            if credential is None:
                failed(Problem("Your sign-in is not in the keyring any more.", "Sign in again."))
                return
            connection.take(credential)
            done()

        def refused(problem: Problem) -> None:
            failed(problem)

        self._keyring.run(lambda: self._credential(server_id), found, refused)

    def list_key(self, server_id: str, make: bool) -> Secret | None:
        """What seals the server's list of agents; with `make` there is one afterwards. On the keyring's runner only.

        Raises NothingKept unless the technician stays signed in there and there is a keyring for it.
        """
        if server_id not in self._kept_for or not self._opened().lasting:
            raise NothingKept
        vault = self._opened()
        key = vault.get(server_id, Kind.LIST_KEY)
        if key is None and make:
            key = sealing.new_key()
            vault.put(server_id, Kind.LIST_KEY, key)
        return key

    def ended(self, server_id: str) -> None:
        """The server no longer takes the credential: what is kept of it is useless."""
        if self.connections.pop(server_id, None):
            self.changed.emit()

    def transport(self, server: Server) -> Transport:
        """What signs in to a server: nothing is sent before its certificate is found good, nor while one that stopped
        everything there is not decided about."""
        made = Transport(server.pins, self.proxies, known=server.known_certificates())
        connection = self.connections.get(server.id)
        if connection and connection.server.address == server.address:
            problem = connection.transport.distrusted
            if problem and server.pins.get(problem.host) == problem.pinned:
                made.distrusted = problem
        return made

    def put(self, server: Server) -> None:
        """Adds or changes a server, in the book and in its connection."""
        self.book.put(server)
        if connection := self.connections.get(server.id):
            connection.use(server)
        self._saved()

    def remove(self, server: Server, done: Callable[[], None], failed: Callable[[Problem], None]) -> None:
        """Signs out and takes the server off the list, with the login key of its MeshCentral."""

        def gone() -> None:
            self.book.remove(server.id)
            self._saved()
            done()

        def gone_here(problem: Problem) -> None:
            self.book.remove(server.id)
            self._saved()
            failed(problem)

        # What is wrong with the keyring is said by what follows.
        self._keyring.run(lambda: self._opened().forget(server.id, Kind.MESH_KEY), None, lambda _: None)
        self.sign_out(server, gone, gone_here)

    def _saved(self) -> None:
        self._saver.save(self.book.save)
        self.changed.emit()

    def _connect(self, server: Server, credential: Credential) -> Connection:
        self.connections[server.id] = connection = connect(server, credential, self._watched_transport)
        self.changed.emit()
        return connection

    def _watched_transport(self, server: Server) -> Transport:
        return Transport(
            server.pins,
            self.proxies,
            known=server.known_certificates(),
            home=host_and_port(server.address),
            tell=lambda problem: self._distrusted_there.emit(server.id, problem),
        )

    @Slot(str, object)
    def _distrust(self, server_id: str, problem: CertificateUntrusted) -> None:
        """Unless the technician has decided, or left, in the meantime."""
        connection = self.connections.get(server_id)
        if connection and connection.transport.distrusted is problem:
            self.distrusted.emit(server_id, problem)

    def _credential(self, server_id: str) -> Credential | None:
        """On the keyring's runner: what it holds to sign in with."""
        vault = self._opened()
        token = vault.get(server_id, Kind.SESSION_TOKEN)
        key = None if token else vault.get(server_id, Kind.API_KEY)
        if token or key:
            self._kept_for.add(server_id)
        return SessionToken(token) if token else ApiKey(key) if key else None

    def _opened(self) -> Vault:
        if self._vault is None:
            self._vault = self._open_vault()
        return self._vault
