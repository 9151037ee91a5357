"""Asks once who works here: with an API key the server does not tell."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.rmm.texts import one_line
from console.servers import Server
from console.ui.dialogs import present
from console.ui.widgets import button, label

MOST_CHARACTERS = 80
_WIDTH = 420


def ask_name(window: QWidget, server: Server, given: Callable[[str], object]) -> QDialog:
    """Shows a small dialog that holds up nothing, and calls `given` with a name; not when none was given."""
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("Your name")
    dialog.setFixedWidth(_WIDTH)
    edit = QLineEdit(maxLength=MOST_CHARACTERS, placeholderText="First and last name, or initials")
    edit.setAccessibleName("Your name")

    def take() -> None:
        if name := one_line(edit.text()).strip():
            dialog.close()
            given(name)

    save = button("Save", take, "primary")
    save.setEnabled(False)
    save.setDefault(True)
    edit.textChanged.connect(lambda text: save.setEnabled(bool(one_line(text).strip())))
    explanation = label(
        f"You work at {server.title} with an API key, which does not tell who you are. "
        "The name stays on this computer: it is noted in the journal with each session.",
        "muted",
        wrap=True,
    )
    last = QHBoxLayout()
    last.addStretch(1)
    last.addWidget(button("Not now", dialog.close))
    last.addWidget(save)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(10)
    column.addWidget(label("Who works here?", "headline"))
    column.addWidget(explanation)
    column.addWidget(edit)
    column.addStretch(1)  # else the wrapped text takes what room is left over
    column.addLayout(last)
    edit.setFocus()
    present(dialog, modal=False)
    return dialog
