"""The session in front gets every key of the X server, the window manager's too, until the host key gives it back."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from console.demo.desktop import SharedDesktop
from console.mesh.session_kind import SessionKind
from console.sessions.session import Session
from console.ui.keyboard.host_key import HostKey
from console.ui.keyboard.host_key_menu import HostKeyMenu
from tests.e2e.desk import Console, Desk
from tests.e2e.far_end import held_keys, reader, until
from tests.e2e.far_keys import FarKeys, far_keys
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus

pytestmark = pytest.mark.e2e

RIGHT_CTRL, SCROLL_LOCK, ALT_GR = "105", "78", "108"
"""Key codes of the X server: by name, xdotool would press the other key of that name as well."""

# What xdotool presses, and the key symbols that arrive as pressed on the far display.
_KEYS = {
    "F1": "F1",
    "F2": "F2",
    "F5": "F5",
    "F10": "F10",
    "F11": "F11",
    "F12": "F12",
    "ctrl+w": "Control_L w",
    "ctrl+t": "Control_L t",
    "ctrl+r": "Control_L r",
    "ctrl+k": "Control_L k",
    "ctrl+l": "Control_L l",
    "ctrl+Tab": "Control_L Tab",
    "ctrl+shift+t": "Control_L Shift_L T",
    "ctrl+F4": "Control_L F4",
    "Tab": "Tab",
    "Escape": "Escape",
    "shift+Escape": "Shift_L Escape",
    "ctrl+Escape": "Control_L Escape",
    "alt+F4": "Alt_L F4",
    "alt+Tab": "Alt_L Tab",
    "alt+Escape": "Alt_L Escape",
    "alt+space": "Alt_L space",
    "alt+f": "Alt_L f",
    "super": "Super_L",
    "super+l": "Super_L l",
    "super+e": "Super_L e",
    "super+r": "Super_L r",
    "Print": "Print",
    "Pause": "Pause",
    "Menu": "Menu",
    "Insert": "Insert",
    "ctrl+alt+Left": "Control_L Alt_L Left",
    "ctrl+alt+Delete": "Control_L Alt_L Delete",
    "ctrl+shift+Escape": "Control_L Shift_L Escape",
}
# On a German keyboard, by key codes: what is pressed one after the other, and the characters and keys that arrive.
_GERMAN = {
    f"{ALT_GR}+24": "@",
    f"{ALT_GR}+26": "€",
    f"{ALT_GR}+16": "{",
    f"{ALT_GR}+20": "\\",
    f"{ALT_GR}+35": "~",
    "29": "z",
    "52": "y",
    "34": "ü",
    "shift+16": "Shift_L /",
    "21 26": "é",
    "49 32": "ô",
    "49 65": "^",
}
_TERMINAL_KEYS = {
    "F5": b"\x1b[15~",
    "F11": b"\x1b[23~",
    "ctrl+w": b"\x17",
    "ctrl+t": b"\x14",
    "ctrl+r": b"\x12",
    "ctrl+k": b"\x0b",
    "ctrl+l": b"\x0c",
    "Escape": b"\x1b",
    "shift+Escape": b"\x1b",
    "alt+f": b"\x1bf",
    "Tab": b"\t",
}
_TERMINAL_SYSTEM_KEYS = {
    "alt+F4": b"\x1b[1;3S",
}


@pytest.fixture
def desktop(rmm: Rmm) -> SharedDesktop:
    assert rmm.mesh.desktop is not None
    return rmm.mesh.desktop


@pytest.fixture
def german() -> Iterator[None]:
    """The technician's keyboard is a German one."""
    subprocess.run(["setxkbmap", "de"], check=True)
    yield
    subprocess.run(["setxkbmap", "us"], check=True)


class Seat:
    """A technician in front of a session that has the keyboard."""

    def __init__(self, desk: Desk, rmm: Rmm, hands: Hands, kind: SessionKind) -> None:
        self.hands = hands
        self.console: Console = desk.signed_in(rmm)
        self.session: Session = self.console.open(rmm.live[0].hostname, kind)
        self.console.connected(self.session)
        self.page = WebPage(self.console, self.session)
        self.acted: list[str] = []
        for keys in ("Ctrl+R", "F1", "Alt+F"):  # of a part of the console that knows of no session
            shortcut = QShortcut(QKeySequence(keys), self.console.window)
            shortcut.activated.connect(partial(self.acted.append, keys))
        self.page.run("window.untouched = true;")
        self.until(self.has_keyboard, "the session has not the keyboard")
        self.has_system_keys()

    def has_keyboard(self) -> bool:
        return self.window.isActiveWindow() and has_focus(self.page.view)

    @property
    def window(self) -> QWidget:
        """The window that the session is in now."""
        return self.page.view.window()

    def until(self, condition: Callable[[], bool], what: str | Callable[[], str] = "") -> None:
        self.console.until(condition, what)

    def return_to_it(self) -> None:
        """The session's window is made the active one."""
        self.window.activateWindow()
        self.until(self.has_keyboard, "the session has not the keyboard again")
        if self.session.kind is SessionKind.CONTROL:
            self.has_system_keys()

    def has_system_keys(self) -> None:
        """Waits until the window manager's keys are the session's: its window may have to be shown first."""
        self.until(lambda: self.has_keyboard() and self.hands.keyboard_is_taken(), "the session has no system keys")

    def choose_host_key(self, host_key: HostKey) -> None:
        """By the window's menu."""
        menu = self.console.window.findChild(HostKeyMenu)
        assert isinstance(menu, HostKeyMenu)
        next(action for action in menu.actions() if action.text() == host_key.title()).trigger()

    def nothing_happened(self) -> None:
        """The console did nothing: the same page, in front, with the keyboard, in the same window."""
        assert self.acted == []
        assert self.page.value("window.untouched === true")
        assert list(self.console.app.sessions) == [self.session]
        assert self.session.live
        assert self.window.isVisible()
        assert self.console.window.workspace.full_screen is None
        assert self.has_keyboard()


class FarSeat:
    """What a seat's keys do on the far display."""

    def __init__(self, seat: Seat, keys: FarKeys, desktop: SharedDesktop) -> None:
        self._seat = seat
        self._keys = keys
        self._desktop = desktop

    def arrives(self, press: str, *wanted: str) -> None:
        """Presses keys and waits until these have been pressed there, and every one has been let go."""
        before = len(self._keys.all)
        self._seat.hands.press(*press.split())

        def presses() -> list[str]:
            return [line[1:] for line in self._keys.all[before:] if line.startswith("+")]

        self._seat.until(lambda: presses() == list(wanted), lambda: f"{press} came as {presses()} instead of {wanted}")
        self.nothing_held(press)

    def nothing_held(self, after: str) -> None:
        self._seat.until(lambda: held_keys(self._desktop) == "[]", f"a key stays held there after {after}")

    def nothing_arrives(self, press: Callable[[], None]) -> None:
        """Does something that is not for the remote machine."""
        before = len(self._keys.all)
        press()
        assert self._keys.all[before:] == []
        assert held_keys(self._desktop) == "[]"

    @property
    def count(self) -> int:
        return len(self._keys.all)


@pytest.fixture
def seat(desk: Desk, rmm: Rmm, hands: Hands) -> Seat:
    return Seat(desk, rmm, hands, SessionKind.CONTROL)


@pytest.fixture
def far(seat: Seat, desktop: SharedDesktop, rmm: Rmm) -> Iterator[FarSeat]:
    with far_keys(desktop, rmm.mesh.home / "keys") as keys:
        yield FarSeat(seat, keys, desktop)


@contextmanager
def other_program(folder: Path) -> Iterator[Path]:
    """Another program on the technician's display; what is typed into it ends up in the file."""
    typed = folder / "typed elsewhere"
    typed.unlink(missing_ok=True)
    words = ["xterm", "-title", "another program", "-geometry", "30x6+0+0", "-e", str(reader(folder)), str(typed)]
    process = subprocess.Popen(words)
    try:
        assert until(typed.exists)
        yield typed
    finally:
        process.terminate()
        process.wait(10)


def go_to_it(seat: Seat) -> None:
    """Makes the other program's window the active one."""
    search = ("search", "--sync", "--onlyvisible", "--name", "^another program$", "windowactivate", "--sync")
    subprocess.run(["xdotool", *search], check=True, timeout=20)
    seat.until(lambda: not seat.window.isActiveWindow(), "the window is still active")


def test_every_key_arrives_and_the_console_acts_on_none(seat: Seat, far: FarSeat) -> None:
    for press, wanted in _KEYS.items():
        far.arrives(press, *wanted.split())
    seat.nothing_happened()


def test_the_characters_of_a_german_keyboard_arrive(german: None, seat: Seat, far: FarSeat) -> None:
    for press, wanted in _GERMAN.items():
        far.arrives(press, *wanted.split())
    seat.nothing_happened()


def test_every_key_reaches_the_shell(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    seat = Seat(desk, rmm, hands, SessionKind.TERMINAL)
    arrived = rmm.mesh.home / "guarded terminal keys"
    arrived.unlink(missing_ok=True)
    hands.type(f"'{reader(rmm.mesh.home)}' '{arrived}'")
    hands.press("Return")
    seat.until(arrived.exists, "the reader did not start")

    def comes(press: str, wanted: bytes) -> None:
        before = arrived.stat().st_size
        hands.press(*press.split())
        seat.until(
            lambda: arrived.read_bytes()[before:] == wanted,
            lambda: f"{press} came as {arrived.read_bytes()[before:]!r} instead of {wanted!r}",
        )

    for press, wanted in _TERMINAL_KEYS.items():
        comes(press, wanted)
    for press, wanted in _TERMINAL_SYSTEM_KEYS.items():
        comes(press, wanted)
    subprocess.run(["setxkbmap", "de"], check=True)
    try:
        for press, typed in _GERMAN.items():
            comes(press, typed.split()[-1].encode())
    finally:
        subprocess.run(["setxkbmap", "us"], check=True)
    seat.nothing_happened()


def test_the_host_key_gives_the_keyboard_back(seat: Seat, far: FarSeat) -> None:
    tab = seat.console.tab(seat.session)
    far.nothing_arrives(lambda: seat.hands.press(RIGHT_CTRL))

    def in_the_bar() -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and tab.bar.isAncestorOf(focus)

    seat.until(in_the_bar, "the bar has not the keyboard")
    far.nothing_arrives(lambda: seat.hands.press("ctrl+r", "alt+f", "ctrl+Tab"))
    assert seat.acted == ["Ctrl+R", "Alt+F"]
    seat.until(lambda: seat.console.window.tabs.currentWidget() is not tab, "Ctrl+Tab does not change the tab")
    seat.acted.clear()
    seat.console.window.tabs.setCurrentWidget(tab)
    seat.until(lambda: seat.page.view.isVisible())
    seat.hands.click(seat.page.view, QPoint(40, 300))
    seat.until(seat.has_keyboard, "a click does not give the session the keyboard")
    seat.has_system_keys()
    far.arrives("alt+Tab", "Alt_L", "Tab")
    seat.nothing_happened()


def test_keys_with_the_host_key_are_the_consoles(seat: Seat, far: FarSeat) -> None:
    workspace, tabs, tab = seat.console.window.workspace, seat.console.window.tabs, seat.console.tab(seat.session)
    far.nothing_arrives(lambda: seat.hands.press(f"{RIGHT_CTRL}+f"))
    seat.until(lambda: workspace.full_screen is not None and seat.has_keyboard(), "it is not in full screen")
    seat.has_system_keys()
    far.arrives("F11", "F11")
    far.arrives("Escape", "Escape")
    far.arrives("alt+F4", "Alt_L", "F4")
    assert workspace.full_screen is not None
    far.nothing_arrives(lambda: seat.hands.roll(RIGHT_CTRL, "f"))
    seat.until(lambda: workspace.full_screen is None and seat.has_keyboard(), "it is still in full screen")
    seat.has_system_keys()
    far.arrives("f", "f")
    far.arrives("alt+Tab", "Alt_L", "Tab")
    seat.nothing_happened()
    far.nothing_arrives(lambda: seat.hands.press(f"{RIGHT_CTRL}+Tab"))
    seat.until(lambda: tabs.currentWidget() is not tab, "the other tab did not come")


def test_another_host_key_leaves_right_ctrl_to_the_session(seat: Seat, far: FarSeat) -> None:
    seat.choose_host_key(HostKey.SCROLL_LOCK)
    far.arrives(RIGHT_CTRL, "Control_L")
    far.arrives(f"{RIGHT_CTRL}+c", "Control_L", "c")
    seat.nothing_happened()
    far.nothing_arrives(lambda: seat.hands.press(SCROLL_LOCK))
    seat.until(lambda: not seat.has_keyboard(), "the new host key did nothing")


def test_a_window_of_its_own_gets_every_key_too(seat: Seat, far: FarSeat) -> None:
    seat.hands.press(f"{RIGHT_CTRL}+d")
    seat.until(lambda: seat.window is not seat.console.window and seat.has_keyboard(), "it has no window of its own")
    seat.has_system_keys()
    for press in ("alt+F4", "alt+Tab", "super+e", "ctrl+w", "ctrl+l", "F11"):
        far.arrives(press, *_KEYS[press].split())
    seat.nothing_happened()
    seat.hands.press(f"{RIGHT_CTRL}+b")
    seat.until(lambda: seat.window is seat.console.window and seat.has_keyboard(), "it did not come back")
    seat.has_system_keys()
    far.arrives("alt+Tab", "Alt_L", "Tab")


def test_another_window_gets_its_keys(seat: Seat, far: FarSeat, rmm: Rmm) -> None:
    with other_program(rmm.mesh.home) as typed:
        seat.return_to_it()
        far.arrives("alt+Tab", "Alt_L", "Tab")
        go_to_it(seat)
        far.nothing_arrives(lambda: seat.hands.press("x", "F5"))
        seat.until(lambda: typed.read_bytes() == b"x\x1b[15~", "the other window does not get its keys")
        seat.hands.press("alt+Tab")  # the window manager's: the grab is gone
        seat.until(seat.has_keyboard, "the window manager does not get its key")
        seat.has_system_keys()
        far.nothing_held("coming back")
        far.arrives("alt+Tab", "Alt_L", "Tab")
        assert typed.read_bytes() == b"x\x1b[15~"


def test_after_a_menu_the_keys_are_the_sessions_again(seat: Seat, far: FarSeat) -> None:
    menu = QMenu(seat.window)
    chosen: list[str] = []
    menu.addAction("One").triggered.connect(lambda: chosen.append("one"))
    for last, wanted in (("Escape", []), ("Return", ["one"])):
        menu.popup(seat.window.mapToGlobal(QPoint(300, 300)))
        seat.until(menu.isVisible)
        far.nothing_arrives(partial(seat.hands.press, "Down", last))
        seat.until(lambda: not menu.isVisible(), "the menu did not get the keys")
        assert chosen == wanted
        seat.page.value("0")  # to ask who has the keyboard would make the session take it
        far.arrives("alt+Tab", "Alt_L", "Tab")
        far.arrives("alt+space", "Alt_L", "space")
    seat.nothing_happened()


def test_without_the_grab_the_desktop_has_its_keys(seat: Seat, far: FarSeat, rmm: Rmm) -> None:
    with other_program(rmm.mesh.home):
        seat.return_to_it()
        seat.console.tab(seat.session).actions_of.system_keys.trigger()
        seat.hands.press("alt+Tab")
        seat.until(lambda: not seat.window.isActiveWindow(), "the window manager does not get its key")
        far.nothing_held("Alt+Tab away")


def test_each_session_has_the_grab_that_it_wants(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    """A control session after a terminal whose system keys were left to this computer."""
    first = Seat(desk, rmm, hands, SessionKind.TERMINAL)
    first.console.tab(first.session).actions_of.system_keys.trigger()
    with other_program(rmm.mesh.home) as typed:
        first.return_to_it()
        hands.press("alt+Tab")
        first.until(lambda: not first.window.isActiveWindow(), "the window manager does not get its key")
        first.return_to_it()
        first.console.window.tabs.setCurrentIndex(0)
        second = first.console.open(rmm.live[1].hostname, SessionKind.CONTROL)
        first.console.connected(second)
        page = WebPage(first.console, second)
        first.until(lambda: has_focus(page.view))
        first.until(hands.keyboard_is_taken)
        hands.press("alt+Tab")
        assert page.view.window().isActiveWindow()
        assert typed.read_bytes() == b""


def test_a_modifier_that_the_desktop_kept_is_let_go(seat: Seat, far: FarSeat) -> None:
    """The window manager takes Alt+Tab and finds no other window: the focus stays, and nobody told of Alt's release."""
    seat.console.tab(seat.session).actions_of.system_keys.trigger()
    before = far.count
    seat.hands.press("alt+Tab")
    seat.until(lambda: far.count > before, "Alt did not arrive")
    seat.hands.click(seat.page.view, QPoint(200, 300))
    far.nothing_held("a click")
    seat.nothing_happened()


@pytest.mark.parametrize("key", ["Control_L", "Shift_R", "Alt_L", "Super_L", "Left", "a", "F5"])
def test_nothing_stays_held_when_the_window_is_left(seat: Seat, far: FarSeat, rmm: Rmm, key: str) -> None:
    with other_program(rmm.mesh.home):
        seat.return_to_it()
        before = far.count
        seat.hands.hold(key)
        try:
            seat.until(lambda: far.count > before, f"{key} did not arrive")
            go_to_it(seat)
            far.nothing_held(f"leaving with {key} held")
        finally:
            seat.hands.let_go(key)
        far.nothing_held(f"{key} was let go")


@pytest.mark.parametrize("key", ["Shift_L", "Left"])
def test_nothing_stays_held_when_the_keyboard_is_given_back(seat: Seat, far: FarSeat, key: str) -> None:
    before = far.count
    seat.hands.hold(key)
    try:
        seat.until(lambda: far.count > before, f"{key} did not arrive")
        seat.hands.press(RIGHT_CTRL)
        seat.until(lambda: not seat.has_keyboard())
        far.nothing_held(f"giving the keyboard back with {key} held")
    finally:
        seat.hands.let_go(key)
    far.nothing_held(f"{key} was let go")


def test_nothing_stays_held_after_ctrl_with_a_third_character(german: None, seat: Seat, far: FarSeat) -> None:
    before = far.count
    seat.hands.press(f"ctrl+{ALT_GR}+24")
    seat.until(lambda: far.count >= before + 4, "Ctrl and its key did not come and go")
    far.nothing_held("Ctrl+AltGr+Q")
    far.arrives("a", "a")


def test_the_grab_ends_with_the_console(desk: Desk, seat: Seat, far: FarSeat, rmm: Rmm) -> None:
    far.arrives("alt+Tab", "Alt_L", "Tab")
    with other_program(rmm.mesh.home) as typed:
        seat.return_to_it()
        desk.end(seat.console)

        def comes() -> bool:
            seat.hands.press("x")
            return typed.read_bytes() != b""

        assert until(comes, 20), "the other window does not get its keys"


def test_the_host_key_with_k_opens_the_palette_and_escape_goes_back_to_the_session(seat: Seat, far: FarSeat) -> None:
    palette = seat.console.app.palette_desk.palette
    before = far.count
    seat.hands.press(f"{RIGHT_CTRL}+k")
    seat.until(palette.field.hasFocus, "the palette has not the keyboard")
    seat.hands.press("x")
    seat.until(lambda: palette.field.text() == "x")
    seat.hands.press("Escape")
    seat.until(lambda: palette.isHidden() and seat.has_keyboard(), "the session has not the keyboard again")
    assert far.count == before, "a key went to the session"
    far.arrives("a", "a")
