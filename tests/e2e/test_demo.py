"""The demo as a newcomer runs it: a process of its own, which shows itself and leaves pictures."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage

from tests.e2e.far_end import until
from tests.e2e.surroundings import Surroundings

pytestmark = pytest.mark.e2e

_PICTURES = ("agents", "control", "terminal", "files", "agents-dark")


def _demo(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console", "--demo", "--tour", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)


def _colours(picture: QImage) -> int:
    places = ((x, y) for x in range(0, picture.width(), 8) for y in range(0, picture.height(), 8))
    return len({picture.pixel(x, y) for x, y in places})


def test_the_tour_opens_each_kind_of_session_and_leaves_pictures(surroundings: Surroundings, tmp_path: Path) -> None:
    temporary = surroundings.folder / "demo"  # a short path: MeshCentral's agent opens sockets below it
    temporary.mkdir()
    ended = _demo(tmp_path, {**os.environ, "TMPDIR": str(temporary)})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.split() == [str(tmp_path / f"{name}.png") for name in _PICTURES]
    for name in _PICTURES:
        picture = QImage(str(tmp_path / f"{name}.png"))
        assert picture.width() >= 1000, name
        assert _colours(picture) > 20, f"{name} is (nearly) blank"
    assert not _running(str(temporary)), "the demo left processes behind"
    assert not list(temporary.glob("technician-console-demo-*")), "the demo left files behind"


def test_without_node_the_demo_says_why_no_session_opens(surroundings: Surroundings, tmp_path: Path) -> None:
    nothing = tmp_path / "no programs"
    nothing.mkdir()
    ended = _demo(tmp_path, {**os.environ, "PATH": str(nothing), "XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert ended.returncode == 1
    assert "Node.js" in ended.stdout + ended.stderr


def test_a_terminated_demo_leaves_nothing(surroundings: Surroundings) -> None:
    temporary = surroundings.folder / "ended"
    temporary.mkdir()
    command = [sys.executable, "-m", "console", "--demo"]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(temporary)}, stderr=subprocess.DEVNULL) as demo:
        try:
            started = until(lambda: any("meshagent" in one.name() for one in _running(str(temporary))), 60)
            demo.terminate()
            assert started, "the demo's agent was not started"
            assert demo.wait(60) == 0
        finally:
            demo.kill()
    assert not _running(str(temporary)), "the demo left processes behind"
    assert not list(temporary.glob("technician-console-demo-*")), "the demo left files behind"


def _running(word: str) -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if word in " ".join(one.info["cmdline"] or ())]
