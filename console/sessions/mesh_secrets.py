"""What the keyring keeps for the MeshCentral of a server: the technician's own sign-ins, and the login key that an
administrator may have put there for emergencies."""

from collections.abc import Callable

import msgspec

from console.mesh.errors import BadLink, BadMeshKey
from console.mesh.link import MeshSite, site_of
from console.mesh.mint import checked_key
from console.secret import Secret
from console.sessions.accounts import Accounts
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.vault.errors import VaultProblem
from console.vault.store import Kind, Vault


class _KeptKey(msgspec.Struct):
    site: str
    user: str
    key: str


class _KeptSignIn(msgspec.Struct):
    user: str
    password: str
    lasting: bool = False


def read_key(vault: Vault, server_id: str) -> EmergencyKey | None:
    """None when there is none, or one that was changed by somebody. Raises VaultProblem."""
    kept = vault.get(server_id, Kind.MESH_KEY)
    if kept is None:
        return None
    try:
        found = msgspec.json.decode(kept.reveal(), type=_KeptKey)
        return EmergencyKey(site_of(found.site), found.user, checked_key(Secret(found.key)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, BadLink, BadMeshKey):
        return None


def write_key(vault: Vault, server_id: str, key: EmergencyKey) -> None:
    """Raises VaultProblem."""
    kept = _KeptKey(key.site.url, key.user, key.key.reveal())
    vault.put(server_id, Kind.MESH_KEY, Secret(msgspec.json.encode(kept).decode()))


def read_sign_ins(vault: Vault, server_id: str) -> dict[str, OwnSignIn]:
    """By the URL of their MeshCentral. Raises VaultProblem."""
    kept = vault.get(server_id, Kind.MESH_SIGN_IN)
    if kept is None:
        return {}
    try:
        found = msgspec.json.decode(kept.reveal(), type=dict[str, _KeptSignIn])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return {url: OwnSignIn(one.user, Secret(one.password), one.lasting) for url, one in found.items()}


def write_sign_ins(vault: Vault, server_id: str, sign_ins: dict[str, OwnSignIn]) -> None:
    """Raises VaultProblem."""
    if not sign_ins:
        vault.forget(server_id, Kind.MESH_SIGN_IN)
        return
    kept = {url: _KeptSignIn(one.user, one.password.reveal(), one.lasting) for url, one in sign_ins.items()}
    vault.put(server_id, Kind.MESH_SIGN_IN, Secret(msgspec.json.encode(kept).decode()))


Failed = Callable[[VaultProblem], object]


class MeshSecrets:
    """The same off the GUI thread, on the keyring of the accounts. What cannot be read counts as not there."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def key(self, server_id: str, done: Callable[[EmergencyKey | None], object]) -> None:
        self._accounts.with_vault(lambda vault: read_key(vault, server_id), done, lambda _: done(None))

    def forget_key(self, server_id: str, done: Callable[[], object], failed: Failed) -> None:
        self._accounts.with_vault(lambda vault: vault.forget(server_id, Kind.MESH_KEY), lambda _: done(), failed)

    def sign_in(self, server_id: str, site: MeshSite, done: Callable[[OwnSignIn | None], object]) -> None:
        self.sign_ins(server_id, lambda found: done(found.get(site.url)))

    def sign_ins(self, server_id: str, done: Callable[[dict[str, OwnSignIn]], object]) -> None:
        self._accounts.with_vault(lambda vault: read_sign_ins(vault, server_id), done, lambda _: done({}))

    def keep(
        self, server_id: str, site: MeshSite, sign_in: OwnSignIn | None, done: Callable[[], object], failed: Failed
    ) -> None:
        """Keeps a sign-in in place of the one that is there, or forgets that."""

        def write(vault: Vault) -> None:
            there = read_sign_ins(vault, server_id)
            there.pop(site.url, None)
            write_sign_ins(vault, server_id, {**there, site.url: sign_in} if sign_in else there)

        self._accounts.with_vault(write, lambda _: done(), failed)
