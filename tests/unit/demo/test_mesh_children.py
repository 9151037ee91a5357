import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.demo.children import Child

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="checks what Linux does")

Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a Python program given as text; ends it after the test."""
    started: list[Child] = []

    def run(program: str, *, hold_stdin: bool = False, end_signal: int = signal.SIGTERM) -> Child:
        command = [sys.executable, "-u", "-c", program]
        child = Child(command, folder=tmp_path, environment=os.environ, hold_stdin=hold_stdin, end_signal=end_signal)
        started.append(child)
        return child

    yield run
    for child in started:
        child.end(1.0)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def test_its_output_can_be_waited_for_and_is_kept(start: Start) -> None:
    child = start("import sys; print('one'); print('two', file=sys.stderr); sys.stdin.read()", hold_stdin=True)
    assert child.wait_for(lambda line: line == "two", 5)
    assert child.tail() == "one\ntwo"
    assert child.running


def test_waiting_ends_when_the_program_has_ended(start: Start) -> None:
    child = start("print('last words')")
    before = time.monotonic()
    assert not child.wait_for(lambda line: "never" in line, 60)
    assert time.monotonic() - before < 30
    assert child.tail() == "last words"
    assert child.status == 0


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Child([tmp_path / "nothing"], folder=tmp_path, environment={})


def test_it_survives_the_thread_that_asked_for_it(start: Start) -> None:
    children: list[Child] = []
    asking = threading.Thread(target=lambda: children.append(start("import time; print('up'); time.sleep(60)")))
    asking.start()
    asking.join()
    assert children[0].wait_for(lambda line: line == "up", 5)
    assert not children[0].wait(0.3)


def test_end_ends_what_does_not_want_to(start: Start) -> None:
    child = start("import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)")
    assert child.wait_for(lambda line: line == "up", 5)
    child.end(0.2)
    assert child.status == -9


def test_end_uses_the_signal_that_the_program_understands(start: Start) -> None:
    child = start("import time; print('up'); time.sleep(60)", end_signal=signal.SIGINT)
    assert child.wait_for(lambda line: line == "up", 5)
    child.end()
    assert "KeyboardInterrupt" in child.tail()


def test_end_finds_what_was_left_behind_in_a_session_of_its_own(start: Start) -> None:
    child = start("import subprocess, time\nsubprocess.run(['sh', '-c', 'setsid sleep 60 & echo $!'])\ntime.sleep(60)")
    assert child.wait_for(str.isdigit, 5)
    orphan = int(child.tail())
    assert alive(orphan)
    assert orphan in child.descendants()
    child.end()
    assert gone(orphan)


def test_it_ends_when_the_console_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom console.demo.children import Child\n"
        "child = Child(['sleep', '60'], folder=Path('/'), environment={'PATH': '/usr/bin:/bin'})\n"
        "print(child.pid, flush=True)\nsys.stdin.read()"
    )
    console = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert console.stdout is not None
    pid = int(console.stdout.readline())
    assert alive(pid)
    console.kill()
    console.communicate()
    assert gone(pid)
