import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.demo import mesh_displays

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("ps") is None, reason="about displays on Linux; needs ps"
)


@pytest.fixture
def x_servers(tmp_path: Path) -> Iterator[list[str]]:
    """Two processes that look like X servers in the list of processes; the keys' files that they name."""
    keys = [str(tmp_path / name) for name in ("the console's own", "the technician's")]
    wait = "import sys; print(flush=True); sys.stdin.read()"
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", wait, ":7", "-auth", key], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for key in keys
    ]
    for server in servers:
        assert server.stdout is not None
        server.stdout.readline()
    yield keys
    for server in servers:
        server.communicate(b"")


def listed(environment: dict[str, str]) -> str:
    # As monitor-info asks for it: through a shell that gets its commands by standard input.
    command = "unset COLUMNS; ps -e -o uid -o tty -o command\n"  # with it the lines would be cut
    return subprocess.run(
        ["/bin/sh"], input=command, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout


def sessions(environment: dict[str, str]) -> str:
    command = "loginctl list-sessions; loginctl show-session -p State -p Display demo\n"
    return subprocess.run(
        ["/bin/sh"], input=command, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout


def test_the_system_shows_both(x_servers: list[str]) -> None:
    everything = listed({})
    assert all(key in everything for key in x_servers)


def test_the_agent_sees_the_demos_display_only(tmp_path: Path, x_servers: list[str]) -> None:
    mine, other = x_servers
    found = mesh_displays.only(tmp_path / "bin", {"DISPLAY": ":7", "XAUTHORITY": mine})
    assert (found["DISPLAY"], found["XAUTHORITY"]) == (":7", mine)
    seen = listed(found)
    assert seen.count(" -auth ") == 1
    assert mine in seen
    assert other not in seen
    assert sessions(found).splitlines() == [
        f" demo {tmp_path.stat().st_uid} {os.environ.get('USER', 'user')} seat0",
        "State=active",
        "Display=:7",
    ]


def test_without_a_display_the_agent_sees_none(tmp_path: Path, x_servers: list[str]) -> None:
    found = mesh_displays.only(tmp_path / "bin", {})
    assert found["DISPLAY"] == ":none"
    seen = listed(found)
    assert " -auth " not in seen
    assert "/bin/sh" in seen
    assert sessions(found) == ""


def test_a_narrow_terminal_hides_nothing(tmp_path: Path, x_servers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`ps` cuts its lines at the width that the variable COLUMNS names, wherever it came from."""
    monkeypatch.setenv("COLUMNS", "40")
    test_the_agent_sees_the_demos_display_only(tmp_path, x_servers)
