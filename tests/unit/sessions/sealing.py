"""Sealed lists in a folder of the test's own; keyring and files are used when the test says so."""

from pathlib import Path

from console.fleet.cache import Kept, ListCache
from console.secret import Secret
from console.sessions.sealed_lists import NothingKept, SealedLists
from console.vault.sealing import new_key
from tests.unit.sessions.parts import Held


class Lists:
    """`keys` is the keyring: empty it, and the next list gets a new key. `error` is raised instead."""

    def __init__(self, folder: Path) -> None:
        self.cache = ListCache(folder)
        self.keyring, self.files = Held(), Held()
        self.keys: dict[str, Secret] = {}
        self.error: Exception | None = None
        self.asked = 0
        self.now = 0.0
        self.lists = SealedLists(self.cache, self._key, self.keyring, self.files, lambda: self.now)

    def save(self, server_id: str, kept: Kept) -> None:
        """As an earlier run of the console left it."""
        self.cache.save(server_id, self.keys.setdefault(server_id, new_key()), kept)

    def load(self, server_id: str) -> Kept | None:
        """As the next start will find it."""
        return self.cache.load(server_id, self.keys.get(server_id))

    def file(self, server_id: str) -> Path:
        return self.cache._path(server_id)

    def go(self) -> None:
        while self.keyring.waiting or self.files.waiting:
            self.keyring.go()
            self.files.go()

    def nothing_is_kept(self) -> None:
        """Nobody stays signed in, or there is no keyring."""
        self.error = NothingKept()

    def _key(self, server_id: str, make: bool) -> Secret | None:
        self.asked += 1
        if self.error:
            raise self.error
        if make and server_id not in self.keys:
            self.keys[server_id] = new_key()
        return self.keys.get(server_id)
