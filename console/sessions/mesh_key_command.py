"""`technician-console mesh-key`: puts MeshCentral's login key into this user's keyring, or takes it out again.

For an administrator who prepares a technician's computer for the day on which the RMM is down. The key is typed or
pasted without being shown; it never stands in a command line, where other users of the computer could read it.
"""

import getpass
import sys
from collections.abc import Callable
from typing import TextIO

from console.mesh.link import site_of
from console.mesh.mint import checked_key
from console.problem import Problem
from console.secret import Secret
from console.servers import ServerBook
from console.sessions.mesh_secrets import read_key, write_key
from console.sessions.own_sign_in import EmergencyKey
from console.vault.store import Kind, Vault


def run(
    book: ServerBook,
    wanted: str,
    vault: Callable[[], Vault],
    *,
    remove: bool = False,
    terminal: TextIO = sys.stdin,
    ask: Callable[[str], str] = input,
    ask_hidden: Callable[[str], str] = getpass.getpass,
) -> int:
    """`wanted` names a server of the book: what it is called, its address or its host. Raises Problem."""
    server = book.named(wanted)
    if remove:
        opened = vault()
        there = opened.get(server.id, Kind.MESH_KEY) is not None
        opened.forget(server.id, Kind.MESH_KEY)
        print(f"The key of {server.title} was removed." if there else f"There was no key of {server.title}.")
        return 0
    if not terminal.isatty():
        raise Problem("The key is read from a terminal only.", "Run this command in a terminal, without a pipe.")
    opened = vault()
    before = read_key(opened, server.id)
    if before:
        print(f"There is a key of {server.title} already, for the Mesh user {before.user}. It is replaced.")
    site = site_of(_https(ask("Address of MeshCentral (https://mesh.example.com): ").strip()))
    user = ask("Mesh user name of this technician: ").strip()
    if not user:
        raise Problem("No Mesh user name was given.", "It stands in MeshCentral, under My Users.")
    key = checked_key(Secret(ask_hidden("Login key (160 hexadecimal digits, not shown): ")))
    write_key(opened, server.id, EmergencyKey(site, user, key))
    print(f"The key is in the keyring. When {server.title} is down, sessions open as {user} at {site.url}")
    return 0


def _https(address: str) -> str:
    return address if "://" in address else f"https://{address}"
