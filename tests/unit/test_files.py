import errno
import os
import stat
import sys
from pathlib import Path

import msgspec
import pytest

from console import files


class Thing(msgspec.Struct):
    name: str = ""
    size: int = 0


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "thing.json"
    files.write_json(path, Thing("München ☃", 3))
    assert files.read_json(path, Thing) == Thing("München ☃", 3)
    assert [entry.name for entry in path.parent.iterdir()] == ["thing.json"]


def test_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert files.read_json(tmp_path / "thing.json", Thing) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "thing.json"
    before = os.umask(0)
    try:
        files.write_json(path, Thing())
        files.write_json(path, Thing("again"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"size": "x"}', b"\xff\xfe{}", b"[" * 100_000, b"\0" * 50])
def test_a_damaged_file_is_put_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.json"
    path.write_bytes(content)
    assert files.read_json(path, Thing) is None
    assert not path.exists()
    assert (tmp_path / "thing.json.damaged").read_bytes() == content


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    for content in (b"first", b"second", b"third"):
        (tmp_path / "thing.json").write_bytes(content)
        assert files.read_json(tmp_path / "thing.json", Thing) is None
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"first", b"second", b"third"}


def test_unknown_fields_are_survived(tmp_path: Path) -> None:
    path = tmp_path / "thing.json"
    path.write_bytes(b'{"name": "a", "of tomorrow": [1]}')
    assert files.read_json(path, Thing) == Thing("a")


def test_what_cannot_be_read_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "thing.json"
    path.mkdir()
    with pytest.raises(files.NotRead) as caught:
        files.read_json(path, Thing)
    assert "thing.json" in caught.value.what
    assert caught.value.advice
    assert path.is_dir()


@pytest.mark.parametrize("failing", ["fsync", "replace", "write"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    path = tmp_path / "thing.json"
    files.write_json(path, Thing("old", 1))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "write":
        monkeypatch.setattr(os, "fdopen", full)
    elif failing == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(files.NotSaved) as caught:
        files.write_json(path, Thing("new", 2))
    assert "No space left" in caught.value.what
    assert "thing.json" in caught.value.what
    assert caught.value.advice
    monkeypatch.undo()
    assert files.read_json(path, Thing) == Thing("old", 1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing.json"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(files.NotSaved):
        files.write_json(tmp_path / "file" / "thing.json", Thing())
