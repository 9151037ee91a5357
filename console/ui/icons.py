"""The console's icons: one-colour SVGs, drawn in the colour that the place asks for, sharp at any scaling."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console import assets

_SIZES = (16, 20, 24, 32, 40, 48, 64)
"""In pixels of the screen: the usual sizes at 100 % to 200 %."""


@lru_cache(maxsize=256)
def icon(name: str, colour: str) -> QIcon:
    """The icon `resources/icons/NAME.svg` in a colour such as "#1a7f37"."""
    picture = QIcon()
    for size in _SIZES:
        clear = _rendered(name, colour, size)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # a style would make paler ones for selected rows
            picture.addPixmap(clear, mode)
        picture.addPixmap(_paler(clear), QIcon.Mode.Disabled)
    return picture


@lru_cache(maxsize=256)
def pair(first: tuple[str, str], second: tuple[str, str]) -> QIcon:
    """Two icons beside each other, each a name and a colour: twice as wide as it is high, and a gap."""
    picture = QIcon()
    for size in _SIZES:
        both = QPixmap(QSize(size * 9 // 4, size))
        both.fill(Qt.GlobalColor.transparent)
        painter = QPainter(both)
        painter.drawPixmap(0, 0, _rendered(*first, size))
        painter.drawPixmap(size * 5 // 4, 0, _rendered(*second, size))
        painter.end()
        picture.addPixmap(both)
    return picture


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    """A square picture of the icon, `size` device-independent pixels wide, for a screen with that pixel ratio."""
    picture = _rendered(name, colour, round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    return picture


def _rendered(name: str, colour: str, size: int) -> QPixmap:
    picture = QPixmap(QSize(size, size))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _drawing(name, colour).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def _paler(clear: QPixmap) -> QPixmap:
    """From what is drawn already: the drawing itself takes three times as long."""
    picture = QPixmap(clear.size())
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setOpacity(0.4)
    painter.drawPixmap(0, 0, clear)
    painter.end()
    return picture


@lru_cache(maxsize=64)
def _drawing(name: str, colour: str) -> QSvgRenderer:
    """Read once for all the sizes of an icon."""
    source = assets.text(f"icons/{name}.svg").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(source.encode()))
