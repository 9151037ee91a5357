"""`python -m bench.started`: starts the console as its command does, and ends it when the list of agents is painted.

It prints the moment (seconds of the system's clock), and how many rows the list has.
"""

import sys
import time
from typing import TYPE_CHECKING

from console import cli, memory

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_TABLE = "AgentTable"
"""By its name: importing it here would load it sooner than the console does."""
_begin_start = memory.begin_start


def _begin() -> None:
    """Runs before anything of Qt is loaded: this program loads nothing that the console would not load here."""
    _begin_start()
    from console import early

    application = early.application

    def looked_at() -> "QApplication":
        qt = application()
        _look(qt)
        return qt

    early.application = looked_at


def _look(qt: "QApplication") -> None:
    """Sees the first paint of a table that has rows; the moment after it is when the painted window is up."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QAbstractItemView

    class Look(QObject):
        def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
            if event.type() == QEvent.Type.Paint:
                view = watched.parent()
                if not isinstance(view, QAbstractItemView) or type(view).__name__ != _TABLE:
                    return False
                if view.viewport() is watched and view.model().rowCount():
                    qt.removeEventFilter(self)
                    QTimer.singleShot(0, lambda: painted(view.model().rowCount()))
            return False

    def painted(rows: int) -> None:
        print(f"{time.time()} {rows}", flush=True)
        qt.quit()

    qt.installEventFilter(Look(qt))


if __name__ == "__main__":
    memory.begin_start = _begin
    sys.exit(cli.main([]))
