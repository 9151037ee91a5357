"""An error that nobody caught: logged, and shown with a report that can be copied. The console goes on.

Python hands such an error of a slot, an event handler or a thread to a hook; without one it would be a line on a
standard error that nobody reads.
"""

import logging
import platform
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console import __version__
from console.redaction import redacted
from console.ui.dialogs import present
from console.ui.widgets import button, label

_log = logging.getLogger("console")
_MOST = 20
"""So many errors are kept in one report."""


def report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    """Where it happened and in what, without what looks like a secret."""
    parts = (
        f"Technician Console {__version__}, Qt {qVersion()}, Python {platform.python_version()}, {platform.platform()}",
        "".join(traceback.format_exception(kind, error, trace)),
    )
    return redacted("\n\n".join(parts)).strip()


class UnhandledErrors(QObject):
    """Takes over the hooks of the process from `install` until `end`."""

    _happened = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._known: set[str] = set()
        self.dialog: ErrorDialog | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._take
        threading.excepthook = lambda it: self._take(it.exc_type, it.exc_value, it.exc_traceback)

    def end(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _take(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """May be called on any thread."""
        _log.critical("unhandled", exc_info=(kind, error or kind(), trace))
        if not issubclass(kind, KeyboardInterrupt | SystemExit):
            self._happened.emit(report(kind, error, trace))

    @Slot(str)
    def _show(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.add(text)
        elif text not in self._known:  # one that comes again and again would bury the window
            self.dialog = ErrorDialog(self._window)
            self.dialog.add(text)
            self.dialog.finished.connect(self._closed)
            present(self.dialog)
        self._known.add(text)

    def _closed(self) -> None:
        self.dialog = None


class ErrorDialog(QDialog):
    """Says it in words, and holds the report of every error since it was opened."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Technician Console")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 420)
        self._reports: list[str] = []
        self._count = 0
        self._headline = label("", "headline", wrap=True)
        advice = label(
            "The console and its sessions go on. If something does not work any more, close the console and start it "
            "again. The report below helps whoever looks after the console; secrets are taken out, but it may name "
            "machines.",
            wrap=True,
        )
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setAccessibleName("Report")
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons = QHBoxLayout()
        buttons.addWidget(button("Copy the report", self._copy))
        buttons.addStretch(1)
        going_on = button("Go on", self.accept, "primary")
        buttons.addWidget(going_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._headline)
        column.addWidget(advice)
        column.addWidget(self._text, 1)
        column.addLayout(buttons)
        going_on.setFocus()

    @property
    def report(self) -> str:
        return self._text.toPlainText()

    def add(self, text: str) -> None:
        self._count += 1
        if text not in self._reports and len(self._reports) < _MOST:
            self._reports.append(text)
            self._text.setPlainText("\n\n".join(self._reports))
        times = "" if self._count == 1 else f" ({self._count} times)"
        self._headline.setText(f"Something went wrong inside the console{times}.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
