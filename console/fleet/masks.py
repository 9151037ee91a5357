"""Sets of rows as numbers: one byte for each row, 1 where it belongs to the set, the first row's the lowest.

So whatever concerns all rows happens in C: with 100,000 of them a loop of the interpreter's takes longer than a frame
of the screen. Sets are joined, cut and turned over by |, & and ^.
"""

from collections.abc import Iterable
from itertools import compress

Mask = int
NONE = 0


def every(size: int) -> Mask:
    return of_bytes(b"\x01" * size)


def of_bytes(flags: bytes | bytearray) -> Mask:
    """From a byte for each row, 0 or 1."""
    return int.from_bytes(flags, "little")


def to_bytes(mask: Mask, size: int) -> bytes:
    return mask.to_bytes(size, "little")


def of_rows(rows: Iterable[int], size: int) -> Mask:
    flags = bytearray(size)
    for row in rows:
        flags[row] = 1
    return of_bytes(flags)


def rows_of(mask: Mask, size: int) -> list[int]:
    """The numbers of its rows, upwards."""
    return list(compress(range(size), to_bytes(mask, size)))
