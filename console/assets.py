"""Finds the files that come with the console: icons, themes, page scripts."""

from pathlib import Path

from console.problem import Problem

APP_ID = "io.github.technician_console.TechnicianConsole"
"""The name of the desktop entry, of the AppStream data and of the icon."""

_PACKAGE = Path(__file__).parent
_ROOTS = (_PACKAGE / "resources", _PACKAGE.parent / "resources")
"""In a wheel the files lie inside the package; in a source tree and in an editable install beside it."""


class AssetMissing(Problem):
    """A file that belongs to the console is not where the console was installed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file {name}, which is a part of Technician Console, is missing.",
            "Install Technician Console again.",
            "Looked in: " + ", ".join(str(root) for root in _ROOTS),
        )


def path(name: str) -> Path:
    """Where a file or folder of resources/ is; `name` is relative to it, with slashes. Raises AssetMissing."""
    for root in _ROOTS:
        if (found := root / name).exists():
            return found
    raise AssetMissing(name)


def text(name: str) -> str:
    """What a text file of resources/ holds. Raises AssetMissing."""
    return path(name).read_text(encoding="utf-8")
