"""`python -m bench.started`: starts the console as its command does, and ends it when the list of agents is painted.

It prints the moment (seconds of the system's clock), and how many rows the list has.
"""

import sys
import time
from typing import TYPE_CHECKING

from console import cli, memory

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QTableView

_MODULE = "console.ui.agents.table"
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
    """Sees the first paint of the table that has rows; the moment after it is when the painted window is up."""
    from PySide6.QtCore import QTimer

    def begin() -> None:
        """When Qt begins to work: the table's class is there, and nothing is painted yet."""
        table = sys.modules[_MODULE].AgentTable
        paint = table.paintEvent

        def painted(self: "QTableView", event: "QPaintEvent") -> None:
            paint(self, event)
            if count := self.model().rowCount():
                table.paintEvent = paint
                QTimer.singleShot(0, lambda: up(count))

        table.paintEvent = painted

    def up(rows: int) -> None:
        print(f"{time.time()} {rows}", flush=True)
        qt.quit()

    QTimer.singleShot(0, begin)


if __name__ == "__main__":
    memory.begin_start = _begin
    sys.exit(cli.main([]))
