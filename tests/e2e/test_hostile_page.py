"""What a hostile server's page tries from inside a session, refused there and at the far ends (docs/security.md)."""

import contextlib
import dataclasses
import json
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import psutil
import pytest
from PySide6.QtCore import QObject, QPoint, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from console.app import App, Options
from console.demo.mesh_local import LocalMesh
from console.mesh.file_errors import TooManyDownloads
from console.mesh.link import mesh_form
from console.mesh.session_kind import SessionKind
from console.servers import Clipboard
from console.sessions.progress import State
from console.sessions.session import Session
from console.sessions.transfer import TransferState
from console.ui.session.wishes import Wish
from console.vault.store import MemoryVault
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.hostile import Answer, Elsewhere, HostileMesh
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import reached
from tests.e2e.surroundings import Surroundings
from tests.e2e.tls import SelfSigned
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e

_OTHER_NODE = "A" * 64
_SCRIPT = Path(__file__).with_name("hostile_page.js").read_text(encoding="utf-8")
_FINE = ("own site", "own control socket", "own node")
# What a page may only try when it was clicked: with a click for each.
_CLICKED = (
    "a file: save picker", "a file: folder picker", "a device: screen", "a device: HID", "a device: serial port",
    "a device: fonts", "a device: whether somebody is there", "the clipboard: read", "the clipboard: write",
    "the clipboard: paste", "a pop-up", "a pop-up: empty", "a pop-up: without opener", "a pop-up: link",
    "another program", "the whole screen", "the mouse",
)  # fmt: skip


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as made:
        yield made


@pytest.fixture
def mesh(surroundings: Surroundings, elsewhere: Elsewhere) -> Iterator[HostileMesh]:
    folder = Path(tempfile.mkdtemp(dir=surroundings.home))
    with HostileMesh(SelfSigned(folder, "mesh.example.test")) as made:
        names = {"HOST": f"https://127.0.0.1:{elsewhere.port}", "NODE": _OTHER_NODE, "OWN": mesh_form(made.node_hex)}
        constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in names.items())
        made.page = Answer(
            "<!DOCTYPE html><html><head><title>MeshCentral</title></head><body><textarea></textarea>"
            '<button style="width: 300px; height: 200px">Connect</button>'
            f'<script>{constants}</script><script src="/scripts/hostile.js"></script></body></html>'
        )
        made.answers["/scripts/hostile.js"] = Answer(_SCRIPT, "text/javascript; charset=utf-8")
        made.answers["/scripts/worker.js"] = Answer(
            f"fetch('{names['HOST']}/worker', {{ mode: 'no-cors' }});"
            f" new WebSocket('wss://127.0.0.1:{elsewhere.port}/worker');",
            "text/javascript",
        )
        yield made


@pytest.fixture
def hostile(mesh: HostileMesh) -> Iterator[Rmm]:
    """An RMM whose session links lead to the hostile server."""
    with Rmm(cast(LocalMesh, mesh)) as made:
        yield made


@pytest.fixture
def console(desk: Desk, hostile: Rmm) -> Console:
    return desk.signed_in(hostile, msgspec.structs.replace(hostile.server(), clipboard=Clipboard.REFUSED))


def opened(console: Console, hostile: Rmm) -> tuple[Session, WebPage]:
    """A session with the hostile page, which is unfamiliar: the technician would have to connect it."""
    session = console.open(hostile.live[0].hostname, SessionKind.FILES)
    reached(console, session, State.BY_HAND)
    return session, WebPage(console, session)


class Opener(QObject):
    """Stands for the desktop: notes what it is asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def opener(qapp: QApplication) -> Iterator[Opener]:
    made = Opener()
    schemes = ("http", "https", "file", "mailto", "tel", "techconsole", "ms-msdt")
    for scheme in schemes:
        QDesktopServices.setUrlHandler(scheme, made, "open")  # type: ignore[arg-type]  # not what the stubs say
    yield made
    for scheme in schemes:
        QDesktopServices.unsetUrlHandler(scheme)


def windows() -> list[str]:
    return [f"{type(one).__name__}: {one.windowTitle()}" for one in QApplication.topLevelWidgets() if one.isVisible()]


def outcomes(page: WebPage) -> dict[str, str]:
    found = page.value("outcomes")
    assert isinstance(found, dict)
    return found


def test_all_that_a_page_tries_is_refused(
    console: Console, hostile: Rmm, mesh: HostileMesh, elsewhere: Elsewhere, opener: Opener, desk: Desk
) -> None:
    session, page = opened(console, hostile)
    QApplication.clipboard().setText("the technician's")
    elsewhere_works(elsewhere)
    titles = [console.window.windowTitle(), console.tab(session).title, console.tab(session).tip]
    address, before = page.page.url().toString(), windows()

    # Nobody touches the page, and the keyboard is somewhere else in the console.
    edit = QLineEdit(console.window)
    edit.show()
    edit.setFocus()
    seen: set[str] = set()
    page.run("attemptAll()")

    def over() -> bool:
        seen.update(windows())
        return page.value("window.over") is True

    console.until(over, lambda: f"not over: {list(outcomes(page))[-1:]}", seconds=90)
    untouched = outcomes(page)
    assert len(untouched) > 80
    assert {name: untouched.pop(name) for name in _FINE} == dict.fromkeys(_FINE, "true")
    assert [name for name, outcome in untouched.items() if outcome == "true"] == []
    assert edit.hasFocus()
    edit.deleteLater()

    # And now with a click for each of what a page may only do when it is clicked.
    for name in _CLICKED:
        page.run(
            f"delete outcomes[{name!r}];"
            f" document.querySelector('button').onclick = () => {{ attempt({name!r}); }}; scrollTo(0, 0);"
        )
        page.click("button")
        console.until(lambda: name in outcomes(page), f"no outcome of {name}")  # noqa: B023
        seen.update(windows())
    clicked = outcomes(page)
    assert {name: clicked[name] for name in _CLICKED if clicked[name] == "true"} == {}

    assert elsewhere.contacts == []
    assert opener.opened == []
    assert seen | set(windows()) == set(before)
    assert not console.window.isFullScreen()
    assert QApplication.clipboard().text() == "the technician's"
    assert page.page.url().toString().partition("#")[0] == address
    assert [console.window.windowTitle(), console.tab(session).title, console.tab(session).tip] == titles
    targets = [request.target for request in mesh.requests]
    assert [one for one in targets if _OTHER_NODE in one or "commander" in one or "sshrelay" in one] == []
    assert [one for one in targets if "worker" in one or "gotodevicename" in one] == []
    assert not desk.downloads.exists()
    assert session.state is State.BY_HAND


def test_what_a_page_hands_over_stays_in_the_folder(
    console: Console, hostile: Rmm, mesh: HostileMesh, elsewhere: Elsewhere, desk: Desk
) -> None:
    _, page = opened(console, hostile)
    secret = desk.folder / "x"
    secret.write_text("what was there before")
    own = mesh_form(mesh.node_hex)
    mesh.answers["/devicefile.ashx"] = Answer(
        "from the node",
        "application/octet-stream",
        headers=(("Content-Disposition", 'attachment; filename="../../x"'),),
    )
    # First, while a connection is free: Chromium makes none for a download under a pinned certificate.
    page.run(f"keep('/devicefile.ashx?c=1&n={own}&f=/tmp/x', 'x')")
    console.until(lambda: [one.over for one in console.app.transfers] == [True], "the node's file did not come")
    for address in (
        f"/devicefile.ashx?c=1&n={_OTHER_NODE}&f=/etc/passwd",
        f"https://127.0.0.1:{elsewhere.port}/x",
        f"/images/x?to=https://127.0.0.1:{elsewhere.port}/x",
        "/scripts/hostile.js",
        "/",
    ):
        page.run(f"keep({json.dumps(address)}, 'refused')")
    page.run("keep(blob('from the page'), '../../.config/autostart/x\u202egpj.desktop')")
    console.until(lambda: len([one for one in console.app.transfers if one.over]) == 2, "not all came")
    kept = {file.name: file.read_text() for file in desk.downloads.iterdir()}
    assert kept == {"x": "from the node", "x_gpj.desktop": "from the page"}
    assert secret.read_text() == "what was there before"
    assert elsewhere.contacts == []
    assert [one.target for one in mesh.asked("refused")] == []

    # With a pause: one that has not begun is dropped for the next.
    flood = "for (let i = 0; i < 2000 && !window.enough; i += 1) { keep(blob('x'), 'many ' + i); await pause(60); }"
    page.run(f"(async () => {{ {flood} window.ended = true }})()")
    failed = TransferState.FAILED
    console.until(lambda: any(one.state is failed for one in console.app.transfers), "a page hands over what it likes")
    tried = int(str(page.value("window.kept")))
    console.until(lambda: int(str(page.value("window.kept"))) > tried + 30, "it does not go on")
    page.run("window.enough = true")
    console.until(lambda: page.value("window.ended") is True)
    assert len(list(console.app.transfers)) <= 103
    refused = [one for one in console.app.transfers if one.state is failed]
    assert [type(one.problem) for one in refused] == [TooManyDownloads]


def test_nothing_is_left_of_the_session_before(
    console: Console, hostile: Rmm, mesh: HostileMesh, surroundings: Surroundings
) -> None:
    mesh.answers["/images/kept.png"] = Answer(
        "x", "image/png", headers=(("Cache-Control", "max-age=9999"), ("ETag", '"etag"'))
    )
    mesh.page = dataclasses.replace(
        mesh.page,
        headers=(("Set-Cookie", "seen=before; path=/; max-age=9999"), ("Strict-Transport-Security", "max-age=9999")),
    )
    found = []
    for _ in range(2):
        session, page = opened(console, hostile)
        mark = len(mesh.requests)
        page.run("(async () => { window.before = await leftOver(); await leave(); window.left = true; })()")
        page.until("window.left === true")
        found.append(page.value("before"))
        kept = page.value("document.cookie")
        assert isinstance(kept, str)
        assert "seen=before" in kept  # it was left, and the next session is not to see it
        assert len(mesh.requests) > mark
        console.app.sessions.close(session)
    nothing = {"cookies": "seen=before", "local": 0, "session": 0, "databases": 0, "caches": 0}
    assert found == [nothing, nothing]
    pages = [one for one in mesh.asked("gotonode=") if "login=" not in one.target]
    assert len(pages) == 2
    assert ["seen" in one.headers.get("cookie", "") for one in pages] == [False, False]
    pictures = mesh.asked("kept.png")
    assert ["if-none-match" in one.headers for one in pictures] == [False, False]
    files = [file for file in surroundings.home.rglob("*") if file.is_file() and "QtWebEngine" in str(file)]
    assert files == []


def test_a_page_that_keeps_busy_can_be_closed(console: Console, hostile: Rmm, hands: Hands) -> None:
    session, page = opened(console, hostile)
    told: list[object] = []
    session.reported.connect(told.append)
    page.run("flood()")
    console.until(lambda: bool(page.value("window.flooded > 20000")), "the page did not get far")
    assert len(told) < 4000  # of more than 20,000: what comes too fast is dropped before it reaches the console
    assert len(told) > 100
    before = renderers()
    page.run("while (true) {}")
    console.until(lambda: console.window.isActiveWindow())
    console.tab(session).wish.emit(Wish.CLOSE)
    hands.click(console.wait_for_button("End the session"))
    console.until(lambda: session.state is State.CLOSED)
    console.until(lambda: len(renderers()) < len(before), "the page's process runs on")


def test_a_page_that_goes_away_comes_back(console: Console, hostile: Rmm) -> None:
    session, page = opened(console, hostile)
    address = page.page.url().toString()
    said: list[str] = []
    session.changed.connect(lambda: said.append(session.problem.what if session.problem else ""))
    page.run("location.href = 'about:blank'")
    console.until(lambda: "MeshCentral's page went away by itself." in said)
    console.until(lambda: page.page.url().toString() == address, "it stays away")


def test_what_is_dragged_in_a_page_is_no_file_of_this_computer(console: Console, hostile: Rmm, hands: Hands) -> None:
    session, page = opened(console, hostile)
    wanted: list[object] = []
    session.upload_wanted.connect(wanted.append)
    page.run("draggable('file:///etc/passwd')")
    start = page.place("button")
    hands.drag_to(page.view, start, page.view.mapToGlobal(start + QPoint(60, 60)))
    console.until(lambda: page.value("window.dragged") is True, "nothing was dragged")
    assert wanted == []


def test_switches_that_were_dropped_are_said_in_the_window(desk: Desk, qapp: QApplication, qtbot: QtBot) -> None:
    app = App(qapp, Options(desk.places, MemoryVault, dropped=("--remote-debugging-port",)))
    try:
        app.begin()
        qtbot.waitUntil(lambda: any(box.isVisible() for box in app.window.findChildren(QMessageBox)))
        box = app.window.findChild(QMessageBox)
        assert box is not None
        assert "security of your sessions" in box.text() + box.informativeText()
        assert "--remote-debugging-port" in box.detailedText()
        box.close()
    finally:
        desk.end(Console(app, qtbot, Hands(qtbot)))


def renderers() -> list[int]:
    """The processes of pages."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "--type=renderer" in process.cmdline():
                found.append(process.pid)
    return found


def elsewhere_works(elsewhere: Elsewhere) -> None:
    """It would notice a visit."""
    with socket.create_connection(("127.0.0.1", elsewhere.port)) as visit:
        visit.sendall(b"a visit")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as visit:
        visit.sendto(b"a datagram", ("127.0.0.1", elsewhere.port))
    while len(elsewhere.contacts) < 2:
        time.sleep(0.01)
    assert set(elsewhere.contacts) == {b"a visit", b"a datagram"}
    elsewhere.contacts.clear()
