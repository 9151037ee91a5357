"""A download through the files tunnel as a whole: for one that the page began and that is tried again."""

import errno
import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from console.mesh import far_path, near_disk
from console.mesh import file_errors as errors
from console.mesh.files import FarFiles
from console.mesh.moving import Answer, Moved, NameTaken, Step, Watch


@dataclass
class Fetch:
    """Takes the agent's file at `path` into `folder` on this computer under the name of `wanted`."""

    path: str
    wanted: Path
    windows: bool
    part: Path = field(init=False)
    arrived: bool = False
    needs_tunnel = False

    @property
    def left_behind(self) -> bool:
        return self.arrived

    def __post_init__(self) -> None:
        self.part = near_disk.part_for(self.wanted)

    def run(self, files: FarFiles, watch: Watch, answer: Answer | None) -> Moved | NameTaken:
        """Raises Cancelled or a FileProblem."""
        if not self.arrived:
            watch.size = self._size(files, watch)
            if near_disk.prepare(self.wanted, watch.size) and answer is None:
                return NameTaken(self.wanted.name, self.wanted.is_file())
            watch.step = Step.MOVING
            self._fetch(files, watch)
            self.arrived = True
        return near_disk.place(self.part, self.wanted, answer)

    def discard(self, files: FarFiles | None) -> None:
        self.arrived = False
        near_disk.remove(self.part)

    def _size(self, files: FarFiles, watch: Watch) -> int:
        folder, name = posixpath.split(self.path.replace("\\", "/") if self.windows else self.path)
        entries = files.entries(folder or "/", watch.cancelled) or []
        found = next((entry for entry in entries if far_path.same(entry.name, name, self.windows)), None)
        if found is None or not found.is_file:
            raise errors.NotThere(far_path.shown(self.path))
        return int(found.size)

    def _fetch(self, files: FarFiles, watch: Watch) -> None:
        def moved(count: int) -> None:
            watch.moved = count

        try:
            with self.part.open("wb") as sink:
                received = files.download(self.path, sink, moved, watch.cancelled)
        except OSError as error:
            near_disk.remove(self.part)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise errors.DiskFull(self.wanted.parent) from None
            raise errors.NearUnusable(self.wanted.parent, error.strerror or type(error).__name__) from None
        except (errors.Cancelled, errors.FileProblem):
            near_disk.remove(self.part)
            raise
        if received < watch.size:
            near_disk.remove(self.part)
            raise errors.Incomplete
