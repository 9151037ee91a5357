"""The packages of the demo's MeshCentral, installed once with npm into the user's cache folder.

`python -m console.demo.mesh_packages` installs them and says how it goes.
"""

import contextlib
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import IO

import platformdirs

from console.demo import node as nodejs
from console.demo.children import Child
from console.problem import Problem

VERSION = "1.1.55"
_MARKER = "complete"
_NEEDED_BYTES = 700_000_000
_SECONDS = 1800.0
_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|"
    r"CERT_|SELF_SIGNED|UNABLE_TO_VERIFY|code E5\d\d|network"
)

Say = Callable[[str], None]


def folder() -> Path:
    """Where the packages are, or will be."""
    return platformdirs.user_cache_path("technician-console") / f"meshcentral-{VERSION}"


def installed() -> Path | None:
    """The folder that holds `node_modules` when the installation is complete, else None."""
    place = folder()
    return place if _is_complete(place) else None


def install(say: Say, cancelled: threading.Event | None = None) -> Path:
    """Installs the packages where they are missing and returns their folder; takes up to some minutes.

    Another process that does the same is waited for. Raises Problem, also when `cancelled` is set meanwhile.
    """
    place = folder()
    if _is_complete(place):
        return place
    node = nodejs.required()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(place.with_name(place.name + ".lock"), say, cancelled):
            if not _is_complete(place):
                _install(place, node, say, cancelled)
    except OSError as error:
        raise _not_written(place, error) from error
    return place


def lock_text() -> str:
    """npm's lock file: exact versions and checksums, without the address of a registry, so that npm uses the user's."""
    return _resource("meshcentral-package-lock.json")


def _install(place: Path, node: nodejs.Node, say: Say, cancelled: threading.Event | None) -> None:
    if shutil.disk_usage(place.parent).free < _NEEDED_BYTES:
        raise Problem(
            "There is not enough room on the disk for the demo's MeshCentral.",
            f"Make {_NEEDED_BYTES // 1_000_000} MB free and try again.",
            str(place.parent),
        )
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "package.json").write_text(_resource("meshcentral-package.json"), "utf-8")
    (place / "package-lock.json").write_text(lock_text(), "utf-8")
    say(f"Downloading MeshCentral {VERSION} for the demo with npm (about 150 MB, once) …")
    _run_npm(place, node, say, cancelled)
    (place / _MARKER).write_text(VERSION, "utf-8")
    say("MeshCentral is installed.")


def _run_npm(place: Path, node: nodejs.Node, say: Say, cancelled: threading.Event | None) -> None:
    total = sum(1 for name, entry in json.loads(lock_text())["packages"].items() if name and not entry.get("optional"))
    fetched = 0

    def count(line: str) -> None:
        nonlocal fetched
        if "http fetch GET 200" in line and ".tgz" in line:
            fetched += 1
            if fetched % 20 == 0:
                say(f"Fetched {fetched} of about {total} packages …")

    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier", "--loglevel", "http")
    npm = Child([*node.npm, "ci", *options], folder=place, environment=os.environ, on_line=count)
    try:
        for _quarter in range(int(_SECONDS * 4)):
            if npm.wait(0.25):
                break
            if cancelled is not None and cancelled.is_set():
                raise Problem("The installation of MeshCentral was stopped.", "It starts again with the next demo.")
        if npm.status != 0:
            raise _npm_failed(npm.tail(), npm.status)
    finally:
        npm.end()


def _npm_failed(output: str, status: int | None) -> Problem:
    detail = re.sub(r"//[^/@\s]+@", "//…@", output)
    if "ENOSPC" in output:
        return Problem("The disk filled up while MeshCentral was being installed.", "Make room and try again.", detail)
    if "EACCES" in output or "EPERM" in output:
        return Problem("npm may not write to its folders.", "Look at the folder named below.", detail)
    if _NETWORK.search(output):
        return Problem(
            "MeshCentral could not be downloaded: npm does not reach its registry.",
            "Look at the network connection and at npm's proxy settings, then try again.",
            detail,
        )
    if status is None:
        return Problem("npm did not finish the installation of MeshCentral in time.", "Try again later.", detail)
    return Problem(f"npm ended with status {status} while installing MeshCentral.", "See what npm says below.", detail)


def _not_written(place: Path, error: OSError) -> Problem:
    return Problem(
        "The demo's MeshCentral could not be stored in the cache folder.",
        "Look whether the disk is full and whether you may write there.",
        f"{place}: {error.strerror or error}",
    )


def _is_complete(place: Path) -> bool:
    try:
        return (place / _MARKER).read_text("utf-8") == VERSION
    except (OSError, UnicodeDecodeError):
        return False


@contextlib.contextmanager
def _only_one(path: Path, say: Say, cancelled: threading.Event | None) -> Iterator[None]:
    """Holds a lock file. The operating system lets it go when its holder ends, whatever way."""
    with path.open("a+b") as file:
        waiting = False
        pause = cancelled or threading.Event()
        while not _locked(file):
            if not waiting:
                say("Another console is installing MeshCentral; waiting for it …")
            waiting = True
            if pause.wait(0.25):
                raise Problem("The installation of MeshCentral was stopped.", "It starts again with the next demo.")
        yield


if sys.platform == "win32":
    import msvcrt

    def _locked(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _resource(name: str) -> str:
    return resources.files("console.demo").joinpath(name).read_text("utf-8")


def main() -> int:
    """Installs the packages; 0 when they are there."""
    try:
        print(install(lambda line: print(line, flush=True)))
    except Problem as problem:
        print(problem.report(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
