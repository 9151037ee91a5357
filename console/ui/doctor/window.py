"""The doctor's window: looks at everything again when asked, and has a report that can be copied."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from console.sessions.doctor import report
from console.sessions.doctor.case import Question
from console.sessions.doctor.running import Doctor
from console.sessions.doctor.verdict import Line
from console.ui.doctor.lines import LineList
from console.ui.theme import Appearance
from console.ui.widgets import button, label
from console.work import Runner

_ABOUT = (
    "With the name of an agent the sign-in to MeshCentral is looked at as well. The RMM makes a session link for that "
    "and writes into its audit log that you asked for one."
)


class DoctorWindow(QDialog):
    """Not modal. `question` is made anew for each look, with the host name for which a link may be asked or ""."""

    def __init__(
        self,
        title: str,
        question: Callable[[str], Question],
        runner: Runner,
        appearance: Appearance,
        parent: QWidget,
    ) -> None:
        """`title` is what the server is called, "" without one."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Doctor: {title}" if title else "Doctor")
        self.resize(940, 680)
        self._title = title
        self._question = question
        self._doctor = Doctor(runner, self)
        self._doctor.found.connect(self._found)
        self._doctor.finished.connect(self._finished)
        self.finished.connect(lambda _: self._doctor.stop())
        self._summary = label(role="strong", wrap=True)
        self._progress = QProgressBar(textVisible=False)
        self._progress.setAccessibleName("How much was looked at")
        keep = self._progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(keep)
        self.list = LineList(appearance)
        self.hostname = QLineEdit()
        self.hostname.setPlaceholderText("Host name of an agent")
        self.hostname.setAccessibleName("Agent whose session link the RMM is asked for")
        self.hostname.setFixedWidth(230)
        self.hostname.returnPressed.connect(self._ask)
        self.ask = button("Look at the sign-in too", self._ask)
        self.ask.setAutoDefault(False)
        self.again = button("Look again", self.look)
        self.copy = button("Copy the report", self._copy)
        self.done_with = button("Close", self.close, "primary")
        self._asking = QWidget()
        self._lay_out()

    def look(self) -> None:
        """Without asking the RMM for anything that it writes down."""
        self._begin("")

    def _ask(self) -> None:
        if hostname := self.hostname.text().strip():
            self._begin(hostname)
        else:
            self.hostname.setFocus()

    def _begin(self, hostname: str) -> None:
        question = self._question(hostname)
        self._asking.setVisible(question.server is not None and question.link is None)
        checks = self._doctor.begin(question)
        self.list.begin(checks)
        self._progress.setRange(0, len(checks))
        self._progress.setValue(0)
        self._progress.show()
        self._summary.setText("Looking…")
        self.copy.setEnabled(False)

    @property
    def report(self) -> str:
        return report.text(self.list.lines(), self._title)

    def _found(self, line: Line) -> None:
        self.list.show_line(line)
        self._progress.setValue(len(self.list.lines()))

    def _finished(self, lines: Sequence[Line]) -> None:
        self._progress.hide()
        self._summary.setText(report.summary(lines))
        self.copy.setEnabled(True)
        QTimer.singleShot(0, self.list, self.list.show_first_failure)  # once its texts have the room that they need

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy.setText("Copied")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self._title or "This computer", "title"))
        head.addStretch(1)
        ask = QHBoxLayout()
        ask.setSpacing(8)
        ask.addWidget(self.hostname)
        ask.addWidget(self.ask)
        ask.addStretch(1)
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(0, 4, 0, 0)
        asking.setSpacing(6)
        asking.addWidget(label(_ABOUT, "muted", wrap=True))
        asking.addLayout(ask)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self.again)
        last.addWidget(self.copy)
        last.addStretch(1)
        last.addWidget(self.done_with)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 16)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._summary)
        column.addWidget(self._progress)
        column.addWidget(self.list, 1)
        column.addWidget(self._asking)
        column.addLayout(last)
