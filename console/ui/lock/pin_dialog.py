"""Sets, changes or removes the PIN that unlocks the console."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.problem import Problem
from console.secret import Secret
from console.sessions.unlocking import Unlocking
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import button, label
from console.vault.errors import VaultProblem

_WIDTH = 440
_DIFFERENT = Problem("The two are not the same.", "Type the new PIN twice.")


class PinDialog(QDialog):
    """Whoever changes a PIN types the one before: its tries are counted as those of the lock."""

    chosen = Signal()
    """There is a PIN, or another one, from now on."""

    def __init__(self, unlocking: Unlocking, appearance: Appearance, window: QWidget, why: str = "") -> None:
        """`why` says what asks for it, where the technician did not."""
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("PIN")
        self.setFixedWidth(_WIDTH)
        self._unlocking = unlocking
        changes = unlocking.has_pin
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 16, 20, 16)
        self._column.setSpacing(8)
        self._column.addWidget(label("Change the PIN" if changes else "Set a PIN", "headline"))
        text = why or "The PIN unlocks the console on this computer. It is kept hashed, in the keyring."
        self._column.addWidget(label(text, "muted", wrap=True))
        self.before = self._field("PIN until now") if changes else None
        self.pin = self._field("New PIN, at least 4 digits or letters")
        self.again = self._field("New PIN once more")
        self.problem = ProblemText(appearance)
        self._column.addWidget(self.problem)
        self.for_run = button("Keep it for this run only", self._for_run)
        self.for_run.hide()
        self.remove = button("Remove the PIN", self._remove)
        self.remove.setVisible(changes)
        self.save = button("Change" if changes else "Set", self._save, "primary")
        self.save.setDefault(True)
        last = QHBoxLayout()
        last.addWidget(self.remove)
        last.addWidget(self.for_run)
        last.addStretch(1)
        last.addWidget(button("Cancel", self.close))
        last.addWidget(self.save)
        self._column.addSpacing(4)
        self._column.addLayout(last)
        (self.before or self.pin).setFocus()

    def _field(self, caption: str) -> QLineEdit:
        edit = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        edit.setAccessibleName(caption)
        edit.setMaxLength(64)
        name = label(caption, "muted")
        name.setBuddy(edit)
        self._column.addWidget(name)
        self._column.addWidget(edit)
        return edit

    def _save(self) -> None:
        if self.pin.text() != self.again.text():
            self._say(_DIFFERENT)
            return
        new = Secret(self.pin.text())
        self._once_allowed(lambda: self._unlocking.set_pin(new, self._done, self._refused))

    def _for_run(self) -> None:
        """The keyring does not keep it."""
        self._unlocking.use_for_run(Secret(self.pin.text()), self._done, self._say)

    def _remove(self) -> None:
        self._once_allowed(lambda: self._unlocking.remove_pin(self._removed, self._say))

    def _once_allowed(self, go_on: Callable[[], object]) -> None:
        self._busy(True)
        if self.before is None:
            go_on()
            return
        self._unlocking.try_pin(Secret(self.before.text()), lambda problem: self._say(problem) if problem else go_on())

    def _done(self) -> None:
        if isValid(self):  # it may have been closed while the keyring was asked
            self.chosen.emit()
            self.close()

    def _removed(self) -> None:
        if isValid(self):
            self.close()

    def _refused(self, problem: Problem) -> None:
        if isValid(self):
            self.for_run.setVisible(isinstance(problem, VaultProblem))
            self._say(problem)

    def _say(self, problem: Problem) -> None:
        if isValid(self):
            self._busy(False)
            self.problem.show_problem(problem)
            self.adjustSize()

    def _busy(self, busy: bool) -> None:
        for one in (self.save, self.remove):
            one.setEnabled(not busy)
