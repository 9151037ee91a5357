"""CSV files that a spreadsheet opens as text: no cell is taken for a formula, whoever wrote what is in it."""

import contextlib
import csv
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from console.problem import Problem

_STARTS = frozenset("=+-@\u2212")
_BREAKS = re.compile(r"([\t\r\n;]+)")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


class NotExported(Problem):
    """A CSV file could not be written; what was there before is untouched."""


def neutral(cell: str) -> str:
    """The cell with an apostrophe wherever a spreadsheet could see the beginning of a formula.

    That is before = + - @ and their full-width and small forms, also after spaces and characters that are not seen,
    and before a tab or line end at the start. Text after a tab, a line end or a semicolon is treated the same way: a
    spreadsheet that was told another separator begins a new cell there.
    """
    if not cell:
        return cell
    head, *rest = _BREAKS.split(cell)
    pieces = [("'" if not head or _is_formula(head) else "") + head]
    for separator, text in zip(rest[::2], rest[1::2], strict=True):
        pieces += [separator, "'" if _is_formula(text) else "", text]
    return "".join(pieces)


def begins_formula(cell: str) -> bool:
    """Whether a spreadsheet could take the cell for a formula."""
    return cell[:1] in ("\t", "\r", "\n") or _is_formula(cell)


def write(path: Path, rows: Iterable[Sequence[str]]) -> int:
    """Replaces the file in one step with the rows, the first of them the titles; answers how many rows followed it.

    UTF-8 with a byte order mark, which spreadsheets need to read it as UTF-8, and otherwise as RFC 4180 has it. Every
    cell is made `neutral`. Raises NotExported; what `rows` raises passes through.
    """
    name: str | None = None
    count = -1
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")  # created with mode 0600
        with os.fdopen(handle, "w", encoding="utf-8-sig", errors="replace", newline="") as file:
            writer = csv.writer(file)
            for row in rows:
                writer.writerow([neutral(cell.replace("\0", "")) for cell in row])
                count += 1
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise NotExported(
            f"{path.name} could not be written: {error.strerror or error}.",
            "Make room on the disk, close the file where it is open, or choose another folder.",
            f"{type(error).__name__} for {path}",
        ) from None
    else:
        name = None
    finally:
        if name:
            with contextlib.suppress(OSError):
                Path(name).unlink()
    return max(count, 0)


def _is_formula(text: str) -> bool:
    first = next((c for c in text if unicodedata.category(c) not in _INVISIBLE), "")
    return unicodedata.normalize("NFKC", first)[:1] in _STARTS if first else False
