"""The names of the sections, in as many lines as they need: one of them is shown."""

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from console.ui.fleet.flow import FlowLayout


class Section(Enum):
    SUMMARY = "Summary"
    CHECKS = "Checks"
    TASKS = "Tasks"
    SOFTWARE = "Software"
    PATCHES = "Patches"
    PENDING = "Pending"
    NOTES = "Notes"
    HISTORY = "History"
    NETWORK = "Network"


class SectionBar(QWidget):
    """One stop for Tab; the arrow keys go from section to section."""

    chosen = Signal(object)
    """A Section, by the technician."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Sections")
        flow = FlowLayout(self, gap=1)
        flow.setContentsMargins(6, 2, 6, 4)
        self._group = QButtonGroup(self)
        self.buttons: dict[Section, QToolButton] = {}
        for section in Section:
            one = QToolButton()
            one.setText(section.value)
            one.setAccessibleName(section.value)
            one.setCheckable(True)
            one.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            one.setObjectName("detailSection")
            one.clicked.connect(lambda _=False, section=section: self.chosen.emit(section))
            self._group.addButton(one)
            flow.addWidget(one)
            self.buttons[section] = one
        self.buttons[Section.SUMMARY].setChecked(True)
        self._group.buttonToggled.connect(self._toggled)

    @property
    def current(self) -> Section:
        return next(section for section, one in self.buttons.items() if one.isChecked())

    def choose(self, section: Section) -> None:
        self.buttons[section].setChecked(True)

    def show_count(self, section: Section, count: int, words: str = "") -> None:
        """A number beside the name, 0 for none; `words` say what is counted."""
        one = self.buttons[section]
        one.setText(f"{section.value} {count}" if count else section.value)
        one.setAccessibleName(f"{section.value}, {count} {words}" if count else section.value)
        one.setToolTip(f"{count} {words}" if count else "")

    def _toggled(self, one: QToolButton, on: bool) -> None:
        if on and one.hasFocus():  # by an arrow key
            self.chosen.emit(next(section for section, each in self.buttons.items() if each is one))
