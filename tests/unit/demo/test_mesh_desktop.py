import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from console.demo.desktop import SharedDesktop
from console.problem import Problem


@pytest.mark.skipif(sys.platform != "linux", reason="about Xvfb")
def test_without_xvfb_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    desktop = SharedDesktop(tmp_path / "desktop", tmp_path)
    with pytest.raises(Problem, match="Xvfb is not installed"):
        desktop.start()
    assert desktop.pids == []
    desktop.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="about Xvfb")
def test_an_xvfb_that_does_not_start_is_told_with_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "Xvfb"
    program.write_text("#!/bin/sh\necho '(EE) no fonts, no screens'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Problem, match="could not be started") as raised:
        SharedDesktop(tmp_path / "desktop", tmp_path).start()
    assert "no screens" in raised.value.detail


def test_elsewhere_it_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert SharedDesktop.missing() == "The demo can share a desktop on Linux only; terminal and files work."


@pytest.mark.skipif(SharedDesktop.missing() is not None, reason=str(SharedDesktop.missing()))
def test_displays_that_start_at_the_same_moment_are_different_ones(tmp_path: Path) -> None:
    desktops = [SharedDesktop(tmp_path / f"display {each}", tmp_path) for each in range(3)]
    threads = [threading.Thread(target=desktop.start) for desktop in desktops]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({desktop.display for desktop in desktops}) == 3
        for desktop in desktops:
            environment = os.environ | desktop.environment
            answered = subprocess.run(["xset", "q"], env=environment, capture_output=True, check=False, timeout=20)
            assert answered.returncode == 0, answered.stderr
    finally:
        for desktop in desktops:
            desktop.stop()
