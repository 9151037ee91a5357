"""Which runs of the console are alive: each holds a lock on a file of its own, which the system lets go with it."""

import contextlib
import os
import sys
from pathlib import Path

_PREFIX, _SUFFIX = "run-", ".lock"


class Runs:
    """The runs that use one folder. Call `join` and `gone` while nobody else can: inside of a transaction."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle: int | None = None
        self._own: Path | None = None

    def join(self, run: str) -> None:
        """Marks this run as alive until `leave` or the end of the process, however it comes. Raises OSError."""
        path = self._folder / f"{_PREFIX}{run}{_SUFFIX}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _locked(handle)
        self._handle, self._own = handle, path

    def alive(self) -> set[str]:
        """The runs that go on, this one among them. What the others left behind is removed."""
        found: set[str] = set()
        for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if path == self._own or _held(path):
                found.add(path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX))
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
        return found

    def leave(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._own:
            with contextlib.suppress(OSError):
                self._own.unlink()
            self._own = None


def _held(path: Path) -> bool:
    """Whether another run has the lock. One that cannot be looked at counts as held: its rows are left alone."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Takes the lock of an open file, which is free again when it is closed; whether it was to be had."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
