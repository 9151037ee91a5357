"""The line under the search box that explains what was not understood."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.fleet.query.parser import Note
from console.ui.theme import Appearance
from console.ui.widgets import ElidedLabel, IconLabel, button, label


class NoteLine(QWidget):
    """Shows the first note, and how many more there are. Hidden while there is none."""

    taken = Signal(object)
    """The Note whose suggestion the technician wants."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._notes: tuple[Note, ...] = ()
        self._message = ElidedLabel()
        self._ask = label("Did you mean")
        self._suggestion = button("", self._take, "link")
        self._suggestion.setAccessibleName("Write the suggestion instead")
        self._more = label(role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 4, 0)
        row.setSpacing(6)
        row.addWidget(IconLabel(appearance, "warning", "warning", 14))
        row.addWidget(self._message)
        row.addWidget(self._ask)
        row.addWidget(self._suggestion)
        row.addWidget(self._more)
        row.addStretch(1)
        self.hide()

    def show_notes(self, notes: tuple[Note, ...]) -> None:
        if notes == self._notes:
            return
        self._notes = notes
        self.setVisible(bool(notes))
        if not notes:
            return
        first = notes[0]
        self._message.setText(first.message if first.message.endswith((".", "?")) else first.message + ".")
        self._ask.setVisible(bool(first.suggestion))
        self._suggestion.setVisible(bool(first.suggestion))
        self._suggestion.setText(_shortened(first.suggestion) + "?")
        self._suggestion.setAccessibleName(f"Write {first.suggestion} instead")
        more = len(notes) - 1
        self._more.setText(f"and {more} more" if more else "")
        self.setToolTip("\n".join(note.whole_message for note in notes))
        self.setAccessibleName(" ".join(note.whole_message for note in notes))

    def _take(self) -> None:
        if self._notes and self._notes[0].suggestion:
            self.taken.emit(self._notes[0])


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
