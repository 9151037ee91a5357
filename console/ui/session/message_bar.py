"""One line between a session's bar and its page: a question, or what has just been done."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, label, tool_button


class MessageBar(QWidget):
    """Hidden without a message."""

    dismissed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("infoBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = IconLabel(appearance, "info", "accent", 16)
        self._words = label(wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._close = tool_button(appearance, "close", "Dismiss", self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._close)
        self.hide()

    def say(
        self, icon: str, colour: str, words: str, buttons: Sequence[QPushButton] = (), lasting: bool = False
    ) -> None:
        """Shows a message in place of the one before; one that is not `lasting` can be dismissed."""
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._icon.show_icon(icon, colour)
        self._words.setText(words)
        for one in buttons:
            self._buttons.addWidget(one)
        self._close.setVisible(not lasting)
        self.show()

    def set_words(self, words: str) -> None:
        """Other words for the message that is shown; its buttons keep focus and hover."""
        self._words.setText(words)

    def words(self) -> str:
        return self._words.text()

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
