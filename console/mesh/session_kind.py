"""The three kinds of session."""

from enum import StrEnum


class SessionKind(StrEnum):
    CONTROL = "control"
    TERMINAL = "terminal"
    FILES = "files"

    @classmethod
    def of(cls, kept: str) -> "SessionKind":
        """The kind that a file names; control for anything else."""
        return next((kind for kind in cls if kind.value == kept), cls.CONTROL)

    @property
    def view_mode(self) -> int:
        """MeshCentral's number for the page of this kind (`viewmode` of a session link)."""
        return {SessionKind.CONTROL: 11, SessionKind.TERMINAL: 12, SessionKind.FILES: 13}[self]
