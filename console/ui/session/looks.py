"""How kinds and states of sessions look and what they are called, wherever they are shown."""

import msgspec

from console.mesh.session_kind import SessionKind
from console.sessions.progress import State

KIND_WORDS = {
    SessionKind.CONTROL: "Control",
    SessionKind.TERMINAL: "Terminal",
    SessionKind.FILES: "Files",
}


class StateLook(msgspec.Struct, frozen=True):
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
