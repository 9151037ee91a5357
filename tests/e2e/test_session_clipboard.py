"""Text goes both ways through the clipboard: in the terminal by keys, in the desktop by MeshCentral's own buttons."""

import subprocess

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from console.demo.desktop import SharedDesktop
from console.mesh.command import ShowBars
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.servers import Clipboard, ServerBook
from console.sessions.session import Session
from console.ui.agents.page import AgentsPage
from console.vault.store import Kind, MemoryVault
from tests.e2e.desk import Console, Desk
from tests.e2e.far_end import far_clipboard, put_on_far_clipboard, reader, until
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e

_OUT = "#DeskClipboardOutButtonImage"
_IN = "#DeskClipboardInButtonImage"


@pytest.fixture
def desktop(rmm: Rmm) -> SharedDesktop:
    assert rmm.mesh.desktop is not None
    return rmm.mesh.desktop


def put_here(text: str) -> None:
    """Copies a text in another program of the technician's display."""
    subprocess.run(
        ["xclip", "-selection", "clipboard", "-in"],
        input=text.encode(),
        check=True,
        timeout=10,
        stdout=subprocess.DEVNULL,
    )
    assert until(lambda: QApplication.clipboard().text() == text or _processed())


def _processed() -> bool:
    QApplication.processEvents()
    return False


def text_here() -> str:
    """What another program of the technician's display would paste."""
    process = subprocess.Popen(
        ["xclip", "-selection", "clipboard", "-out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while process.poll() is None:  # the clipboard's owner may be this very process
        QApplication.processEvents()
    assert process.stdout is not None
    return process.stdout.read()


@pytest.mark.parametrize("keys", ["shift+Insert", "ctrl+shift+v"])
def test_a_text_is_pasted_into_the_terminal(desk: Desk, rmm: Rmm, hands: Hands, keys: str) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    arrived = rmm.mesh.home / "pasted"
    arrived.unlink(missing_ok=True)
    hands.type(f"'{reader(rmm.mesh.home)}' '{arrived}'")
    hands.press("Return")
    console.until(arrived.exists, "the reader did not start")
    put_here("pasted: Grüße & 10 €")
    hands.press(keys)
    console.until(lambda: arrived.read_text() == "pasted: Grüße & 10 €", "the text did not arrive")


@pytest.mark.parametrize("keys", ["ctrl+Insert", "ctrl+shift+c"])
def test_a_text_is_copied_from_the_terminal(desk: Desk, rmm: Rmm, hands: Hands, keys: str) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    page = WebPage(console, session)
    put_here("something else")
    hands.type("clear; echo far-$((6 * 7))-copied")
    hands.press("Return")

    def selected() -> bool:
        hands.click(page.view, first_cell(page) + QPoint(30, 0), times=3)
        return page.value("xterm.getSelection().trim()") == "far-42-copied"

    console.until(selected, "the line was not selected")
    hands.press(keys)
    console.until(lambda: text_here().strip() == "far-42-copied", "the text is not in the clipboard")


def first_cell(page: WebPage) -> QPoint:
    box = page.value(
        "(() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();"
        " return [box.left, box.top]; })()"
    )
    assert isinstance(box, list)
    return QPoint(round(box[0]) + 4, round(box[1]) + 8)


class TestDesktop:
    @staticmethod
    def opened(desk: Desk, rmm: Rmm) -> tuple[Console, Session, WebPage]:
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
        console.connected(session)
        return console, session, TestDesktop.with_bars(console, session)

    @staticmethod
    def with_bars(console: Console, session: Session) -> WebPage:
        """The session's page with MeshCentral's own buttons."""
        assert session.page is not None
        session.page.do(ShowBars(True))
        return WebPage(console, session)

    @staticmethod
    def kept(desk: Desk) -> list[Clipboard]:
        return [server.clipboard for server in ServerBook(desk.places.config / "servers.json").servers]

    @staticmethod
    def question(console: Console, session: Session) -> QWidget | None:
        found = console.tab(session).findChildren(QWidget, "infoBar")
        return next((bar for bar in found if bar.isVisible()), None)

    def test_shared_it_goes_both_ways_and_is_asked_once(
        self, desk: Desk, rmm: Rmm, hands: Hands, desktop: SharedDesktop
    ) -> None:
        console, session, page = self.opened(desk, rmm)
        put_here("from the technician")
        put_on_far_clipboard(desktop, "nothing yet")
        page.click(_OUT)
        hands.click(console.wait_for_button("Share", console.tab(session)))
        console.until(lambda: far_clipboard(desktop) == "from the technician", "the text did not arrive there")
        assert self.question(console, session) is None
        put_on_far_clipboard(desktop, "from the remote machine")
        page.click(_IN)
        console.until(lambda: text_here() == "from the remote machine", "the text did not arrive here")
        assert self.question(console, session) is None

        console.window.tabs.setCurrentIndex(0)
        second = console.open(rmm.live[1].hostname, SessionKind.CONTROL)
        console.connected(second)
        put_here("the second session")
        self.with_bars(console, second).click(_OUT)
        console.until(lambda: far_clipboard(desktop) == "the second session", "the second session asks again")
        assert self.question(console, second) is None

    def test_the_answer_outlives_a_restart(self, desk: Desk, rmm: Rmm, hands: Hands, desktop: SharedDesktop) -> None:
        console, session, page = self.opened(desk, rmm)
        page.click(_OUT)
        hands.click(console.wait_for_button("Share", console.tab(session)))
        console.until(lambda: self.kept(desk) == [Clipboard.SHARED], "it was not kept")
        desk.end(console)

        vault = MemoryVault()
        token, _ = rmm.users.new_token(rmm.users.technician)
        vault.put(ServerBook(desk.places.config / "servers.json").servers[0].id, Kind.SESSION_TOKEN, Secret(token))
        second = desk.start(lambda: vault)
        second.until(lambda: isinstance(second.window.home.currentWidget(), AgentsPage))
        second.until(lambda: second.agents.watch.as_of is not None, "the agents were not listed")
        later = second.open(rmm.live[0].hostname, SessionKind.CONTROL)
        second.connected(later)
        put_here("after the restart")
        self.with_bars(second, later).click(_OUT)
        second.until(lambda: far_clipboard(desktop) == "after the restart", "the text did not arrive there")
        assert self.question(second, later) is None

    def test_refused_nothing_goes_over(self, desk: Desk, rmm: Rmm, hands: Hands, desktop: SharedDesktop) -> None:
        console, session, page = self.opened(desk, rmm)
        put_here("private")
        put_on_far_clipboard(desktop, "untouched")
        ask = "navigator.clipboard.readText().catch((error) => { window.refused = error.name; });"
        page.run(ask)
        hands.click(console.wait_for_button("Do not share", console.tab(session)))
        page.until("window.refused === 'NotAllowedError'", "the page was not refused")
        page.run("window.refused = null;" + ask)
        page.until("window.refused === 'NotAllowedError'", "the second time it was not refused")
        page.click(_OUT)
        assert self.question(console, session) is None
        assert far_clipboard(desktop) == "untouched"
        console.until(lambda: self.kept(desk) == [Clipboard.REFUSED], "the answer was not kept")
