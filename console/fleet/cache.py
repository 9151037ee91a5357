"""The last list of agents of each server, sealed on disk, so that the next start has something to show at once.

A file begins with what it is and the version of its format; the rest is sealed (vault.sealing), bound to both and to
the server: first a Head, then the agents, some hundreds at a time, all in MessagePack.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import msgspec

from console import files
from console.problem import Problem
from console.rmm.models import Agent
from console.secret import Secret
from console.vault import sealing

VERSION = 1
_KIND = b"technician-console agents "
_AT_ONCE = 250
"""Agents in a piece: decoding one takes about a millisecond, and the interpreter is let go after each."""
_DAY_SECONDS = 86_400


class Extras(msgspec.Struct, frozen=True):
    """What was learnt of agents beside the list. `nodes` maps an agent id to its MeshCentral node id (96 hex digits);
    `without_mesh` are agents that have none."""

    without_mesh: frozenset[str] = frozenset()
    nodes: dict[str, str] = {}


class Kept(msgspec.Struct, frozen=True):
    """A list as it was when the server was asked for it."""

    as_of: datetime
    agents: tuple[Agent, ...]
    bad_rows: int = 0
    extras: Extras = Extras()


class Refused(Problem):
    """A sealed list that cannot be used. It was put aside."""


class ListCache:
    """One file for each server in a folder. Every method may be slow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, server_id: str) -> bool:
        """Whether there is a list of this server."""
        return self._path(server_id).exists()

    def load(self, server_id: str, key: Secret | None) -> Kept | None:
        """The list of a server, None when there is none.

        Raises Refused, after putting the file aside, when it does not open or `key` is None: nothing else opens it.
        Raises files.NotRead.
        """
        path = self._path(server_id)
        try:
            with path.open("rb") as file:
                if key is None:
                    raise sealing.NotOpened
                return _read(file, server_id, key)
        except FileNotFoundError:
            return None
        except _Newer:
            raise self._refused(path, "was written by a newer version of this console", "") from None
        except (sealing.NotOpened, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            lacking = "" if key else "there is no key to it in the keyring"
            raise self._refused(path, "could not be opened", lacking or type(error).__name__) from None
        except OSError as error:
            if path.is_dir():
                raise self._refused(path, "could not be opened", "a folder has its name") from None
            raise files.NotRead(
                f"The last list of agents could not be read: {error.strerror or error}.",
                "It is loaded from the server instead. Allow your user to read the file, or remove it.",
                f"{type(error).__name__} for {path}",
            ) from None

    def save(self, server_id: str, key: Secret, kept: Kept) -> None:
        """Replaces the list of a server. Raises files.NotSaved, and then the old one is still there."""
        path = self._path(server_id)
        self._sweep(path)
        try:
            files.replace(path, _written(server_id, key, kept), lasting=False)
        except OSError as error:
            raise files.NotSaved(
                f"The list of agents could not be kept for the next start: {error.strerror or error}.",
                "Make room on the disk or allow writing there. Nothing is lost: the list comes from the server.",
                f"{type(error).__name__} for {path}",
            ) from None

    def forget(self, server_id: str) -> None:
        """Removes the list of a server and whatever was put aside of it. Raises files.NotSaved."""
        path = self._path(server_id)
        try:
            for each in (path, _aside(path), *self._unfinished(path)):
                if not each.is_dir():  # that is not ours
                    each.unlink(missing_ok=True)
        except OSError as error:
            raise files.NotSaved(
                f"The last list of agents could not be removed: {error.strerror or error}.",
                "Remove the file yourself. Without its key, which is gone, nobody can read it.",
                f"{type(error).__name__} for {path}",
            ) from None

    def _path(self, server_id: str) -> Path:
        return self._folder / f"{quote(server_id, safe='')}.agents"

    def _refused(self, path: Path, why: str, detail: str) -> Refused:
        kept = path
        with contextlib.suppress(OSError):
            kept = files.put_aside(path) if path.is_dir() else path.replace(_aside(path))
        return Refused(
            f"The last list of agents {why}.",
            "It was put aside, and the list is loaded from the server.",
            f"{detail}\n{kept}".strip(),
        )

    def _unfinished(self, path: Path) -> Iterable[Path]:
        return self._folder.glob(f"{path.name}.part*")

    def _sweep(self, path: Path) -> None:
        """Removes what a console that was killed while it wrote has left."""
        for each in self._unfinished(path):
            with contextlib.suppress(OSError):
                if time.time() - each.stat().st_mtime > _DAY_SECONDS:
                    each.unlink()


class _Newer(Exception):
    pass


class _Head(msgspec.Struct):
    as_of: datetime
    count: int
    bad_rows: int = 0
    extras: Extras = Extras()


_encode = msgspec.msgpack.Encoder().encode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_agents = msgspec.msgpack.Decoder(list[Agent]).decode


def _aside(path: Path) -> Path:
    """One file only: what is put aside later takes the place of what was."""
    return path.with_name(path.name + ".damaged")


def _written(server_id: str, key: Secret, kept: Kept) -> Iterator[bytes]:
    line = b"%s%d\n" % (_KIND, VERSION)
    yield line
    yield from sealing.seal(_pieces(kept), key, line + server_id.encode())


def _pieces(kept: Kept) -> Iterator[bytes]:
    yield _encode(_Head(kept.as_of, len(kept.agents), kept.bad_rows, kept.extras))
    for start in range(0, len(kept.agents), _AT_ONCE):
        yield _encode(kept.agents[start : start + _AT_ONCE])


def _read(file: BinaryIO, server_id: str, key: Secret) -> Kept:
    line = file.readline(len(_KIND) + 10)
    version = line.removeprefix(_KIND).strip()
    if not (line.startswith(_KIND) and version.isdigit()):
        raise sealing.NotOpened
    if int(version) > VERSION:
        raise _Newer
    size = os.fstat(file.fileno()).st_size - len(line)
    pieces = sealing.unseal(file, size, key, line + server_id.encode())
    head = _decode_head(next(pieces))
    agents: list[Agent] = []
    for piece in pieces:
        agents += _decode_agents(piece)
    if len(agents) != head.count:
        raise sealing.NotOpened
    return Kept(head.as_of, tuple(agents), head.bad_rows, head.extras)
