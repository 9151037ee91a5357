"""An upload as a whole: never over another file unless it is to be replaced, and nothing partial under its name."""

import threading
from pathlib import Path
from typing import cast

import pytest

from console.mesh import file_errors as errors
from console.mesh.files import BLOCK, FarFiles
from console.mesh.moving import Answer, Moved, NameTaken, Watch
from console.mesh.sending import Upload
from console.mesh.web_socket import WebSocket
from tests.unit.mesh.far import FarFolder, tunnel


@pytest.fixture
def far(tmp_path: Path) -> FarFolder:
    (tmp_path / "far" / "exchange").mkdir(parents=True)
    return FarFolder(tmp_path / "far")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_bytes(b"new" * 100_000)
    return path


def upload(source: Path, below: str = "", windows: bool = False) -> Upload:
    return Upload(source, "/exchange", below, windows, windows, threading.Lock())


def run(far: FarFolder, move: Upload, answer: Answer | None = None) -> Moved | NameTaken:
    return move.run(tunnel(far), Watch(), answer)


def there(far: FarFolder) -> dict[str, bytes]:
    top = far.top / "exchange"
    return {one.relative_to(top).as_posix(): one.read_bytes() for one in top.rglob("*") if one.is_file()}


def test_has_its_name_only_when_it_is_whole(far: FarFolder, source: Path) -> None:
    names: set[str] = set()
    watch = Watch()

    class Looking(FarFiles):
        def _next(self, cancelled: threading.Event) -> bytes | None:
            names.update(there(far))
            return super()._next(cancelled)

    move = upload(source)
    assert move.run(Looking(cast(WebSocket, far), lambda _: None), watch, None) == Moved("report.txt")
    assert names >= {move.part}
    assert there(far) == {"report.txt": source.read_bytes()}
    assert (watch.moved, watch.size) == (300_000, 300_000)


@pytest.mark.parametrize("rename_replaces", [True, False])
@pytest.mark.parametrize(
    ("answer", "outcome", "left"),
    [
        (None, NameTaken("report.txt", True), {"report.txt": b"old"}),
        (Answer.REPLACE, Moved("report.txt"), {"report.txt": b"new" * 100_000}),
        (Answer.KEEP_BOTH, Moved("report (2).txt"), {"report.txt": b"old", "report (2).txt": b"new" * 100_000}),
    ],
)
def test_a_name_that_is_taken(
    far: FarFolder,
    source: Path,
    rename_replaces: bool,
    answer: Answer | None,
    outcome: Moved | NameTaken,
    left: dict[str, bytes],
) -> None:
    far.rename_replaces = rename_replaces
    (far.top / "exchange" / "report.txt").write_bytes(b"old")
    assert run(far, upload(source), answer) == outcome
    assert there(far) == left


def test_a_folder_of_that_name_is_never_replaced(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "report.txt").mkdir()
    assert run(far, upload(source)) == NameTaken("report.txt", False)
    assert run(far, upload(source), Answer.REPLACE) == NameTaken("report.txt", False)
    assert run(far, upload(source), Answer.KEEP_BOTH) == Moved("report (2).txt")


def test_capitals_are_the_same_name_where_the_system_says_so(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "REPORT.TXT").write_bytes(b"old")
    assert isinstance(run(far, upload(source, windows=True)), NameTaken)
    assert run(far, upload(source)) == Moved("report.txt")


def test_a_name_that_is_taken_while_it_is_under_way_is_asked_about(far: FarFolder, source: Path) -> None:
    class Meanwhile(FarFiles):
        def rename(self, folder: str, old: str, new: str) -> None:
            raise AssertionError("renamed over another file")

        def upload(self, *arguments: object) -> int:
            sent = super().upload(*arguments)  # type: ignore[arg-type]
            (far.top / "exchange" / "report.txt").write_bytes(b"somebody's")
            return sent

    move = upload(source)
    assert move.run(Meanwhile(cast(WebSocket, far), lambda _: None), Watch(), None) == NameTaken("report.txt", True)
    assert there(far)["report.txt"] == b"somebody's"
    before = len([one for one in far.asked if one["action"] == "upload"])
    assert run(far, move, Answer.REPLACE) == Moved("report.txt")
    assert len([one for one in far.asked if one["action"] == "upload"]) == before, "it was sent twice"
    assert there(far) == {"report.txt": source.read_bytes()}


def test_what_it_was_to_replace_comes_back_when_it_cannot(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "report.txt").write_bytes(b"old")
    move = upload(source)
    far.busy_names = {move.part}
    with pytest.raises(errors.NotPutInPlace) as caught:
        run(far, move, Answer.REPLACE)
    assert there(far)["report.txt"] == b"old"
    assert move.part in caught.value.advice


def test_one_that_is_in_use_is_not_replaced(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "report.txt").write_bytes(b"old")
    far.busy_names = {"report.txt"}
    move = upload(source)
    with pytest.raises(errors.NotPutInPlace):
        run(far, move, Answer.REPLACE)
    assert there(far)["report.txt"] == b"old"
    assert move.left_behind
    move.discard(tunnel(far))
    assert there(far) == {"report.txt": b"old"}


def test_a_full_disk_that_the_agent_is_silent_about(far: FarFolder, source: Path) -> None:
    far.room = 1000
    with pytest.raises(errors.WriteFailed):
        run(far, upload(source))
    assert there(far) == {}


def test_begins_anew_after_the_connection_was_cut(far: FarFolder, source: Path) -> None:
    source.write_bytes(b"x" * 10 * BLOCK)
    far.cut_after = 3
    move = upload(source)
    with pytest.raises(errors.TunnelLost):
        run(far, move)
    assert list(there(far)) == [move.part]
    assert move.left_behind
    again = FarFolder(far.top)
    assert run(again, move) == Moved("report.txt")
    assert there(far) == {"report.txt": source.read_bytes()}
    assert not move.left_behind


def test_a_file_that_grows_meanwhile(far: FarFolder, source: Path) -> None:
    class Growing(FarFiles):
        def upload(self, *arguments: object) -> int:
            sent = super().upload(*arguments)  # type: ignore[arg-type]
            with source.open("ab") as file:
                file.write(b"more")
            return sent

    with pytest.raises(errors.NearChanged):
        upload(source).run(Growing(cast(WebSocket, far), lambda _: None), Watch(), None)
    assert there(far) == {}


def test_a_file_that_is_gone(far: FarFolder, tmp_path: Path) -> None:
    with pytest.raises(errors.NearUnreadable):
        run(far, upload(tmp_path / "gone"))
    assert there(far) == {}


def test_a_folder_that_is_gone(far: FarFolder, source: Path) -> None:
    (far.top / "exchange").rmdir()
    with pytest.raises(errors.FolderMissing):
        run(far, upload(source))


def test_makes_the_folders_that_it_needs(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "a").mkdir()
    assert run(far, upload(source, below="a/b/c")) == Moved("report.txt")
    assert run(far, upload(source, below="a/b")) == Moved("report.txt")
    assert set(there(far)) == {"a/b/c/report.txt", "a/b/report.txt"}
    assert [one["path"] for one in far.asked if one["action"] == "mkdir"] == ["/exchange/a/b", "/exchange/a/b/c"]


def test_a_file_where_a_folder_is_needed(far: FarFolder, source: Path) -> None:
    (far.top / "exchange" / "a").write_bytes(b"")
    with pytest.raises(errors.NotWritable):
        run(far, upload(source, below="a/b"))
