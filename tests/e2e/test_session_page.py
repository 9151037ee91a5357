"""The page of a session: its bars, what it is asked to do and does at the far end, and what it reports."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWebEngineCore import QWebEngineScript
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh.command import Connect, Disconnect, ShowBars, TypeText
from console.mesh.report import (
    AgentPresence,
    BarsShown,
    Control,
    FarEndAwake,
    Features,
    FirstData,
    Ready,
    TunnelState,
    Unfamiliar,
)
from console.mesh.session_kind import SessionKind
from console.mesh.web.bridge import PageBridge
from tests.e2e.far_end import until
from tests.e2e.hands import Hands
from tests.e2e.open_view import OpenView, without

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"

CONTROL, TERMINAL, FILES = SessionKind.CONTROL, SessionKind.TERMINAL, SessionKind.FILES
BUTTON = {CONTROL: "connectbutton1", TERMINAL: "connectbutton2", FILES: "p13Connect"}
TUNNEL = {CONTROL: "desktop", TERMINAL: "terminal", FILES: "files"}
FUNCTIONS = ("mainUpdate", "go", "gotoDevice", "getNodeFromId", "CreateAgentRedirect", "MeshServerCreateControl")
LAYOUT = {
    CONTROL: ("#p11title", "#deskarea1", "#deskarea3x", "#deskarea4", "#DeskParent", "#Desk", "deskAdjust"),
    TERMINAL: ("#p12title", "#termTable", "#termarea3x", "#termarea3xdiv"),
    FILES: ("#p13title", "#p13toolbar", "#p13filetable", "#p13files"),
}

Make = Callable[[SessionKind], OpenView]


@pytest.fixture
def make(local_mesh: LocalMesh, hands: Hands, qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(OpenView(local_mesh, kind, qtbot, hands, tmp_path))


def opened(make: Make, kind: SessionKind) -> OpenView:
    view = make(kind)
    view.open()
    view.connected()
    return view


FILLS = {
    CONTROL: "document.getElementById('DeskParent')",
    TERMINAL: "document.getElementById('termarea3xdiv')",
    FILES: "document.getElementById('p13')",
}


class TestBars:
    @pytest.mark.parametrize("kind", list(SessionKind))
    def test_the_session_fills_the_view(self, make: Make, kind: SessionKind) -> None:
        view = opened(make, kind)
        assert view.told(BarsShown) == BarsShown(shown=False)
        for button in (BUTTON[kind], {CONTROL: "DeskWD", TERMINAL: "ctrlcbutton", FILES: "p13Disconnect"}[kind]):
            assert view.web.value(f"document.getElementById('{button}').getBoundingClientRect().width") == 0
        for width, height in ((1000, 640), (700, 400), (1100, 700)):
            view.page.widget.resize(width, height)
            view.web.until(f"innerWidth === {width}")
            edges = (
                f"(({{left, top, width, height}}) => [left, top, width, height])({FILLS[kind]}.getBoundingClientRect())"
            )
            view.web.until(f"String({edges}) === '0,0,{width},{height}'", "it does not fill the view")
            page = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            assert view.web.value(page) == [width, height], "the page has scroll bars of its own"
            self.follows(view, kind, width, height)

    @staticmethod
    def follows(view: OpenView, kind: SessionKind, width: int, height: int) -> None:
        match kind:
            case SessionKind.CONTROL:
                wanted = min(width / 1280, height / 800)
                fits = f"Math.abs(document.getElementById('Desk').clientWidth - {1280 * wanted}) < 3"
                view.web.until(fits, "the picture does not fill the view in its own shape")
            case SessionKind.TERMINAL:
                rows = "document.querySelector('.xterm-screen').clientHeight"
                view.web.until(
                    f"{rows} <= {height} && {rows} > {height - 25}", "the terminal has not the view's height"
                )
            case SessionKind.FILES:
                bottom = "document.getElementById('p13toolbarBottom').getBoundingClientRect().bottom"
                view.web.until(f"Math.abs({bottom} - {height}) < 2", "the list does not reach the bottom")
                assert view.web.place("#p13RefreshButton").y() < 60, "the buttons for files are not to be seen"

    def test_they_come_and_go_as_asked(self, make: Make) -> None:
        view = opened(make, CONTROL)
        view.do(ShowBars(True))
        view.told(BarsShown, lambda report: report.shown)
        view.web.place("#disconnectbutton1")
        mark = len(view.reports)
        view.do(ShowBars(False))
        view.told(BarsShown, lambda report: not report.shown, mark)
        assert view.web.value("document.getElementById('disconnectbutton1').getBoundingClientRect().width") == 0

    def test_a_dialog_of_the_page_can_be_used(self, make: Make) -> None:
        view = opened(make, FILES)
        view.web.click("#p13NewFolderButton")
        view.web.click("#p13renameinput")
        view.hands.type("folder")
        view.web.until("document.getElementById('p13renameinput').value === 'folder'")
        view.web.click("#idx_dlgCancelButton")
        view.web.until("!xxdialogMode", "the dialog stays")

    @pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in LAYOUT.items() for name in names])
    def test_they_stay_where_the_page_is_another(self, make: Make, kind: SessionKind, name: str) -> None:
        view = make(kind)
        without(view, name)
        view.open()
        assert view.told(BarsShown) == BarsShown(shown=True, missing=name)
        view.connected()
        reasons = view.told(Features, lambda report: report.reasons.get("bars", "") != "").reasons
        assert name in reasons["bars"]
        assert reasons["connect"] == ""
        view.do(ShowBars(False))
        view.do(Disconnect())
        view.told(TunnelState, lambda report: report.state == 0)
        mark = len(view.reports)
        view.web.click(f"#{BUTTON[kind]}")  # to be seen, and it works
        assert view.connected(mark) == 2


class TestByHand:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [(TERMINAL, name) for name in FUNCTIONS] + [(kind, "#" + button) for kind, button in BUTTON.items()],
    )
    def test_the_page_s_own_button_connects(self, make: Make, kind: SessionKind, name: str) -> None:
        view = make(kind)
        without(view, name)
        view.open()
        assert view.told(Unfamiliar).missing == name
        assert view.told(BarsShown).shown
        assert name in view.told(Features).reasons["connect"]
        assert view.latest(Ready) is None
        view.web.click(f"#{BUTTON[kind]}")
        view.web.until(f"{TUNNEL[kind]} && {TUNNEL[kind]}.State === 3", "the page did not connect")
        if name not in ("CreateAgentRedirect",):
            assert view.connected() == 1

    def test_a_button_that_stays_disabled_is_said_and_shown(self, make: Make) -> None:
        view = make(TERMINAL)
        script = QWebEngineScript()
        disabled = "Object.defineProperty(button, 'disabled', {get: () => true, set: () => {}, configurable: true})"
        find = "const button = document.getElementById('connectbutton2');"
        script.setSourceCode(f"(() => {{ {find} if (button) {disabled}; }})();")
        script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld.value)
        script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentReady)
        view.web.page.scripts().insert(script)
        view.open()
        assert view.told(Unfamiliar).missing == "an enabled #connectbutton2"
        view.told(BarsShown, lambda report: report.shown)
        view.told(Features, lambda report: report.reasons["connect"] != "")
        view.web.run("delete document.getElementById('connectbutton2').disabled; updateTerminalButtons()")
        mark = len(view.reports)
        view.web.click("#connectbutton2")
        assert view.connected(mark) == 1
        view.told(BarsShown, lambda report: not report.shown, mark)


class TestConnecting:
    def test_it_connects_again_when_asked(self, make: Make) -> None:
        view = opened(make, TERMINAL)
        view.do(Disconnect())
        view.told(TunnelState, lambda report: report.state == 0)
        mark = len(view.reports)
        view.wait(2500)
        assert view.reports[mark:] == [], "it went on by itself, or took its own end for the far one's"
        view.do(Connect())
        assert view.connected(mark) == 2
        view.web.shell_works(view.mesh.home)
        view.do(Connect())  # nothing: it is connected
        view.wait(500)
        assert view.relayed
        assert view.web.value("terminal.State") == 3

    def test_a_shell_that_ends_is_told_from_an_agent_that_goes(self, make: Make) -> None:
        view = opened(make, TERMINAL)
        view.do(TypeText("exit\n"))
        assert view.told(FarEndAwake).attempt == 1
        assert view.latest(AgentPresence) is None
        mark = len(view.reports)
        view.do(Connect())
        assert view.connected(mark) == 2
        view.do(ShowBars(True))
        mark = len(view.reports)
        view.web.click("#disconnectbutton2")  # the technician's own doing
        view.told(TunnelState, lambda report: report.state == 0, mark)
        view.wait(7000)
        assert [one for one in view.reports[mark:] if isinstance(one, FarEndAwake)] == []
        view.do(Connect())
        assert view.connected(mark) == 3
        mark = len(view.reports)
        view.mesh.agent.stop()
        try:
            view.told(AgentPresence, lambda report: not report.online)
            view.told(TunnelState, lambda report: report.state == 0, mark)
            view.do(Connect())  # it waits for the agent
            view.wait(7000)
            assert [one for one in view.reports[mark:] if isinstance(one, FarEndAwake)] == []
        finally:
            view.mesh.agent.start()
        assert view.connected(view.reports.index(view.told(AgentPresence, lambda report: report.online))) == 4
        view.web.shell_works(view.mesh.home)

    def test_a_dead_renderer_is_replaced(self, make: Make) -> None:
        view = opened(make, TERMINAL)
        renderer = view.web.page.renderProcessPid()
        os.kill(renderer, signal.SIGKILL)
        view.until(lambda: bool(view.problems), "its end was not reported")
        mark = len(view.reports)
        view.page.reload()
        assert view.connected(mark) == 1
        assert view.web.page.renderProcessPid() != renderer
        view.web.shell_works(view.mesh.home)

    def test_a_live_page_is_loaded_anew_and_the_earlier_one_no_longer_counts(self, make: Make) -> None:
        view = opened(make, TERMINAL)
        view.web.shell_works(view.mesh.home)  # and the page asks before it is left: there was a hand in it
        before = event(view)
        scripts = len(view.web.page.scripts().toList())
        mark = len(view.reports)
        view.page.reload()
        assert view.connected(mark) == 1
        assert [one for one in view.reports[mark:] if isinstance(one, TunnelState) and one.state == 0] == []
        assert event(view) != before
        assert len(view.web.page.scripts().toList()) == scripts
        view.until(lambda: len(view.web.page.findChildren(PageBridge)) == 1, "an earlier bridge is left")
        mark = len(view.reports)
        lie = json.dumps(json.dumps({"fact": "unfamiliar", "missing": "all"}))
        for name, heard in ((before, False), (event(view), True)):
            view.web.run(f"document.dispatchEvent(new CustomEvent({name!r}, {{detail: {lie}}}))")
            view.wait(500)
            assert any(isinstance(one, Unfamiliar) for one in view.reports[mark:]) is heard

    def test_nothing_of_ours_is_left_in_the_page_s_world(self, make: Make) -> None:
        view = opened(make, CONTROL)
        frame = "(() => { const f = document.createElement('iframe'); document.body.append(f); const n ="
        clean = f"{frame} Object.getOwnPropertyNames(f.contentWindow); f.remove(); return n; }})()"
        names = f"(() => {{ const c = new Set({clean}); return Object.keys(window).filter((n) => !c.has(n)); }})()"
        found = view.web.value(names)
        assert isinstance(found, list)
        assert "desktop" in found
        assert set(found) & {"page", "settings", "qt", "QWebChannel", "bridge"} == set()


def event(view: OpenView) -> str:
    """The name of the event that the page's script reports with."""
    sources = "".join(script.sourceCode() for script in view.web.page.scripts().toList())
    names = {str(name) for name in re.findall(r"session-[0-9a-f]{16}", sources)}
    assert len(names) == 1
    return names.pop()


@pytest.fixture(scope="module")
def own_mesh() -> Iterator[LocalMesh]:
    mesh = LocalMesh()
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


class TestTheServer:
    """With a MeshCentral of its own, which is stopped."""

    @pytest.fixture
    def view(self, own_mesh: LocalMesh, hands: Hands, qtbot: QtBot, tmp_path: Path) -> Iterator[OpenView]:
        with OpenView(own_mesh, CONTROL, qtbot, hands, tmp_path) as view:
            view.open()
            view.connected()
            yield view

    def test_its_silence_is_noticed_and_its_return(self, view: OpenView) -> None:
        server = psutil.Process(view.mesh.server.pid)
        processes = [server, *server.children(recursive=True)]
        mark = len(view.reports)
        for process in processes:
            process.suspend()
        try:
            view.until(lambda: Control(attempt=1, alive=False) in view.reports[mark:], "nothing was noticed", 60)
        finally:
            for process in processes:
                process.resume()
        view.told(Control, lambda report: report.alive, mark)
        assert view.relayed

    def test_what_could_not_be_loaded_is_loaded_later(self, view: OpenView) -> None:
        server = psutil.Process(view.mesh.server.pid)
        for process in (*server.children(recursive=True), server):
            process.kill()
        try:
            view.told(Control, lambda report: not report.alive)
            view.page.reload()
            view.until(lambda: bool(view.problems), "the failure was not reported")
            assert "could not be loaded" in view.problems[0].what
        finally:
            view.mesh.server.restart()
            view.mesh.agent.restart()
        mark = len(view.reports)
        view.open()
        assert view.connected(mark) == 1
        assert len(view.problems) == 1

    def test_its_end_is_noticed_and_the_page_does_not_load_itself_anew(self, view: OpenView) -> None:
        view.web.run("window.mark = 1")
        mark = len(view.reports)
        server = psutil.Process(view.mesh.server.pid)
        for process in (*server.children(recursive=True), server):
            process.kill()
        view.told(Control, lambda report: not report.alive, mark)
        assert view.web.value("document.getElementById('p11').style.display !== 'none'"), "the last view is hidden"
        view.mesh.server.restart()
        view.mesh.agent.restart()
        view.wait(7000)  # MeshCentral would have asked after 5 s whether the server is there
        assert view.web.value("window.mark") == 1
        view.do(Connect())  # nothing but the same word: there is no connection to MeshCentral
        view.until(lambda: view.reports[-1] == Control(attempt=1, alive=False))
        mark = len(view.reports)
        view.page.reload()  # the cookie ended with the server
        view.until(lambda: any(type(one).__name__ == "SignInShown" for one in view.reports[mark:]), "no sign-in page")
        mark = len(view.reports)
        view.open()
        assert view.connected(mark) == 1
        images: list[QImage] = []
        view.page.screenshot(images.append)
        view.until(lambda: bool(images))
        assert not images[0].isNull()


def test_reports_begin_with_what_the_page_can_do(make: Make) -> None:
    view = opened(make, CONTROL)
    kinds = [type(report) for report in view.reports]
    assert kinds.index(BarsShown) < kinds.index(Ready) < kinds.index(Features) < kinds.index(FirstData)
    assert until(lambda: True)
