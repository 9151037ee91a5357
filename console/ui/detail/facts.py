"""Facts in two columns: a name, and a value that can be selected and copied."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from console.ui.widgets import label

_NAME_WIDTH = 92


class Facts(QWidget):
    """A value of "" is left out, with its name."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[QLabel, QLabel]] = []
        self.told: tuple[tuple[str, str], ...] = ()

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        told = tuple((name, value) for name, value in facts if value)
        if told == self.told:
            return  # what is selected stays so
        self.told = told
        while len(self._labels) < len(told):
            self._add()
        for place, (name, value) in enumerate(self._labels):
            there = place < len(told)
            name.setVisible(there)
            value.setVisible(there)
            if there and (name.text(), value.text()) != told[place]:
                name.setText(told[place][0])
                value.setText(told[place][1])
                value.setAccessibleName(told[place][0])
        self.setVisible(bool(told))

    def _add(self) -> None:
        name, value = label(role="muted", wrap=True), label(wrap=True, selectable=True)
        name.setFixedWidth(_NAME_WIDTH)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        value.setMinimumWidth(1)
        row = len(self._labels)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
        self._labels.append((name, value))
