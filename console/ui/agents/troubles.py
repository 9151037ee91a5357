"""What is wrong with a list that is shown all the same: it was not refreshed, or something about it has to be known."""

from datetime import UTC, datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.problem import Problem
from console.rmm.errors import duration
from console.sessions.fleet_watch import FleetWatch
from console.ui import dialogs
from console.ui.session.message_bar import MessageBar
from console.ui.theme import Appearance
from console.ui.widgets import button


class ListTroubles(QWidget):
    """A line for each of the two, above the table. Without an agent to show, the page says the first one itself."""

    def __init__(self, watch: FleetWatch, appearance: Appearance) -> None:
        super().__init__()
        self._watch = watch
        self._failed = MessageBar(appearance)
        self._notice = MessageBar(appearance)
        self._shown: tuple[Problem | None, Problem | None] = (None, None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._failed)
        column.addWidget(self._notice)
        self._again = button("Try now", watch.refresh)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._count)
        self._notice.dismissed.connect(watch.dismiss_notice)
        watch.updated.connect(self._show)
        watch.failed.connect(self._show)
        watch.noticed.connect(self._show)
        watch.busy_changed.connect(self._show)
        self._show()

    def words(self) -> str:
        """All that it says, for a reader of screens and for tests."""
        bars = (self._failed, self._notice)
        return "\n".join(bar.words() for bar in bars if not bar.isHidden())

    def _show(self, *_: object) -> None:
        problem = self._watch.problem if len(self._watch.store) else None
        before, self._shown = self._shown, (problem, self._watch.notice)
        if problem is None:
            self._failed.hide()
            self._clock.stop()
        elif problem is not before[0]:
            self._again = button("Try now", self._watch.refresh)
            details = button("Details", lambda: dialogs.tell(self, problem), "link")
            self._failed.say("warning", "bad", "", (details, self._again), lasting=True)
            self._clock.start()
        self._count()
        notice = self._watch.notice
        if notice is None:
            self._notice.hide()
        elif notice is not before[1]:
            details = button("Details", lambda: dialogs.tell(self, notice), "link")
            self._notice.say("info", "accent", f"{notice.what} {notice.advice}".strip(), (details,))
        self.setVisible(not (self._failed.isHidden() and self._notice.isHidden()))

    def _count(self) -> None:
        """The time until the next try goes by."""
        problem = self._shown[0]
        if problem:
            waits = bool(self._watch.left_alone)
            self._again.setEnabled(not self._watch.busy and not waits)
            self._again.setToolTip("The server asks to be left alone until then." if waits else "")
            self._failed.set_words(f"Not refreshed: {problem.what} {self._when()}".strip())

    def _when(self) -> str:
        if self._watch.busy:
            return "Trying again…"
        next_try = self._watch.next_try
        if next_try is None:
            return ""
        left = max(1, round((next_try - datetime.now(UTC)).total_seconds()))
        return f"Next try in {duration(left)}."
