"""The agent's file protocol, against an agent's end that is a folder."""

import io
import random
import threading
from pathlib import Path

import pytest

from console.mesh import file_errors as errors
from console.mesh import files
from console.mesh.files import BLOCK
from tests.unit.mesh.far import FarFolder, tunnel

NEVER = threading.Event()
SIZES = [0, 1, 16379, 16380, 16381, BLOCK - 1, BLOCK, BLOCK + 1, 40 * BLOCK + 7]


def contents(size: int, first: bytes = b"") -> bytes:
    return (first + random.randbytes(size))[:size]


class TestUpload:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("first", [b"{", b"\0", b"x"])
    def test_every_byte_arrives(self, tmp_path: Path, size: int, first: bytes) -> None:
        data = contents(size, first)
        told: list[int] = []
        far = FarFolder(tmp_path)
        assert tunnel(far).upload("/", "a", io.BytesIO(data), size, told.append, NEVER) == size
        assert (tmp_path / "a").read_bytes() == data
        assert told == sorted(told)
        assert told[-1:] == ([size] if size else [])

    def test_no_more_than_a_megabyte_is_on_the_way(self, tmp_path: Path) -> None:
        far = FarFolder(tmp_path)
        tunnel(far).upload("/", "a", io.BytesIO(bytes(80 * BLOCK)), 80 * BLOCK, lambda _: None, NEVER)
        assert 1 < far.most_unconfirmed * BLOCK <= 1024 * 1024

    def test_a_folder_that_cannot_be_written_to(self, tmp_path: Path) -> None:
        (tmp_path / "protected").mkdir()
        with pytest.raises(errors.NotWritable):
            tunnel(FarFolder(tmp_path)).upload("/protected", "a", io.BytesIO(b"x"), 1, lambda _: None, NEVER)

    def test_a_file_that_stops_growing_is_noticed_on_the_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "_LOOK_EVERY", 8 * BLOCK)
        far = FarFolder(tmp_path, room=9 * BLOCK)
        source = io.BytesIO(bytes(800 * BLOCK))
        with pytest.raises(errors.WriteFailed):
            tunnel(far).upload("/", "a", source, 800 * BLOCK, lambda _: None, NEVER)
        assert source.tell() < 40 * BLOCK
        assert list(tmp_path.iterdir()) == []

    def test_a_cancel_leaves_nothing(self, tmp_path: Path) -> None:
        cancelled = threading.Event()

        def moved(count: int) -> None:
            if count > 10 * BLOCK:
                cancelled.set()

        with pytest.raises(errors.Cancelled):
            tunnel(FarFolder(tmp_path)).upload("/", "a", io.BytesIO(bytes(99 * BLOCK)), 99 * BLOCK, moved, cancelled)
        assert list(tmp_path.iterdir()) == []

    def test_an_error_of_the_agent_has_no_number(self, tmp_path: Path) -> None:
        far = FarFolder(tmp_path)
        whole = tunnel(far)

        def moved(count: int) -> None:
            if count == BLOCK:
                far.say(action="uploaderror")

        with pytest.raises(errors.WriteFailed):
            whole.upload("/", "a", io.BytesIO(bytes(99 * BLOCK)), 99 * BLOCK, moved, NEVER)
        assert list(tmp_path.iterdir()) == []

    def test_a_connection_that_ends(self, tmp_path: Path) -> None:
        with pytest.raises(errors.TunnelLost):
            tunnel(FarFolder(tmp_path, cut_after=3)).upload(
                "/", "a", io.BytesIO(bytes(99 * BLOCK)), 99 * BLOCK, lambda _: None, NEVER
            )


class TestDownload:
    @pytest.mark.parametrize("size", SIZES)
    def test_every_byte_comes(self, tmp_path: Path, size: int) -> None:
        data = contents(size)
        (tmp_path / "a").write_bytes(data)
        sink = io.BytesIO()
        assert tunnel(FarFolder(tmp_path)).download("/a", sink, lambda _: None, NEVER) == size
        assert sink.getvalue() == data

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(errors.NotThere):
            tunnel(FarFolder(tmp_path)).download("/a", io.BytesIO(), lambda _: None, NEVER)

    def test_a_cancel_tells_the_agent(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(bytes(BLOCK * 60))
        cancelled = threading.Event()
        far = FarFolder(tmp_path)
        with pytest.raises(errors.Cancelled):
            tunnel(far).download("/a", io.BytesIO(), lambda _: cancelled.set(), cancelled)
        assert far.asked[-1]["sub"] == "stop"

    def test_a_sink_that_is_full_tells_the_agent(self, tmp_path: Path) -> None:
        class Full(io.BytesIO):
            def write(self, _: object, /) -> int:
                raise OSError(28, "No space left on device")

        (tmp_path / "a").write_bytes(bytes(BLOCK * 60))
        far = FarFolder(tmp_path)
        with pytest.raises(OSError, match="No space"):
            tunnel(far).download("/a", Full(), lambda _: None, NEVER)
        assert far.asked[-1]["sub"] == "stop"


class TestFolders:
    def test_are_listed(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_bytes(b"12345")
        found = tunnel(FarFolder(tmp_path)).entries("/", NEVER)
        assert found is not None
        assert {(one.name, one.is_file, one.size) for one in found} == {("folder", False, 0), ("file", True, 5)}

    def test_one_that_is_not_there(self, tmp_path: Path) -> None:
        assert tunnel(FarFolder(tmp_path)).entries("/nowhere", NEVER) is None

    def test_whether_it_can_be_written_to(self, tmp_path: Path) -> None:
        (tmp_path / "protected").mkdir()
        (tmp_path / "free").mkdir()
        whole = tunnel(FarFolder(tmp_path))
        assert whole.can_write("/free", "probe", NEVER)
        assert not whole.can_write("/protected", "probe", NEVER)
        assert not whole.can_write("/nowhere", "probe", NEVER)
        assert list((tmp_path / "free").iterdir()) == []

    @pytest.mark.parametrize(
        "odd", [b"\xff\xfe", b"{", b'{"dir": 5, "reqid": 1}', b'{"reqid": "1", "dir": []}', "c", b"[1]", b""]
    )
    def test_what_is_no_answer_is_passed_over(self, tmp_path: Path, odd: bytes | str) -> None:
        (tmp_path / "file").write_bytes(b"")
        far = FarFolder(tmp_path)
        far.answers.append(odd)
        found = tunnel(far).entries("/", NEVER)
        assert [one.name for one in found or []] == ["file"]


class TestConsent:
    def test_waits_and_says_so(self, tmp_path: Path) -> None:
        far, heard = FarFolder(tmp_path), [False]
        far.say(ctrlChannel="102938", type="console", msg="Waiting for user to grant access...", msgid=1)
        far.say(ctrlChannel="102938", type="ping")
        found = tunnel(far, heard).entries("/", NEVER)
        assert found == []
        assert heard[1:] == [True]
        assert {"ctrlChannel": "102938", "type": "pong"} in far.asked

    def test_goes_on_when_it_is_given(self, tmp_path: Path) -> None:
        far, heard = FarFolder(tmp_path), [False]
        far.say(ctrlChannel="102938", type="console", msg="Waiting for user to grant access...", msgid=1)
        far.say(ctrlChannel="102938", type="console", msg=None)
        assert tunnel(far, heard).entries("/", NEVER) == []
        assert heard[1:] == [True, False]

    def test_ends_when_it_is_refused(self, tmp_path: Path) -> None:
        far = FarFolder(tmp_path)
        far.say(ctrlChannel="102938", type="console", msg="denied", msgid=2)
        with pytest.raises(errors.Refused) as caught:
            tunnel(far).entries("/", NEVER)
        assert caught.value.text == "denied"
