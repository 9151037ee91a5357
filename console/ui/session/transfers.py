"""The files that a session hands to this computer: one line each, below the session."""

from PySide6.QtCore import QLocale, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from console.mesh.download import DownloadState
from console.sessions.page import Download
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label, set_role, tool_button


class TransferBar(QWidget):
    """Grows with each download and is hidden without any."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("transferBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._appearance = appearance
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 8, 6)
        self._column.setSpacing(4)
        self.hide()

    def add(self, download: Download) -> None:
        line = _TransferLine(download, self._appearance)
        line.destroyed.connect(self._removed)
        self._column.addWidget(line)
        self.show()

    def _removed(self) -> None:
        self.setVisible(self._column.count() > 0)


class _TransferLine(QWidget):
    def __init__(self, download: Download, appearance: Appearance) -> None:
        super().__init__()
        self._download = download
        self._icon = IconLabel(appearance, "download", "accent", 16)
        self._name = label(download.name, "strong")
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedWidth(160)
        self._words = label(role="muted")
        self._cancel = button("Cancel", download.cancel)
        self._open = button("Open folder", self._open_folder)
        self._remove = tool_button(appearance, "close", "Remove from this list", self._leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        left: tuple[QWidget, ...] = (self._icon, self._name, self._progress, self._words)
        right: tuple[QWidget, ...] = (self._open, self._cancel, self._remove)
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)
        download.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        download = self._download
        running = download.state is DownloadState.RUNNING
        size = QLocale().formattedDataSize
        self._name.setText(download.name)
        self._progress.setVisible(running)
        self._cancel.setVisible(running)
        self._remove.setVisible(not running)
        self._open.setVisible(download.state is DownloadState.DONE)
        if running:
            self._progress.setRange(0, 1000 if download.total else 0)
            self._progress.setValue(int(1000 * download.received / download.total) if download.total else 0)
            total = f" of {size(download.total)}" if download.total else ""
            self._words.setText(f"{size(download.received)}{total}")
        elif download.state is DownloadState.DONE:
            self._icon.show_icon("check", "good")
            self._words.setText(f"{size(download.received)}, in {download.wanted.parent.name}")
        elif download.state is DownloadState.CANCELLED:
            self._icon.show_icon("close", "neutral")
            self._words.setText("cancelled")
        else:
            self._icon.show_icon("failed", "bad")
            self._words.setText(f"not received: {download.problem.what if download.problem else ''}")
            set_role(self._words, "bad")

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._download.wanted.parent)))

    def _leave(self) -> None:
        self.hide()
        self.setParent(None)
        self.deleteLater()
