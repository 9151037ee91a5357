"""Secrets of a server in the operating system's keyring, or in memory for this run only.

Every call may block: the keyring can ask the person to unlock it. Never call it on the GUI thread.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from console.secret import Secret
from console.vault.errors import NoVault, VaultFailed, VaultLocked

if TYPE_CHECKING:
    import keyring.backend

# The keyrings of the operating systems. Anything else that the keyring library finds, such as a plain-text file or a
# back end that an environment variable names, is not used.
_OPERATING_SYSTEM = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
)
_OF_PLATFORM = {
    "linux": _OPERATING_SYSTEM[:2],
    "win32": _OPERATING_SYSTEM[2:3],
    "darwin": _OPERATING_SYSTEM[3:],
}
"""Loading another platform's takes time for nothing: that of macOS looks for its libraries with a compiler."""


class Kind(StrEnum):
    """What is kept for a server, one keyring entry each."""

    SESSION_TOKEN = "session token"  # noqa: S105 - the entry's name
    API_KEY = "API key"
    PASSWORD = "password"  # noqa: S105 - the entry's name
    MESH_SIGN_IN = "MeshCentral sign-in"
    """The technician's own at the MeshCentral of the server (console.sessions.mesh_secrets)."""
    MESH_KEY = "MeshCentral login key"
    """For emergencies. An administrator put it there and takes it away: signing out leaves it."""
    PROXY_SIGN_IN = "proxy sign-in"
    """That of a proxy, whatever server is behind it (console.sessions.proxy_sign_ins)."""
    LIST_KEY = "key of the agents list"
    """What opens the sealed list of the server's agents (console.fleet.cache)."""
    LOCK_PIN = "PIN of the lock"
    """Hashed (console.vault.pin); of the console and not of a server: its server id is THIS_CONSOLE."""


CREDENTIALS = (Kind.SESSION_TOKEN, Kind.API_KEY, Kind.PASSWORD)
"""What a technician signs in with."""
THIS_CONSOLE = "(this console)"
"""Stands in for the id of a server where a secret belongs to none."""


class Vault(Protocol):
    """Raises VaultProblem from every method."""

    lasting: bool

    def get(self, server_id: str, kind: Kind) -> Secret | None: ...

    def put(self, server_id: str, kind: Kind, secret: Secret) -> None: ...

    def forget(self, server_id: str, kind: Kind) -> None: ...


class KeyringVault:
    """The operating system's keyring: one service per server, one entry per kind of secret."""

    lasting = True

    def __init__(self, backend: "keyring.backend.KeyringBackend") -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        """Which of the operating systems' keyrings it is."""
        return type(self._backend).__module__.rpartition(".")[2]

    def get(self, server_id: str, kind: Kind) -> Secret | None:
        with _worded():
            text = self._backend.get_password(_service(server_id), kind.value)
        return Secret(text) if text is not None else None

    def put(self, server_id: str, kind: Kind, secret: Secret) -> None:
        with _worded():
            self._backend.set_password(_service(server_id), kind.value, secret.reveal())

    def forget(self, server_id: str, kind: Kind) -> None:
        with _worded():
            if self._backend.get_password(_service(server_id), kind.value) is not None:
                self._backend.delete_password(_service(server_id), kind.value)


class MemoryVault:
    """Keeps secrets until the program ends: the technician's choice where there is no keyring."""

    lasting = False

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Kind], Secret] = {}

    def get(self, server_id: str, kind: Kind) -> Secret | None:
        return self._kept.get((server_id, kind))

    def put(self, server_id: str, kind: Kind, secret: Secret) -> None:
        self._kept[server_id, kind] = secret

    def forget(self, server_id: str, kind: Kind) -> None:
        self._kept.pop((server_id, kind), None)


def open_vault() -> KeyringVault:
    """The operating system's keyring. Raises NoVault when there is none."""
    with _worded():
        import keyring.backend  # the library takes its time to load: not on the way to the first window

        for name in _OF_PLATFORM.get(sys.platform, _OPERATING_SYSTEM):  # what else is installed is not even imported
            with suppress(ImportError):
                importlib.import_module(name)
        able = [
            each
            for each in keyring.backend.KeyringBackend.get_viable_backends()
            if each.__module__ in _OPERATING_SYSTEM
        ]
        found = [each() for each in able]
    if not found:
        raise NoVault
    return KeyringVault(max(found, key=lambda one: float(one.priority)))


def _service(server_id: str) -> str:
    return f"technician-console {server_id}"


@contextmanager
def _worded() -> Iterator[None]:
    """The library's errors, and those of the D-Bus or the API below it, as a VaultProblem without any value."""
    import keyring.errors

    try:
        yield
    except keyring.errors.KeyringLocked as error:
        raise VaultLocked(type(error).__name__) from None
    except (keyring.errors.InitError, keyring.errors.NoKeyringError) as error:
        raise NoVault(type(error).__name__) from None
    except Exception as error:  # back ends raise their own library's errors
        raise VaultFailed(type(error).__name__) from None
