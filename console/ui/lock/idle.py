"""Notices that nobody works with the console: no key and no mouse in any of its windows, sessions included.

Events are watched at the native windows, where those for a session's page come by as well: a filter of the whole
application crashes beside a web view.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

_LOOK_MILLISECONDS = 5000
_Type = QEvent.Type
_WORK = frozenset(
    {
        _Type.KeyPress,
        _Type.KeyRelease,
        _Type.MouseMove,
        _Type.MouseButtonPress,
        _Type.MouseButtonRelease,
        _Type.Wheel,
        _Type.TouchBegin,
        _Type.TouchUpdate,
        _Type.TabletPress,
        _Type.TabletMove,
        _Type.NativeGesture,
        _Type.DragMove,
        _Type.Drop,
    }
)


class IdleWatch(QObject):
    """While the computer sleeps time goes on: `clock` is in Unix seconds."""

    idle = Signal()
    """Nobody has worked with it for as long as was said."""

    def __init__(
        self, application: QGuiApplication, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._application = application
        self._clock = clock
        self._seconds = 0.0
        self._last = clock()
        self._tick = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._tick.timeout.connect(self.look)
        application.focusWindowChanged.connect(self._watch_windows)

    def watch(self, seconds: float) -> None:
        """Begins to count anew; 0 ends it."""
        self._seconds = seconds
        self._last = self._clock()
        if seconds:
            self._watch_windows()
            self._tick.start()
        else:
            self._tick.stop()

    def look(self) -> None:
        now = self._clock()
        if now < self._last:  # the clock was set back
            self._last = now
        if self._seconds and now - self._last >= self._seconds:
            self._tick.stop()
            self.idle.emit()
        else:
            self._watch_windows()

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() in _WORK:
            self._last = self._clock()
        return False

    # Takes no arguments: the window that loses the focus may be half destroyed, and must not become a Python object.
    def _watch_windows(self) -> None:
        """A window that is watched already is not watched twice."""
        if not self._seconds:
            return
        for window in self._application.topLevelWindows():
            if window.isVisible():
                window.installEventFilter(self)
