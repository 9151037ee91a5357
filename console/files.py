"""Small typed JSON files that survive a crash, a full disk and being damaged."""

import contextlib
import os
import tempfile
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
    name: str | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # created with mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(value), indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink()
        raise NotSaved(
            f"{path.name} could not be saved: {error.strerror or error}.",
            "Make room on the disk or allow writing there; what you changed stays in use until the console is closed.",
            f"{type(error).__name__} for {path}",
        ) from None


def _unused(path: Path) -> Path:
    """The path itself, or one with a number behind it when that exists already."""
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate
