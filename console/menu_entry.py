"""Puts the console into the applications menu, for those who installed it with pipx or pip.

Linux: the desktop entry specification 1.5 and the XDG base directory specification 0.8, for this user only.
Windows: a shortcut in this user's Start menu, made by the Windows Script Host.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from console import assets
from console.assets import APP_ID
from console.problem import Problem

_SHORTCUT = """
$ErrorActionPreference = 'Stop'
$link = (New-Object -ComObject WScript.Shell).CreateShortcut($env:CONSOLE_LINK)
$link.TargetPath = $env:CONSOLE_PROGRAM
$link.Arguments = $env:CONSOLE_ARGUMENTS
$link.Description = 'Technician Console'
$link.Save()
"""


class MenuEntryProblem(Problem):
    """The menu entry could not be made or removed."""


def add() -> Path:
    """Makes the menu entry, or brings an old one up to date, and returns its file. Raises a Problem."""
    with _worded("added to the applications menu"):
        return _add_shortcut() if sys.platform == "win32" else _add_desktop_entry()


def remove() -> bool:
    """Removes what `add` made; False when there was nothing. Raises a Problem."""
    files = (_shortcut(),) if sys.platform == "win32" else (_desktop_entry(), _icon())
    with _worded("removed from the applications menu"):
        found = [file for file in files if file.exists()]
        for file in found:
            file.unlink()
        return bool(found)


def command() -> list[str]:
    """The command line that starts this console again from anywhere: its script, or this Python with the package.

    A script's path is kept as it was called, links included: pipx renews what the link leads to.
    """
    script = Path(sys.argv[0]).absolute()
    for candidate in (script, script.with_name(script.name + ".exe")):
        if candidate.stem == "technician-console" and candidate.is_file():
            return [str(candidate)]
    return [sys.executable, "-m", "console"]


def desktop_entry(arguments: list[str]) -> str:
    """The desktop entry's text with the command line in it, quoted as the specification wants it."""
    entry = assets.text(f"{APP_ID}.desktop")
    lines = f"TryExec={_escaped(arguments[0])}\nExec={_escaped(' '.join(_quoted(part) for part in arguments))}"
    return re.sub(r"^Exec=.*$", lambda _: lines, entry, flags=re.MULTILINE)


def _quoted(argument: str) -> str:
    """One argument of Exec: field codes made harmless, and in double quotes when it holds a reserved character."""
    argument = argument.replace("%", "%%")
    if not re.search(r"""[\s"'\\><~|&;$*?#()`]""", argument):
        return argument
    return '"' + re.sub(r'(["`$\\])', r"\\\1", argument) + '"'


def _escaped(value: str) -> str:
    """A value of type string; this comes on top of the quoting, so that a quoted backslash becomes four."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _add_desktop_entry() -> Path:
    if sys.platform == "darwin":
        raise MenuEntryProblem(
            "On macOS the console cannot add itself to the applications.",
            "Start it from a terminal with technician-console, or keep it in the Dock while it runs.",
        )
    _replace(_icon(), assets.text(f"{APP_ID}.svg"))
    _replace(_desktop_entry(), desktop_entry(command()))
    return _desktop_entry()


def _add_shortcut() -> Path:
    program, *arguments = command()
    _shortcut().parent.mkdir(parents=True, exist_ok=True)
    values = {"LINK": str(_shortcut()), "PROGRAM": program, "ARGUMENTS": subprocess.list2cmdline(arguments)}
    subprocess.run(
        ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", _SHORTCUT],
        env={**os.environ, **{f"CONSOLE_{name}": value for name, value in values.items()}},
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    return _shortcut()


def _shortcut() -> Path:
    roaming = os.environ.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    return Path(roaming, "Microsoft", "Windows", "Start Menu", "Programs", "Technician Console.lnk")


def _desktop_entry() -> Path:
    return _data_home() / "applications" / f"{APP_ID}.desktop"


def _icon() -> Path:
    return _data_home() / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg"


def _data_home() -> Path:
    """The specification has relative paths ignored."""
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def _replace(file: Path, text: str) -> None:
    """Writes a file in one step: whoever reads the menu at that moment sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


@contextlib.contextmanager
def _worded(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        output = error.stderr if isinstance(error, subprocess.CalledProcessError) else b""
        raise MenuEntryProblem(
            f"Technician Console could not be {what}.",
            "Look whether you may write to the folder that is named below, and whether the disk is full.",
            f"{type(error).__name__}: {error} {(output or b'').decode(errors='replace')}".strip(),
        ) from None
