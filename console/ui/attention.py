"""Whether a window can be looked at: it is shown, and not an icon."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

_TELLING = frozenset({QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange})


class Attention(QObject):
    """Watches over one window."""

    changed = Signal(bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._seen = True
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if watched is self._window and event.type() in _TELLING:
            seen = self._window.isVisible() and not self._window.isMinimized()
            if seen is not self._seen:
                self._seen = seen
                self.changed.emit(seen)
        return False
