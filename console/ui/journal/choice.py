"""A button that shows one choice of several and lets another one be chosen from a menu."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

T = TypeVar("T")


class _Button(QToolButton):
    chosen = Signal(object)
    """The value that the technician chose; not emitted by `show_choice`."""


class ChoiceButton(_Button, Generic[T]):
    """`name` is what a screen reader says before the choice."""

    def __init__(self, name: str, choices: Sequence[tuple[T, str]], value: T) -> None:
        super().__init__()
        self._name = name
        self._choices = list(choices)
        self.value = value
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self.show_choice(value)

    def show_choice(self, value: T) -> None:
        """Makes a value the choice; one that is not among them has to be added before."""
        self.value = value
        words = dict(self._choices)[value]
        self.setText(f"{words}  ▾")
        self.setToolTip(self._name)
        self.setAccessibleName(f"{self._name}: {words}")

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        for value, words in self._choices:
            action = QAction(words, menu, checkable=True, checked=value == self.value)
            action.triggered.connect(lambda _=False, value=value: self._choose(value))
            group.addAction(action)
            menu.addAction(action)

    def _choose(self, value: T) -> None:
        if value != self.value:
            self.show_choice(value)
            self.chosen.emit(value)
