"""A second start finds the first, over a real local socket and from a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.ui import instance
from console.ui.instance import Claim, FirstInstance, Start, handed_over

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from console.ui.instance import Claim, Start, handed_over
app = QCoreApplication([])
claim = Claim(Path(sys.argv[1]))
print(handed_over(Path(sys.argv[1]), Start(search=sys.argv[2]), claim))
"""


@pytest.fixture
def first(qtbot: QtBot, tmp_path: Path) -> Iterator[FirstInstance]:
    made = FirstInstance(tmp_path)
    yield made
    made.end()


def second(folder: Path, qtbot: QtBot, search: str = "") -> str:
    """What a second start answers."""
    process = subprocess.Popen([sys.executable, "-c", SECOND, str(folder), search], stdout=subprocess.PIPE, text=True)
    try:
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=30_000)
    finally:
        process.kill()
        said, _ = process.communicate()
    return said.strip()


def test_the_first_finds_nobody(qtbot: QtBot, tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    assert not handed_over(tmp_path, Start(), claim)
    claim.give_back()


def test_the_second_hands_over_what_it_was_started_with(first: FirstInstance, qtbot: QtBot, tmp_path: Path) -> None:
    starts: list[Start] = []
    first.started_again.connect(starts.append)
    assert second(tmp_path, qtbot, "acme is:online") == "True"
    assert starts == [Start(search="acme is:online")]
    assert second(tmp_path, qtbot) == "True"
    assert len(starts) == 2


def test_other_settings_are_another_console(first: FirstInstance, qtbot: QtBot, tmp_path: Path) -> None:
    assert second(tmp_path / "other", qtbot) == "False"


def test_what_a_killed_one_left_behind_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from console.ui.instance import FirstInstance
app = QCoreApplication([])
one = FirstInstance(Path({str(tmp_path)!r}))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    made = FirstInstance(tmp_path)
    assert second(tmp_path, qtbot) == "True"
    made.end()


def test_after_its_end_nobody_is_there(first: FirstInstance, qtbot: QtBot, tmp_path: Path) -> None:
    first.end()
    assert second(tmp_path, qtbot) == "False"


@pytest.mark.parametrize("text", [b"nonsense\n", b'{"search": 5}\n', b"\xff\n", b"x" * 100_000, b"[" * 5000 + b"\n"])
def test_nonsense_is_not_taken(first: FirstInstance, qtbot: QtBot, tmp_path: Path, text: bytes) -> None:
    starts: list[Start] = []
    first.started_again.connect(starts.append)
    socket = QLocalSocket()
    socket.connectToServer(instance._name(tmp_path))
    assert socket.waitForConnected(3000)
    socket.write(text)
    socket.flush()
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState, timeout=10_000)
    assert not starts
    assert second(tmp_path, qtbot) == "True", "it goes on listening"


def test_one_that_does_not_answer_is_told(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "_MILLISECONDS", 100)
    deaf = QLocalServer()
    assert deaf.listen(instance._name(tmp_path))
    try:
        with pytest.raises(Problem, match="does not answer"):
            handed_over(tmp_path, Start(), Claim(tmp_path))
    finally:
        deaf.close()


def test_one_that_starts_at_the_same_moment_waits_until_the_other_listens(qtbot: QtBot, tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    assert not handed_over(tmp_path, Start(), claim)
    starts: list[Start] = []

    def listen() -> None:
        made.append(FirstInstance(tmp_path))
        made[0].started_again.connect(starts.append)

    made: list[FirstInstance] = []
    QTimer.singleShot(1500, listen)  # the second asks before that
    try:
        assert second(tmp_path, qtbot, "acme") == "True"
        assert starts == [Start(search="acme")]
    finally:
        claim.give_back()
        made[0].end()


def test_one_that_never_comes_to_listen_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "_STARTING_SECONDS", 0.2)
    first, second = Claim(tmp_path), Claim(tmp_path)
    assert first.take()
    with pytest.raises(Problem, match="does not answer"):
        handed_over(tmp_path, Start(), second)
    first.give_back()
    assert not handed_over(tmp_path, Start(), second)
    second.give_back()
