"""The guard over a window with a field that stands for a session's page and one of the console's own."""

import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.keyboard.grab import NoGrab, X11Grab, choose_grab
from console.ui.keyboard.guard import KeyboardGuard
from console.ui.keyboard.host_key import HostKey
from console.ui.keyboard.host_key_menu import HostKeyMenu

# Native codes for every system at once: scan code, then virtual key.
_CODES = {"linux": (105, 0xFFE4), "win32": (0x11D, 0x11), "darwin": (1, 0x3E)}
RIGHT_CTRL = (Qt.Key.Key_Control, *_CODES[sys.platform])
LEFT_CTRL = (Qt.Key.Key_Control, 37, 0x3B)
LETTER = (Qt.Key.Key_K, 45, 0x6B)
OTHER_LETTER = (Qt.Key.Key_L, 46, 0x6C)


class Grab:
    """Notes what is asked of it."""

    words = "not these"

    def __init__(self) -> None:
        self.taken = False
        self.times = 0

    def take(self, window: QWidget) -> None:
        self.taken = True
        self.times += 1

    def release(self) -> None:
        self.taken = False


class Field(QLineEdit):
    """Notes the keys it gets, as "+name" and "-name"."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[str] = []

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        self.got.append("+" + Qt.Key(event.key()).name.removeprefix("Key_") + (event.text() if event.text() else ""))

    def keyReleaseEvent(self, event: QKeyEvent, /) -> None:
        self.got.append("-" + Qt.Key(event.key()).name.removeprefix("Key_"))


class Desk:
    """A window with the page's field in front, and what its guard said."""

    def __init__(self, qtbot: QtBot, application: QApplication) -> None:
        self.application = application
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.page, self.own = Field(), Field()
        column = QVBoxLayout(self.window)
        column.addWidget(self.page)
        column.addWidget(self.own)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.own.setFocus()
        self.grab = Grab()
        self.guard = KeyboardGuard(application, self.window, self.is_page, HostKey.RIGHT_CTRL, self.grab)
        self.said: list[object] = []
        self.guard.released.connect(lambda: self.said.append("released"))
        self.guard.combined.connect(self.said.append)
        self.guard.captured_changed.connect(lambda captured: self.said.append(captured))
        self._qtbot = qtbot

    def is_page(self, widget: QWidget) -> bool:
        return widget is self.page

    def key(self, key: tuple[Qt.Key, int, int], pressed: bool, *, text: str = "", repeated: bool = False) -> None:
        """A key as the platform hands it to the native window."""
        kind = QEvent.Type.KeyPress if pressed else QEvent.Type.KeyRelease
        name, scan, virtual = key
        event = QKeyEvent(kind, name, Qt.KeyboardModifier.NoModifier, scan, virtual, 0, text, repeated)
        QCoreApplication.sendEvent(self.window.windowHandle(), event)

    def press(self, *keys: tuple[Qt.Key, int, int]) -> None:
        """Presses keys together and lets them go, the last first."""
        for key in keys:
            self.key(key, True)
        for key in reversed(keys):
            self.key(key, False)
        self._qtbot.wait(10)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    desk = Desk(qtbot, qapp)
    desk.page.setFocus()
    assert desk.said == [True]
    desk.said.clear()
    return desk


def test_the_session_gets_every_key_but_the_host_key(desk: Desk) -> None:
    desk.press(LEFT_CTRL, LETTER)
    assert desk.page.got == ["+Control", "+K", "-K", "-Control"]
    assert desk.said == []


def test_the_host_key_alone_gives_the_keyboard_back(desk: Desk) -> None:
    desk.press(RIGHT_CTRL)
    assert desk.said == ["released", False]
    assert not desk.page.hasFocus()
    assert desk.page.got == []
    assert not desk.grab.taken


def test_it_does_so_too_when_it_repeats_itself(desk: Desk) -> None:
    desk.key(RIGHT_CTRL, True)
    for _ in range(3):
        desk.key(RIGHT_CTRL, False, repeated=True)
        desk.key(RIGHT_CTRL, True, repeated=True)
    assert desk.said == []
    desk.press(RIGHT_CTRL)
    assert desk.said == ["released", False]
    assert desk.page.got == []


def test_whoever_hears_of_it_moves_the_focus(desk: Desk) -> None:
    desk.guard.released.connect(desk.own.setFocus)
    desk.press(RIGHT_CTRL)
    assert desk.own.hasFocus()
    assert desk.said == ["released", False]


def test_a_key_with_the_host_key_is_for_the_console(desk: Desk) -> None:
    desk.press(RIGHT_CTRL, LETTER)
    assert desk.said == [Qt.Key.Key_K]
    assert desk.page.got == []
    desk.press(LETTER)
    assert desk.page.got == ["+K", "-K"]


def test_several_keys_with_one_press_of_the_host_key(desk: Desk) -> None:
    desk.key(RIGHT_CTRL, True)
    desk.press(LETTER)
    desk.own.setFocus()
    desk.press(OTHER_LETTER)
    desk.key(RIGHT_CTRL, False)
    assert [word for word in desk.said if not isinstance(word, bool)] == [Qt.Key.Key_K, Qt.Key.Key_L]
    assert desk.page.got == desk.own.got == []


def test_the_host_key_let_go_first_leaves_nothing_behind(desk: Desk) -> None:
    desk.key(RIGHT_CTRL, True)
    desk.key(LETTER, True)
    desk.key(RIGHT_CTRL, False)
    desk.key(LETTER, True, repeated=True)
    desk.key(LETTER, False)
    assert desk.page.got == []
    desk.press(LETTER)
    assert desk.page.got == ["+K", "-K"]
    assert desk.said == [Qt.Key.Key_K]


def test_a_modifier_with_the_host_key_says_nothing_and_gives_nothing_back(desk: Desk) -> None:
    desk.press(RIGHT_CTRL, LEFT_CTRL)
    assert desk.said == []
    assert desk.page.got == []


def test_a_key_that_was_down_before_is_let_go_in_the_session(desk: Desk) -> None:
    desk.key(LETTER, True)
    desk.key(RIGHT_CTRL, True)
    desk.key(LETTER, False)
    assert desk.page.got == ["+K", "-K"]


def test_the_session_never_gets_half_of_a_host_key(desk: Desk) -> None:
    desk.own.setFocus()
    desk.key(RIGHT_CTRL, True)
    desk.page.setFocus()
    desk.key(RIGHT_CTRL, False)
    assert desk.page.got == []
    assert "released" not in desk.said


def test_in_the_console_it_is_a_key_like_any_other(desk: Desk) -> None:
    desk.own.setFocus()
    desk.press(RIGHT_CTRL, LETTER)
    assert desk.own.got == ["+Control", "+K", "-K", "-Control"]
    assert desk.said == [False]


def test_another_host_key(desk: Desk) -> None:
    desk.guard.host_key = HostKey.SCROLL_LOCK
    assert desk.guard.hint == f"{HostKey.SCROLL_LOCK.title()} gives the keyboard back"
    desk.press(RIGHT_CTRL)
    assert desk.page.got == ["+Control", "-Control"]
    assert desk.said == []


def test_no_shortcut_takes_a_key_from_the_session(desk: Desk, qtbot: QtBot) -> None:
    acted: list[str] = []
    desk.guard.shortcut("Ctrl+K", lambda: acted.append("ours"))
    QShortcut(QKeySequence("Ctrl+L"), desk.window).activated.connect(lambda: acted.append("another's"))
    control = Qt.KeyboardModifier.ControlModifier
    for key in (Qt.Key.Key_K, Qt.Key.Key_L):
        QTest.keyClick(desk.window.windowHandle(), key, control)
    assert acted == []
    assert [word[:2] for word in desk.page.got if "Control" not in word] == ["+K", "-K", "+L", "-L"]
    desk.own.setFocus()
    for key in (Qt.Key.Key_K, Qt.Key.Key_L):
        QTest.keyClick(desk.window.windowHandle(), key, control)
    assert acted == ["ours", "another's"]


def test_the_grab_lasts_while_the_session_has_the_keyboard(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.grab.taken)
    desk.own.setFocus()
    assert not desk.grab.taken
    desk.page.setFocus()
    qtbot.waitUntil(lambda: desk.grab.taken)
    desk.guard.grab_wanted = False
    assert not desk.grab.taken
    desk.guard.grab_wanted = True
    qtbot.waitUntil(lambda: desk.grab.taken)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    assert not desk.grab.taken
    assert desk.said[-1] is False
    desk.window.activateWindow()
    qtbot.waitUntil(lambda: desk.grab.taken)
    assert desk.guard.words == "not these"


@pytest.mark.parametrize("first", [0, 1])
def test_one_window_takes_over_from_another(qtbot: QtBot, qapp: QApplication, first: int) -> None:
    """What a window releases is the whole program's: it must be the one that gets the focus who is the last."""
    desks = [Desk(qtbot, qapp), Desk(qtbot, qapp)]
    said: list[str] = []

    class Shared(Grab):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def take(self, window: QWidget) -> None:
            said.append(f"{self.name} takes")
            super().take(window)

        def release(self) -> None:
            if self.taken:
                said.append(f"{self.name} releases")
            super().release()

    for desk, name in zip(desks, "AB", strict=True):
        guard = KeyboardGuard(qapp, desk.window, desk.is_page, HostKey.RIGHT_CTRL, Shared(name))
        assert not guard.captured
        desk.page.setFocus()
    before, after = ("A", "B") if first == 0 else ("B", "A")
    for desk in (desks[first], desks[1 - first]):
        desk.window.activateWindow()
        qtbot.waitUntil(desk.page.hasFocus)
        qtbot.wait(20)
    assert said[-3:] == [f"{before} takes", f"{before} releases", f"{after} takes"]


def test_each_page_may_want_the_grab_or_not(desk: Desk, qtbot: QtBot) -> None:
    second = Field()
    layout = desk.window.layout()
    assert layout is not None
    layout.addWidget(second)
    second.show()
    pages = (desk.page, second)
    grab = Grab()
    guard = KeyboardGuard(desk.application, desk.window, lambda widget: widget in pages, HostKey.RIGHT_CTRL, grab)

    def changed(page: QWidget | None) -> None:
        guard.grab_wanted = page is second
        seen.append(page)

    seen: list[QWidget | None] = []
    guard.page_changed.connect(changed)
    desk.own.setFocus()
    qtbot.wait(20)
    before = grab.times
    desk.page.setFocus()
    qtbot.wait(20)
    assert grab.times == before
    second.setFocus()
    qtbot.waitUntil(lambda: grab.taken)
    desk.page.setFocus()
    assert not grab.taken
    desk.own.setFocus()
    assert seen == [None, desk.page, second, desk.page, None]


def test_the_grab_is_taken_again_when_a_menu_was_open(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.grab.taken)
    before = desk.grab.times
    for kind in (QEvent.Type.FocusOut, QEvent.Type.FocusIn):  # all that a menu tells: the focus stays where it is
        QCoreApplication.sendEvent(desk.page, QFocusEvent(kind, Qt.FocusReason.PopupFocusReason))
    qtbot.waitUntil(lambda: desk.grab.times > before)
    assert desk.grab.taken


def test_a_new_native_window_is_watched(desk: Desk, qtbot: QtBot) -> None:
    handle = desk.window.windowHandle()
    desk.window.hide()
    desk.window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    desk.window.destroy()
    desk.window.show()
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    assert desk.window.windowHandle() is not handle
    desk.page.setFocus()
    desk.said.clear()
    desk.press(RIGHT_CTRL)
    assert desk.said == ["released", False]


def test_a_held_host_key_is_forgotten_when_the_window_is_left(desk: Desk, qtbot: QtBot) -> None:
    desk.key(RIGHT_CTRL, True)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.press(LETTER)
    assert desk.page.got == ["+K", "-K"]


def test_an_accent_and_its_letter_arrive_as_one(desk: Desk) -> None:
    desk.key((Qt.Key.Key_Dead_Acute, 21, 0xFE51), True)
    desk.key((Qt.Key.Key_Dead_Acute, 21, 0xFE51), False)
    desk.key((Qt.Key.Key_E, 26, 0x65), True, text="e")
    desk.key((Qt.Key.Key_E, 26, 0x65), False)
    assert desk.page.got == ["+Dead_Acute", "-Dead_Acute", "+Eé", "-E"]


def test_the_grab_of_each_platform() -> None:
    assert isinstance(choose_grab("xcb", {}), X11Grab)
    assert choose_grab("xcb", {}).words == ""
    assert "Wayland" in choose_grab("xcb", {"WAYLAND_DISPLAY": "wayland-0"}).words
    for name, word in (
        ("wayland", "Wayland"),
        ("wayland-egl", "Wayland"),
        ("cocoa", "macOS"),
        ("offscreen", "desktop"),
    ):
        grab = choose_grab(name, {})
        assert isinstance(grab, NoGrab)
        assert word in grab.words
    assert "Ctrl+Alt+Del" in choose_grab("windows", {}).words


def test_the_menu_offers_every_key_and_says_which_is_chosen(qtbot: QtBot) -> None:
    menu = HostKeyMenu(HostKey.MENU)
    qtbot.addWidget(menu)
    assert [action.text() for action in menu.actions()] == [key.title() for key in HostKey]
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Menu"]
    chosen: list[HostKey] = []
    menu.chosen.connect(chosen.append)
    menu.actions()[0].trigger()
    assert chosen == [HostKey.RIGHT_CTRL]
    menu.show_choice(HostKey.PAUSE)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Pause"]
    assert chosen == [HostKey.RIGHT_CTRL]
