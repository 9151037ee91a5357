"""What the technician chose, in one JSON file."""

from enum import StrEnum
from pathlib import Path

import msgspec

from console import files


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Column(msgspec.Struct, frozen=True):
    """A column of the agents table as the technician left it. `width` is in device-independent pixels."""

    name: str
    width: int
    hidden: bool = False


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """`columns` in the order shown, empty until something was moved; `default_action` is a SessionKind's value."""

    version: int = 1
    theme: Theme = Theme.SYSTEM
    default_action: str = "control"
    columns: tuple[Column, ...] = ()
    sort_column: str = "hostname"
    sort_descending: bool = False
    window_geometry: str = ""
    last_server: str = ""
    downloads_folder: str = ""


class PreferenceFile:
    """Loads and saves the preferences; `save` may be slow."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Preferences:
        """The saved preferences, or the defaults when there are none or the file was damaged."""
        return files.read_json(self._path, Preferences) or Preferences()

    def save(self, preferences: Preferences) -> None:
        """Writes the file. Raises files.NotSaved."""
        files.write_json(self._path, preferences)
