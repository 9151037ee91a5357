"""200 MB both ways: the same bytes, and a window that goes on meanwhile."""

import shutil
import time
from pathlib import Path

import pytest

from console.sessions.transfer import Transfer, TransferState
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.transferring import Board, Ticks, digest, download, files_session, names, random_file

pytestmark = pytest.mark.e2e

MEGABYTES = 200
_GENEROUS_SECONDS = 180


def followed(console: Console, board: Board, transfer: Transfer, ticks: Ticks) -> tuple[float, int, int]:
    """Waits for a transfer; returns its seconds, how often the window came round, and its longest gap in ms."""
    begun = time.monotonic()
    ticks.start()
    heard: list[float] = []
    transfer.changed.connect(lambda: heard.append(time.monotonic()))
    board.until(transfer, TransferState.DONE, _GENEROUS_SECONDS)
    seconds = time.monotonic() - begun
    ticks.stop()
    assert len(heard) <= seconds * 10 + 10, "progress is told more than ten times a second"
    return seconds, ticks.count, ticks.longest


def report(capsys: pytest.CaptureFixture[str], way: str, followed: tuple[float, int, int]) -> None:
    seconds, count, longest = followed
    with capsys.disabled():
        print(
            f"\n{MEGABYTES} MB {way}: {seconds:.1f} s, {MEGABYTES / seconds:.0f} MB/s, "
            f"{count} ticks, longest gap {longest} ms"
        )


def test_both_ways(
    desk: Desk, rmm: Rmm, hands: Hands, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    far = rmm.mesh.home / "big"
    far.mkdir()
    request.addfinalizer(lambda: shutil.rmtree(far))
    wanted = random_file(far / "from there.bin", MEGABYTES)
    local: Path = desk.folder / "from here.bin"
    sent = random_file(local, MEGABYTES)
    console, session, page = files_session(desk, rmm, hands, far)
    board, ticks = Board(console), Ticks()

    download(page, "from there.bin")
    [down] = board.newest()
    figures = followed(console, board, down, ticks)
    report(capsys, "down, by the page", figures)
    assert digest(desk.downloads / "from there.bin") == wanted
    assert figures[1] > 5

    session.upload_wanted.emit([local])
    up = board.newest(2)[1]
    figures = followed(console, board, up, ticks)
    report(capsys, "up", figures)
    assert digest(far / local.name) == sent
    assert names(far) == ["from here.bin", "from there.bin"]
    assert figures[1] > 20, "the window stood still"

    (desk.downloads / "from there.bin").unlink()
    down.state = TransferState.FAILED  # as if it had broken off: the second try comes without the page
    down.retry()
    figures = followed(console, board, down, ticks)
    report(capsys, "down, without the page", figures)
    assert digest(desk.downloads / "from there.bin") == wanted
    assert names(desk.downloads) == ["from there.bin"]
    assert figures[1] > 20, "the window stood still"
    assert session.live
