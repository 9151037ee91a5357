"""What may be told of a file from the far end without a web view: its state, and a name that is safe here."""

import re
from enum import StrEnum
from pathlib import Path

_LONGEST_NAME = 150
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


class DownloadState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


def safe_name(name: str) -> str:
    """A file name from the far end, without folders, control characters and what Windows reserves."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join("_" if character in '<>:"|?*' or not character.isprintable() else character for character in name)
    name = name.strip(" .")
    if not name or _RESERVED.match(name):
        name = f"download {name}".strip()
    stem, dot, suffix = name.rpartition(".")
    if len(name) > _LONGEST_NAME:
        name = f"{stem[: _LONGEST_NAME - 20]}{dot}{suffix[:16]}" if stem else name[:_LONGEST_NAME]
    return name


def unused(path: Path) -> Path:
    """The path, or "name (2).ext" and so on when something is there: nothing is overwritten."""
    candidate, number = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate
