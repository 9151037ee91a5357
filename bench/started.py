"""`python -m bench.started`: starts the console as its command does, and ends it when the list of agents is painted.

It prints the moment (seconds of the system's clock), and how many agents the list has.
"""

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView

from console import app, cli


class _Look(QObject):
    """Sees the first paint of a table that has rows; the moment after it is when the painted window is up."""

    def __init__(self, running: app.App) -> None:
        super().__init__()
        self._app = running
        self._seen = False
        running.qt.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.Paint and not self._seen:
            view = watched.parent()
            if isinstance(view, QAbstractItemView) and view.viewport() is watched and view.model().rowCount():
                self._seen = True
                QTimer.singleShot(0, lambda: self._painted(view.model().rowCount()))
        return False

    def _painted(self, rows: int) -> None:
        print(f"{time.time()} {rows}", flush=True)
        self._app.qt.removeEventFilter(self)
        self._app.qt.quit()


class _App(app.App):
    def run(self) -> int:
        self.look = _Look(self)
        return super().run()


if __name__ == "__main__":
    app.App = _App  # type: ignore[misc]
    sys.exit(cli.main([]))
