"""The short form of the soak (`python3 dev.py soak` is the long one): a day of 20 sessions and 100 refreshes."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.demo.mesh_local import LocalMesh

pytestmark = pytest.mark.e2e
_DAY = ("--sessions", "20", "--refreshes", "100", "--recoveries", "2", "--parts", "2")
_MOST = "1.2"
"""The memory of a console that has just started still grows a little; the long form is stricter."""


def test_a_short_day_leaves_nothing_behind(tmp_path: Path, local_mesh: LocalMesh) -> None:
    """In a process of its own, with a MeshCentral of its own; `local_mesh` has installed that. What is wrong, and what
    was weighed, is printed."""
    command = [sys.executable, "-m", "tests.soak", *_DAY, "--most", _MOST, "--record", str(tmp_path / "day.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "| 20 | 100 | 2 |" in done.stdout
