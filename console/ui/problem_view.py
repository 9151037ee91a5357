"""How a Problem is shown: what happened, what to do next, and its technical detail unfolded on request."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.problem import Problem
from console.transport import CertificateUntrusted
from console.ui.certificate_facts import CertificatesCompared
from console.ui.theme import Appearance
from console.ui.widgets import Card, IconLabel, button, centred, label, set_role


class ProblemText(QWidget):
    """The words of a problem in a column, with a fold for the details. Empty and hidden without a problem."""

    def __init__(self, appearance: Appearance, *, with_icon: bool = True) -> None:
        super().__init__()
        self._problem: Problem | None = None
        self._icon = IconLabel(appearance, "warning", "bad", 18)
        self._what = label(role="strong", wrap=True, selectable=True)
        self._advice = label(wrap=True, selectable=True)
        self._fold = button("Show details", self._toggle, "link")
        self._copy = button("Copy", self._copy_report, "link")
        self._detail = QPlainTextEdit(readOnly=True)
        self._detail.setAccessibleName("Technical details")
        self._detail.setFixedHeight(96)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self._what, 1)
        folds = QHBoxLayout()
        folds.addWidget(self._fold)
        folds.addWidget(self._copy)
        folds.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(first)
        column.addWidget(self._advice)
        column.addLayout(folds)
        column.addWidget(self._detail)
        self._icon.setVisible(with_icon)  # now that it has a parent: before, it would be a window, and close a menu
        self.show_problem(None)

    def show_problem(self, problem: Problem | None) -> None:
        if problem is not None and problem is self._problem:
            return
        self._problem = problem
        self.setVisible(problem is not None)
        if problem:
            self._what.setText(problem.what)
            self._advice.setText(problem.advice)
            self._advice.setVisible(bool(problem.advice))
            self._detail.setPlainText(problem.detail)
            self._fold.setVisible(bool(problem.detail))
            self._copy.setVisible(bool(problem.detail))
            self._detail.hide()
            self._fold.setText("Show details")

    def _toggle(self) -> None:
        shown = not self._detail.isVisible()
        self._detail.setVisible(shown)
        self._fold.setText("Hide details" if shown else "Show details")

    def _copy_report(self) -> None:
        if self._problem:
            QGuiApplication.clipboard().setText(self._problem.report())


class Notice(QWidget):
    """A page with a card in its middle: an icon, a headline, words, buttons. For empty, waiting and error states."""

    def __init__(self, appearance: Appearance, width: int = 520) -> None:
        super().__init__()
        self._icon = IconLabel(appearance, "info", "muted", 36)
        self._headline = label(role="headline", wrap=True)
        self._headline.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text = label(role="muted", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._problem = ProblemText(appearance, with_icon=False)
        self._facts = CertificatesCompared()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(10)
        card = Card(width)
        card.column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addWidget(self._headline)
        card.column.addWidget(self._text)
        card.column.addWidget(self._problem)
        card.column.addWidget(self._facts)
        self._column = card.column
        card.column.addSpacing(4)
        card.column.addLayout(self._buttons)
        self.setLayout(centred(card))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # keeps the keyboard while there is no button
        self._shown: object = None

    def add(self, widget: QWidget) -> None:
        """Puts something more above the buttons."""
        self._column.insertWidget(self._column.count() - 2, widget)

    def focus_first(self) -> None:
        """Gives the keyboard to the button that goes on."""
        item = self._buttons.itemAt(1)
        first = item.widget() if item is not None else None
        (first or self).setFocus()

    def say(self, icon: str, colour: str, headline: str, text: str = "", buttons: Sequence[QPushButton] = ()) -> None:
        """Shows a state in words. The buttons replace the ones before; the first is the one that goes on."""
        shown = (icon, colour, headline, [one.text() for one in buttons])
        if shown == self._shown:
            self._text.setText(text)  # the same state again: the buttons keep focus and hover
            return
        self._shown = shown
        self._icon.show_icon(icon, colour)
        self._headline.setText(headline)
        self._headline.show()
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._problem.show_problem(None)
        self._facts.hide()
        self._put(buttons)

    def show_problem(self, problem: Problem, buttons: Sequence[QPushButton] = ()) -> None:
        """Shows an error, with the certificate that it is about, if it is about one."""
        shown = (problem, [one.text() for one in buttons])
        if shown == self._shown:
            return
        self._shown = shown
        about = problem if isinstance(problem, CertificateUntrusted) and problem.certificate else None
        if about:
            self._facts.show_problem(about)
        self._facts.setVisible(about is not None)
        self._icon.show_icon("failed", "bad")
        self._headline.hide()
        self._text.hide()
        self._problem.show_problem(problem)
        self._put(buttons)

    def _put(self, buttons: Sequence[QPushButton]) -> None:
        had_keyboard = False
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                had_keyboard |= widget.hasFocus()
                widget.hide()
                widget.deleteLater()
        self._buttons.addStretch(1)
        for position, one in enumerate(buttons):
            if position == 0:
                set_role(one, "primary")
            one.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._buttons.addWidget(one)
            one.show()  # at once: what is not shown yet cannot take the keyboard
        self._buttons.addStretch(1)
        if had_keyboard:
            self.focus_first()
