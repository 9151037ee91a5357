"""The three kinds of session."""

from enum import StrEnum


class SessionKind(StrEnum):
    CONTROL = "control"
    TERMINAL = "terminal"
    FILES = "files"

    @property
    def view_mode(self) -> int:
        """MeshCentral's number for the page of this kind (`viewmode` of a session link)."""
        return {SessionKind.CONTROL: 11, SessionKind.TERMINAL: 12, SessionKind.FILES: 13}[self]
