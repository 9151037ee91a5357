"""One transfer in the panel."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.mesh.moving import Answer
from console.sessions.transfer import Transfer, TransferState
from console.sessions.transfers import Transfers
from console.ui.theme import Appearance
from console.ui.transfers.words import ARROWS, look_of, place_of, words_of
from console.ui.widgets import IconLabel, button, label, plain_tip, set_role, tool_button

_PROGRESS_WIDTH = 150
_STEPS = 1000


class TransferRow(QWidget):
    """Two lines about a Transfer, and what can be done with it. `asks_for_others` says whether the answer to its
    question could serve more than this transfer."""

    def __init__(
        self,
        transfer: Transfer,
        transfers: Transfers,
        appearance: Appearance,
        asks_for_others: Callable[[Transfer], bool],
    ) -> None:
        super().__init__()
        self.transfer = transfer
        self._transfers = transfers
        self._asks_for_others = asks_for_others
        arrow, kind = ARROWS[transfer.direction]
        self._kind = kind
        self._arrow = IconLabel(appearance, arrow, "text", 18)
        self._arrow.setToolTip(kind)
        self._name = Elided("strong", keeps=240)
        self._place = Elided("muted", keeps=30)
        self._state = IconLabel(appearance, "", "neutral", 14)
        self._words = label(role="muted", wrap=True)
        self._words.setMinimumWidth(80)
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedWidth(_PROGRESS_WIDTH)
        self._for_all = QCheckBox("For all")
        self._for_all.setToolTip("The same answer for the other files that go this way")
        self._answers = {
            Answer.REPLACE: button("Replace", lambda: self._answer(Answer.REPLACE)),
            Answer.KEEP_BOTH: button("Keep both", lambda: self._answer(Answer.KEEP_BOTH)),
            Answer.SKIP: button("Skip", lambda: self._answer(Answer.SKIP)),
        }
        self._cancel = button("Cancel", transfer.cancel)
        self._retry = button("Retry", transfer.retry)
        self._open = button("Open folder", self._open_folder)
        self._remove = tool_button(appearance, "close", "Remove from the list", lambda: transfers.remove(transfer))
        self._lay_out()
        transfer.changed.connect(self.update_row)
        self.update_row()

    def update_row(self) -> None:
        transfer = self.transfer
        look, words = look_of(transfer), words_of(transfer)
        self._name.set_text(transfer.name)
        self._place.set_text(place_of(transfer))
        self._state.show_icon(look.icon, look.colour)
        if words != self._words.text():
            self._words.setText(words)
        set_role(self._words, look.role)
        self._words.setToolTip(plain_tip(transfer.problem.report()) if transfer.problem else "")
        self._show_progress()
        self._show_buttons()
        self._name_for_readers(words)

    def _show_progress(self) -> None:
        transfer = self.transfer
        running = transfer.state is TransferState.RUNNING and transfer.question is None
        self._progress.setVisible(running)
        if running:
            self._progress.setRange(0, _STEPS if transfer.size else 0)
            self._progress.setValue(_STEPS * transfer.moved // transfer.size if transfer.size else 0)

    def _show_buttons(self) -> None:
        transfer = self.transfer
        question = transfer.question
        for answer, one in self._answers.items():
            one.setVisible(question is not None and question.takes(answer))
        self._for_all.setVisible(question is not None and self._asks_for_others(transfer))
        self._cancel.setVisible(question is None and transfer.can_cancel)
        self._retry.setVisible(transfer.can_retry)
        self._open.setVisible(transfer.folder is not None)
        self._remove.setVisible(transfer.over)

    def _name_for_readers(self, words: str) -> None:
        name = self.transfer.name
        self.setAccessibleName(f"{self._kind} {name} {place_of(self.transfer)}")
        self.setAccessibleDescription(words)
        self._progress.setAccessibleName(f"Progress of {name}")
        self._for_all.setAccessibleName("The same answer for all")
        buttons: tuple[QPushButton, ...] = (*self._answers.values(), self._cancel, self._retry)
        for one in buttons:
            one.setAccessibleName(f"{one.text()} {name}")
        self._open.setAccessibleName(f"Open the folder of {name}")
        self._remove.setAccessibleName(f"Remove {name} from the list")

    def _answer(self, answer: Answer) -> None:
        if self._for_all.isVisible() and self._for_all.isChecked():
            self._transfers.answer_all(self.transfer, answer)
        else:
            self.transfer.answer(answer)

    def _open_folder(self) -> None:
        if self.transfer.folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.transfer.folder)))

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._name)
        first.addWidget(self._place)
        first.addStretch(1)
        second.setSpacing(6)
        second.addWidget(self._state, 0, Qt.AlignmentFlag.AlignTop)
        second.addWidget(self._words, 1)
        lines = QVBoxLayout()
        lines.setSpacing(3)
        lines.addLayout(first)
        lines.addLayout(second)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._arrow)
        row.addSpacing(4)
        row.addLayout(lines, 1)
        row.addWidget(self._progress)
        row.addWidget(self._for_all)
        for one in (*self._answers.values(), self._cancel, self._retry, self._open):
            row.addWidget(one)
        row.addWidget(self._remove)


class Elided(QLabel):
    """One line of plain text whose middle gives way when there is no room; its tool tip is the whole of it.

    It `keeps` so many pixels, where it needs as many.
    """

    def __init__(self, role: str, keeps: int) -> None:
        super().__init__()
        self._keeps = keeps
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self, role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)
            self.setToolTip(plain_tip(text))

    def minimumSizeHint(self) -> QSize:
        whole = super().sizeHint()
        return QSize(min(self._keeps, whole.width()), whole.height())

    def paintEvent(self, _: QPaintEvent, /) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
