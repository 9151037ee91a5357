"""What the pane says when no agent, or more than one, is chosen."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.rmm.models import Agent, AgentStatus
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, label


class Several(QWidget):
    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.headline = label(role="headline")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.headline)
        self._rows: dict[AgentStatus, QWidget] = {}
        self.counts = {}
        for status in AgentStatus:
            row, words = QWidget(), label(selectable=True)
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(8)
            line.addWidget(IconLabel(appearance, *STATUS_ICONS[status], 16))
            line.addWidget(words, 1)
            column.addWidget(row)
            self._rows[status], self.counts[status] = row, words
        self.more = label(role="muted", wrap=True, selectable=True)
        column.addWidget(self.more)
        column.addStretch(1)

    def show_agents(self, agents: Sequence[Agent]) -> None:
        self.headline.setText(f"{len(agents)} agents are selected")
        tally = Counter(agent.status for agent in agents)
        for status, row in self._rows.items():
            row.setVisible(tally[status] > 0)
            self.counts[status].setText(f"{tally[status]} {STATUS_WORDS[status].lower()}")
        marks = (
            (sum(agent.checks.amiss > 0 for agent in agents), "with failing checks"),
            (sum(agent.needs_reboot for agent in agents), "in need of a restart"),
            (sum(agent.has_patches_pending for agent in agents), "with patches pending"),
            (sum(agent.maintenance_mode for agent in agents), "in maintenance"),
            (len({agent.client_name for agent in agents}), "clients"),
        )
        self.more.setText("\n".join(f"{count} {words}" for count, words in marks if count > (words == "clients")))


class Hint(QWidget):
    """Nothing is chosen."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        words = label("Choose an agent in the list to see its details here.", "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        column.addWidget(IconLabel(appearance, "info", "muted", 28), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(words)
        column.addStretch(2)
