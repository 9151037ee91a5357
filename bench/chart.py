"""`python -m bench.chart FIGURES.json FILE.svg`: what a key in the search box costs, against the size of the fleet.

Both axes grow tenfold with each line. The colours are readable on white and on black.
"""

import math
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator

from bench import rows
from bench.rows import Row

_SIZE = QSize(720, 360)
_PLOT = QRectF(64, 24, 470, 276)
_INK = QColor("#7d8590")
_FAINT = QColor(125, 133, 144, 90)
_FRAME_MILLISECONDS = 16
_SERIES = (
    ("filter_key", "this console", QColor("#2f81f7")),
    ("filter_key_naive", "QSortFilterProxyModel in Python", QColor("#d9822b")),
)
_LEAST, _MOST = 1.0, 10_000.0


def draw(measured: Sequence[Row], file: Path) -> None:
    """Raises ValueError where there is nothing to draw."""
    series = [
        (title, colour, sorted((one.agents, one) for one in measured if one.name == name and one.agents))
        for name, title, colour in _SERIES
    ]
    sizes = sorted({agents for _, _, points in series for agents, _ in points})
    if len(sizes) < 2:
        raise ValueError("figures of two sizes at least are needed")
    generator = QSvgGenerator()
    generator.setFileName(str(file))
    generator.setSize(_SIZE)
    generator.setViewBox(QRectF(0, 0, _SIZE.width(), _SIZE.height()))
    generator.setTitle("From a key in the search box to the painted rows")
    painter = QPainter(generator)
    painter.setFont(QFont("sans-serif", 9))
    _grid(painter, sizes)
    for title, colour, points in series:
        _line(painter, title, colour, [(_x(agents, sizes), one) for agents, one in points])
    painter.end()


def _x(agents: int, sizes: Sequence[int]) -> float:
    span = math.log10(sizes[-1] / sizes[0])
    return _PLOT.left() + 30 + (_PLOT.width() - 60) * math.log10(agents / sizes[0]) / span


def _y(milliseconds: float) -> float:
    share = math.log10(max(milliseconds, _LEAST) / _LEAST) / math.log10(_MOST / _LEAST)
    return _PLOT.bottom() - _PLOT.height() * min(1.0, share)


def _grid(painter: QPainter, sizes: Sequence[int]) -> None:
    for value, words in ((1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s"), (10_000, "10 s")):
        painter.setPen(QPen(_FAINT, 1))
        painter.drawLine(QPointF(_PLOT.left(), _y(value)), QPointF(_PLOT.right(), _y(value)))
        painter.setPen(_INK)
        painter.drawText(QRectF(0, _y(value) - 9, _PLOT.left() - 8, 18), Qt.AlignmentFlag.AlignRight, words)
    painter.setPen(QPen(QColor("#3fb950"), 1, Qt.PenStyle.DashLine))
    frame = _y(_FRAME_MILLISECONDS)
    painter.drawLine(QPointF(_PLOT.left(), frame), QPointF(_PLOT.right(), frame))
    painter.setPen(_INK)
    for agents in sizes:
        place = QRectF(_x(agents, sizes) - 60, _PLOT.bottom() + 6, 120, 18)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{agents:,}")
    whole = QRectF(_PLOT.left(), _PLOT.bottom() + 28, _PLOT.width(), 18)
    painter.drawText(
        whole,
        Qt.AlignmentFlag.AlignHCenter,
        "agents; dots are medians, bars go from least to most; dashes: one frame, 16 ms",
    )


def _line(painter: QPainter, title: str, colour: QColor, points: Sequence[tuple[float, Row]]) -> None:
    for (x, one), (next_x, following) in pairwise(points):
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, _y(one.median)), QPointF(next_x, _y(following.median)))
    for x, one in points:
        painter.setPen(QPen(colour, 1))
        painter.drawLine(QPointF(x, _y(one.min)), QPointF(x, _y(one.max)))
        painter.setBrush(QBrush(colour))
        painter.drawEllipse(QPointF(x, _y(one.median)), 3.5, 3.5)
    if points:
        painter.setPen(colour)
        place = QRectF(_PLOT.right() + 8, _y(points[-1][1].median) - 22, 178, 40)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), title)


def main() -> None:
    figures, file = map(Path, sys.argv[1:3])
    application = QGuiApplication(["chart", "-platform", "offscreen"])  # fonts are measured
    draw(rows.load(figures), file)
    application.quit()


if __name__ == "__main__":
    main()
