"""Small typed JSON files that survive a crash, a full disk and being damaged."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from console.problem import Problem

T = TypeVar("T")


class NotRead(Problem):
    """A file is there but could not be read."""


class NotSaved(Problem):
    """A file could not be written; the old one is untouched."""


def read_json(path: Path, kind: type[T]) -> T | None:
    """The file's content, or None when there is none. A file that does not decode is put aside, never overwritten.

    Raises NotRead: going on with nothing would replace what the file holds at the next change.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        with contextlib.suppress(OSError):
            path.replace(_unused(path.with_name(path.name + ".damaged")))
        return None
    except OSError as error:
        raise NotRead(
            f"{path.name} could not be read: {error.strerror or error}.",
            "Allow your user to read it, or move it away to start without it.",
            f"{type(error).__name__} for {path}",
        ) from None


def write_json(path: Path, value: object) -> None:
    """Replaces the file in one step, readable by its owner only. Raises NotSaved and leaves the old file as it was."""
    try:
        replace(path, [msgspec.json.format(msgspec.json.encode(value), indent=1)])
    except OSError as error:
        raise NotSaved(
            f"{path.name} could not be saved: {error.strerror or error}.",
            "Make room on the disk or allow writing there; what you changed stays in use until the console is closed.",
            f"{type(error).__name__} for {path}",
        ) from None


def replace(path: Path, pieces: Iterable[bytes], *, lasting: bool = True) -> None:
    """Writes a file of these bytes and puts it in the place of the old one in one step, readable by its owner only.

    Not `lasting`: after a power cut it may be cut off. Raises OSError and leaves the old file as it was.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".part")  # created with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _unused(path: Path) -> Path:
    """The path itself, or one with a number behind it when that exists already."""
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate
