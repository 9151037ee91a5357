"""What a session's page is asked to do is seen at the far end, and what it cannot do it says."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.demo.desktop import SharedDesktop
from console.demo.mesh_local import LocalMesh
from console.mesh.command import (
    KEYS,
    Command,
    Disconnect,
    PressKeys,
    Refresh,
    SetPicture,
    SetScale,
    SetViewOnly,
    ShareClipboard,
    ShowDisplay,
    TypeText,
)
from console.mesh.report import Display, Displays, Features, FolderShown, Picture, TunnelState
from console.mesh.session_kind import SessionKind
from tests.e2e.far_end import (
    far_clipboard,
    far_pixel,
    far_terminal,
    held_keys,
    put_on_far_clipboard,
    reader,
    until,
    xdotool,
)
from tests.e2e.far_keys import far_keys
from tests.e2e.hands import Hands
from tests.e2e.open_view import OpenView

pytestmark = pytest.mark.e2e

CONTROL, TERMINAL, FILES = SessionKind.CONTROL, SessionKind.TERMINAL, SessionKind.FILES
X11 = {
    "ctrl": "Control_L", "alt": "Alt_L", "shift": "Shift_L", "win": "Super_L", "tab": "Tab", "escape": "Escape",
    "enter": "Return", "delete": "Delete", "insert": "Insert", "home": "Home", "end": "End", "pageup": "Prior",
    "pagedown": "Next", "left": "Left", "up": "Up", "right": "Right", "down": "Down", "print": "Print",
    "space": "space", "backspace": "BackSpace",
} | {f"f{number}": f"F{number}" for number in range(1, 13)}  # fmt: skip

Make = Callable[[SessionKind], OpenView]


@pytest.fixture
def make(local_mesh: LocalMesh, hands: Hands, qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    """Opens views that are connected."""
    with ExitStack() as stack:

        def opened(kind: SessionKind) -> OpenView:
            view = stack.enter_context(OpenView(local_mesh, kind, qtbot, hands, tmp_path))
            view.open()
            view.connected()
            return view

        yield opened


@pytest.fixture
def desktop(local_mesh: LocalMesh) -> SharedDesktop:
    assert local_mesh.desktop is not None
    return local_mesh.desktop


@contextmanager
def far_reader(view: OpenView, desktop: SharedDesktop) -> Iterator[tuple[Path, QPoint]]:
    """A terminal on the far display with the keyboard, whose program notes what arrives; the file, and its middle."""
    arrived = view.mesh.home / f"arrived {secrets.token_hex(4)}"
    with far_terminal(view.mesh, reader(view.mesh.home), arrived, "mouse") as (x, y, width, height):
        assert until(arrived.exists)
        middle = QPoint(x + width // 2, y + height // 2)
        xdotool(desktop, "mousemove", str(middle.x()), str(middle.y()), "click", "1")
        view.until(lambda: b"\x1b[<0;" in arrived.read_bytes(), "the far terminal has not the keyboard")
        arrived.write_bytes(b"")
        yield arrived, middle


class TestKeys:
    @pytest.mark.parametrize("part", range(4))
    def test_each_arrives_and_is_let_go(self, make: Make, desktop: SharedDesktop, tmp_path: Path, part: int) -> None:
        view = make(CONTROL)
        with far_keys(desktop, tmp_path / "keys") as noted:
            wanted: list[str] = []
            for key in sorted(KEYS)[part::4]:
                view.do(PressKeys((key,)))
                name = X11.get(key, key)
                wanted.extend((f"+{name}", f"-{name}"))
                view.until(lambda: len(noted.all) >= len(wanted), f"{key} did not arrive")
            assert noted.all == wanted
        assert held_keys(desktop) == "[]"

    @pytest.mark.parametrize(
        "keys", [("ctrl", "alt", "delete"), ("alt", "tab"), ("win", "l"), ("ctrl", "shift", "escape"), ("alt", "f4")]
    )
    def test_keys_together_are_let_go_the_last_first(
        self, make: Make, desktop: SharedDesktop, tmp_path: Path, keys: tuple[str, ...]
    ) -> None:
        view = make(CONTROL)
        with far_keys(desktop, tmp_path / "keys") as noted:
            view.do(PressKeys(keys))
            view.until(lambda: len(noted.all) == 2 * len(keys), f"not all arrived: {noted.all}")
            assert [line[0] for line in noted.all] == ["+"] * len(keys) + ["-"] * len(keys)
            pressed, released = noted.all[: len(keys)], noted.all[len(keys) :]
            assert [line[1:] for line in pressed] == [line[1:] for line in reversed(released)]
            assert pressed[0] == f"+{X11[keys[0]]}"
        assert held_keys(desktop) == "[]"

    def test_what_is_no_command_changes_nothing(self, make: Make, desktop: SharedDesktop, tmp_path: Path) -> None:
        class Odd(Command, frozen=True, tag="keys"):
            keys: object

        class Unknown(Command, frozen=True, tag="toString"):
            pass

        view = make(CONTROL)
        with far_keys(desktop, tmp_path / "keys") as noted:
            for keys in (["a", "nothing"], ["constructor"], "a", [1], [], ["a"] * 50, None):
                view.do(Odd(keys))
            view.do(Unknown())
            view.do(SetPicture(quality=-3, scaling=1000, milliseconds=0))
            view.do(PressKeys(("z",)))
            view.until(lambda: noted.all == ["+z", "-z"], "the one that is a command did not arrive")
        assert view.relayed

    def test_in_a_terminal_they_mean_what_they_mean_there(self, make: Make) -> None:
        view = make(TERMINAL)
        arrived = view.mesh.home / f"arrived {secrets.token_hex(4)}"
        view.do(TypeText(f"'{reader(view.mesh.home)}' '{arrived}'\n"))
        view.until(arrived.exists, "the reader did not start", 60)
        sent: dict[tuple[str, ...], bytes] = {
            ("a",): b"a", ("shift", "b"): b"B", ("ctrl", "c"): b"\x03", ("escape",): b"\x1b", ("enter",): b"\r",
            ("tab",): b"\t", ("up",): b"\x1b[A", ("alt", "x"): b"\x1bx", ("f5",): b"\x1b[15~", ("space",): b" ",
            ("delete",): b"\x1b[3~", ("backspace",): b"\x7f", ("pagedown",): b"\x1b[6~", ("7",): b"7",
        }  # fmt: skip
        for keys in sent:
            view.do(PressKeys(keys))
        wanted = b"".join(sent.values())
        view.until(lambda: arrived.read_bytes() == wanted, "not every key arrived")


class TestText:
    TEXT = "Grüße: 10 € für Zoë,\n\tÑandú & „Quotes“ äöüÄÖÜß {[|]} @~\n" + "aäZ€" * 40

    def test_it_is_typed_on_the_desktop(self, make: Make, desktop: SharedDesktop) -> None:
        view = make(CONTROL)
        with far_reader(view, desktop) as (arrived, _):
            view.do(TypeText(self.TEXT))
            wanted = self.TEXT.replace("\n", "\r").encode()
            view.until(lambda: arrived.read_bytes() == wanted, "not every character arrived", 60)
        assert held_keys(desktop) == "[]"

    def test_it_is_typed_into_the_shell(self, make: Make) -> None:
        view = make(TERMINAL)
        proof = view.mesh.home / f"proof {secrets.token_hex(4)}"
        lines = [f"line {number}: grün €" for number in range(200)]
        text = "\n".join(lines)
        view.do(TypeText(f"cat > '{proof}' <<'END'\r\n{text}\nEND\n"))
        view.until(lambda: proof.exists() and proof.read_text().splitlines() == lines, "the text is not whole", 90)


class TestPicture:
    def test_its_quality_is_another_and_is_kept_nowhere(self, make: Make) -> None:
        view = make(CONTROL)
        view.web.run(
            "window.told = []; window.tiles = 0; const send = meshserver.send;"
            "meshserver.send = function (x) { told.push(x.action); return send.apply(this, arguments); };"
            "const draw = desktop.m.ProcessPictureMsg;"
            "desktop.m.ProcessPictureMsg = function (d) { tiles += d.length; return draw.apply(this, arguments); };"
        )
        sizes = [self.bytes_of_a_picture(view, quality) for quality in (5, 60)]
        assert sizes[1] > sizes[0] * 1.5, f"as many bytes at another quality: {sizes}"
        assert view.latest(Picture) == Picture(1, 60, 100, 120)
        assert "userWebState" not in cast(list[str], view.web.value("told"))
        assert view.web.value("localStorage.getItem('desktopsettings')") is None

    @staticmethod
    def bytes_of_a_picture(view: OpenView, quality: int) -> int:
        view.do(SetPicture(quality=quality, scaling=100, milliseconds=120))
        view.told(Picture, lambda report: report.quality == quality)
        view.wait(1500)
        view.web.run("tiles = 0")
        view.do(Refresh())
        view.web.until("tiles > 0", "no picture came")
        view.wait(1500)
        return cast(int, view.web.value("tiles"))

    def test_it_is_shown_pixel_for_pixel_and_fitted(self, make: Make) -> None:
        view = make(CONTROL)
        parent = "document.getElementById('DeskParent')"
        view.do(SetScale(fit=False))
        view.told(Picture, lambda report: not report.fit)
        view.web.until("document.getElementById('Desk').clientWidth === 1280")
        assert view.web.value(f"{parent}.scrollWidth > {parent}.clientWidth"), "there is no scroll bar"
        view.do(SetScale(fit=True))
        view.web.until(f"document.getElementById('Desk').clientWidth <= 1000 && {parent}.scrollWidth <= 1000")
        latest = view.latest(Picture)
        assert latest is not None
        assert latest.fit

    def test_the_other_display_is_asked_for(self, make: Make) -> None:
        view = make(CONTROL)
        assert "one display" in view.told(Features, lambda report: report.reasons["picture"] == "").reasons["displays"]
        view.web.run(
            "window.sent = []; desktop.m.send = (text) => { sent.push([...text].map((c) => c.charCodeAt(0))); };"
        )
        view.do(ShowDisplay(2))
        # As an agent with two displays answers: their number, all of them, each one, and which is shown.
        view.web.run(self.answer(11, 3, 65535, 1, 2, 1))
        names = (Display(1, "Display 1"), Display(2, "Display 2"), Display(65535, "All Displays"))
        view.told(Displays, lambda report: report == Displays(1, names, shown=1))
        view.told(Features, lambda report: report.reasons["displays"] == "")
        view.do(ShowDisplay(7))
        view.do(ShowDisplay(2))
        view.web.until("sent.length > 1")
        assert view.web.value("sent") == [[0, 12, 0, 6, 0, 2], [0, 11, 0, 4]]
        view.web.run(self.answer(12, 2))
        view.told(Displays, lambda report: report.shown == 2)

    @staticmethod
    def answer(command: int, *numbers: int) -> str:
        content = [byte for number in numbers for byte in (number >> 8, number & 255)]
        data = [0, command, 0, 4 + len(content), *content]
        return f"desktop.m.ProcessBinaryCommand({command}, {len(data)}, new Uint8Array({data}))"

    def test_a_screenshot_is_the_far_display(self, make: Make, desktop: SharedDesktop) -> None:
        view = make(CONTROL)
        images: list[QImage] = []
        place = (6, 790)
        red, green, blue = far_pixel(desktop, *place)

        def like() -> bool:
            images.clear()
            view.page.screenshot(images.append)
            view.until(lambda: bool(images), "no screenshot was taken")
            colour = QColor(images[0].pixel(*place)) if images[0].valid(*place) else QColor()
            there = (colour.red(), colour.green(), colour.blue())
            return all(abs(a - b) < 16 for a, b in zip(there, (red, green, blue), strict=True))

        view.until(like, "the picture is another")
        assert (images[0].width(), images[0].height()) == (1280, 800)
        view.do(Disconnect())
        view.told(TunnelState, lambda report: report.state == 0)
        images.clear()
        view.page.screenshot(images.append)
        assert images[0].isNull(), "a picture without a connection"

    def test_a_screenshot_of_a_terminal_is_its_view(self, make: Make) -> None:
        view = make(TERMINAL)
        images: list[QImage] = []
        view.page.screenshot(images.append)
        assert images[0].size() == view.page.widget.size()
        assert images[0].pixelColor(900, 600).lightness() < 20


class TestLookingOnly:
    def test_hand_and_keys_are_kept_away(self, make: Make, desktop: SharedDesktop) -> None:
        view = make(CONTROL)
        with far_reader(view, desktop) as (arrived, middle):
            here = view.web.on_far_display(middle.x(), middle.y())
            mark = len(view.reports)
            view.do(SetViewOnly(True))
            view.told(Picture, lambda report: report.view_only)
            reasons = view.told(Features, mark=mark).reasons
            assert "looking" in reasons["keys"]
            assert reasons["type"] == reasons["keys"]
            view.web.run("updateDesktopButtons()")  # as MeshCentral does at any change of the agent
            view.hands.click(view.page.widget, here)
            view.hands.type("nothing")
            view.do(PressKeys(("a",)))
            view.do(TypeText("nothing"))
            view.wait(1500)
            assert arrived.read_bytes() == b""
            mark = len(view.reports)
            view.do(SetViewOnly(False))
            view.told(Picture, lambda report: not report.view_only, mark)
            view.hands.click(view.page.widget, here)
            view.until(lambda: b"\x1b[<0;" in arrived.read_bytes(), "the click did not arrive")
            view.hands.type("all")
            view.until(lambda: arrived.read_bytes().endswith(b"all"), "the keys did not arrive")
        assert view.web.value("localStorage.getItem('DeskControl')") is None

    def test_a_key_that_is_down_is_let_go(self, make: Make, desktop: SharedDesktop) -> None:
        view = make(CONTROL)
        view.hands.click(view.page.widget, view.web.on_far_display(1000, 700))
        view.hands.hold("b")
        try:
            view.until(lambda: held_keys(desktop) != "[]", "the key did not arrive")
            view.do(SetViewOnly(True))
            view.until(lambda: held_keys(desktop) == "[]", "it stays held on the remote machine")
        finally:
            view.hands.let_go("b")


def test_the_clipboard_goes_both_ways(make: Make, desktop: SharedDesktop) -> None:
    view = make(CONTROL)
    clipboard = QApplication.clipboard()
    clipboard.setText("from here: ä €")
    put_on_far_clipboard(desktop, "not yet")
    view.hands.click(view.page.widget, view.web.on_far_display(1000, 700))
    view.wait(2500)
    assert far_clipboard(desktop) == "not yet"
    view.do(ShareClipboard(True))
    view.told(Picture, lambda report: report.clipboard)
    view.until(lambda: far_clipboard(desktop) == "from here: ä €", "it did not arrive there")
    put_on_far_clipboard(desktop, "from there: ß €")
    view.hands.press("ctrl+c")
    view.until(lambda: clipboard.text() == "from there: ß €", "it did not arrive here")
    view.wait(2500)
    put_on_far_clipboard(desktop, "copied with the mouse")
    view.hands.click(view.page.widget, view.web.on_far_display(1000, 700))
    view.hands.move(QPoint(5, 5))
    view.until(lambda: clipboard.text() == "copied with the mouse", "it did not arrive here by the mouse")
    assert view.web.value("localStorage.getItem('desktopsettings')") is None


class TestFolder:
    def test_it_is_reported_as_the_agent_writes_it(self, make: Make) -> None:
        view = make(FILES)
        assert view.told(FolderShown).path == "/"
        folder = view.mesh.home / f"folder {secrets.token_hex(4)}"
        folder.mkdir()
        view.web.run(
            f"p13targetpath = {str(folder)!r}; files.sendText({{action: 'ls', reqid: 1, path: p13targetpath}})"
        )
        view.told(FolderShown, lambda report: report.path == str(folder))
        (folder / "new one").touch()
        view.do(Refresh())
        view.web.until("document.getElementById('p13files').textContent.includes('new one')", "the file is not shown")
        view.web.click("#p13FolderUp")
        view.told(FolderShown, lambda report: report.path == str(folder.parent))

    @pytest.mark.parametrize(("path", "reported"), [("C:/Users/Ünal", "C:/Users/Ünal"), ("C:", "C:/"), ("", "")])
    def test_a_folder_of_windows(self, make: Make, path: str, reported: str) -> None:
        view = make(FILES)
        answer = json.dumps({"reqid": 1, "path": path, "dir": []})
        view.web.run(f"currentNode.agent.id = 3; p13targetpath = {path!r}; p13gotFiles({answer!r})")
        view.told(FolderShown, lambda report: report.path == reported)


BROKEN = {
    "keys": "desktop.m.SendKeyMsgKC = undefined",
    "type": "desktop.m.SendStringUnicode = undefined",
    "displays": "desktop.m.SetDisplay = undefined",
    "picture": "desktop.m.SendCompressionLevel = undefined",
    "scale": "document.getElementById('DeskParent').id = 'other'",
    "view-only": "document.getElementById('DeskControl').id = 'other'",
    "clipboard": "features2 |= 0x1000",
    "refresh": "desktop.m.SendRefresh = undefined",
    "screenshot": "features2 |= 0x400",
}
ASKED: dict[str, Command] = {
    "keys": PressKeys(("a",)),
    "type": TypeText("a"),
    "displays": ShowDisplay(0),
    "picture": SetPicture(10, 100, 100),
    "scale": SetScale(False),
    "view-only": SetViewOnly(True),
    "clipboard": ShareClipboard(True),
    "refresh": Refresh(),
}


@pytest.mark.parametrize("feature", BROKEN)
def test_what_this_version_lacks_is_said(make: Make, feature: str) -> None:
    view = make(CONTROL)
    mark = len(view.reports)
    view.web.run(BROKEN[feature])
    view.web.run("document.dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    reason = view.told(Features, lambda report: report.reasons[feature] != "", mark).reasons[feature]
    assert reason.endswith(".")
    if feature in ASKED:
        view.do(ASKED[feature])
    view.wait(500)
    assert [one for one in view.reports[mark:] if isinstance(one, (Picture, TunnelState))] == []
    assert view.relayed


@pytest.mark.parametrize("kind", [TERMINAL, FILES])
def test_what_only_a_desktop_has_is_said(make: Make, kind: SessionKind) -> None:
    view = make(kind)
    latest = view.latest(Features)
    assert latest is not None
    reasons = latest.reasons
    assert all(reasons[name] for name in ("displays", "picture", "scale", "view-only", "clipboard"))
    assert reasons["screenshot"] == reasons["connect"] == reasons["bars"] == ""
    assert bool(reasons["refresh"]) is (kind is TERMINAL)
    for command in ASKED.values():
        if not isinstance(command, (PressKeys, TypeText)):
            view.do(command)
    view.wait(500)
    assert view.relayed
