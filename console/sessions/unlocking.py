"""The proofs that unlock the console: a PIN, or what the technician signs in to a server with."""

from collections.abc import Callable

from console.problem import Problem
from console.rmm.credentials import ApiKey
from console.rmm.errors import SignInAgain
from console.rmm.refusals import WrongCredentials
from console.rmm.sign_in import SignIn
from console.secret import Secret
from console.servers import Server, Way
from console.sessions.accounts import Accounts
from console.sessions.lock import Lock
from console.vault import pin as pins
from console.vault.errors import VaultProblem
from console.vault.store import THIS_CONSOLE, Kind, Vault
from console.work import Runner

Told = Callable[[Problem | None], object]
"""Gets None when it was right, else what is to be said."""


class WrongProof(Problem):
    """Not the PIN, or not the password."""

    def __init__(self, what: str, tries_left: int) -> None:
        last = "After the last one all sessions end and you are signed out everywhere."
        tries = {0: "", 1: f"One try is left. {last}"}.get(tries_left, f"{tries_left} tries are left. {last}")
        super().__init__(what, tries)


class NoTries(Problem):
    def __init__(self) -> None:
        super().__init__("There were too many wrong tries.", "The PIN opens the console again once you have signed in.")


class Unlocking:
    """Tries proofs, counts them, and keeps the PIN. Nothing here waits: keyring and servers are asked on lanes."""

    def __init__(self, lock: Lock, accounts: Accounts, network: Runner) -> None:
        self._lock = lock
        self._accounts = accounts
        self._network = network
        self._of_run: Secret | None = None

    @property
    def has_pin(self) -> bool:
        return self._lock.pin_kept or self._of_run is not None

    @property
    def servers(self) -> tuple[Server, ...]:
        """Those whose password, or API key, is a proof."""
        return self._accounts.book.servers

    @property
    def has_way(self) -> bool:
        """Whether whoever locks the console gets in again with something that people know. Nobody knows an API key."""
        return self.has_pin or any(server.way is Way.PASSWORD for server in self.servers)

    def try_pin(self, pin: Secret, told: Told) -> None:
        """Also while the console is not locked: before the PIN is changed."""
        if not self._lock.tries_left:
            told(NoTries())
            return

        def look(vault: Vault) -> bool | None:
            kept = vault.get(THIS_CONSOLE, Kind.LOCK_PIN)
            if kept is None and not vault.lasting:
                raise _no_pin()  # the keyring, which is not used in this run, may have it still
            return None if kept is None else pins.matches(pin, kept)

        def compare() -> None:
            if self._of_run is not None:
                kept = self._of_run
                self._network.run(lambda: pins.matches(pin, kept), compared, not_compared)
            else:
                self._accounts.with_vault(look, compared, not_compared)

        def compared(right: bool | None) -> None:
            if right is None:
                self._lock.set_pin_kept(False)
                not_compared(_no_pin())
            elif right:
                self._lock.unlock()
                told(None)
            else:
                told(WrongProof("This is not the PIN.", self._lock.tries_left))
                self._lock.wrong()

        def not_compared(problem: Problem) -> None:
            self._lock.no_try()
            told(problem)

        self._lock.begin_try(compare)

    def try_server(self, server: Server, typed: Secret, told: Told) -> None:
        """Has the server say whether this is the technician's password there, or an API key that it takes.

        While tries are left a wrong one is counted; after that the server's own limits hold.
        """
        counted = bool(self._lock.tries_left)

        def check() -> None:
            sign_in = SignIn(server.address, self._accounts.transport(server))
            if server.way is Way.API_KEY:
                sign_in.check_api_key(ApiKey.typed(typed.reveal()))
            else:
                sign_in.check_credentials(server.username, typed)

        def right(_: None) -> None:
            self._lock.unlock()
            told(None)

        def refused(problem: Problem) -> None:
            if isinstance(problem, WrongCredentials | SignInAgain):
                what = "This API key" if server.way is Way.API_KEY else "This password"
                told(WrongProof(f"{what} was not taken by {server.title}.", self._lock.tries_left))
                if counted:
                    self._lock.wrong()
                return
            if counted:
                self._lock.no_try()
            told(problem)

        def ask() -> None:
            self._network.run(check, right, refused)

        if counted:
            self._lock.begin_try(ask)
        else:
            ask()

    def set_pin(self, pin: Secret, done: Callable[[], object], failed: Callable[[Problem], object]) -> None:
        """Keeps a PIN in place of the one before. A VaultProblem: see `use_for_run`."""

        def keep(vault: Vault) -> Secret | None:
            record = pins.hashed(pin)
            if not vault.lasting:
                return record
            vault.put(THIS_CONSOLE, Kind.LOCK_PIN, record)
            return None

        def kept(of_run: Secret | None) -> None:
            self._of_run = of_run
            self._lock.set_pin_kept(of_run is None)
            done()

        try:
            pins.check(pin)
        except Problem as problem:
            failed(problem)
            return
        self._accounts.with_vault(keep, kept, failed)

    def use_for_run(self, pin: Secret, done: Callable[[], object], failed: Callable[[Problem], object]) -> None:
        """Keeps a PIN in memory, hashed as well, until the console ends."""

        def kept(record: Secret) -> None:
            self._of_run = record
            self._lock.set_pin_kept(False)
            done()

        def refused(problem: Problem) -> None:
            failed(problem)

        self._network.run(lambda: pins.hashed(pin), kept, refused)

    def remove_pin(self, done: Callable[[], object], failed: Callable[[VaultProblem], object]) -> None:
        def removed(_: None) -> None:
            self._of_run = None
            self._lock.set_pin_kept(False)
            done()

        if self._lock.pin_kept:
            self._accounts.with_vault(lambda vault: vault.forget(THIS_CONSOLE, Kind.LOCK_PIN), removed, failed)
        else:
            removed(None)


def _no_pin() -> Problem:
    return Problem("There is no PIN in the keyring.", "Unlock in another way.")
