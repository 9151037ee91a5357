"""The place of one part: its content, or that it is loading, empty, not allowed, or why it could not be loaded."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from console.sessions.agent_details import Loaded
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import button, label


class PartPage(QWidget):
    """`content` is shown once there is anything; `nothing` says in words that there is none."""

    again = Signal()

    def __init__(self, appearance: Appearance, content: QWidget, what: str, nothing: str) -> None:
        super().__init__()
        self.content = content
        self._what, self._nothing = what, nothing
        self.words = label(role="muted", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setContentsMargins(12, 8, 12, 8)
        self.busy = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self.busy.setFixedHeight(3)
        self.busy.setAccessibleName(f"Loading the {what}")
        keep = self.busy.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.busy.setSizePolicy(keep)
        self._text = ProblemText(appearance)
        self.problem = QWidget()
        retry = QHBoxLayout()
        retry.addWidget(button("Try again", self.again.emit))
        retry.addStretch(1)
        trouble = QVBoxLayout(self.problem)
        trouble.setContentsMargins(12, 12, 12, 12)
        trouble.addWidget(self._text)
        trouble.addLayout(retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.busy)
        column.addWidget(self.problem)
        column.addWidget(self.words)
        column.addWidget(content, 1)
        self._filler = QWidget()
        column.addWidget(self._filler, 1)

    def show_state(self, loaded: Loaded, *, empty: bool, keep: bool = False) -> None:
        """`keep` leaves the content there while it is empty: it can be added to."""
        self.busy.setVisible(loaded.busy)
        failed = loaded.problem is not None and not loaded.busy and not loaded.forbidden
        self._text.show_problem(loaded.problem if failed else None)
        self.problem.setVisible(failed)
        there = loaded.value is not None
        self.content.setVisible((there and (not empty or keep)) or (keep and not loaded.forbidden))
        self._filler.setHidden(self.content.isVisibleTo(self))
        words = ""
        if loaded.forbidden:
            words = f"Your role at this server does not include the {self._what}."
        elif there and empty:
            words = self._nothing
        elif not there and not failed:
            words = f"Loading the {self._what}…"
        self.words.setText(words)
        self.words.setVisible(bool(words))
