"""What is uploaded when files and folders are chosen or dropped. Touches the disk: not for the GUI thread."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec

from console.problem import Problem

MOST_FILES = 1000


class Planned(msgspec.Struct, frozen=True):
    """A file of this computer, the folder below the chosen one that it goes to ("" for none), and its size."""

    source: Path
    below: str
    size: int


def plan(paths: Iterable[Path]) -> list[Planned]:
    """The files to upload: folders with all that is in them, links to folders and empty folders left out.

    Raises Problem when there are none or more than MOST_FILES.
    """
    found: list[Planned] = []
    for path in paths:
        found += _folder(path) if path.is_dir() else [Planned(path, "", _size(path))]
        if len(found) > MOST_FILES:
            raise Problem(
                f"These are more than {MOST_FILES} files.",
                "Put them into an archive, such as a .zip file, and upload that.",
            )
    if not found:
        raise Problem("There are no files in what was chosen.", "Empty folders are not uploaded.")
    return found


def _folder(top: Path) -> list[Planned]:
    found: list[Planned] = []
    for folder, names, files in os.walk(top):
        names.sort()
        below = (Path(top.name) / Path(folder).relative_to(top)).as_posix()
        for name in sorted(files):
            path = Path(folder, name)
            if _is_file(path):
                found.append(Planned(path, below, _size(path)))
        if len(found) > MOST_FILES:
            break
    return found


def _is_file(path: Path) -> bool:
    """A pipe or a device would never end."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _size(path: Path) -> int:
    """0 where it cannot be read: the upload itself then says so."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
