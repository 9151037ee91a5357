"""The panel of transfers at the bottom of the window."""

from collections import deque

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.problem import Problem
from console.sessions.transfer import Transfer, TransferState
from console.sessions.transfers import FolderQuestion, Transfers
from console.ui import dialogs
from console.ui.theme import Appearance
from console.ui.transfers.folder_dialog import FolderDialog
from console.ui.transfers.row import TransferRow
from console.ui.transfers.words import summary
from console.ui.widgets import button, label, tool_button

_MOST_HEIGHT = 216
_LEAST_HEIGHT = 60
_ROWS_AT_ONCE = 5
_SUMMARY_MILLISECONDS = 250


class TransferPanel(QFrame):
    """Shows Transfers: a row each, the latest first. It is hidden while there is none, and can be folded to its
    heading; a question unfolds it. It also asks for the folder of an upload where one is needed, in a dialog over the
    window in which the files were dropped. It never takes the keyboard by itself."""

    def __init__(self, transfers: Transfers, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("transferBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Transfers")
        self._transfers = transfers
        self._appearance = appearance
        self._rows: dict[Transfer, TransferRow] = {}
        self._coming: deque[Transfer] = deque()
        self._summary = label(role="muted")
        self._fold = tool_button(appearance, "down", "Hide the list of transfers", self._toggle)
        self._unfold = tool_button(appearance, "up", "Show the list of transfers", self._toggle)
        self._clear = button("Clear finished", transfers.clear_finished, "link")
        self._list = _Rows()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading())
        column.addWidget(self._list)
        self._unfold.hide()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._make_rows)
        self._summing = QTimer(self, singleShot=True, interval=_SUMMARY_MILLISECONDS)
        self._summing.timeout.connect(self._sum_up)
        transfers.added.connect(self._added)
        transfers.removed.connect(self._removed)
        transfers.folder_wanted.connect(self._ask_folder)
        transfers.told.connect(self._tell)
        self.hide()
        for transfer in transfers:
            self._added(transfer)

    @property
    def folded(self) -> bool:
        return self._list.isHidden()

    def row(self, transfer: Transfer) -> TransferRow | None:
        return self._rows.get(transfer)

    def _heading(self) -> QWidget:
        heading = QWidget()
        row = QHBoxLayout(heading)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(label("Transfers", "strong"))
        row.addWidget(self._summary)
        row.addStretch(1)
        row.addWidget(self._clear)
        row.addWidget(self._fold)
        row.addWidget(self._unfold)
        return heading

    def _toggle(self) -> None:
        self._set_folded(not self.folded)
        (self._unfold if self.folded else self._fold).setFocus()

    def _set_folded(self, folded: bool) -> None:
        self._list.setHidden(folded)
        self._fold.setHidden(folded)
        self._unfold.setHidden(not folded)

    def _added(self, transfer: Transfer) -> None:
        transfer.changed.connect(lambda: self._changed(transfer))
        self._coming.append(transfer)
        self._later.start()
        self._changed(transfer)
        if self.isHidden():
            self._sum_up()
            self.show()

    def _make_rows(self) -> None:
        """A few at a time: a folder of a thousand files must not stop the window."""
        for _ in range(min(_ROWS_AT_ONCE, len(self._coming))):
            transfer = self._coming.popleft()
            row = TransferRow(transfer, self._transfers, self._appearance, self._asks_for_others)
            self._rows[transfer] = row
            self._list.put_first(row)
        if self._coming:
            self._later.start()

    def _removed(self, transfer: Transfer) -> None:
        if transfer in self._coming:
            self._coming.remove(transfer)
        row = self._rows.pop(transfer, None)
        if row:
            self._list.take(row)
        self._sum_up()
        self.setVisible(bool(self._rows or self._coming))

    def _changed(self, transfer: Transfer) -> None:
        if transfer.question and self.folded:
            self._set_folded(False)
        if not self._summing.isActive():
            self._summing.start()

    def _sum_up(self) -> None:
        transfers = list(self._transfers)
        self._summary.setText(summary(transfers))
        done = (TransferState.DONE, TransferState.CANCELLED)
        self._clear.setVisible(any(transfer.state in done for transfer in transfers))

    def _asks_for_others(self, transfer: Transfer) -> bool:
        return any(
            other is not transfer and (other.direction, other.agent_id) == (transfer.direction, transfer.agent_id)
            for other in self._transfers.active
        )

    def _ask_folder(self, question: FolderQuestion) -> None:
        page = question.session.page
        dialogs.present(FolderDialog(question, self._transfers, page.widget.window() if page else self.window()))

    def _tell(self, problem: Problem) -> None:
        dialogs.tell(self.window(), problem)


class _Body(QWidget):
    """Says when what it holds wants another size."""

    size_wanted = Signal()

    def event(self, event: QEvent, /) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.size_wanted.emit()
        return handled


class _Rows(QScrollArea):
    """As high as its rows, up to a limit; beyond it they scroll."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = _Body()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 4)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        body.size_wanted.connect(self.updateGeometry)

    def put_first(self, row: QWidget) -> None:
        self._column.insertWidget(0, row)

    def take(self, row: QWidget) -> None:
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # narrower lines are more lines

    def sizeHint(self) -> QSize:
        width = self.viewport().width()
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else -1
        wanted = height if height >= 0 else self._column.sizeHint().height()
        return QSize(400, min(_MOST_HEIGHT, wanted))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, min(_LEAST_HEIGHT, self.sizeHint().height()))
