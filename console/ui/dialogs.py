"""Questions and messages over the window. None of them stops the window's event loop."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from console.problem import Problem
from console.sessions.session import Session
from console.ui.session.looks import KIND_WORDS, duration

_MOST_NAMED = 6


def present(dialog: QDialog, *, modal: bool = True) -> None:
    """Opens a dialog over its window, which waits for it if `modal`. While the window is put away, because
    the console is locked, the dialog waits for it: whatever happens meanwhile is not shown."""
    parent = dialog.parentWidget()
    window: QWidget | None = parent.window() if parent is not None else None
    if window is not None and window.isHidden() and window.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
        _Later(dialog, window, modal)
    elif modal:
        dialog.open()
    else:
        dialog.show()


class _Later(QObject):
    """Opens a dialog once its window is shown."""

    def __init__(self, dialog: QDialog, window: QWidget, modal: bool) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._modal = modal
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() is QEvent.Type.Show:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._dialog, self._dialog.open if self._modal else self._dialog.show)
        return False


def ask_close(
    parent: QWidget,
    sessions: Sequence[Session],
    close: Callable[[], object],
    title: str = "",
    action: str = "",
    transfers: int = 0,
    others: Sequence[str] = (),
) -> None:
    """Asks once whether connected sessions, and transfers under way, shall end, and calls `close` when the technician
    says so.

    `title` and `action` are the question and the word on its button where it is not a tab or the window that closes.
    `others` are lines about what else is under way, or would be lost: Enter alone does not agree to that.
    """
    if not title and len(sessions) == 1:
        title, action = f"End the session with {sessions[0].agent.hostname}?", "End the session"
    elif not title and sessions:
        title, action = f"End {len(sessions)} sessions?", "End them all"
    elif not title and others and not transfers:
        title, action = "Close although not everything is finished?", "Close"
    elif not title:
        title, action = "Stop what is being transferred?", "Stop and close"
    lines = [_line(session) for session in sessions[:_MOST_NAMED]]
    if len(sessions) > _MOST_NAMED:
        lines.append(f"and {len(sessions) - _MOST_NAMED} more")
    if transfers:
        lines.append("1 file is being transferred" if transfers == 1 else f"{transfers} files are being transferred")
    lines += others
    refusal = "Stay connected" if sessions else "Go on"
    ask(parent, title, "\n".join(lines), action, close, refusal, careful=bool(others))


def choose_files(parent: QWidget, title: str, chosen: Callable[[list[Path]], object]) -> None:
    """Lets the technician choose files of this computer."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Upload")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    present(dialog)


def ask(
    parent: QWidget,
    title: str,
    text: str,
    action: str,
    go_on: Callable[[], object],
    refusal: str = "Cancel",
    *,
    careful: bool = False,
) -> None:
    """Asks before something that cannot be taken back, and calls `go_on` when the technician says `action`. Enter means
    that too, unless it is `careful`: what is deleted is lost."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Technician Console", title, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(text)
    going = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    staying = box.addButton(refusal, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(staying if careful else going)
    box.setEscapeButton(staying)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.finished.connect(lambda _: go_on() if box.clickedButton() is going else None)
    present(box)


def tell(parent: QWidget, problem: Problem) -> None:
    """Shows a problem that belongs to no page."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Technician Console", problem.what, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(problem.advice)
    if problem.detail:
        box.setDetailedText(problem.detail)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    present(box)


def _line(session: Session) -> str:
    seconds = session.seconds_connected
    how_long = f", connected for {duration(seconds)}" if seconds is not None else ""
    return f"{KIND_WORDS[session.kind]} of {session.agent.hostname}{how_long}"
