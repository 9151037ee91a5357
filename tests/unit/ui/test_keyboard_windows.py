"""What a session takes from Windows, and how it gets there."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.ui.keyboard import windows_hook
from console.ui.keyboard.windows_grab import WindowsGrab, key_event
from console.ui.keyboard.windows_hook import KeyboardHook
from console.ui.keyboard.windows_keys import HookKey, TakenKey, WindowsKeys

_NUMBERS = {
    "lwin": 0x5B, "rwin": 0x5C, "lctrl": 0xA2, "rctrl": 0xA3, "lalt": 0xA4, "lshift": 0xA0, "tab": 0x09, "esc": 0x1B,
    "space": 0x20, "print": 0x2C, "f4": 0x73, "f5": 0x74, "del": 0x2E, "l": 0x4C, "r": 0x52, "x": 0x58,
}  # fmt: skip


def key(word: str, injected: bool = False) -> HookKey:
    """ "+tab" is pressed, "-tab" is let go."""
    return HookKey(_NUMBERS[word[1:]], 1, word.startswith("+"), injected)


def kept(words: str, keys: WindowsKeys | None = None) -> list[str]:
    """Which of the keys Windows does not see."""
    keys = keys or WindowsKeys()
    return [word for word in words.split() if keys.decide(key(word))[0]]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("+lalt +tab -tab -lalt", "+tab -tab"),
        ("+lalt +tab -lalt -tab", "+tab -tab"),
        ("+lalt +f4 -f4 -lalt", "+f4 -f4"),
        ("+lalt +esc -esc -lalt", "+esc -esc"),
        ("+lalt +space -space -lalt", "+space -space"),
        ("+lctrl +esc -esc -lctrl", "+esc -esc"),
        ("+lctrl +lshift +esc -esc -lshift -lctrl", "+esc -esc"),
        ("+lwin -lwin", "+lwin -lwin"),
        ("+lwin +r -r -lwin", "+lwin +r -r -lwin"),
        ("+lwin +lshift +tab -tab -lshift -lwin", "+lwin +tab -tab -lwin"),
        ("+rwin +x -rwin -x", "+rwin +x -rwin -x"),
        ("+print -print", "+print -print"),
        ("+x -x +tab -tab +f5 -f5 +esc -esc +lctrl +tab -tab -lctrl", ""),
        ("+lctrl +lalt +del -del -lalt -lctrl", ""),
        ("+lalt -lalt +tab -tab", ""),
    ],
)
def test_only_what_windows_would_act_on_is_taken(words: str, wanted: str) -> None:
    assert kept(words) == wanted.split()


def test_modifiers_that_were_down_before_count() -> None:
    assert kept("+tab -tab", WindowsKeys([_NUMBERS["lalt"]])) == ["+tab", "-tab"]


def test_what_another_program_types_is_left_alone() -> None:
    assert WindowsKeys().decide(key("+lwin", injected=True)) == (False, [])


def test_win_l_is_left_to_windows_and_win_is_let_go_at_the_far_end() -> None:
    keys = WindowsKeys()
    keys.decide(key("+lwin"))
    taken, told = keys.decide(key("+l"))
    assert not taken
    assert [(one.key.virtual_key, one.key.down) for one in told] == [(_NUMBERS["lwin"], False)]
    assert keys.let_go() == []


def test_letting_go_releases_what_is_held_the_last_first() -> None:
    keys = WindowsKeys()
    kept("+lwin +r", keys)
    assert [(one.key.virtual_key, one.key.down) for one in keys.let_go()] == [
        (_NUMBERS["r"], False),
        (_NUMBERS["lwin"], False),
    ]
    assert kept("-r -lwin", keys) == []


def test_a_key_that_repeats_says_so() -> None:
    keys = WindowsKeys()
    told = [keys.decide(key(word))[1][0] for word in ("+lwin", "+r", "+r", "-r", "+r")]
    assert [one.repeated for one in told] == [False, False, True, False, False]


def test_the_event_is_as_qt_would_have_made_it() -> None:
    pressed = key_event(TakenKey(HookKey(0x52, 0x13, True), win=True, shift=True))
    assert (pressed.type(), pressed.key(), pressed.text()) == (QEvent.Type.KeyPress, Qt.Key.Key_R, "r")
    assert pressed.modifiers() == Qt.KeyboardModifier.MetaModifier | Qt.KeyboardModifier.ShiftModifier
    assert (pressed.nativeScanCode(), pressed.nativeVirtualKey()) == (0x13, 0x52)
    let_go = key_event(TakenKey(HookKey(0x73, 0x3E, False), alt=True))
    assert (let_go.type(), let_go.key(), let_go.text()) == (QEvent.Type.KeyRelease, Qt.Key.Key_F4, "")
    assert key_event(TakenKey(HookKey(0x5B, 0x15B, True))).key() == Qt.Key.Key_Meta


class Field(QWidget):
    """A widget that notes the keys it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.got: list[tuple[QEvent.Type, int]] = []

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        self.got.append((event.type(), event.key()))

    def keyReleaseEvent(self, event: QKeyEvent, /) -> None:
        self.got.append((event.type(), event.key()))


class FakeHook:
    """Stands for Windows: its keys come on a thread of its own."""

    def __init__(self, taken: Callable[[TakenKey], None]) -> None:
        self.running = False
        self._taken = taken

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def type(self, *keys: HookKey) -> None:
        thread = threading.Thread(target=lambda: [self._taken(TakenKey(key)) for key in keys])
        thread.start()
        thread.join()


def test_taken_keys_go_to_what_has_the_focus(qtbot: QtBot) -> None:
    window, field = QWidget(), Field()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(field)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    hooks: list[FakeHook] = []

    def make(taken: Callable[[TakenKey], None]) -> FakeHook:
        hooks.append(FakeHook(taken))
        return hooks[0]

    grab = WindowsGrab(make)
    grab.take(window)
    assert hooks[0].running
    hooks[0].type(key("+lalt"), key("+tab"), key("-tab"))
    press, release = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
    wanted = [(press, Qt.Key.Key_unknown.value), (press, Qt.Key.Key_Tab.value), (release, Qt.Key.Key_Tab.value)]
    qtbot.waitUntil(lambda: field.got == wanted)
    grab.release()
    assert not hooks[0].running


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Stands for Windows' message loop: it hands on one key, and runs until it is told to end."""
    said: list[str] = []
    over = threading.Event()

    def run_hook(decide: Callable[[HookKey], bool], ready: Callable[[int], None]) -> None:
        ready(7)
        said.append(f"kept {decide(key('+lwin'))}")
        over.wait(10)
        said.append("ended")

    def end(thread_id: int) -> None:
        said.append(f"end {thread_id}")
        over.set()

    monkeypatch.setattr(windows_hook, "_run_hook", run_hook)
    monkeypatch.setattr(windows_hook, "_end", end)
    yield said
    over.set()


def test_the_hook_runs_until_it_is_stopped_and_lets_go_then(qtbot: QtBot, loop: list[str]) -> None:
    told: list[TakenKey] = []
    hook = KeyboardHook(told.append)
    hook.start()
    hook.start()
    qtbot.waitUntil(lambda: loop == ["kept True"])
    assert [one.key.down for one in told] == [True]
    hook.stop()
    hook.stop()
    qtbot.waitUntil(lambda: sorted(loop) == ["end 7", "ended", "kept True"])
    qtbot.waitUntil(lambda: [one.key.down for one in told] == [True, False])


def test_a_refused_hook_is_survived(
    caplog: pytest.LogCaptureFixture, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(decide: Callable[[HookKey], bool], ready: Callable[[int], None]) -> None:
        raise OSError("refused")

    monkeypatch.setattr(windows_hook, "_run_hook", refuse)
    hook = KeyboardHook(lambda key: None)
    hook.start()
    qtbot.waitUntil(lambda: "Windows refuses the keyboard hook" in caplog.text)
    hook.stop()
