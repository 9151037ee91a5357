"""Asks the web engine about itself in a process of its own: one that cannot start takes nothing else along."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

import console
from console.mesh.engine_facts import EngineFacts, EngineQuestion
from console.problem import Problem

SECONDS = 40.0
_LAST_LINES = 6


def ask(question: EngineQuestion, environment: Mapping[str, str] = os.environ) -> EngineFacts:
    """Blocks. Raises a Problem when the web engine does not start."""
    given = dict(environment)
    if sys.platform == "linux" and not (given.get("DISPLAY") or given.get("WAYLAND_DISPLAY")):
        given.setdefault("QT_QPA_PLATFORM", "offscreen")  # Qt would end the process
    given.pop("QT_WIDGETS_RHI", None)
    here = Path(console.__file__).resolve().parents[1]
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable] if frozen else [sys.executable, "-m", "console"]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # there is one on Windows only
    try:
        run = subprocess.run(
            [*command, "doctor", "--web-engine"],
            input=msgspec.json.encode(question),
            capture_output=True,
            timeout=SECONDS,
            env=given,
            cwd=None if frozen else here,
            creationflags=flags,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Problem(_SILENT, _ADVICE, type(error).__name__) from None
    try:
        return msgspec.json.decode(run.stdout, type=EngineFacts)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    said = run.stderr.decode(errors="replace").strip().splitlines()
    detail = "\n".join((f"The process ended with {run.returncode}.", *said[-_LAST_LINES:]))
    if "Running as root without --no-sandbox" in detail:
        raise Problem(
            "The web engine does not start as root.",
            "Start the console as an ordinary user. Root has no sandbox around the pages of the sessions.",
            detail,
        )
    raise Problem(_SILENT, _ADVICE, detail)


_SILENT = "The web engine does not start: no session can be shown."
_ADVICE = (
    "On Linux a library may be missing: the details name it. Otherwise install the console again, and update this "
    "computer's graphics driver."
)
