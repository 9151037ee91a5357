"""A file from the far end on this computer's disk: room for it, and its place.

All but `part_for` waits for the disk: not for the GUI thread.
"""

import contextlib
import itertools
import os
import secrets
import shutil
from pathlib import Path

from console.mesh.amounts import amount
from console.mesh.download import unused
from console.mesh.file_errors import NearUnusable, NoRoom
from console.mesh.moving import Answer, Moved, NameTaken

_RUN = secrets.token_hex(3)
_numbers = itertools.count(1)


def part_for(wanted: Path) -> Path:
    """Where a file is received: a name that nothing else has, found without looking at the disk."""
    return wanted.with_name(f"{wanted.name}.{_RUN}-{next(_numbers)}.part")


def prepare(wanted: Path, size: int) -> bool:
    """Makes sure that a file of this size (0: unknown) can be received; returns whether its name is taken.

    Raises NearUnusable or NoRoom.
    """
    folder = wanted.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        taken = os.path.lexists(wanted)
    except OSError as error:
        raise NearUnusable(folder, error.strerror or type(error).__name__) from None
    if size > free:
        raise NoRoom(amount(size), amount(free), folder)
    return taken


def place(part: Path, wanted: Path, answer: Answer | None) -> Moved | NameTaken:
    """Gives a whole file its name. What has that name stays, unless the answer is REPLACE. Raises NearUnusable."""
    try:
        if answer is Answer.REPLACE and not wanted.is_dir():
            part.replace(wanted)
            return Moved(wanted.name, wanted)
        while True:
            path = unused(wanted) if answer is Answer.KEEP_BOTH else wanted
            try:
                _rename_to_free_name(part, path)
            except FileExistsError:
                if answer is Answer.KEEP_BOTH:
                    continue
                return NameTaken(wanted.name, not wanted.is_dir())
            return Moved(path.name, path)
    except OSError as error:
        raise NearUnusable(wanted.parent, error.strerror or type(error).__name__) from None


def remove(part: Path) -> None:
    """Removes a part, where there is one."""
    with contextlib.suppress(OSError):
        part.unlink()


def _rename_to_free_name(part: Path, path: Path) -> None:
    """Raises FileExistsError where the name is taken: a plain rename would replace it on all systems but Windows."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError from None
        part.rename(path)
    else:
        part.unlink()
