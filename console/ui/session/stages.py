"""The stages of a restart, one line each: what was reached and when, what is waited for, and what is still to come."""

from PySide6.QtWidgets import QGridLayout, QWidget

from console.sessions.reboot import Reboot, Stage
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, label, set_role


class Stages(QWidget):
    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(4, 1)
        self._lines = {}
        for row, stage in enumerate(Stage):
            icon, words, time = IconLabel(appearance, "wait", "neutral", 16), label(stage.value), label(role="muted")
            grid.addWidget(icon, row, 1)
            grid.addWidget(words, row, 2)
            grid.addWidget(time, row, 3)
            self._lines[stage] = (icon, words, time)
        self.hide()

    def show_reboot(self, reboot: Reboot) -> None:
        """Follows a restart; the first stage that was not reached is the one that is waited for."""
        waited_for = next((stage for stage in Stage if stage not in reboot.stages), None)
        for stage, (icon, words, time) in self._lines.items():
            reached = reboot.stages.get(stage)
            if reached:
                icon.show_icon("check", "good")
            elif stage is waited_for:
                icon.show_icon("connecting", "accent")
            else:
                icon.show_icon("unknown", "neutral")
            set_role(words, "strong" if stage is waited_for else "" if reached else "muted")
            time.setText(f"{reached.astimezone():%H:%M:%S}" if reached else "")
        self.show()
