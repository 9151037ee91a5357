"""Small building blocks that several parts of the window share."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from console.ui import icons
from console.ui.theme import Appearance


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A plain-text label; `role` chooses its look in the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # texts come from servers: no markup
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_role(made, role)
    return made


def button(text: str, clicked: Callable[[], object], role: str = "") -> QPushButton:
    """A push button; role "primary" for the one that goes on, "link" for a quiet one."""
    made = QPushButton(text)
    made.setAutoDefault(True)  # else Enter does nothing on it outside of a dialog
    set_role(made, role)
    made.clicked.connect(lambda: clicked())
    return made


def tool_button(
    appearance: Appearance, icon: str, name: str, clicked: Callable[[], object] | None = None
) -> QToolButton:
    """A button that shows an icon only; `name` is its tool tip and what a screen reader says."""
    made = IconButton(appearance, icon)
    made.setToolTip(name)
    made.setAccessibleName(name)
    if clicked:
        made.clicked.connect(lambda: clicked())
    return made


class IconButton(QToolButton):
    """A tool button whose icon follows the appearance."""

    def __init__(self, appearance: Appearance, icon: str, size: int = 18) -> None:
        super().__init__()
        self._appearance = appearance
        self._icon = icon
        self.setIconSize(QSize(size, size))
        appearance.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self.setIcon(icons.icon(self._icon, self._appearance.colours.text))


class IconLabel(QLabel):
    """A picture of one icon. `colour` is the name of a colour in theme.Colours."""

    def __init__(self, appearance: Appearance, icon: str = "", colour: str = "text", size: int = 16) -> None:
        super().__init__()
        self._appearance = appearance
        self._size = size
        self._icon, self._colour = icon, colour
        self.setFixedSize(size, size)
        appearance.changed.connect(self._draw)
        self._draw()

    def show_icon(self, icon: str, colour: str) -> None:
        if (icon, colour) != (self._icon, self._colour):
            self._icon, self._colour = icon, colour
            self._draw()

    def _draw(self) -> None:
        if self._icon:
            colour = getattr(self._appearance.colours, self._colour)
            self.setPixmap(icons.pixmap(self._icon, colour, self._size, self.devicePixelRatioF()))


class ElidedLabel(QLabel):
    """A line of plain text that is cut at its end where there is no room for it: it widens no window."""

    def __init__(self, role: str = "", least: int = 60) -> None:
        """`least` pixels it has in any case."""
        super().__init__()
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        set_role(self, role)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        across = Qt.AlignmentFlag.AlignVCenter | (self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask)
        self.style().drawItemText(painter, self.rect(), across, self.palette(), True, text, self.foregroundRole())
        painter.end()


def plain_tip(text: str) -> str:
    """A text as a tool tip, without markup: Qt takes one with tags in it for HTML, which may look like anything and on
    Windows load pictures from other computers."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>" if "<" in text else text


def set_role(widget: QWidget, role: str) -> None:
    """Changes a widget's look in the style sheet."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Card(QFrame):
    """A raised sheet in the middle of an otherwise empty page. Add to `column`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFixedWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(32, 28, 32, 28)
        self.column.setSpacing(12)


def centred(card: Card) -> QVBoxLayout:
    """A page's layout with a card in its middle. By stretches, not alignment: an aligned item does not get the height
    that its wrapped texts need."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card)
    row.addStretch(1)
    column = QVBoxLayout()
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    return column
