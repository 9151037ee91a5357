"""Programs that the demo starts, and that end with it: also when the console is killed."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

if sys.platform == "linux":
    import ctypes

    _LIBC = ctypes.CDLL(None, use_errno=True)
    _PR_SET_PDEATHSIG = 1
    _PR_SET_CHILD_SUBREAPER = 36

    def _tied_to_console(end_signal: int) -> Callable[[], None] | None:
        def tie() -> None:
            # Runs between fork and exec: two system calls and nothing else. The first ends the program with the thread
            # that started it, the second keeps what the program starts below it, so that `end` finds all of it.
            _LIBC.prctl(_PR_SET_PDEATHSIG, end_signal, 0, 0, 0)
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

        return tie
else:

    def _tied_to_console(end_signal: int) -> Callable[[], None] | None:
        return None


if sys.platform == "win32":
    from console.demo.mesh_job import Job

KEPT_LINES = 40
_LAST_WORDS_SECONDS = 2.0


class Child:
    """A program in a process group of its own, with its output kept for error texts.

    Each has a thread that starts it and stays until it has ended: Linux signals "parent died" when the *thread* that
    made the child ends, which a worker of a pool may do at any time.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        folder: Path,
        environment: Mapping[str, str],
        hold_stdin: bool = False,
        end_signal: int = signal.SIGTERM,
        pass_fds: Sequence[int] = (),
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Starts `command` in `folder`. Raises OSError when it cannot be started.

        `hold_stdin` keeps a pipe to it open, for programs that end when their standard input does; `end_signal` is what
        ends it in order (POSIX).
        """
        self._end_signal = end_signal
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._changed = threading.Condition()
        self._on_line = on_line
        self._process: subprocess.Popen[str] | None = None
        self._failure: OSError | None = None
        self._known: set[tuple[int, int]] = set()
        started = threading.Event()

        def run() -> None:
            try:
                self._process = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.PIPE if hold_stdin else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                    errors="replace",
                    pass_fds=tuple(pass_fds) if os.name == "posix" else (),
                    start_new_session=os.name == "posix",
                    umask=0o077 if os.name == "posix" else -1,
                    preexec_fn=_tied_to_console(end_signal),
                    creationflags=_CREATION_FLAGS,
                )
                if sys.platform == "win32":
                    self._job = Job(self._process.pid)
            except OSError as error:
                self._failure = error
                return
            finally:
                started.set()
            self._read(self._process)

        self._reader = threading.Thread(target=run, name=f"child {Path(command[0]).name}", daemon=True)
        self._reader.start()
        started.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def pid(self) -> int:
        """The process id; meaningful while `running`."""
        return self._started.pid

    @property
    def running(self) -> bool:
        """Whether the program itself has not ended."""
        return self._started.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status, None while it runs."""
        return self._started.poll()

    def tail(self, lines: int = 12) -> str:
        """The last lines that it wrote, for an error's detail."""
        with self._changed:
            return "\n".join(list(self._lines)[-lines:])

    def wait_for(self, seen: Callable[[str], bool], seconds: float) -> bool:
        """Waits until a line that `seen` accepts was written; False when the program ended or the time was over."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not any(seen(line) for line in self._lines):
                if not self.running and self._reader.is_alive():  # its last words may still be on their way
                    deadline = min(deadline, time.monotonic() + _LAST_WORDS_SECONDS)
                left = deadline - time.monotonic()
                if left <= 0 or not (self.running or self._reader.is_alive()):
                    return any(seen(line) for line in self._lines)
                self._changed.wait(min(left, 0.25))
        return True

    def wait(self, seconds: float) -> bool:
        """Waits until the program has ended; False when the time was over first."""
        try:
            self._started.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(0.5)  # what it wrote last; not longer, as what it started may hold its output open
        return True

    def descendants(self) -> list[int]:
        """Ids of the processes that it started and that live."""
        return [pid for pid, _born in self._below()]

    def end(self, patience: float = 5.0) -> None:
        """Ends the program and everything below it, by id. Safe to call again."""
        if sys.platform == "win32":
            self._job.end()
            self.wait(patience)
        else:
            self._end_descendants(patience)
            if self.running:
                if self._started.stdin is not None:
                    with contextlib.suppress(OSError):
                        self._started.stdin.close()
                self._started.send_signal(self._end_signal)
                if not self.wait(patience):
                    self._started.kill()
                    self.wait(patience)
            self._kill(self._known & _living())
            self.wait(patience)

    @property
    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise RuntimeError("the program was not started")
        return self._process

    def _read(self, process: "subprocess.Popen[str]") -> None:
        if process.stdout is not None:
            for line in process.stdout:
                text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).rstrip()
                with self._changed:
                    self._lines.append(text)
                    self._changed.notify_all()
                if self._on_line is not None:
                    self._on_line(text)
        process.wait()
        with self._changed:
            self._changed.notify_all()

    def _below(self) -> set[tuple[int, int]]:
        if sys.platform == "win32" or not self.running:
            return set()
        parents = _parents()
        found: set[tuple[int, int]] = set()
        wanted = {self.pid}
        while wanted:
            wanted = {pid for pid, (parent, _born) in parents.items() if parent in wanted}
            found |= {(pid, parents[pid][1]) for pid in wanted}
        return found

    def _end_descendants(self, patience: float) -> None:
        # While the program lives it adopts what its children leave behind, so this finds all of them.
        deadline = time.monotonic() + patience
        while (below := self._below()) and time.monotonic() < deadline:
            self._known |= below
            self._kill(below)
            threading.Event().wait(0.02)

    @staticmethod
    def _kill(processes: set[tuple[int, int]]) -> None:
        if sys.platform != "win32":
            for pid, _born in processes:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _CREATION_FLAGS = 0


def _living() -> set[tuple[int, int]]:
    return {(pid, born) for pid, (_parent, born) in _parents().items()}


def _parents() -> dict[int, tuple[int, int]]:
    """Process id → parent's id and start time, without zombies; the start time tells a reused id (0 where unknown)."""
    if sys.platform == "win32":
        return {}
    if sys.platform == "linux":
        return _parents_from_proc()
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,state="], capture_output=True, text=True, timeout=10, check=False
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(row[0]): (int(row[1]), 0) for row in rows if len(row) == 3 and not row[2].startswith("Z")}


def _parents_from_proc() -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = Path("/proc", entry, "stat").read_text("utf-8", "replace")
        except OSError:
            continue
        # The name is in parentheses and may hold anything: what follows its last one is safe to split.
        fields = text[text.rindex(")") + 2 :].split()
        if fields[0] != "Z":
            found[int(entry)] = (int(fields[1]), int(fields[19]))
    return found
