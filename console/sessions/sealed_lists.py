"""The sealed lists of the servers: opened early, kept now and then, and forgotten with the account.

The key comes from the keyring and the file from the disk, each on a thread of its own: while the one may still wait for
the person to unlock it, the window is being built.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import msgspec
from PySide6.QtCore import QObject, Signal

from console.fleet.cache import Kept, ListCache
from console.fleet.order import Order
from console.fleet.store import FleetStore
from console.problem import Problem
from console.secret import Secret
from console.vault.errors import VaultProblem
from console.work import Runner

_log = logging.getLogger(__name__)
KEEP_SECONDS = 180.0


class Opened(msgspec.Struct, frozen=True):
    """What there was: a list, or why there is none although there should be one, or neither. `store` holds the list's
    agents, ready to be searched."""

    kept: Kept | None = None
    problem: Problem | None = None
    store: FleetStore = msgspec.field(default_factory=FleetStore)


class NothingKept(Exception):
    """Nothing is kept for a server: nobody is signed in, or not for longer than this run, or there is no keyring."""


Keys = Callable[[str, bool], Secret | None]
"""The key of a server's list; with True it is made where there is none. Raises NothingKept, or a VaultProblem."""


@dataclass
class _Opening:
    takers: list[Callable[[Opened], None]] = field(default_factory=list)
    opened: Opened | None = None


class SealedLists(QObject):
    """`keys` is called on the keyring's runner only; the files are used on `files`."""

    failed = Signal(str, object)
    """A server's id and a Problem: its list could not be kept. Said once, until it can be."""

    def __init__(
        self,
        cache: ListCache,
        keys: Keys,
        keyring: Runner,
        files: Runner,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
        order: Order = (),
    ) -> None:
        """`order` is how the agents will probably be sorted."""
        super().__init__(parent)
        self._cache = cache
        self._keys = keys
        self._keyring = keyring
        self._files = files
        self._clock = clock
        self._order = order
        self._openings: dict[str, _Opening] = {}
        self._secrets: dict[str, Secret] = {}
        self._kept_at: dict[str, float] = {}
        self._unkept: dict[str, Callable[[], Kept | None]] = {}
        self._failing: set[str] = set()
        self._number: dict[str, int] = {}

    def prepare(self, server_id: str) -> None:
        """Begins to open the list of a server, for whoever takes it later."""
        if server_id in self._openings:
            return
        opening = self._openings[server_id] = _Opening()
        number = self._number.setdefault(server_id, 0)
        key: Future[Secret | None] = Future()

        def fetch() -> None:
            try:
                key.set_result(self._keys(server_id, False) if self._cache.holds(server_id) else None)
            except Exception as error:  # whoever waits for the key gets it
                key.set_exception(error)

        def open_it() -> tuple[Opened, Secret | None]:
            try:
                secret = key.result()
                opened = Opened(self._cache.load(server_id, secret), store=FleetStore(searched_later=True))
                if opened.kept:
                    opened.store.sort(self._order)
                    opened.store.update(opened.kept.agents)
                return opened, secret
            except NothingKept:
                return Opened(), None
            except VaultProblem as problem:
                return Opened(problem=_no_key(problem)), None
            except Problem as problem:
                return Opened(problem=problem), None

        def opened(found: tuple[Opened, Secret | None]) -> None:
            if found[1] and self._number[server_id] == number:
                self._secrets[server_id] = found[1]
            opening.opened = found[0]
            self._hand_over(server_id, opening)

        self._keyring.run(fetch)
        self._files.run(open_it, opened, lambda problem: opened((Opened(problem=problem), None)))

    def take(self, server_id: str, done: Callable[[Opened], None]) -> None:
        """Calls `done` once the list is open: at once when it is so already."""
        self.prepare(server_id)
        opening = self._openings[server_id]
        opening.takers.append(done)
        if opening.opened:
            self._hand_over(server_id, opening)

    def offer(self, server_id: str, kept: Callable[[], Kept | None]) -> None:
        """A fresh list has come: it is kept now, or when the console ends if another was kept a short time ago."""
        self._unkept[server_id] = kept
        last = self._kept_at.get(server_id)
        if last is None or self._clock() - last >= KEEP_SECONDS:
            self._keep(server_id)

    def forget(self, server_id: str, failed: Callable[[Problem], None] | None = None) -> None:
        """Removes a server's list. Its key is removed by whoever removes the credentials."""
        self._number[server_id] = self._number.get(server_id, 0) + 1
        for kept in (self._openings, self._secrets, self._kept_at, self._unkept):
            kept.pop(server_id, None)
        self._failing.discard(server_id)
        self._files.run(lambda: self._cache.forget(server_id), None, failed)

    def finish(self) -> "Future[None]":
        """The console ends: keeps what is not kept yet, where the key is at hand. The future is done with it."""
        finished: Future[None] = Future()
        for server_id, make in list(self._unkept.items()):
            secret, kept = self._secrets.get(server_id), make()
            if secret and kept:
                self._files.run(_saving(self._cache, server_id, secret, kept))
        self._unkept.clear()
        self._files.run(lambda: finished.set_result(None))
        return finished

    def _keep(self, server_id: str) -> None:
        kept = self._unkept.pop(server_id)()
        if kept is None:
            return
        list_to_keep = kept
        self._kept_at[server_id] = self._clock()
        number = self._number.setdefault(server_id, 0)

        def save(secret: Secret) -> None:
            if self._number[server_id] == number:
                self._secrets[server_id] = secret
                write = _saving(self._cache, server_id, secret, list_to_keep)
                self._files.run(write, lambda _: self._failing.discard(server_id), lambda p: self._failed(server_id, p))

        def key() -> Secret | None:
            try:
                return self._keys(server_id, True)
            except NothingKept:
                return None

        if secret := self._secrets.get(server_id):
            save(secret)
        else:
            self._keyring.run(
                key, lambda made: save(made) if made else None, lambda problem: self._failed(server_id, problem)
            )

    def _failed(self, server_id: str, problem: Problem) -> None:
        _log.warning("%s", problem.report())
        if server_id not in self._failing:
            self._failing.add(server_id)
            self.failed.emit(server_id, problem)

    def _hand_over(self, server_id: str, opening: _Opening) -> None:
        """The list is not held on to here: it is large."""
        if opening.takers and opening.opened:
            if self._openings.get(server_id) is opening:
                del self._openings[server_id]
            for done in opening.takers:
                done(opening.opened)
            opening.takers.clear()


def _no_key(problem: VaultProblem) -> Problem:
    return Problem(
        f"The last list of agents stays closed. {problem.what}",
        "It is loaded from the server instead.",
        problem.detail,
    )


def _saving(cache: ListCache, server_id: str, secret: Secret, kept: Kept) -> Callable[[], None]:
    return lambda: cache.save(server_id, secret, kept)
