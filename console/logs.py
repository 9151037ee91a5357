"""The log file: redacted, bounded, with Qt's own messages in it."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from console.redaction import RedactingFormatter
from console.transport import MEGABYTE

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_qt = logging.getLogger("qt")


def start(folder: Path, level: int) -> None:
    """Logs to `folder`/console.log, and warnings to standard error as well; only there when the folder is unusable."""
    formatter = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    handlers[0].setLevel(logging.WARNING)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                folder / "console.log",
                maxBytes=2 * MEGABYTE,
                backupCount=2,
                encoding="utf-8",  # not every system's own encoding has the letters of every host name
                errors="backslashreplace",
            )
        )
    except OSError as error:
        logging.getLogger(__name__).warning("no log file: %s", error)
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    qInstallMessageHandler(_qt_message)


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    _qt.log(_LEVELS.get(kind, logging.INFO), "%s: %s", context.category or "default", text or "")
