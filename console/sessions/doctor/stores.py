"""What the console keeps on this computer: the keyring, its folders, its files."""

import contextlib
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from console.secret import Secret
from console.sessions.doctor.case import Folders
from console.sessions.doctor.verdict import Outcome, failed_by, failure, fine, warning
from console.vault.errors import NoVault, VaultLocked, VaultProblem
from console.vault.store import KeyringVault, Kind, Vault

_PROBE = "doctor"
"""In place of a server's id."""
_ROOM = 200 * 1024 * 1024
"""In bytes: a journal, a log and sealed lists need some 50 MB."""
_OTHERS = 0o077
_JOURNAL = "journal.sqlite"
_JSON = ("servers.json", "preferences.json", "lock.json", "waits.json", "watches.json")


def keyring(open_vault: Callable[[], Vault]) -> Outcome:
    """Puts something in, reads it, and takes it out."""
    try:
        vault = open_vault()
        if not vault.lasting:
            return warning(
                "Secrets are kept in memory, for this run only.",
                "Nothing is wrong, but you sign in again at the next start, and no list is kept.",
            )
        name = vault.name if isinstance(vault, KeyringVault) else "another keyring"
        probe = Secret(secrets.token_hex(16))
        try:
            vault.put(_PROBE, Kind.API_KEY, probe)
            same = vault.get(_PROBE, Kind.API_KEY) == probe
        finally:
            vault.forget(_PROBE, Kind.API_KEY)
        left = vault.get(_PROBE, Kind.API_KEY) is not None
    except NoVault as problem:
        return warning(problem.what, problem.advice, problem.detail)
    except VaultLocked as problem:
        return failure(problem.what, problem.advice, problem.detail)
    except VaultProblem as problem:
        return failed_by(problem)
    if not same or left:
        return failure(
            f"The keyring ({name}) does not keep what is put into it, or does not let go of it.",
            "Look at this computer's keyring program. You can work for this run only meanwhile.",
        )
    return fine(f"{name}: something was put in, read and taken out again.")


def folders(places: Folders) -> Outcome:
    """Whether each can be written to, by this user only, with room left."""
    bad: list[str] = []
    open_to_others: list[str] = []
    least: int | None = None
    for path in dict.fromkeys((places.config, places.data, places.logs)):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path) as file:
                file.write(b"x" * 4096)
                file.flush()
            if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
                open_to_others.append(str(path))
            free = shutil.disk_usage(path).free
            least = free if least is None else min(free, least)
        except OSError as error:
            bad.append(f"{path}: {error.strerror or error}")
    detail = "\n".join(str(path) for path in dict.fromkeys((places.config, places.data, places.logs)))
    if bad:
        return failure(
            "The console cannot write to its own folders: " + "; ".join(bad) + ".",
            "Make room on the disk, or allow your user to write there. Until then nothing that you change is kept.",
            detail,
        )
    if least is not None and least < _ROOM:
        return warning(
            f"Only {least // 1024 // 1024} MB are free where the console writes to.",
            "Make room on the disk: downloads, the journal and the kept lists need it.",
            detail,
        )
    if any(Path(path) == places.config for path in open_to_others):
        return warning(
            "Other users of this computer may look into the folder of settings.",
            f"Take their rights away: chmod 700 {places.config}. No secret is in it.",
            detail,
        )
    return fine(f"They can be written to; {(least or 0) // 1024 // 1024:,} MB are free.", detail)


def data_files(places: Folders) -> Outcome:
    """Whether each can be read, and whether a damaged one was put aside."""
    unreadable: list[str] = []
    present = 0
    for path in (*(places.config / name for name in _JSON), *_below(places.config / "bookmarks")):
        try:
            path.read_bytes()
            present += 1
        except FileNotFoundError:
            continue
        except OSError as error:
            unreadable.append(f"{path.name}: {error.strerror or error}")
    if trouble := _journal_trouble(places.data / _JOURNAL):
        unreadable.append(trouble)
    if unreadable:
        return failure(
            "Not everything that the console keeps can be read: " + "; ".join(unreadable) + ".",
            "Allow your user to read it, or move it away to start without it.",
        )
    aside = sorted({path.name for folder in (places.config, places.data) for path in _damaged(folder)})
    if aside:
        return warning(
            f"Files that could not be used were put aside: {', '.join(aside[:5])}.",
            "What was in them is not in use any more. Delete them when you do not need them.",
        )
    return fine(f"{present} files of settings, and the journal if there is one, can be read.")


def _journal_trouble(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
            (word,) = opened.execute("PRAGMA quick_check(1)").fetchone()
        return "" if word == "ok" else f"{path.name}: damaged"
    except sqlite3.Error as error:
        return "" if "locked" in str(error) else f"{path.name}: {type(error).__name__}"


def _below(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [path for path in folder.iterdir() if path.suffix == ".json"]
    return []


def _damaged(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, _, names in os.walk(folder):
        found += [Path(parent, name) for name in names if ".damaged" in name or ".newer" in name]
    return found
