"""Waiting for conditions while Qt works."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer, SignalInstance

_SECONDS = 60.0
_LOOK_MILLISECONDS = 20


class TooLongError(Exception):
    """What was waited for did not come to be."""


def until(condition: Callable[[], bool], what: str) -> None:
    """Lets Qt work until something is so. Raises TooLongError."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TooLongError(what)
        pause(_LOOK_MILLISECONDS)


def signalled(signal: SignalInstance, condition: Callable[[], bool], what: str) -> None:
    """As `until`, but looks only when a signal is sent, so that waiting costs nothing. Raises TooLongError."""
    loop = QEventLoop()
    deadline = QTimer(singleShot=True, interval=int(_SECONDS * 1000))
    deadline.timeout.connect(loop.quit)

    def look() -> None:
        if condition():
            loop.quit()

    signal.connect(look)
    deadline.start()
    if not condition():
        loop.exec()
    signal.disconnect(look)
    if not condition():
        raise TooLongError(what)


def pause(milliseconds: int) -> None:
    """Lets Qt work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
