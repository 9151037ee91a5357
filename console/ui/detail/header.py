"""Which agent it is, how it is, and the ways into it."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS, ago, local
from console.ui.fleet.flow import FlowLayout
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WAYS = (
    (SessionKind.CONTROL, "Take control"),
    (SessionKind.TERMINAL, "Terminal"),
    (SessionKind.FILES, "Files"),
)
_BADGES = (("maintenance", "accent", "Maintenance"), ("reboot", "warning", "Needs a restart"))


class Header(QWidget):
    wanted = Signal(object)
    """A SessionKind."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.host = label(role="headline", wrap=True, selectable=True)
        self.place = label(wrap=True, selectable=True)
        self.user = label(role="muted", wrap=True, selectable=True)
        for one in (self.host, self.place, self.user):
            one.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            one.setMinimumWidth(1)
            one.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        self._status = IconLabel(appearance, "unknown", "neutral", 16)
        self.status = label(selectable=True)
        self._badges = [_badge(appearance, icon, colour, words) for icon, colour, words in _BADGES]
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._status)
        line.addWidget(self.status)
        line.addStretch(1)
        marks = QHBoxLayout()
        marks.setSpacing(14)
        for badge in self._badges:
            marks.addWidget(badge)
        marks.addStretch(1)
        ways = QWidget()
        ways.setObjectName("detailWays")
        flow = FlowLayout(ways)
        flow.setContentsMargins(0, 0, 0, 0)
        self.ways = {kind: button(text, partial(self.wanted.emit, kind)) for kind, text in _WAYS}
        self.ways[SessionKind.CONTROL].setProperty("role", "primary")
        for way in self.ways.values():
            flow.addWidget(way)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        column.addWidget(self.host)
        column.addLayout(line)
        column.addWidget(self.place)
        column.addWidget(self.user)
        column.addLayout(marks)
        column.addSpacing(4)
        column.addWidget(ways)
        appearance.changed.connect(self._draw)
        self._draw()

    def show_agent(self, agent: Agent, now: datetime) -> None:
        name = agent.hostname or "(no host name)"
        self.host.setText(name)
        self._status.show_icon(*STATUS_ICONS[agent.status])
        age = f"last seen {ago(agent.last_seen, now)}" if agent.last_seen else "never seen"
        self.status.setText(f"{STATUS_WORDS[agent.status]}, {age}")
        self.status.setToolTip(local(agent.last_seen))
        self.place.setText("  /  ".join(part for part in (agent.client_name, agent.site_name) if part))
        user = agent.logged_username
        self.user.setText(f"{user} was the last user" if agent.italic and user else user or "Nobody is signed in")
        for there, badge in zip((agent.maintenance_mode, agent.needs_reboot), self._badges, strict=True):
            badge.setVisible(there)
        for kind, text in _WAYS:
            self.ways[kind].setAccessibleName(f"{text}: {name}")

    def _draw(self) -> None:
        for kind, way in self.ways.items():
            colours = self._appearance.colours
            way.setIcon(icons.icon(kind.value, colours.on_accent if kind is SessionKind.CONTROL else colours.text))


def _badge(appearance: Appearance, icon: str, colour: str, words: str) -> QWidget:
    """A picture below that of the status, and what it means."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(IconLabel(appearance, icon, colour, 16))
    row.addWidget(label(words))
    return made
