"""Transfers on the real parts: whole or not at all, never over another file, and in words when it cannot be."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from shiboken6 import isValid

from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.mesh.file_errors import DiskFull, NoRoom, NotWritable, TunnelLost, WriteFailed
from console.mesh.session_kind import SessionKind
from console.sessions.page import SessionPage
from console.sessions.session import Session
from console.sessions.transfer import TransferState
from console.ui.transfers.folder_dialog import FolderDialog
from tests.e2e.desk import Console, Desk
from tests.e2e.far_end import answer_consent, xdotool
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.transferring import Board, digest, download, files_session, names, random_file

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"

DONE, FAILED, CANCELLED = TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


@pytest.fixture
def far(rmm: Rmm) -> Iterator[Path]:
    """A folder at the far end."""
    folder = rmm.mesh.home / "exchange"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def asking() -> Iterator[LocalMesh]:
    """A MeshCentral whose agent asks its user first."""
    mesh = LocalMesh(ServerOptions(consent=True, consent_seconds=20))
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mounts a disk of this size at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def agent_paused(rmm: Rmm) -> Iterator[None]:
    """So that there is time to see a transfer under way."""
    agent = psutil.Process(rmm.mesh.agent.pid)
    agent.suspend()
    try:
        yield
    finally:
        agent.resume()


def near_file(desk: Desk, name: str, megabytes: int = 2) -> Path:
    path = desk.folder / "near" / name
    path.parent.mkdir(exist_ok=True)
    random_file(path, megabytes)
    return path


def words(row: QWidget) -> str:
    return " ".join(label.text() for label in row.findChildren(QLabel) if label.isVisible())


def dialog_of(console: Console) -> FolderDialog:
    found: list[FolderDialog] = []

    def there() -> bool:
        found[:] = [one for one in QApplication.topLevelWidgets() if isinstance(one, FolderDialog) and one.isVisible()]
        return bool(found) and found[0].isActiveWindow()

    console.until(there, "no dialog asks for the folder")
    return found[0]


def upload_to_folder(console: Console, hands: Hands, folder: Path | str) -> FolderDialog:
    """Answers the question for the folder with the keyboard."""
    dialog = dialog_of(console)
    console.until(lambda: dialog.folder.hasFocus(), "the folder cannot be typed")
    hands.press("ctrl+a")
    hands.type(str(folder))
    hands.press("Return")
    return dialog


class TestDownload:
    def test_is_the_same_file_and_never_has_its_name_before_it_is_whole(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path
    ) -> None:
        wanted = random_file(far / "far payload.bin", 40)
        console, session, page = files_session(desk, rmm, hands, far)
        board = Board(console)
        assert board.panel is not None
        assert not board.panel.isVisible()
        download(page, "far payload.bin")
        [transfer] = board.newest()
        with agent_paused(rmm):
            assert board.panel.isVisible()
            assert "far payload.bin" not in names(desk.downloads)
            row = board.panel.row
            console.until(lambda: row(transfer) is not None, "no row")
        board.until(transfer, DONE)
        assert digest(desk.downloads / "far payload.bin") == wanted
        assert names(desk.downloads) == ["far payload.bin"]
        shown = board.panel.row(transfer)
        assert shown is not None
        assert "40 MB, in Downloads" in words(shown)
        assert session.live

    @pytest.mark.parametrize(
        ("button", "expected", "which"),
        [
            ("Replace", ["taken.bin"], "new"),
            ("Keep both", ["taken (2).bin", "taken.bin"], "both"),
            ("Skip", ["taken.bin"], "old"),
        ],
    )
    def test_a_name_that_is_taken_is_asked_about(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path, button: str, expected: list[str], which: str
    ) -> None:
        new = random_file(far / "taken.bin", 3)
        desk.downloads.mkdir()
        old = random_file(desk.downloads / "taken.bin", 1)
        console, _, page = files_session(desk, rmm, hands, far)
        board = Board(console)
        download(page, "taken.bin")
        [transfer] = board.newest()
        board.until_asked(transfer)
        console.until(lambda: transfer.moved > 3_000_000, "it does not go on while it asks")
        assert digest(desk.downloads / "taken.bin") == old
        board.press(transfer, button)
        board.until(transfer, CANCELLED if which == "old" else DONE)
        console.until(lambda: names(desk.downloads) == expected, lambda: str(names(desk.downloads)))
        assert digest(desk.downloads / "taken.bin") == (new if which == "new" else old)
        if which == "both":
            assert digest(desk.downloads / "taken (2).bin") == new

    def test_can_be_cancelled(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        random_file(far / "too much.bin", 60)
        console, session, page = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.download_started.connect(lambda _: psutil.Process(rmm.mesh.agent.pid).suspend())
        try:
            download(page, "too much.bin")
            [transfer] = board.newest()
            board.press(transfer, "Cancel")
            board.until(transfer, CANCELLED)
        finally:
            psutil.Process(rmm.mesh.agent.pid).resume()
        console.until(lambda: not names(desk.downloads), lambda: f"left: {names(desk.downloads)}")
        assert session.live

    @needs_root
    def test_a_disk_with_too_little_room_is_said_before_it_begins(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path
    ) -> None:
        random_file(far / "large.bin", 60)
        with small_disk(desk.downloads, 20):
            console, session, page = files_session(desk, rmm, hands, far)
            board = Board(console)
            download(page, "large.bin")
            [transfer] = board.newest()
            board.until(transfer, FAILED)
            assert isinstance(transfer.problem, NoRoom)
            assert "60 MB" in transfer.problem.what
            # 20 MiB, but for what Chromium has written before it is told to stop.
            assert re.search(r"only (20\.[5-9]|21) MB are free", transfer.problem.what), transfer.problem.what
            console.until(lambda: not names(desk.downloads), lambda: f"left: {names(desk.downloads)}")
            assert session.live

    @needs_root
    def test_a_disk_that_others_fill_meanwhile_is_said_and_nothing_stays(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path
    ) -> None:
        random_file(far / "large.bin", 60)
        with small_disk(desk.downloads, 80):
            console, session, page = files_session(desk, rmm, hands, far)
            board = Board(console)

            def fill(_: object) -> None:
                (desk.downloads / "other").write_bytes(bytes(60_000_000))

            session.download_started.connect(fill)
            download(page, "large.bin")
            [transfer] = board.newest()
            board.until(transfer, FAILED)
            assert isinstance(transfer.problem, NoRoom | DiskFull)
            console.until(lambda: names(desk.downloads) == ["other"], lambda: f"left: {names(desk.downloads)}")

    def test_one_that_broke_off_is_tried_again_without_the_page(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path
    ) -> None:
        wanted = random_file(far / "broken off.bin", 60)
        console, session, page = files_session(desk, rmm, hands, far)
        board = Board(console)
        download(page, "broken off.bin")
        [transfer] = board.newest()
        with agent_paused(rmm):
            console.app.sessions.close(session)
            board.until(transfer, FAILED)
        console.until(lambda: not names(desk.downloads), lambda: f"left: {names(desk.downloads)}")
        board.press(transfer, "Retry")
        board.until(transfer, DONE)
        assert digest(desk.downloads / "broken off.bin") == wanted
        assert names(desk.downloads) == ["broken off.bin"]


class TestUpload:
    def test_of_files_chosen_in_the_page(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        local = near_file(desk, "near payload.bin")
        console, session, page = files_session(desk, rmm, hands, far)
        board = Board(console)
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
        console.until(lambda: bool(answered), "no dialog asks for the file")
        poll.stop()
        [transfer] = board.newest()
        board.until(transfer, DONE)
        assert names(far) == [local.name]
        assert digest(far / local.name) == digest(local)
        page.until(f"p13filetree.dir.some(one => one.n === {local.name!r})", "the page does not show what arrived")
        assert session.live

    def test_signing_out_ends_what_is_under_way(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        (far / "taken.bin").write_bytes(b"the old one")
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit([near_file(desk, "taken.bin", 1)])
        [transfer] = board.newest()
        board.until_asked(transfer)
        console.window.server_button.sign_out_wanted.emit(session.connection.server)
        console.until(lambda: "1 file is being transferred" in words(console.window), "the transfer is not named")
        hands.click(console.wait_for_button("Sign out"))
        console.until(lambda: not list(board.all), "the transfer is still listed")
        assert board.panel is not None
        assert not board.panel.isVisible()
        assert (far / "taken.bin").read_bytes() == b"the old one"
        assert names(far) == ["taken.bin"]

    def test_of_a_folder_keeps_what_is_below_it(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        top = desk.folder / "near" / "drivers"
        (top / "inner" / "most").mkdir(parents=True)
        for name in ("a.txt", "inner/b.txt", "inner/most/ç 語.txt"):
            (top / name).write_text(name)
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit([top])
        for transfer in board.newest(3):
            board.until(transfer, DONE)
        assert {each.relative_to(far).as_posix() for each in far.rglob("*.txt")} == {
            "drivers/a.txt",
            "drivers/inner/b.txt",
            "drivers/inner/most/ç 語.txt",
        }
        assert (far / "drivers/inner/most/ç 語.txt").read_text() == "inner/most/ç 語.txt"

    @pytest.mark.parametrize(
        ("button", "expected", "which"),
        [
            ("Replace", ["taken.bin"], "new"),
            ("Keep both", ["taken (2).bin", "taken.bin"], "both"),
            ("Skip", ["taken.bin"], "old"),
        ],
    )
    def test_a_name_that_is_taken_is_asked_about(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path, button: str, expected: list[str], which: str
    ) -> None:
        local = near_file(desk, "taken.bin")
        old = random_file(far / "taken.bin", 1)
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit([local])
        [transfer] = board.newest()
        board.until(transfer, TransferState.ASKING)
        assert digest(far / "taken.bin") == old
        board.press(transfer, button)
        board.until(transfer, CANCELLED if which == "old" else DONE)
        assert names(far) == expected
        assert digest(far / "taken.bin") == (digest(local) if which == "new" else old)
        if which == "both":
            assert digest(far / "taken (2).bin") == digest(local)

    def test_one_answer_serves_all(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        files = [near_file(desk, f"{number}.bin", 1) for number in range(5)]
        for one in files[:4]:
            (far / one.name).write_text("old")
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit(files)
        transfers = board.newest(5)
        for transfer in transfers[:4]:
            board.until(transfer, TransferState.ASKING)
        board.press(transfers[1], "The same answer")
        board.press(transfers[1], "Replace")
        for transfer in transfers:
            board.until(transfer, DONE)
        assert [digest(far / one.name) for one in files] == [digest(one) for one in files]
        assert len(names(far)) == 5

    def test_can_be_cancelled(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        local = near_file(desk, "too much.bin", 300)
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit([local])
        [transfer] = board.newest()
        console.until(lambda: any(name.endswith(".part") for name in names(far)), "it does not arrive")
        assert local.name not in names(far)
        board.press(transfer, "Cancel")
        board.until(transfer, CANCELLED)
        assert names(far) == []

    def test_only_two_at_a_time(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        files = [near_file(desk, f"{number}.bin", 20) for number in range(5)]
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit(files)
        transfers = board.newest(5)
        most = 0

        def all_done() -> bool:
            nonlocal most
            most = max(most, len([one for one in names(far) if one.endswith(".part")]))
            return all(one.state is DONE for one in transfers)

        console.until(all_done, "they did not all arrive", seconds=90)
        assert most == 2
        assert [digest(far / one.name) for one in files] == [digest(one) for one in files]
        assert len(names(far)) == 5

    def test_one_whose_tunnel_was_cut_is_tried_again(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        local = near_file(desk, "cut.bin", 300)
        console, session, _ = files_session(desk, rmm, hands, far)
        board = Board(console)
        session.upload_wanted.emit([local])
        [transfer] = board.newest()
        console.until(lambda: transfer.moved > 1_000_000, "it does not move")
        cut_connections(rmm.mesh.server.port)
        board.until(transfer, FAILED)
        assert isinstance(transfer.problem, TunnelLost)
        assert local.name not in names(far)
        board.press(transfer, "Retry")
        board.until(transfer, DONE)
        assert digest(far / local.name) == digest(local)
        assert names(far) == [local.name]

    def test_a_folder_that_cannot_be_written_to_is_said(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        local = near_file(desk, "refused.bin", 1)
        console, session, page = files_session(desk, rmm, hands, far)
        board = Board(console)
        page.run("p13filetreelocation = ['proc']; p13folderup(9999);")
        console.until(lambda: session.facts.folder == "/proc", "the page does not show /proc")
        session.upload_wanted.emit([local])
        [transfer] = board.newest()
        board.until(transfer, FAILED)
        assert isinstance(transfer.problem, NotWritable)
        assert "/proc" in transfer.problem.what

    @needs_root
    def test_a_full_disk_at_the_far_end_is_said(self, desk: Desk, rmm: Rmm, hands: Hands, far: Path) -> None:
        local = near_file(desk, "large.bin", 30)
        with small_disk(far / "small", 10) as small:
            console, session, _ = files_session(desk, rmm, hands, small)
            board = Board(console)
            session.upload_wanted.emit([local])
            [transfer] = board.newest()
            board.until(transfer, FAILED)
            assert isinstance(transfer.problem, WriteFailed)
            assert names(small) == []


class TestFolder:
    def test_is_asked_for_once_where_the_session_shows_none(
        self, desk: Desk, rmm: Rmm, hands: Hands, far: Path
    ) -> None:
        first, second = near_file(desk, "first.bin", 1), near_file(desk, "second.bin", 1)
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
        console.connected(session)
        board = Board(console)
        session.upload_wanted.emit([first])
        dialog = upload_to_folder(console, hands, rmm.mesh.home / "no such folder")
        console.until(lambda: "There is no folder" in words(dialog), lambda: words(dialog))
        assert list(board.all) == []
        upload_to_folder(console, hands, "/proc")
        console.until(lambda: "does not let files be written" in words(dialog), lambda: words(dialog))
        upload_to_folder(console, hands, far)
        board.until(board.newest()[0], DONE)
        session.upload_wanted.emit([second])
        board.until(board.newest(2)[1], DONE)
        assert names(far) == ["first.bin", "second.bin"]
        assert session.live


class TestConsent:
    @pytest.mark.skipif(shutil.which("xmessage") is None, reason="the agent has no xmessage to ask with")
    def test_the_remote_user_is_asked_once_for_all(self, desk: Desk, asking: LocalMesh, hands: Hands) -> None:
        with Rmm(asking) as rmm:
            files = [near_file(desk, f"{number}.bin", 1) for number in range(3)]
            folder = asking.home / "allowed"
            folder.mkdir()
            console, dialog = self._asked(desk, rmm, hands, files, folder)
            assert asking.desktop is not None
            assert answer_consent(asking.desktop, accept=True)
            board = Board(console)
            for transfer in board.newest(3):
                board.until(transfer, DONE)
            assert not isValid(dialog), "the dialog stays"
            assert names(folder) == [one.name for one in files]

    @pytest.mark.skipif(shutil.which("xmessage") is None, reason="the agent has no xmessage to ask with")
    def test_what_the_remote_user_refuses_is_said(self, desk: Desk, asking: LocalMesh, hands: Hands) -> None:
        with Rmm(asking) as rmm:
            folder = asking.home / "refused"
            folder.mkdir()
            console, dialog = self._asked(desk, rmm, hands, [near_file(desk, "refused.bin", 1)], folder)
            assert asking.desktop is not None
            assert answer_consent(asking.desktop, accept=False)
            console.until(lambda: "did not allow" in words(dialog), lambda: words(dialog))
            assert names(folder) == []

    @staticmethod
    def _asked(desk: Desk, rmm: Rmm, hands: Hands, files: list[Path], folder: Path) -> tuple[Console, FolderDialog]:
        console = desk.signed_in(rmm)
        console.app.transfers.upload(never_opened(console, rmm), files)
        dialog = upload_to_folder(console, hands, folder)
        desktop = rmm.mesh.desktop
        assert desktop is not None
        search = ("search", "--onlyvisible", "--class", "xmessage")
        console.until(lambda: bool(xdotool(desktop, *search).split()), "the remote user is not asked")
        assert "Looking at the folder" in words(dialog)
        return console, dialog


def never_opened(console: Console, rmm: Rmm) -> Session:
    """A session without a page, so that nothing but the transfer asks the remote user."""
    agent = next(one for one in console.agents.watch.by_id().values() if one.hostname == rmm.live[0].hostname)

    def no_page(parent: QObject) -> SessionPage:
        raise AssertionError("a page was made")

    return Session(agent, SessionKind.TERMINAL, console.agents.watch.connection, no_page, lambda _: None)


def cut_connections(port: int) -> None:
    """The network breaks off: every connection of this process to a port is shut down."""
    for one in psutil.Process().net_connections("tcp"):
        if one.fd >= 0 and getattr(one.raddr, "port", None) == port:
            with socket.socket(fileno=os.dup(one.fd)) as cut, contextlib.suppress(OSError):
                cut.shutdown(socket.SHUT_RDWR)
