"""The last picture of a session: what stands, greyed, behind the words when its connection is lost."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

_WIDEST = 1024
"""In pixels: grey and this wide a picture takes about half a megabyte, also with many sessions."""
_DIM = 150
"""How much of the ground covers the picture, of 255: words on it stay readable."""


class LastPicture:
    """Keeps one picture of a widget, grey and small enough for many."""

    def __init__(self) -> None:
        self._image = QImage()
        self._size = QSize()
        self.taken = 0
        """How often one was taken."""

    @property
    def known(self) -> bool:
        return not self._image.isNull()

    def take(self, widget: QWidget) -> None:
        """Remembers how a widget looks now; one that cannot be drawn changes nothing."""
        image = widget.grab().toImage()
        if image.isNull():
            return
        self._size = widget.size()
        if image.width() > _WIDEST:
            image = image.scaledToWidth(_WIDEST, Qt.TransformationMode.FastTransformation)
        self._image = image.convertToFormat(QImage.Format.Format_Grayscale8)
        self.taken += 1

    def paint(self, painter: QPainter, within: QRect, ground: str) -> None:
        """Draws it as large as it was, dimmed."""
        if self.known:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._size.scaled(within.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRect(within.topLeft(), size), self._image)
            cover = QColor(ground)
            cover.setAlpha(_DIM)
            painter.fillRect(within, cover)
