"""What the technician chose, in one JSON file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from console.files import JsonFile, NotRead
from console.problem import Problem

Pixels = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
"""Qt and the calendar have limits: a file beyond them is none of ours."""


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Column(msgspec.Struct, frozen=True):
    """A column of the agents table as the technician left it. `width` is in device-independent pixels."""

    name: str
    width: Pixels
    hidden: bool = False


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """`columns` in the order shown, empty until something was moved; `sorting` names columns, each with whether
    downwards; `grouping` is the value of a console.fleet.grouping.Grouping; `side_width` and `detail_width` are
    those of the panels beside the list, in device-independent pixels; `default_action` is a SessionKind's value.

    `technician` is who works here, for servers where an API key does not tell; `journal_days` is how long the journal
    keeps its sessions, 0 for ever; `ask_note` whether a note is asked for when a session is closed.

    `host_key` is the value of a console.ui.keyboard.host_key.HostKey, and `host_key_known` whether it was agreed on.

    `lock_minutes` is after how many minutes without work the console locks itself, 0 for never; the other three say
    whether it locks with the computer, unlocks with it then, and closes its sessions when it locks.

    `places` holds where the windows of detached sessions were: Qt's geometry in Base64, by agent id and kind.
    """

    version: int = 1
    theme: Theme = Theme.SYSTEM
    default_action: str = "control"
    columns: tuple[Column, ...] = ()
    sorting: tuple[tuple[str, bool], ...] = ()
    grouping: str = "nothing"
    side_shown: bool = True
    side_width: Pixels = 240
    detail_shown: bool = True
    detail_width: Pixels = 340
    window_geometry: str = ""
    last_server: str = ""
    downloads_folder: str = ""
    technician: str = ""
    journal_days: Days = 365
    ask_note: bool = True
    places: dict[str, str] = {}
    host_key: str = "right-ctrl"
    host_key_known: bool = False
    lock_minutes: int = 0
    lock_with_computer: bool = True
    unlock_with_computer: bool = True
    lock_closes_sessions: bool = False


class PreferenceFile:
    """Loads and saves the preferences; `save` may be slow. `trouble` is what there is to say after `load`."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path, Preferences, "Your preferences", "Choose them again.")
        self.trouble: Problem | None = None

    def load(self) -> Preferences:
        """The saved preferences, or the defaults when there are none or the file is of no use: see `trouble`."""
        try:
            preferences, self.trouble = self._file.load()
        except NotRead as problem:
            preferences, self.trouble = None, problem
        return preferences or Preferences()

    def save(self, preferences: Preferences) -> None:
        """Writes the file. Raises files.NotSaved, or files.NotRead when it was there and could not be read."""
        if isinstance(self.trouble, NotRead):
            raise self.trouble
        self._file.save(preferences)
