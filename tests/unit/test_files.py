import errno
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from console import files
from console.files import JsonFile
from console.mesh.session_kind import SessionKind
from console.sessions.waits import Wait, WaitFile


class Thing(msgspec.Struct):
    version: int = 1
    name: str = ""
    size: int = 0


def file_in(folder: Path) -> JsonFile[Thing]:
    return JsonFile(folder / "thing.json", Thing, "The thing", "Make it again.")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = file_in(tmp_path / "new" / "folder")
    file.save(Thing(name="München ☃", size=3))
    assert file.load() == (Thing(name="München ☃", size=3), None)
    assert [entry.name for entry in file.path.parent.iterdir()] == ["thing.json"]


def test_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert file_in(tmp_path).load() == (None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    file = file_in(tmp_path / "folder")
    before = os.umask(0)
    try:
        file.save(Thing())
        file.save(Thing(name="again"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b'{"version": 1, "size": "x"}', b"\xff\xfe{}", b"[" * 100_000, b"\0" * 50, b'{"name": "a"}'],
)
def test_a_damaged_file_is_put_aside_and_said(tmp_path: Path, content: bytes) -> None:
    file = file_in(tmp_path)
    file.path.write_bytes(content)
    found, problem = file.load()
    assert found is None
    assert not file.path.exists()
    assert (tmp_path / "thing.json.damaged").read_bytes() == content
    assert problem is not None
    assert problem.what == "The thing could not be read: the file is damaged."
    assert problem.advice == f"Make it again. The file was kept as thing.json.damaged in {tmp_path}."


def test_a_file_of_a_newer_version_is_not_written_over(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    content = b'{"version": 2, "name": "a", "of tomorrow": [1]}'
    file.path.write_bytes(content)
    found, problem = file.load()
    assert found is None
    assert problem is not None
    assert "newer version" in problem.what
    file.save(Thing())
    assert (tmp_path / "thing.json.newer").read_bytes() == content


def test_a_folder_in_its_place_is_put_aside(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    (file.path / "theirs").mkdir(parents=True)
    found, problem = file.load()
    assert found is None
    assert problem is not None
    assert "is a folder" in problem.what
    file.save(Thing(name="a"))
    assert file.load() == (Thing(name="a"), None)
    assert (tmp_path / "thing.json.damaged" / "theirs").is_dir()


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    named = []
    for content in (b"first", b"second", b"third"):
        file.path.write_bytes(content)
        problem = file.load()[1]
        assert problem is not None
        named.append(problem.advice.partition("kept as ")[2].partition(" in ")[0])
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"first", b"second", b"third"}
    assert named == ["thing.json.damaged", "thing.json.damaged-2", "thing.json.damaged-3"]


def test_unknown_fields_are_survived(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.path.write_bytes(b'{"version": 1, "name": "a", "of another kind": [1]}')
    assert file.load() == (Thing(name="a"), None)


@pytest.mark.parametrize("failing", ["read_bytes", "replace"])
def test_what_can_be_neither_read_nor_put_aside_is_said_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    file = file_in(tmp_path)
    file.path.write_bytes(b"{")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, failing, refuse)
    with pytest.raises(files.NotRead) as caught:
        file.load()
    assert caught.value.what == "The thing could not be read: Permission denied."
    assert caught.value.advice
    monkeypatch.undo()
    assert file.path.read_bytes() == b"{"


@pytest.mark.parametrize("failing", ["fsync", "replace", "write"])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    file = file_in(tmp_path)
    file.save(Thing(name="old"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "write":
        monkeypatch.setattr(os, "fdopen", full)
    elif failing == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(files.NotSaved) as caught:
        file.save(Thing(name="new"))
    assert caught.value.what == "The thing could not be saved: No space left on device."
    assert "thing.json" in caught.value.detail
    assert caught.value.advice
    monkeypatch.undo()
    assert file.load() == (Thing(name="old"), None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing.json"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(files.NotSaved):
        file_in(tmp_path / "file").save(Thing())


@pytest.mark.parametrize("since", ["2026-11-23T02:26:11", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_not_every_time_zone_has_makes_a_file_useless(tmp_path: Path, since: str) -> None:
    wait = Wait("s", "a" * 40, "PC", "Acme", "", SessionKind.FILES, datetime(2026, 1, 31, 12, tzinfo=UTC))
    file = WaitFile(tmp_path / "waits.json")
    file.save([wait])
    assert file.load() == ([wait], None)
    content = (tmp_path / "waits.json").read_text(encoding="utf-8").replace("2026-01-31T12:00:00Z", since)
    (tmp_path / "waits.json").write_text(content, encoding="utf-8")
    waits, put_aside = file.load()
    assert waits == []
    assert put_aside is not None
    assert [kept.read_text(encoding="utf-8") for kept in tmp_path.iterdir()] == [content]
