"""Real mouse and key events on the tests' display, made by the X server (xdotool), as a person's would be."""

import subprocess
import sys

from PySide6.QtCore import QModelIndex, QPoint, QSize
from PySide6.QtWidgets import QAbstractItemView, QWidget
from pytestqt.qtbot import QtBot

_SETTLE_MILLISECONDS = 60
_ASK_FOR_KEYBOARD = """
import ctypes
x = ctypes.CDLL("libX11.so.6")
for name in ("XOpenDisplay", "XDefaultRootWindow"):
    getattr(x, name).restype = ctypes.c_void_p
display = ctypes.c_void_p(x.XOpenDisplay(None))
root = ctypes.c_ulong(x.XDefaultRootWindow(display))
print(x.XGrabKeyboard(display, root, 0, 1, 1, ctypes.c_ulong(0)))
"""


class Hands:
    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def click(self, widget: QWidget, at: QPoint | None = None, *, times: int = 1, button: int = 1) -> None:
        """Clicks a widget, in its middle unless `at` says where in it, once it stays where it is."""
        places: list[tuple[QPoint, QSize]] = []

        def stays() -> bool:
            places.append((widget.mapToGlobal(QPoint()), widget.size()))
            return len(places) > 3 and places[-1] == places[-2] == places[-3]

        self._qtbot.waitUntil(stays)
        self.click_at_once(widget, at, times=times, button=button)
        self._qtbot.wait(_SETTLE_MILLISECONDS)

    def click_at_once(self, widget: QWidget, at: QPoint | None = None, *, times: int = 1, button: int = 1) -> None:
        """Clicks without letting the console work on it: for timers, while a menu runs an event loop of its own."""
        assert widget.isVisible(), f"{widget} cannot be clicked: it is not visible"
        place = widget.mapToGlobal(at or widget.rect().center())
        self._run("mousemove", place.x(), place.y(), "click", "--repeat", times, "--delay", 40, button)

    def click_row(self, view: QAbstractItemView, index: QModelIndex, *, times: int = 1, button: int = 1) -> None:
        """Clicks a row of a table after scrolling to it."""
        view.scrollTo(index)
        self._qtbot.wait(_SETTLE_MILLISECONDS)
        self.click(view.viewport(), view.visualRect(index).center(), times=times, button=button)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Presses the left button at one place of a widget and lets it go at another."""
        a, b = widget.mapToGlobal(start), widget.mapToGlobal(end)
        self._xdotool("mousemove", a.x(), a.y(), "mousedown", 1)
        for step in range(1, 9):
            x, y = a.x() + (b.x() - a.x()) * step // 8, a.y() + (b.y() - a.y()) * step // 8
            self._xdotool("mousemove", x, y)
        self._xdotool("mouseup", 1)

    def drag_to(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Drags from a place of a widget to a point of the screen, slowly enough for drag and drop.

        Another process does it in one go: while something is dragged Qt runs an event loop of its own.
        """
        a = widget.mapToGlobal(start)
        words: list[str | int] = ["mousemove", a.x(), a.y(), "mousedown", 1]
        for step in range(1, 13):
            x, y = a.x() + (end.x() - a.x()) * step // 12, a.y() + (end.y() - a.y()) * step // 12
            words += ["mousemove", x, y, "sleep", "0.06"]
        words += ["sleep", "0.3", "mouseup", 1]
        process = subprocess.Popen(["xdotool", *map(str, words)])
        try:
            self._qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
        finally:
            process.kill()
            process.wait()
        self._qtbot.wait(_SETTLE_MILLISECONDS)

    def move(self, point: QPoint) -> None:
        """Moves the mouse to a point of the screen."""
        self._xdotool("mousemove", point.x(), point.y())

    def type(self, text: str) -> None:
        """Types a text into whatever has the keyboard."""
        self._xdotool("type", "--delay", 12, "--", text)

    def press(self, *keys: str) -> None:
        """Presses keys one after the other, such as "Return" or "ctrl+Return"."""
        for key in keys:
            self._xdotool("key", "--delay", 12, key)

    def roll(self, modifier: str, key: str) -> None:
        """Presses both and lets go of the modifier first, as one does who types fast."""
        self._xdotool("keydown", modifier, "keydown", key, "keyup", modifier, "keyup", key)

    def hold(self, key: str) -> None:
        """Presses a key and keeps it down. `let_go` has to follow, also after a failure."""
        self._xdotool("keydown", key)

    def let_go(self, key: str) -> None:
        self._xdotool("keyup", key)

    def keyboard_is_taken(self) -> bool:
        """Whether a program has all keys of the display to itself: then another that asks for them is refused."""
        answer = subprocess.check_output([sys.executable, "-c", _ASK_FOR_KEYBOARD], text=True, timeout=20)
        self._qtbot.wait(_SETTLE_MILLISECONDS)
        return answer.strip() == "1"  # AlreadyGrabbed, X11/X.h

    def _xdotool(self, *words: str | int) -> None:
        self._run(*words)
        self._qtbot.wait(_SETTLE_MILLISECONDS)

    def _run(self, *words: str | int) -> None:
        # The text goes in by an argument of a short-lived process: tests that type a secret use `paste` instead.
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=20)
