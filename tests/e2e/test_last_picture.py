"""What a technician sees of a session whose connection was lost: its last picture, grey, behind the words."""

import os
import signal
import sys

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.ui.session.explain import SessionNotice
from tests.e2e.desk import Desk
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


def colours(image: QImage) -> set[int]:
    """The colours of a grid of points, without the middle, where the words stand."""
    across, down = range(5, image.width() - 5, 12), range(5, image.height() - 5, 12)
    middle = image.rect().adjusted(image.width() // 4, image.height() // 4, -image.width() // 4, -image.height() // 4)
    return {image.pixel(x, y) for x in across for y in down if not middle.contains(x, y)}


def within(outer: QWidget, inner: QWidget | None) -> bool:
    return inner is not None and outer.isAncestorOf(inner)


def test_the_last_picture_stays_after_the_page_has_crashed(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
    console.connected(session)
    tab = console.tab(session)
    console.until(lambda: tab.last_picture.known, "no picture was kept while it was connected")
    console.until(lambda: len(colours(WebPage(console, session).seen())) > 3, "the far display is one colour")
    kept = tab.last_picture.taken
    console.until(lambda: tab.last_picture.taken > kept, "no newer picture was kept", seconds=30)
    console.until(lambda: has_focus(WebPage(console, session).view), "the page has not the keyboard")
    os.kill(WebPage(console, session).page.renderProcessPid(), signal.SIGKILL)
    console.until(lambda: session.state is State.LOST, "the loss was not seen")
    notice = tab.findChild(SessionNotice)
    assert notice is not None
    console.until(lambda: notice.isVisible(), "the words are not shown")
    console.until(lambda: within(notice, QApplication.focusWidget()), "the words have not the keyboard")
    image = notice.grab().toImage()
    shown = colours(image)
    assert len(shown) > 3, "there is no picture behind the words"
    assert all(abs((pixel >> 16 & 255) - (pixel & 255)) < 40 for pixel in shown), "it is not grey"
    console.connected(session)
