"""What may be told of a file from the far end without a web view: its state, and a name that is safe here."""

import os
import re
from enum import StrEnum
from pathlib import Path

_LONGEST_NAME = 200
"""In bytes of UTF-8: file systems take 255, and " (2)" and ".part" must fit as well."""
_LONGEST_SUFFIX = 20
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?")


class DownloadState(StrEnum):
    """DONE: it is whole, in its part."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


def safe_name(name: str) -> str:
    """A file name from the far end, without folders, control characters and what Windows reserves, and not too long."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join("_" if character in '<>:"|?*' or not character.isprintable() else character for character in name)
    name = name.strip(" .")
    if not name or _RESERVED.fullmatch(name):
        name = f"download {name}".strip()
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    kept = stem.encode()[: _LONGEST_NAME - len(f"{dot}{suffix}".encode())].decode(errors="ignore")
    return f"{kept}{dot}{suffix}".rstrip(" .")


def unused(path: Path) -> Path:
    """The path, or "name (2).ext" and so on when something is there: nothing is overwritten."""
    candidate, number = path, 2
    while os.path.lexists(candidate):
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate
