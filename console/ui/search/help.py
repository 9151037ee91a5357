"""The query language on one sheet: each example can be clicked into the box."""

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from console.fleet.query.words import FIELDS, SEEN, STATES
from console.ui.widgets import button, label

WORDS = (
    ("acme pc", "both words, anywhere in the row, in any order"),
    ('"front desk"', "exactly this text"),
    ("-server", "rows without it; also -is:…, -client:…, -(…)"),
    ("acme or zebra", "one of them; words beside each other bind closer"),
    ("(acme or zebra) is:online", "brackets keep together what belongs together"),
)
_FIELD_EXAMPLES = {
    "client": 'client:"Acme Corp"',
    "site": "site:north",
    "host": "host:pc-7",
    "user": "user:sue",
    "ip": "ip:10.0.",
    "os": "os:11",
    "model": "model:latitude",
    "serial": "serial:5CG",
    "version": "version:2.8",
}
FIELD_LINES = (
    *((_FIELD_EXAMPLES[name], means) for name, (means, _) in FIELDS.items()),
    (f"{SEEN}:<2d", "seen within two days; m, h, d and w are understood"),
    (f"{SEEN}:>30d", "not seen for 30 days"),
    ('cf."Asset tag":ACM', "a custom field by its name"),
)
STATE_LINES = tuple((f"is:{name}", means) for name, (means, _) in STATES.items())
_GAP = 20
_EXAMPLE_WIDTH = 178
"""So that what the two lists at the left mean begins in one line."""


class QueryHelp(QFrame):
    """A pop-up that goes when something else is clicked, and with Escape."""

    chosen = Signal(str)
    """An example."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("queryHelp")
        self.setAccessibleName("What can be searched for")
        sheet = QWidget()
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, title, lines in (
            (left, "Words", WORDS),
            (left, "Fields", FIELD_LINES),
            (right, "States", STATE_LINES),
        ):
            column.setSpacing(2)
            column.addWidget(label(title, "strong"))
            column.addLayout(self._lines(lines))
            column.addSpacing(10)
        left.addStretch(1)
        right.addWidget(label("Capital and small letters are the same.\nCtrl+Space completes what is typed.", "muted"))
        right.addStretch(1)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, sheet)
        self._columns.setContentsMargins(_GAP, 14, _GAP, 8)
        self._columns.setSpacing(2 * _GAP)
        self._columns.addLayout(left)
        self._columns.addLayout(right)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(sheet)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self._scroll)

    def show_below(self, box: QWidget) -> None:
        """Below a widget, as far to the left as it takes to be on the screen whole. On a small one the columns stand
        below each other, and what has no room is scrolled to."""
        corner = box.mapToGlobal(QPoint(0, box.height() + 2))
        screen = box.screen().availableGeometry().adjusted(4, 4, -4, -4)
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight)
        if self._columns.sizeHint().width() > screen.width():
            self._columns.setDirection(QBoxLayout.Direction.TopToBottom)
        wanted = self._columns.sizeHint() + QSize(2, 2)  # its own border
        if wanted.height() > screen.height():
            wanted += QSize(self._scroll.verticalScrollBar().sizeHint().width(), 0)
        self.resize(wanted.boundedTo(screen.size()))
        right = min(screen.right(), box.window().geometry().right())
        self.move(
            max(screen.left(), min(corner.x(), right + 1 - self.width())),
            max(screen.top(), min(corner.y(), screen.bottom() + 1 - self.height())),
        )
        self.show()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.close()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _lines(self, lines: tuple[tuple[str, str], ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(0)
        for row, (example, means) in enumerate(lines):
            link = button(example, partial(self._choose, example), "link")
            link.setAccessibleName(f"{example}: {means}")
            grid.addWidget(link, row, 0)
            grid.addWidget(label(means, "muted"), row, 1)
        grid.setColumnMinimumWidth(0, _EXAMPLE_WIDTH)
        grid.setColumnStretch(1, 1)
        return grid

    def _choose(self, example: str) -> None:
        self.close()
        self.chosen.emit(example)
