"""Small typed JSON files that survive a crash, a full disk and being damaged."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from console.problem import Problem

T = TypeVar("T")


class NotRead(Problem):
    """A file is there but could not be read, or not be put aside although it is useless."""


class NotSaved(Problem):
    """A file could not be written; the old one is untouched."""


class PutAside(Problem):
    """A file was damaged, foreign or from a newer version: it was kept under another name."""


def check_moment(moment: datetime) -> None:
    """For the moments in a file, when it is decoded: raises ValueError for one that not every time zone has."""
    if moment.tzinfo is None or not 1971 <= moment.year < 9999:
        raise ValueError("not a moment that can be shown")


class JsonFile(Generic[T]):
    """One typed JSON file. `holds` says in words what is in it ("Your preferences"), `otherwise` what that means for
    the technician when it is not to be used.

    Every file has a field `version`; without one it is not ours. Both methods may be slow.
    """

    def __init__(self, path: Path, kind: type[T], holds: str, otherwise: str, version: int = 1) -> None:
        self.path = path
        self._decoder = msgspec.json.Decoder(kind)
        self._holds = holds
        self._otherwise = otherwise
        self._version = version

    def load(self) -> tuple[T | None, PutAside | None]:
        """What the file holds, None when there is none. One that cannot be used is put aside, never written over, and
        that is to be said.

        Raises NotRead: going on with nothing would replace what the file holds at the next change.
        """
        try:
            content = self.path.read_bytes()
            if _version(content) > self._version:
                return None, self._put_aside("newer", "comes from a newer version of this console")
            return self._decoder.decode(content), None
        except FileNotFoundError:
            return None, None
        except IsADirectoryError:
            return None, self._put_aside("damaged", "is a folder")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None, self._put_aside("damaged", "is damaged")
        except OSError as error:
            if self.path.is_dir():  # Windows calls it a lack of rights
                return None, self._put_aside("damaged", "is a folder")
            raise self._not_read(error) from None

    def save(self, value: T) -> None:
        """Replaces the file in one step, readable by its owner only. Raises NotSaved: the old one is there still."""
        try:
            replace(self.path, [msgspec.json.format(msgspec.json.encode(value), indent=1)])
        except OSError as error:
            raise NotSaved(
                f"{self._holds} could not be saved: {error.strerror or error}.",
                "Make room on the disk or allow writing there. What you changed stays in use until the console is "
                "closed, and saving it is tried again.",
                f"{type(error).__name__} for {self.path}",
            ) from None

    def _put_aside(self, ending: str, why: str) -> PutAside:
        try:
            kept = put_aside(self.path, ending)
        except OSError as error:
            raise self._not_read(error) from None
        return PutAside(
            f"{self._holds} could not be read: the file {why}.",
            f"{self._otherwise} The file was kept as {kept.name} in {kept.parent}.",
            str(self.path),
        )

    def _not_read(self, error: OSError) -> NotRead:
        return NotRead(
            f"{self._holds} could not be read: {error.strerror or error}.",
            "Allow your user to read the file, or move it away to start without it. Until then nothing of it is "
            "changed, and what you change is not kept.",
            f"{type(error).__name__} for {self.path}",
        )


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


def put_aside(path: Path, ending: str = "damaged") -> Path:
    """Gives a file or folder another name beside its own, one that nothing has yet; that name. Raises OSError."""
    target, number = path.with_name(f"{path.name}.{ending}"), 2
    while target.exists():
        target, number = path.with_name(f"{path.name}.{ending}-{number}"), number + 1
    path.replace(target)
    return target


class _Versioned(msgspec.Struct):
    version: int


def _version(content: bytes) -> int:
    return msgspec.json.decode(content, type=_Versioned).version
