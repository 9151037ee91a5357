"""Says exactly which machines an action is about, and what to think of, before it is begun."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.rmm.models import Agent
from console.sessions.fleet_action import ActionKind, FleetAction
from console.ui.fleet_actions import words
from console.ui.fleet_actions.machines import MachineTable, Row
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WIDTH = 720
_FRAME = 48
"""Pixels of the screen for what the window manager puts around a dialog."""
_NIGHT = time(3, 0)
_GRAVE = (ActionKind.REBOOT, ActionKind.REBOOT_AT, ActionKind.SHUT_DOWN)


class ConfirmDialog(QDialog):
    """Window-modal, with `open`. Enter cancels unless the action is harmless: the button has to be chosen."""

    confirmed = Signal(object, object)
    """A FleetAction, and the list of agents that it is for."""

    def __init__(
        self, kind: ActionKind, agents: Sequence[Agent], appearance: Appearance, parent: QWidget, caution: str = ""
    ) -> None:
        """`caution` is something more to think of, in words."""
        super().__init__(parent)
        rows = [Row(agent, kind.why_not(agent)) for agent in agents]
        self._kind = kind
        self._agents = [row.agent for row in rows if not row.left_out]
        self._appearance = appearance
        said = words.of(kind)
        question = f"{words.command(kind, self._agents)}?"
        self.setWindowTitle(question)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        room = parent.screen().availableGeometry().height() - _FRAME
        self.resize(_WIDTH, min(560 if len(rows) > 3 else 300, room))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconLabel(appearance, said.icon, "bad" if kind in _GRAVE else "accent", 26))
        head.addWidget(label(question, "headline", wrap=True), 1)
        column.addLayout(head)
        more = [("clock", "warning", caution)] if caution else []
        for icon, colour, text in [*self._cautions(rows), *more]:
            column.addLayout(self._line(icon, colour, text))
        column.addWidget(MachineTable(rows, appearance), 1)
        self.moment = self._moment(column) if kind is ActionKind.REBOOT_AT else None
        self.tell = self._tell(column) if kind is ActionKind.REBOOT else None
        self.typed = self._typed(column, said.typed) if said.typed else None
        self.go_on = button(words.command(kind, self._agents), self._go_on, "danger" if kind in _GRAVE else "primary")
        self.go_on.setEnabled(not said.typed)
        self.cancel = button("Cancel", self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go_on)
        column.addSpacing(4)
        column.addLayout(buttons)
        first = self.go_on if kind.harmless else self.cancel
        first.setDefault(True)
        (self.typed or self.moment or first).setFocus()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Enter after a word with a slip in it does nothing: it would cancel."""
        unfinished = self.typed is not None and self.focusWidget() is self.typed and not self.go_on.isEnabled()
        if not (unfinished and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            super().keyPressEvent(event)

    def _cautions(self, rows: Sequence[Row]) -> list[tuple[str, str, str]]:
        found = words.cautions(self._kind, self._agents)
        for reason, count in Counter(row.left_out for row in rows if row.left_out).items():
            they = "1 machine is" if count == 1 else f"{count:,} machines are"
            found.append(("info", "muted", f"{they} left out. {reason}"))
        return found

    def _line(self, icon: str, colour: str, text: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(IconLabel(self._appearance, icon, colour, 16), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(text, wrap=True), 1)
        return row

    def _moment(self, column: QVBoxLayout) -> QDateTimeEdit:
        """Where the moment is chosen: it opens on the coming night."""
        now = datetime.now()
        night = datetime.combine(now.date() + timedelta(days=now.time() >= _NIGHT), _NIGHT)
        edit = QDateTimeEdit(QDateTime(night.year, night.month, night.day, night.hour, night.minute, 0))
        edit.setDisplayFormat("yyyy-MM-dd  HH:mm")
        edit.setCalendarPopup(True)
        edit.setAccessibleName("When the machines reboot, in their own local time")
        edit.setMinimumWidth(190)
        read = label("", "muted")
        edit.dateTimeChanged.connect(lambda _: read.setText(self._read_aloud()))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label("Reboot at", "strong"))
        row.addWidget(edit)
        row.addWidget(read, 1)
        column.addLayout(row)
        column.addWidget(
            label(
                "This is each machine's own local time, in the time zone that the RMM has for it. "
                "Machines in different time zones reboot at different moments.",
                "muted",
                wrap=True,
            )
        )
        self.moment = edit
        read.setText(self._read_aloud())
        return edit

    def _read_aloud(self) -> str:
        at = self._at()
        if at is None:
            return ""
        past = ", which is past on this computer" if at < datetime.now() else ""
        return f"{words.moment(at)}{past}"

    def _at(self) -> datetime | None:
        if self.moment is None:
            return None
        day, hour = self.moment.date(), self.moment.time()
        return datetime(day.year(), day.month(), day.day(), hour.hour(), hour.minute())

    def _tell(self, column: QVBoxLayout) -> QCheckBox:
        """Where the technician says whether to be told of those that are back."""
        box = QCheckBox("Tell me when it is back" if len(self._agents) == 1 else "Tell me when they are back")
        column.addWidget(box)
        return box

    def _typed(self, column: QVBoxLayout, word: str) -> QLineEdit:
        """Where the word is typed without which there is no going on."""
        edit = QLineEdit()
        edit.setAccessibleName(f"Type “{word}” to go on")
        edit.setMaximumWidth(220)
        edit.textChanged.connect(lambda text: self._typing(_same(text, word)))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label(f"Type “{word}” to go on:", "strong"))
        row.addWidget(edit)
        row.addStretch(1)
        column.addLayout(row)
        return edit

    def _typing(self, right: bool) -> None:
        self.go_on.setEnabled(right)
        (self.go_on if right else self.cancel).setDefault(True)

    def _go_on(self) -> None:
        self.confirmed.emit(FleetAction(self._kind, self._at()), list(self._agents))
        self.accept()


def _same(text: str, word: str) -> bool:
    """Whether a word was typed, in whatever case, with whatever spaces around it."""
    return " ".join(text.casefold().split()) == word
