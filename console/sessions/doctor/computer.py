"""The program and what it runs on: versions, the web engine, its sandbox, what draws, switches in the environment."""

import platform
import sys
from collections.abc import Mapping

import PySide6
from PySide6.QtCore import qVersion

from console import __version__
from console.mesh.engine_facts import EngineFacts, EngineQuestion
from console.sessions.doctor.case import Case
from console.sessions.doctor.verdict import Outcome, failure, fine, skipped, warning

_ABORTING = (6, 12, 0)
_PATCHES = 155
"""The Chromium version whose security patches the oldest supported web engine has (PySide6 6.11.3)."""
_SOFTWARE = ("swiftshader", "llvmpipe", "softpipe", "software", "microsoft basic render")
_SWITCHED_OFF = "QTWEBENGINE_DISABLE_SANDBOX"
_RENDERING = ("QT_OPENGL", "QSG_RHI_BACKEND", "QSG_RENDER_LOOP", "LIBGL_ALWAYS_SOFTWARE", "QT_QUICK_BACKEND")
_FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"


def program() -> Outcome:
    pyside = PySide6.__version__
    said = (
        f"Technician Console {__version__}, Python {platform.python_version()}, Qt {qVersion()}, PySide {pyside}, "
        f"{platform.platform()}"
    )
    if _numbers(pyside) == _ABORTING and sys.version_info < (3, 12):
        return failure(said, "PySide 6.12.0 aborts on Python before 3.12: install another of the two.")
    return fine(said)


def engine(case: Case) -> Outcome:
    facts = case.engine = case.question.engine(EngineQuestion())
    said = f"Chromium {facts.chromium} with security patches up to {facts.patches}, Qt {facts.qt} on {facts.platform}"
    if (_numbers(facts.patches) or (_PATCHES,))[0] < _PATCHES:
        return warning(said, "Its security patches are old: update PySide6, or the console as a whole.")
    return fine(said)


def sandbox(case: Case) -> Outcome:
    facts = _known(case.engine)
    states = dict(line.split("\t", 1) for line in facts.sandbox.splitlines() if "\t" in line)
    detail = "\n".join(line.replace("\t", ": ") for line in facts.sandbox.splitlines() if line)
    environment = case.question.environment
    if _SWITCHED_OFF in environment or "--no-sandbox" in environment.get(_FLAGS, ""):  # Qt takes any value
        return warning(
            "The sandbox around the pages of the sessions is switched off.",
            f"Start the console without {_SWITCHED_OFF} and --no-sandbox, as an ordinary user.",
            detail,
        )
    if not facts.sandbox:
        return skipped("Chromium tells nothing of its sandbox on this system.")
    if "not adequately sandboxed" in facts.sandbox.lower():
        filtered = states.get("Seccomp-BPF sandbox") == "Yes"
        return warning(
            "The pages of the sessions are sandboxed in part only: their system calls are filtered, and no more."
            if filtered
            else "The pages of the sessions are not sandboxed.",
            "This system may not let programs have user namespaces of their own (on Ubuntu 24.04 and newer AppArmor "
            "does not, without a profile for the console). Ask whoever looks after this computer to allow them.",
            detail,
        )
    layer = states.get("Layer 1 Sandbox", "")
    return fine(f"The pages of the sessions are sandboxed{f' ({layer})' if layer else ''}.", detail)


def graphics(case: Case) -> Outcome:
    facts, environment = _known(case.engine), case.question.environment
    chosen = [name for name in _RENDERING if name in environment]
    if "--disable-gpu" in environment.get(_FLAGS, ""):
        chosen.append("--disable-gpu")
    detail = f"Set in the environment: {', '.join(chosen)}" if chosen else ""
    if facts.platform == "offscreen":
        return skipped("It was looked at without a display: what draws in the window is not known.")
    if not facts.renderer or any(word in facts.renderer.lower() for word in _SOFTWARE):
        return warning(
            f"The processor draws the pages{f' ({facts.renderer})' if facts.renderer else ''}, not the graphics card.",
            "Sessions work, large screens are slower. In a virtual machine or over a remote desktop that is usual; "
            "otherwise update the graphics driver.",
            detail,
        )
    return fine(facts.renderer, detail)


def switches(environment: Mapping[str, str], dropped: tuple[str, ...]) -> Outcome:
    kept = sorted(name for name in environment if name.startswith(("QT_", "QTWEBENGINE_", "QSG_")))
    detail = f"Other switches of Qt that are set: {', '.join(kept)}" if kept else ""
    if dropped:
        return warning(
            f"Ignored, because they would weaken the sessions' security: {', '.join(dropped)}.",
            "Take them out of the environment that starts the console.",
            detail,
        )
    return fine("Nothing in the environment weakens the sessions' security.", detail)


def _known(facts: EngineFacts | None) -> EngineFacts:
    if facts is None:
        raise TypeError("planned after the web engine")
    return facts


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()
