"""The line in which a query is typed. What was not understood is underlined in it."""

from typing import cast

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QLineEdit

from console.fleet.query.parser import Note
from console.ui import icons
from console.ui.theme import Appearance

_CURSOR_MARGIN = 5
"""QLineEdit.cursorRect() begins so many pixels before the cursor (QWidgetLineControl::rectForPos)."""
_WAVE = 2.0
_ENDLESS = 1e6
_MOST_LOOKED_AT = 100


class QueryField(QLineEdit):
    """A line edit with a magnifying glass and a clear button."""

    key = Signal(QKeyEvent)
    """A key before the line edit gets it; who accepts the event keeps it."""
    entered = Signal()
    """The focus came here."""
    left = Signal()
    """The focus went elsewhere."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__(clearButtonEnabled=True)
        self._appearance = appearance
        self._notes: tuple[Note, ...] = ()
        self._glass = self.addAction(icons.icon("search", "#888888"), QLineEdit.ActionPosition.LeadingPosition)
        appearance.changed.connect(self._recolour)
        self._recolour()

    def mark(self, notes: tuple[Note, ...]) -> None:
        """Underlines what these notes are about."""
        if notes != self._notes:
            self._notes = notes
            self.update()

    def span_of(self, start: int, end: int) -> tuple[float, float]:
        """From where to where some letters stand, in the line's own coordinates; outside of it when out of sight."""
        layout = QTextLayout(self.displayText(), self.font())
        layout.setTextOption(QTextOption())  # from left or from right as the text begins, as the line edit does it
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(_ENDLESS)
        layout.endLayout()
        shift = self.cursorRect().x() + _CURSOR_MARGIN - _x_in(line, self.cursorPosition())
        # Where the direction of writing changes the ends are not the outermost places.
        step = max(1, (end - start) // _MOST_LOOKED_AT)
        places = [_x_in(line, position) for position in (*range(start, end, step), end)]
        return min(places) + shift, max(places) + shift

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        event.ignore()
        self.key.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def event(self, event: QEvent, /) -> bool:
        """Tab goes the way of all keys: it takes a completion where one is offered."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab:
            event.ignore()
            self.key.emit(event)
            if event.isAccepted():
                return True
        if event.type() == QEvent.Type.FocusOut:
            self.left.emit()
        elif event.type() == QEvent.Type.FocusIn:
            self.entered.emit()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        if not self._notes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._appearance.colours.warning), 1.3))
        space = self._text_space()
        painter.setClipRect(*space)
        base = (self.height() + self.fontMetrics().height()) / 2 - 0.5
        first, last = space[0], space[0] + space[2]
        for note in self._notes:
            start, end = self.span_of(note.start, note.end)
            start, end = max(start, first), min(end, last)
            steps = int((end - start) / _WAVE)
            if steps > 0:
                painter.drawPolyline(
                    QPolygonF([QPointF(start + n * _WAVE, base + (n % 2) * _WAVE) for n in range(steps + 1)])
                )
        painter.end()

    def _text_space(self) -> tuple[int, int, int, int]:
        """Where text is shown: between the two buttons."""
        buttons = 30
        return buttons, 0, max(0, self.width() - 2 * buttons), self.height()

    def _recolour(self) -> None:
        self._glass.setIcon(icons.icon("search", self._appearance.colours.muted))


def _x_in(line: QTextLine, position: int) -> float:
    place = cast("tuple[float, int]", line.cursorToX(position))  # PySide6's stubs say object
    return place[0]
