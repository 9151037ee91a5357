"""Keeping pictures of sessions: in a file, or on the clipboard."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage

from console.mesh.download import safe_name, unused
from console.problem import Problem
from console.ui import dialogs
from console.ui.session.tab import SessionTab
from console.ui.widgets import button
from console.work import Runner


class Screenshots:
    """`folder` says where pictures go; they are written on `disk`."""

    def __init__(self, disk: Runner, folder: Callable[[], Path]) -> None:
        self._disk = disk
        self._folder = folder

    def take(self, tab: SessionTab, to_file: bool) -> None:
        """Takes a picture of a tab's session and says in the tab what became of it."""
        page = tab.session.page
        if page is not None:
            page.screenshot(lambda image: self._taken(tab, image, to_file))

    def _taken(self, tab: SessionTab, image: QImage, to_file: bool) -> None:
        if image.isNull():
            tab.messages.say("warning", "warning", "There is no picture of this session to keep just now.")
        elif not to_file:
            QGuiApplication.clipboard().setImage(image)
            tab.messages.say("check", "good", f"The picture, {_size(image)}, is on the clipboard.")
        else:
            name = file_name(tab.session.agent.hostname, datetime.now().astimezone())
            self._disk.run(
                lambda: save(image, self._folder(), name),
                lambda path: self._saved(tab, image, path),
                lambda problem: dialogs.tell(tab.window(), problem),
            )

    def _saved(self, tab: SessionTab, image: QImage, path: Path) -> None:
        def open_folder() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

        words = f"The picture, {_size(image)}, was saved as {path.name}."
        tab.messages.say("check", "good", words, [button("Open folder", open_folder)])


def file_name(hostname: str, moment: datetime) -> str:
    """The name of a picture of a machine: "PC-7 2026-05-06 14.02.07.png"."""
    host = re.sub(r"[^\w.-]+", "_", hostname) or "session"
    return safe_name(f"{host} {moment:%Y-%m-%d %H.%M.%S}.png")


def save(image: QImage, folder: Path, name: str) -> Path:
    """Writes a picture under a name that is not taken yet. Raises Problem, with nothing left behind."""
    advice = "Make room on the disk, or choose another folder for pictures in your system's settings."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = unused(folder / name)
    except OSError as error:
        raise Problem(f"The picture could not be saved: {error.strerror}.", advice, str(folder)) from None
    if not image.save(str(path)):
        path.unlink(missing_ok=True)
        raise Problem("The picture could not be saved.", advice, str(path))
    return path


def _size(image: QImage) -> str:
    return f"{image.width()} × {image.height()} pixels"
