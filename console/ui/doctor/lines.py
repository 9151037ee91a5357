"""The lines of an examination: what was looked at, what was found, what to do."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from console.sessions.doctor.examination import Check
from console.sessions.doctor.verdict import Line, Verdict
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label, set_role

_LOOKS = {
    Verdict.FINE: ("check", "good"),
    Verdict.WARNING: ("warning", "warning"),
    Verdict.FAILURE: ("failed", "bad"),
    Verdict.SKIPPED: ("unknown", "muted"),
}
_WAITING = ("wait", "muted")
_TITLE_WIDTH = 190
_DETAIL_ROWS = 9


class LineRow(QWidget):
    """One line; it waits until `show_line`."""

    def __init__(self, title: str, appearance: Appearance) -> None:
        super().__init__()
        self.line: Line | None = None
        self._icon = IconLabel(appearance, *_WAITING)
        self._title = label(title, "muted", wrap=True)
        self._title.setFixedWidth(_TITLE_WIDTH)
        self._said = label("…", "muted", wrap=True, selectable=True)
        self._advice = label(wrap=True, selectable=True)
        self._fold = button("Details", self._toggle, "link")
        self._fold.setObjectName("doctorFold")
        self._fold.setAccessibleName(f"Details of {title}")
        self._detail = QPlainTextEdit(readOnly=True)
        self._detail.setAccessibleName(f"Technical details of {title}")
        self._detail.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 3, 0, 3)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._icon, 0, 0, top)
        grid.addWidget(self._title, 0, 1, top)
        grid.addWidget(self._said, 0, 2, top)
        grid.addWidget(self._fold, 0, 3, top)
        grid.addWidget(self._advice, 1, 2)
        grid.addWidget(self._detail, 2, 2, 1, 2)
        grid.setColumnStretch(2, 1)
        keep = self._fold.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # else the texts of one column would have different widths
        self._fold.setSizePolicy(keep)
        for one in (self._advice, self._fold, self._detail):
            one.hide()

    def show_line(self, line: Line) -> None:
        self.line = line
        outcome, icon = line.outcome, _LOOKS[line.verdict]
        self._icon.show_icon(*icon)
        self._icon.setAccessibleName(line.verdict.value)
        self._icon.setToolTip(line.verdict.value)
        quiet = line.verdict is Verdict.SKIPPED
        set_role(self._title, "muted" if quiet else "strong")
        set_role(self._said, "muted" if quiet else "")
        self._said.setText(outcome.said)
        self._advice.setText(f"→ {outcome.advice}")
        set_role(self._advice, "muted" if quiet else "")
        self._advice.setVisible(bool(outcome.advice))
        self._detail.setPlainText(outcome.detail)
        rows = min(len(outcome.detail.splitlines()), _DETAIL_ROWS)
        self._detail.setFixedHeight(rows * self._detail.fontMetrics().lineSpacing() + 28)
        self._fold.setVisible(bool(outcome.detail))

    def _toggle(self) -> None:
        self._detail.setVisible(not self._detail.isVisible())


class LineList(QScrollArea):
    """All lines, under the names of their sections."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.rows: dict[str, LineRow] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What was found")
        self.setWidget(QWidget())

    def begin(self, checks: Sequence[Check]) -> None:
        """Shows them all, waiting."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(0)
        self.rows = {}
        section = None
        for check in checks:
            if check.section is not section:
                section = check.section
                column.addSpacing(6 if self.rows else 0)
                column.addLayout(_heading(section.value))
            self.rows[check.key] = row = LineRow(check.title, self._appearance)
            column.addWidget(row)
        column.addStretch(1)
        self.setWidget(body)

    def show_line(self, line: Line) -> None:
        if row := self.rows.get(line.key):
            row.show_line(line)

    def lines(self) -> list[Line]:
        """Those that were found, in order."""
        return [row.line for row in self.rows.values() if row.line is not None]

    def show_first_failure(self) -> None:
        """Scrolls there, if there is one."""
        for row in self.rows.values():
            if row.line is not None and row.line.verdict is Verdict.FAILURE:
                self.ensureWidgetVisible(row, 0, 40)
                return


def _heading(text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 6, 0, 2)
    row.addWidget(label(text, "headline"))
    row.addStretch(1)
    return row
