"""A download's place on this computer: nothing is overwritten, and a disk that is too small is said."""

import os
import shutil
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from console.mesh import file_errors as errors
from console.mesh import near_disk
from console.mesh.fetching import Fetch
from console.mesh.moving import Answer, Moved, NameTaken, Watch
from console.mesh.near_disk import part_for, place, prepare
from tests.unit.mesh.far import FarFolder, tunnel

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(params=["links", "no links"])
def disk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a file system with hard links, and on one without."""
    if request.param == "no links":

        def refuse(*_: object) -> None:
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    return tmp_path


def part(folder: Path) -> Path:
    made = part_for(folder / "a.txt")
    made.write_text("new")
    return made


def test_parts_of_one_name_do_not_meet(tmp_path: Path) -> None:
    assert len({part_for(tmp_path / "a.txt") for _ in range(100)}) == 100
    assert part_for(tmp_path / "a.txt").parent == tmp_path
    assert part_for(tmp_path / "a.txt").suffix == ".part"


def test_a_free_name_is_taken(disk: Path) -> None:
    assert place(part(disk), disk / "a.txt", None) == Moved("a.txt", disk / "a.txt")
    assert {one.name: one.read_text() for one in disk.iterdir()} == {"a.txt": "new"}


@pytest.mark.parametrize(
    ("answer", "name", "left"),
    [
        (None, None, {"a.txt": "old"}),
        (Answer.REPLACE, "a.txt", {"a.txt": "new"}),
        (Answer.KEEP_BOTH, "a (2).txt", {"a.txt": "old", "a (2).txt": "new"}),
    ],
)
def test_a_taken_name(disk: Path, answer: Answer | None, name: str | None, left: dict[str, str]) -> None:
    (disk / "a.txt").write_text("old")
    received = part(disk)
    outcome = place(received, disk / "a.txt", answer)
    assert outcome == (Moved(name, disk / name) if name else NameTaken("a.txt", True))
    assert received.exists() is (name is None)
    received.unlink(missing_ok=True)
    assert {one.name: one.read_text() for one in disk.iterdir()} == left


def test_a_folder_is_not_replaced(disk: Path) -> None:
    (disk / "a.txt").mkdir()
    assert place(part(disk), disk / "a.txt", Answer.REPLACE) == NameTaken("a.txt", False)
    assert (disk / "a.txt").is_dir()


def test_a_broken_link_counts_as_taken(disk: Path) -> None:
    (disk / "a.txt").symlink_to(disk / "nowhere")
    assert isinstance(place(part(disk), disk / "a.txt", None), NameTaken)
    assert place(part(disk), disk / "a.txt", Answer.KEEP_BOTH) == Moved("a (2).txt", disk / "a (2).txt")


def test_a_part_that_is_gone(disk: Path) -> None:
    with pytest.raises(errors.NearUnusable):
        place(disk / "gone.part", disk / "a.txt", None)


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert prepare(tmp_path / "new" / "er" / "a.txt", 1) is False
    assert (tmp_path / "new" / "er").is_dir()
    (tmp_path / "new" / "er" / "a.txt").touch()
    assert prepare(tmp_path / "new" / "er" / "a.txt", 1) is True


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.NearUnusable):
        prepare(tmp_path / "file" / "a.txt", 1)


def test_too_little_room_is_said_with_both_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 1_500_000))
    assert prepare(tmp_path / "a.txt", 1_500_000) is False
    assert prepare(tmp_path / "a.txt", 0) is False
    with pytest.raises(errors.NoRoom) as caught:
        prepare(tmp_path / "a.txt", 200_000_000)
    assert "200 MB" in caught.value.what
    assert "1.5 MB are free" in caught.value.what


class TestFetch:
    @pytest.fixture
    def far(self, tmp_path: Path) -> FarFolder:
        (tmp_path / "far").mkdir()
        (tmp_path / "far" / "a.txt").write_bytes(b"far" * 50_000)
        return FarFolder(tmp_path / "far")

    def fetch(self, tmp_path: Path, far: FarFolder, answer: Answer | None = None) -> Moved | NameTaken:
        return Fetch("/a.txt", tmp_path / "near" / "a.txt", False).run(tunnel(far), Watch(), answer)

    def test_is_the_same_file(self, tmp_path: Path, far: FarFolder) -> None:
        assert self.fetch(tmp_path, far) == Moved("a.txt", tmp_path / "near" / "a.txt")
        assert (tmp_path / "near" / "a.txt").read_bytes() == b"far" * 50_000
        assert len(list((tmp_path / "near").iterdir())) == 1

    def test_asks_before_it_begins(self, tmp_path: Path, far: FarFolder) -> None:
        (tmp_path / "near").mkdir()
        (tmp_path / "near" / "a.txt").write_text("old")
        assert self.fetch(tmp_path, far) == NameTaken("a.txt", True)
        assert not [one for one in far.asked if one["action"] == "download"]
        assert isinstance(self.fetch(tmp_path, far, Answer.REPLACE), Moved)
        assert (tmp_path / "near" / "a.txt").read_bytes() == b"far" * 50_000

    def test_one_that_breaks_off_leaves_nothing(self, tmp_path: Path, far: FarFolder) -> None:
        far.cut_after = 3
        with pytest.raises(errors.TunnelLost):
            self.fetch(tmp_path, far)
        assert list((tmp_path / "near").iterdir()) == []

    def test_one_that_ends_early_leaves_nothing(
        self, tmp_path: Path, far: FarFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Fetch, "_size", lambda *_: _with_size(_[2], 150_001))
        with pytest.raises(errors.Incomplete):
            self.fetch(tmp_path, far)
        assert list((tmp_path / "near").iterdir()) == []

    def test_one_that_is_gone(self, tmp_path: Path, far: FarFolder) -> None:
        (far.top / "a.txt").unlink()
        with pytest.raises(errors.NotThere):
            self.fetch(tmp_path, far)

    def test_a_disk_that_fills_up(self, tmp_path: Path, far: FarFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        move = Fetch("/a.txt", tmp_path / "near" / "a.txt", False)
        move.part = Path("/dev/full")
        removed: list[Path] = []
        monkeypatch.setattr(near_disk, "remove", removed.append)
        with pytest.raises(errors.DiskFull):
            move.run(tunnel(far), Watch(), None)
        assert removed == [Path("/dev/full")]

    def test_a_cancel_leaves_nothing(self, tmp_path: Path, far: FarFolder) -> None:
        watch = Watch(cancelled=threading.Event())
        watch.cancel()
        with pytest.raises(errors.Cancelled):
            Fetch("/a.txt", tmp_path / "near" / "a.txt", False).run(tunnel(far), watch, None)
        assert not (tmp_path / "near").exists()


def _with_size(watch: object, size: int) -> int:
    assert isinstance(watch, Watch)
    watch.size = size
    return size
