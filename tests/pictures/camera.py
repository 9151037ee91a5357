"""Takes the pictures of the documentation. Not a part of the test command:

    QTWEBENGINE_DISABLE_SANDBOX=1 python -m pytest tests/pictures     (the variable for root only)

writes them to docs/screenshots, or to the folder that PICTURES names.
"""

import os
from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Theme

FOLDER = Path(os.environ.get("PICTURES", "docs/screenshots"))
WIDTH, HEIGHT = 1280, 760


class Camera:
    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self._suffix = "-dark" if theme is Theme.DARK else ""
        self._qtbot = qtbot

    def take(self, name: str, widget: QWidget, wait: int = 700) -> None:
        """What the display shows where a window is, after so many milliseconds for it to come to rest."""
        self._save(name, widget, widget.geometry(), wait)

    def take_display(self, name: str, widget: QWidget, wait: int = 700) -> None:
        """The whole display that a window is on."""
        self._save(name, widget, widget.screen().geometry(), wait)

    def _save(self, name: str, widget: QWidget, place: QRect, wait: int) -> None:
        self._qtbot.wait(wait)
        picture = widget.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())
        assert picture.save(str(FOLDER / f"{name}{self._suffix}.png")), "the picture could not be saved"
