"""The disks of an agent, each with a bar that says how full it is, in numbers and words too."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.rmm.details_models import Disk
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, label

NEARLY_FULL = 80
FULL = 95


def fullness(percent: int | None) -> tuple[str, str]:
    """The name of its colour, and the word for it, "" when there is nothing to say."""
    if percent is None:
        return "neutral", ""
    if percent >= FULL:
        return "bad", "full"
    return ("warning", "nearly full") if percent >= NEARLY_FULL else ("accent", "")


class _Bar(QWidget):
    def __init__(self, appearance: Appearance, percent: int | None) -> None:
        super().__init__()
        self._appearance = appearance
        self._percent = percent
        self.setFixedHeight(6)
        appearance.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter, colours = QPainter(self), self._appearance.colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        if self._percent:
            painter.setBrush(QColor(getattr(colours, fullness(self._percent)[0])))
            width = max(self.width() * self._percent / 100, 6.0)
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), 3, 3)


class Disks(QWidget):
    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self.shown: tuple[Disk, ...] = ()

    def show_disks(self, disks: tuple[Disk, ...]) -> None:
        if disks != self.shown:
            self.shown = disks
            while (item := self._column.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
            for disk in disks:
                self._column.addWidget(self._disk(disk))
        self.setVisible(bool(disks))

    def _disk(self, disk: Disk) -> QWidget:
        made = QWidget()
        colour, word = fullness(disk.percent)
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(label(disk.device or "(no name)", "strong", selectable=True))
        first.addWidget(label(disk.kind, "muted", selectable=True))
        first.addStretch(1)
        if word:
            first.addWidget(IconLabel(self._appearance, "warning", colour, 14))
        full = "" if disk.percent is None else f"{disk.percent} %" + (f", {word}" if word else "")
        first.addWidget(label(full, colour if word else "", selectable=True))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(first)
        column.addWidget(_Bar(self._appearance, disk.percent))
        sizes = [f"{disk.free} free" if disk.free else "", f"of {disk.total}" if disk.total else ""]
        column.addWidget(label(" ".join(part for part in sizes if part), "muted", wrap=True, selectable=True))
        return made
