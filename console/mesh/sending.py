"""An upload as a whole."""

import os
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

from console.mesh import far_path
from console.mesh import file_errors as errors
from console.mesh.files import Entry, FarFiles
from console.mesh.moving import Answer, Moved, NameTaken, Step, Watch


@dataclass
class Upload:
    """Takes the file `source` into `base`/`below` on the agent. `below` is a folder that is made when it is not there,
    "" for none. `windows` and `folds` say how the agent's file system takes names. `making` keeps two uploads from
    making one folder at the same time.

    The file arrives under a name that ends in ".part". What it replaces is set aside first and removed last, because
    some systems refuse to rename over a file: nothing is lost when the connection breaks in between.
    """

    source: Path
    base: str
    below: str
    windows: bool
    folds: bool
    making: threading.Lock
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    arrived: int | None = None
    left_behind: bool = False
    needs_tunnel = True

    @property
    def folder(self) -> str:
        return far_path.joined(self.base, self.below) if self.below else self.base

    @property
    def name(self) -> str:
        return far_path.name_there(self.source.name, self.windows)

    @property
    def part(self) -> str:
        return f"{self.name}.{self.token}.part"

    def run(self, files: FarFiles, watch: Watch, answer: Answer | None) -> Moved | NameTaken:
        """Raises Cancelled or a FileProblem."""
        self._make_folders(files, watch)
        entries = self._entries(files, watch.cancelled)
        taken = self._find(entries, self.name)
        if taken and answer is None:
            return NameTaken(self.name, taken.is_file)
        watch.step = Step.MOVING
        if self.arrived is None or self._find(entries, self.part) is None:
            self.arrived = self._send(files, watch)
            entries = self._entries(files, watch.cancelled)
        self._check_size(files, entries)
        name = self.name
        if answer is Answer.KEEP_BOTH:
            number = 2
            while self._find(entries, name):
                name = far_path.second(self.name, number)
                number += 1
        taken = self._find(entries, name)
        if taken and answer is not Answer.REPLACE:
            return NameTaken(name, taken.is_file)
        if taken and not taken.is_file:
            return NameTaken(name, can_replace=False)
        self._put_in_place(files, name, replace=taken is not None)
        return Moved(name)

    def discard(self, files: FarFiles | None) -> None:
        """Removes the part. Without a tunnel it stays."""
        if files is not None:
            files.remove(self.folder, self.part)
            self.arrived, self.left_behind = None, False

    def _make_folders(self, files: FarFiles, watch: Watch) -> None:
        folder = self.base
        for name in self.below.split("/") if self.below else []:
            with self.making:
                found = self._find(self._entries(files, watch.cancelled, folder), name)
                path = far_path.joined(folder, name)
                if found is None:
                    files.make_folder(path)
                if (found and found.is_file) or files.entries(path, watch.cancelled) is None:
                    raise errors.NotWritable(far_path.shown(folder))
            folder = path

    def _send(self, files: FarFiles, watch: Watch) -> int:
        try:
            with self.source.open("rb", buffering=0) as source:
                before = os.fstat(source.fileno())
                watch.size = before.st_size

                def moved(count: int) -> None:
                    watch.moved = count

                self.left_behind = True
                sent = files.upload(self.folder, self.part, source, watch.size, moved, watch.cancelled)
                after = os.fstat(source.fileno())
        except OSError as error:
            self.left_behind = False
            raise errors.NearUnreadable(self.source.name, error.strerror or type(error).__name__) from None
        except (errors.Cancelled, errors.NotWritable, errors.WriteFailed):
            self.left_behind = False
            raise
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or sent != after.st_size:
            self.discard(files)
            raise errors.NearChanged(self.source.name)
        return sent

    def _check_size(self, files: FarFiles, entries: list[Entry]) -> None:
        part = self._find(entries, self.part)
        if part is None or part.size != self.arrived:
            self.discard(files)
            raise errors.WriteFailed(far_path.shown(self.folder))

    def _put_in_place(self, files: FarFiles, name: str, replace: bool) -> None:
        aside = f"{name}.{self.token}.old"
        uncancelled = threading.Event()  # from here on it is either whole in its place or put back
        if replace:
            files.rename(self.folder, name, aside)
            if self._find(self._entries(files, uncancelled), name):
                raise errors.NotPutInPlace(name, self.part)
        files.rename(self.folder, self.part, name)
        entries = self._entries(files, uncancelled)
        if self._find(entries, self.part) or not self._find(entries, name):
            if replace and not self._find(entries, name):
                files.rename(self.folder, aside, name)
            raise errors.NotPutInPlace(name, self.part)
        if self._find(entries, aside):  # also where an earlier try broke off in between
            files.remove(self.folder, aside)
        self.arrived, self.left_behind = None, False

    def _entries(self, files: FarFiles, cancelled: threading.Event, folder: str | None = None) -> list[Entry]:
        path = self.folder if folder is None else folder
        entries = files.entries(path, cancelled)
        if entries is None:
            raise errors.FolderMissing(far_path.shown(path))
        return entries

    def _find(self, entries: list[Entry], name: str) -> Entry | None:
        return next((entry for entry in entries if far_path.same(entry.name, name, self.folds)), None)
