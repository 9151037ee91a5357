"""Asks for the name of a view, and says beforehand what becomes of it."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.fleet.bookmarks import MOST_VIEWS, Bookmarks, View
from console.ui.widgets import button, label

_WIDTH = 420


class Verdict(msgspec.Struct, frozen=True):
    """Whether a name can be taken, what there is to say about it, and the word on the button that takes it."""

    allowed: bool
    action: str
    text: str = ""


def on_saving(bookmarks: Bookmarks, name: str) -> Verdict:
    """Of a name under which what is shown is to be kept."""
    if bookmarks.view(name):
        return Verdict(True, "Replace", "There is a view of this name. It is replaced by what is shown now.")
    if not bookmarks.may_keep(name):
        return Verdict(False, "Save", f"There are {MOST_VIEWS} views: replace one, or delete one that is not needed.")
    return Verdict(bool(name), "Save")


def on_renaming(bookmarks: Bookmarks, view: View, name: str) -> Verdict:
    """Of another name for a view."""
    if name != view.name and bookmarks.view(name):
        return Verdict(False, "Rename", "Another view has this name.")
    return Verdict(bool(name) and name != view.name, "Rename")


class ViewName(QDialog):
    """Window-modal, with `open`. `judge` is asked about each name, `named` gets the one that is taken."""

    def __init__(
        self, parent: QWidget, title: str, name: str, judge: Callable[[str], Verdict], named: Callable[[str], object]
    ) -> None:
        super().__init__(parent)
        self._judge = judge
        self._named = named
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self.field = QLineEdit(name)
        self.field.setAccessibleName("Name of the view")
        self.field.selectAll()
        self.said = label(role="muted", wrap=True)
        self.said.setMinimumHeight(self.said.fontMetrics().lineSpacing() * 2)  # the buttons stay where they are
        self.said.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.cancel = button("Cancel", self.reject)
        self.take = button("", self._take, "primary")
        self.take.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(8)
        column.addWidget(label(title, "headline"))
        column.addWidget(self.field)
        column.addWidget(self.said)
        column.addLayout(buttons)
        self.field.textChanged.connect(lambda _: self._show())
        self._show()

    def _name(self) -> str:
        return self.field.text().strip()

    def _show(self) -> None:
        verdict = self._judge(self._name())
        self.said.setText(verdict.text)
        self.take.setText(verdict.action)
        self.take.setEnabled(verdict.allowed)

    def _take(self) -> None:
        name = self._name()
        if self._judge(name).allowed:
            self.accept()
            self._named(name)
