"""How long the journal keeps sessions. What would be removed is asked about first."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from console.sessions.journal import Journal
from console.ui.dialogs import present
from console.ui.journal.choice import ChoiceButton

_CHOICES = (
    (30, "for 30 days"),
    (90, "for 90 days"),
    (365, "for a year"),
    (730, "for 2 years"),
    (1825, "for 5 years"),
    (0, "for ever"),
)


class KeepingButton(ChoiceButton[int]):
    days_chosen = Signal(int)
    """The journal keeps to it from now on."""
    failed = Signal(object)
    """A Problem: nothing was changed."""

    def __init__(self, journal: Journal, window: QWidget) -> None:
        choices = list(_CHOICES)
        if journal.days not in dict(choices):
            choices.insert(0, (journal.days, f"for {journal.days} days"))
        super().__init__("How long sessions are kept", choices, journal.days)
        self._journal = journal
        self._window = window
        self.chosen.connect(self._asked)

    def _asked(self, days: int) -> None:
        self._journal.older_than(days, lambda count: self._counted(days, count), self._refused)

    def _counted(self, days: int, count: int) -> None:
        if not count:
            self._keep(days)
            return
        sessions = "1 session" if count == 1 else f"{count:,} sessions"
        title = f"Remove {sessions} from the journal?"
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Technician Console", title, parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(f"They are older than {days} days. Export them first if you need them later.")
        removing = box.addButton("Remove", QMessageBox.ButtonRole.AcceptRole)
        staying = box.addButton("Keep them", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(staying)
        box.setEscapeButton(staying)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(lambda _: self._keep(days) if box.clickedButton() is removing else self._back())
        present(box)

    def _keep(self, days: int) -> None:
        self._journal.keep(days)
        self.days_chosen.emit(days)

    def _refused(self, problem: object) -> None:
        self._back()
        self.failed.emit(problem)

    def _back(self) -> None:
        self.show_choice(self._journal.days)
