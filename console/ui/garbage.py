"""Looks for Python's garbage on the window's thread only."""

from PySide6.QtCore import QObject, QTimer

from console import memory

_MILLISECONDS = 1000


class GarbageTimer(QTimer):
    """While it is there, no other thread destroys a thing of Qt because it happens to find it unused."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent, interval=_MILLISECONDS)
        self.timeout.connect(memory.look_for_garbage)
        memory.by_hand(True)
        self.start()

    def end(self) -> None:
        self.stop()
        memory.by_hand(False)
