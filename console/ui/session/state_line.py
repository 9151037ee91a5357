"""The line above a session: its state in shape, colour and words, the machine, and how long."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, label, set_role, tool_button

KIND_WORDS = {
    SessionKind.CONTROL: "Control",
    SessionKind.TERMINAL: "Terminal",
    SessionKind.FILES: "Files",
}


@dataclass(frozen=True)
class StateLook:
    """How a state looks: an icon, the name of its colour in theme.Colours, and words."""

    icon: str
    colour: str
    words: str


STATE_LOOKS = {
    State.ASKED: StateLook("connecting", "accent", "Asking the RMM…"),
    State.OFFLINE: StateLook("offline", "warning", "Agent offline"),
    State.WAITING: StateLook("wait", "accent", "Waiting for the agent"),
    State.OPENING: StateLook("connecting", "accent", "Opening…"),
    State.SIGNING_IN: StateLook("lock", "accent", "Sign in to MeshCentral"),
    State.CONNECTING: StateLook("connecting", "accent", "Connecting…"),
    State.MESH_OFFLINE: StateLook("wait", "warning", "Not in MeshCentral"),
    State.CONSENT: StateLook("user", "warning", "Asking the remote user…"),
    State.CONNECTED: StateLook("online", "good", "Connected"),
    State.BY_HAND: StateLook("info", "warning", "Press Connect in the page"),
    State.LOST: StateLook("lost", "bad", "Connection lost"),
    State.FAILED: StateLook("failed", "bad", "Not connected"),
    State.CLOSED: StateLook("unknown", "neutral", "Closed"),
}


def duration(seconds: int) -> str:
    """A length of time as a clock: "0:07", "12:41", "1:02:03"."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class StateLine(QWidget):
    """Shows a session's state; the buttons ask for what the tab does."""

    reconnect_wanted = Signal()
    web_page_wanted = Signal()

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("stateLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._icon = IconLabel(appearance, "connecting", "accent", 15)
        self._state = label(role="strong")
        self._host = label(session.agent.hostname, "strong", selectable=True)
        place = " / ".join(part for part in (session.agent.client_name, session.agent.site_name) if part)
        self._place = label(place, "muted", selectable=True)
        self._place.setMinimumWidth(40)
        self._time = label(role="muted")
        self._reconnect = tool_button(appearance, "refresh", "Reconnect", self.reconnect_wanted.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(8)
        for widget in (self._icon, self._state, self._time):
            row.addWidget(widget)
        row.addSpacing(14)
        row.addWidget(IconLabel(appearance, session.kind.value, "muted", 16))
        row.addWidget(self._host)
        row.addWidget(self._place, 1)
        row.addWidget(self._reconnect)
        row.addWidget(tool_button(appearance, "external", "Open in the RMM's web page", self.web_page_wanted.emit))
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        session.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        look = STATE_LOOKS[self._session.state]
        self._icon.show_icon(look.icon, look.colour)
        self._state.setText(look.words)
        set_role(self._state, look.colour if look.colour in ("good", "warning", "bad") else "strong")
        self._reconnect.setVisible(self._session.state in (State.CONNECTED, State.BY_HAND))
        if self._session.state is State.CONNECTED:
            self._clock.start()
        else:
            self._clock.stop()
        self._tick()

    def _tick(self) -> None:
        seconds = self._session.seconds_connected
        self._time.setText("" if seconds is None else duration(seconds))
        self._time.setVisible(seconds is not None)
