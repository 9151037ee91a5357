"""Files for the tests of transfers: at both ends, and what the console says of them."""

import hashlib
import random
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QAbstractButton

from console.mesh.session_kind import SessionKind
from console.sessions.session import Session
from console.sessions.transfer import Transfer, TransferState
from console.sessions.transfers import Transfers
from console.ui.transfers.panel import TransferPanel
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

_PIECE = 1_000_000


def random_file(path: Path, megabytes: int) -> str:
    """Writes a file of random bytes and returns its hash."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(random.randbytes(_PIECE))
        file.write(b"{an odd end}\0")
    return digest(path)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


class Board:
    """The transfers of a console and their panel."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.all: Transfers = console.app.transfers
        self.panel = console.window.findChild(TransferPanel)
        assert self.panel is not None

    def newest(self, count: int = 1) -> list[Transfer]:
        """Waits until there are so many transfers and returns the latest."""
        self._console.until(lambda: len(list(self.all)) >= count, "no transfer began")
        return list(self.all)[-count:]

    def until(self, transfer: Transfer, state: TransferState, seconds: float = 60) -> None:
        def what() -> str:
            return f"{transfer.name} is {transfer.state}: {transfer.problem and transfer.problem.report()}"

        self._console.until(lambda: transfer.state is state, what, seconds)

    def until_asked(self, transfer: Transfer) -> None:
        self._console.until(lambda: transfer.question is not None, "it does not ask")

    def press(self, transfer: Transfer, name: str) -> None:
        """Clicks the button of a row with the mouse; `name` begins its accessible name."""
        found: list[QAbstractButton] = []

        def there() -> bool:
            row = self.panel.row(transfer) if self.panel else None
            buttons = row.findChildren(QAbstractButton) if row else []
            found[:] = [one for one in buttons if one.isVisible() and one.accessibleName().startswith(name)]
            return bool(found)

        self._console.until(there, f"no button “{name}” for {transfer.name}")
        self._console.hands.click(found[0])


class Ticks:
    """Notes how regularly the GUI thread comes round: a 50 ms timer, and the longest time between two of its ticks."""

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(interval=50)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.count = self.longest = 0
        self._since.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self.longest = max(self.longest, self._since.restart())
        self.count += 1


def go_to(page: WebPage, hands: Hands, folder: Path) -> None:
    """Opens a folder as a technician does: Go To… and its path."""
    page.until("p13filetree !== null", "the first folder was not listed")
    page.click("#p13GoToFolderButton")
    page.click("#p13folderinput")
    hands.press("ctrl+a")
    hands.type(str(folder))
    page.click("#idx_dlgOkButton")
    page.until(f"'/' + p13filetreelocation.join('/') === {str(folder)!r}", "the folder was not shown")


def files_session(desk: Desk, rmm: Rmm, hands: Hands, folder: Path) -> tuple[Console, Session, WebPage]:
    """A files session that shows a folder."""
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.FILES)
    console.connected(session)
    page = WebPage(console, session)
    go_to(page, hands, folder)
    console.until(lambda: session.facts.folder == str(folder), "the page does not say which folder it shows")
    return console, session, page


def download(page: WebPage, name: str) -> None:
    """Downloads a file of the folder that is shown, as a technician does: its box and Download."""
    page.until(f"p13filetree.dir.some(one => one.n === {name!r})", f"{name} is not listed")
    page.run("document.querySelectorAll('input[name=fd]').forEach(box => { box.checked = false; });")
    place = f"[...document.querySelectorAll('input[name=fd]')].findIndex(b => p13filetree.dir[b.value]?.n === {name!r})"
    page.until(f"{place} >= 0", f"{name} has no box")
    page.run(
        "(() => { const boxes = [...document.querySelectorAll('input[name=fd]')];"
        f" boxes[{place}].id = 'wanted-by-test'; }})()"
    )
    page.click("#wanted-by-test")
    page.click("#p13DownloadButton")
