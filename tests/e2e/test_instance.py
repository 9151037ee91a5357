"""A second start of the console, as a program, while the first runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket

from console.ui.instance import _name

pytestmark = pytest.mark.e2e


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a person of their own, without a screen."""
    folders = {"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state",
               "XDG_CACHE_HOME": "cache"}  # fmt: skip
    return {
        **os.environ,
        **{name: str(tmp_path / folder) for name, folder in folders.items()},
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }


@pytest.fixture
def first(home: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-m", "console"], env=home, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def start(home: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console"], env=home, capture_output=True, text=True, timeout=20, check=False
    )


def listens(folder: Path) -> bool:
    door = QLocalSocket()
    door.connectToServer(_name(folder))
    return door.waitForConnected(1000)


def test_it_hands_over_and_the_first_ends_in_order(first: subprocess.Popen[str], home: dict[str, str]) -> None:
    end = time.monotonic() + 30
    while not listens(Path(home["XDG_CONFIG_HOME"], "technician-console")):
        assert first.poll() is None, first.communicate()[1]
        assert time.monotonic() < end, "it does not listen"
        time.sleep(0.1)
    second = start(home)
    assert second.returncode == 0, second.stderr
    assert "is running already" in second.stdout
    first.send_signal(signal.SIGTERM)
    _, errors = first.communicate(timeout=30)
    assert first.returncode == 0
    assert "Traceback" not in errors
