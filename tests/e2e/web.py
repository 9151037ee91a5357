"""The page of a session as a test sees it: what its scripts know, and where its elements are for the mouse."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from tests.e2e.hands import Hands

_PLACE = """(() => {
  const element = document.querySelector(%s);
  if (!element || element.disabled) return null;
  element.scrollIntoView({block: 'nearest'});
  const box = element.getBoundingClientRect();
  return box.width && box.height ? [box.left + box.width / 2, box.top + box.height / 2] : null;
})()"""


class Waiting(Protocol):
    """What waits, and has hands: a Console, or an OpenView."""

    hands: Hands

    def until(self, condition: Callable[[], bool], what: str = "", seconds: float = 30) -> None: ...


class Embedded(Protocol):
    @property
    def widget(self) -> QWidget: ...


class HasPage(Protocol):
    """A Session, or an OpenView."""

    @property
    def page(self) -> Embedded | None: ...


class WebPage:
    """One session's page. Scripts run in the page's own world, where MeshCentral's globals are."""

    def __init__(self, console: Waiting, session: HasPage) -> None:
        self._console = console
        self._session = session

    @property
    def view(self) -> QWebEngineView:
        assert self._session.page is not None
        view = self._session.page.widget
        assert isinstance(view, QWebEngineView)
        return view

    @property
    def page(self) -> QWebEnginePage:
        return self.view.page()

    def value(self, script: str) -> object:
        """What an expression is worth in the page, as JSON can say it."""
        answers: list[str | None] = []
        self.page.runJavaScript(f"JSON.stringify({script})", 0, answers.append)
        self._console.until(lambda: bool(answers), "the page did not answer a script")
        return json.loads(answers[0]) if answers[0] else None

    def run(self, script: str) -> None:
        """Runs statements in the page; what they are worth is dropped."""
        self.page.runJavaScript(script, 0)

    def until(self, script: str, what: str = "") -> None:
        """Waits until an expression is true in the page."""
        self._console.until(lambda: bool(self.value(script)), what or f"never true in the page: {script}")

    def place(self, selector: str) -> QPoint:
        """The middle of an element, in the view's coordinates, once it is there, enabled and has a size."""
        found: list[object] = []

        def there() -> bool:
            found[:] = [self.value(_PLACE % json.dumps(selector))]
            return found[0] is not None

        self._console.until(there, f"nothing to click at {selector}")
        assert isinstance(found[0], list)
        return QPoint(*(round(number) for number in found[0]))

    def click(self, selector: str, *, button: int = 1) -> None:
        """Clicks an element with the mouse."""
        self._console.hands.click(self.view, self.place(selector), button=button)

    def shell_works(self, home: Path) -> None:
        """Types a command into the terminal and waits until it has run there; `home` is a folder there to work in.

        It waits long: the shell reads the start-up files of whoever runs the tests.
        """
        proof = home / f"proof {secrets.token_hex(4)}"
        self.click(".xterm-screen")
        self._console.hands.type(f"touch '{proof}'")
        self._console.hands.press("Return")
        self._console.until(proof.exists, "the shell does not take commands", seconds=90)

    def seen(self) -> QImage:
        """What the display shows where the page is."""
        corner = self.view.mapToGlobal(QPoint(0, 0))
        size = self.view.size()
        grabbed = self.view.screen().grabWindow(0, corner.x(), corner.y(), size.width(), size.height())
        return grabbed.toImage().convertToFormat(QImage.Format.Format_RGB32)

    def on_far_display(self, x: int, y: int) -> QPoint:
        """Where a point of the far display is in the view."""
        box = self.value(
            "(() => { const c = document.getElementById('Desk'), b = c.getBoundingClientRect();"
            " return [b.left, b.top, b.width / c.width, b.height / c.height]; })()"
        )
        assert isinstance(box, list)
        left, top, across, down = box
        return QPoint(round(left + x * across), round(top + y * down))


def is_reddish(image: QImage, place: QPoint) -> bool:
    """Whether a pixel is clearly red: pictures of the far display are compressed."""
    colour = image.pixelColor(place)
    return colour.red() > 180 and colour.green() < 80 and colour.blue() < 80


def has_focus(view: QWebEngineView) -> bool:
    """Whether the keyboard's keys go to a page: its focus proxy has the focus of the window."""
    inner = view.focusProxy()
    return view.hasFocus() or (inner is not None and inner.hasFocus())
