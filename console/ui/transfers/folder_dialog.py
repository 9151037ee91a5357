"""Asks for the folder of the remote machine that files go to."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.problem import Problem
from console.sessions.transfers import FolderQuestion, Transfers
from console.ui.widgets import button, label, set_role

_WIDTH = 460


class FolderDialog(QDialog):
    """Window-modal, with `open`. It closes when files can be written to the folder; then they are uploaded."""

    def __init__(self, question: FolderQuestion, transfers: Transfers, parent: QWidget) -> None:
        super().__init__(parent)
        self._question = question
        self._transfers = transfers
        self._stop_looking: Callable[[], None] | None = None
        self.setWindowTitle(f"Upload to {question.hostname}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.folder = QLineEdit(question.suggestion)
        self.folder.setAccessibleName("Folder on the remote machine")
        self.folder.textEdited.connect(lambda _: self._say("", "muted"))
        self._words = label(role="muted", wrap=True)
        self._upload = button("Upload", self._look, "primary")
        self._upload.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._upload)
        buttons.addWidget(button("Cancel", self.reject))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(_what(question), "strong", wrap=True))
        column.addWidget(self.folder)
        column.addWidget(self._words)
        column.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self._say("What you upload to this machine from now on goes there too.", "muted")
        self.folder.selectAll()

    def done(self, result: int, /) -> None:
        if self._stop_looking:
            self._stop_looking()
        super().done(result)

    def _look(self) -> None:
        self._upload.setEnabled(False)
        self.folder.setEnabled(False)
        self._say("Looking at the folder …", "muted")
        self._stop_looking = self._transfers.use_folder(
            self._question, self.folder.text(), self._found, self._not_found
        )

    def _found(self) -> None:
        self._stop_looking = None
        self.accept()

    def _not_found(self, problem: Problem) -> None:
        self._stop_looking = None
        self._upload.setEnabled(True)
        self.folder.setEnabled(True)
        self._say(f"{problem.what} {problem.advice}".strip(), "bad")
        self.folder.setFocus()

    def _say(self, text: str, role: str) -> None:
        self._words.setText(text)
        self._words.setVisible(bool(text))
        set_role(self._words, role)


def _what(question: FolderQuestion) -> str:
    names = [path.name for path in question.paths]
    what = names[0] if len(names) == 1 else f"{len(names)} files and folders"
    return f"Upload {what} to which folder of {question.hostname}?"
