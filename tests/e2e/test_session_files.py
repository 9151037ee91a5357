"""Files: one downloaded and one uploaded through MeshCentral's page are the same bytes at the other end."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QProgressBar

from console.mesh.download import DownloadState
from console.mesh.session_kind import SessionKind
from console.sessions.page import Download
from console.sessions.session import Session
from console.ui.session.transfers import TransferBar
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e


def random_file(path: Path, megabytes: int) -> str:
    """Writes a file of random bytes and returns its hash."""
    path.write_bytes(random.randbytes(megabytes * 1_000_000 + 17))
    return digest(path)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def remote_folder(rmm: Rmm) -> Iterator[Path]:
    folder = rmm.mesh.home / "exchange"
    folder.mkdir()
    yield folder
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def go_to(page: WebPage, hands: Hands, folder: Path) -> None:
    """Opens a folder as a technician does: Go To… and its path."""
    page.until("p13filetree !== null", "the first folder was not listed")
    page.click("#p13GoToFolderButton")
    page.click("#p13folderinput")
    hands.press("ctrl+a")
    hands.type(str(folder))
    page.click("#idx_dlgOkButton")
    page.until(f"'/' + p13filetreelocation.join('/') === {str(folder)!r}", "the folder was not shown")


def opened(desk: Desk, rmm: Rmm, hands: Hands, folder: Path) -> tuple[Console, Session, WebPage]:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.FILES)
    console.connected(session)
    page = WebPage(console, session)
    go_to(page, hands, folder)
    return console, session, page


def test_a_download_is_the_same_file(desk: Desk, rmm: Rmm, hands: Hands, remote_folder: Path) -> None:
    wanted = random_file(remote_folder / "far payload.bin", 40)
    console, session, page = opened(desk, rmm, hands, remote_folder)
    tab = console.tab(session)
    bar = tab.findChild(TransferBar)
    assert bar is not None
    assert not bar.isVisible()
    downloads: list[Download] = []
    agent = psutil.Process(rmm.mesh.agent.pid)

    def started(download: Download) -> None:
        if not downloads:
            agent.suspend()  # so that there is time to see the progress
        downloads.append(download)

    session.download_started.connect(started)
    try:
        page.click("input[name=fd]")
        page.click("#p13DownloadButton")
        console.until(lambda: bool(downloads) and downloads[0].received > 0, "no progress was reported")
        shown = tab.findChild(QProgressBar)
        assert shown is not None
        assert shown.isVisible()
        assert downloads[0].state is DownloadState.RUNNING
        assert downloads[0].received < 40_000_000
        if downloads[0].total:
            assert 0 < shown.value() < 1000
        assert not (desk.downloads / "far payload.bin").exists()
    finally:
        agent.resume()
    console.until(lambda: downloads[0].state is DownloadState.DONE, "the download did not end")
    file = desk.downloads / "far payload.bin"
    assert downloads[0].path == file
    assert digest(file) == wanted
    words = [label.text() for label in bar.findChildren(QLabel) if label.isVisible()]
    assert words[1:] == ["far payload.bin", f"{QLocale().formattedDataSize(40_000_017)}, in Downloads"]

    page.click("#p13DownloadButton")
    console.until(lambda: len(downloads) == 2 and downloads[1].state is DownloadState.DONE, "no second download")
    assert downloads[1].path == desk.downloads / "far payload (2).bin"
    assert sorted(each.name for each in desk.downloads.iterdir()) == ["far payload (2).bin", "far payload.bin"]
    assert {digest(each) for each in desk.downloads.iterdir()} == {wanted}
    assert session.live


def test_a_download_can_be_cancelled(desk: Desk, rmm: Rmm, hands: Hands, remote_folder: Path) -> None:
    random_file(remote_folder / "too much.bin", 40)
    console, session, page = opened(desk, rmm, hands, remote_folder)
    downloads: list[Download] = []
    agent = psutil.Process(rmm.mesh.agent.pid)

    def started(download: Download) -> None:
        agent.suspend()
        downloads.append(download)

    session.download_started.connect(started)
    try:
        page.click("input[name=fd]")
        page.click("#p13DownloadButton")
        console.until(lambda: bool(downloads), "the download did not start")
        hands.click(console.wait_for_button("Cancel", console.tab(session)))
        console.until(lambda: downloads[0].state is DownloadState.CANCELLED, "it was not cancelled")
    finally:
        agent.resume()
    console.until(lambda: not list(desk.downloads.iterdir()), "something of it was left")
    assert session.live


def test_an_upload_is_the_same_file(desk: Desk, rmm: Rmm, hands: Hands, remote_folder: Path) -> None:
    local = desk.folder / "near payload.bin"
    wanted = random_file(local, 2)
    console, session, page = opened(desk, rmm, hands, remote_folder)
    answered: list[str] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog) and dialog.isActiveWindow() and not answered:
            answered.append(dialog.windowTitle())
            hands.type(str(local))
            hands.press("Return")

    poll = QTimer()
    poll.timeout.connect(answer)
    poll.start(50)
    page.click("#p13UploadButton")
    page.click("#p13uploadinput")
    console.until(lambda: bool(answered), "no dialog asked for the file")
    poll.stop()
    page.until("document.getElementById('p13uploadinput').files.length === 1", "the page did not get the file")
    page.click("#idx_dlgOkButton")
    there = remote_folder / local.name
    console.until(lambda: there.exists() and digest(there) == wanted, "the file did not arrive whole")
    assert answered == ["Upload to the remote machine"]
    assert session.live
