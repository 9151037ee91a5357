"""Questions and messages over the window. None of them stops the window's event loop."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from console.problem import Problem
from console.sessions.session import Session
from console.ui.session.looks import KIND_WORDS, duration

_MOST_NAMED = 6


def ask_close(
    parent: QWidget, sessions: Sequence[Session], close: Callable[[], object], title: str = "", action: str = ""
) -> None:
    """Asks once whether connected sessions shall end, and calls `close` when the technician says so.

    `title` and `action` are the question and the word on its button where it is not a tab or the window that closes.
    """
    if not title and len(sessions) == 1:
        title, action = f"End the session with {sessions[0].agent.hostname}?", "End the session"
    elif not title:
        title, action = f"End {len(sessions)} sessions?", "End them all"
    lines = [_line(session) for session in sessions[:_MOST_NAMED]]
    if len(sessions) > _MOST_NAMED:
        lines.append(f"and {len(sessions) - _MOST_NAMED} more")
    ask(parent, title, "\n".join(lines), action, close, "Stay connected")


def ask(
    parent: QWidget, title: str, text: str, action: str, go_on: Callable[[], object], refusal: str = "Cancel"
) -> None:
    """Asks before something that cannot be taken back, and calls `go_on` when the technician says `action`."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Technician Console", title, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(text)
    going = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    staying = box.addButton(refusal, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(going)
    box.setEscapeButton(staying)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.finished.connect(lambda _: go_on() if box.clickedButton() is going else None)
    box.open()


def tell(parent: QWidget, problem: Problem) -> None:
    """Shows a problem that belongs to no page."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Technician Console", problem.what, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(problem.advice)
    if problem.detail:
        box.setDetailedText(problem.detail)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def _line(session: Session) -> str:
    seconds = session.seconds_connected
    how_long = f", connected for {duration(seconds)}" if seconds is not None else ""
    return f"{KIND_WORDS[session.kind]} of {session.agent.hostname}{how_long}"
