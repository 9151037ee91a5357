"""What the console asks of a session's page, beside what its mouse and keyboard do.

Each command travels to `resources/page/commands.js` as JSON. The page answers with the reports that follow from it
(console.mesh.report); a command that it cannot carry out changes nothing.
"""

import msgspec


class Command(msgspec.Struct, frozen=True, tag_field="do"):
    """One request to the page."""


class Connect(Command, frozen=True, tag="connect"):
    """Connects once more in the page that is there, as soon as the agent takes connections."""


class Disconnect(Command, frozen=True, tag="disconnect"):
    """Ends the connection to the agent and keeps the page."""


class Confirm(Command, frozen=True, tag="confirm"):
    """Has the page ask MeshCentral for a sign of life now; a Control follows at once, unless nothing is heard."""


class PressKeys(Command, frozen=True, tag="keys"):
    """Presses keys together on the remote machine and lets them go, the last first.

    `keys` are names of `KEYS`, modifiers first.
    """

    keys: tuple[str, ...]


class TypeText(Command, frozen=True, tag="type"):
    """Types a text on the remote machine as keystrokes."""

    text: str


class ShowDisplay(Command, frozen=True, tag="display"):
    """Shows another of the agent's displays: an `id` of the last Displays."""

    id: int


class SetPicture(Command, frozen=True, tag="picture"):
    """How the desktop is sent: see console.mesh.report.Picture."""

    quality: int
    scaling: int
    milliseconds: int


class SetScale(Command, frozen=True, tag="scale"):
    """Whether the desktop is shrunk and stretched to the view, or shown pixel for pixel."""

    fit: bool


class SetViewOnly(Command, frozen=True, tag="view-only"):
    """Whether mouse and keyboard are kept from the remote machine."""

    on: bool


class ShareClipboard(Command, frozen=True, tag="clipboard"):
    """Whether what is copied on either side can be pasted on the other."""

    on: bool


class Refresh(Command, frozen=True, tag="refresh"):
    """Asks the agent for the whole picture, or for the folder that is shown, anew."""


class ShowBars(Command, frozen=True, tag="bars"):
    """Whether the page's own bars are shown."""

    on: bool


MODIFIERS = ("ctrl", "alt", "shift", "win")
NAMED_KEYS = (
    "tab", "escape", "enter", "delete", "insert", "home", "end", "pageup", "pagedown", "left", "up", "right", "down",
    "print", "space", "backspace",
)  # fmt: skip
FUNCTION_KEYS = tuple(f"f{number}" for number in range(1, 13))
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz0123456789")
KEYS = frozenset((*MODIFIERS, *NAMED_KEYS, *FUNCTION_KEYS, *LETTERS))
"""The names that PressKeys takes."""


def encode(command: Command) -> str:
    """The command as the page reads it."""
    return msgspec.json.encode(command).decode()
