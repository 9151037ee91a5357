"""What the console weighs while nothing is open: its memory and that of Chromium's processes, and everything else that
a session or a refresh could leave behind. Linux only."""

import gc
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import is_dataclass
from pathlib import Path

import msgspec
import psutil
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from bench.waiting import TooLongError, pause, until

_CALM_MEGABYTES = 1.5
_CALM_MILLISECONDS = 600
_PARTS = re.compile(r"^(Pss|Pss_Anon|Pss_Shmem):\s+(\d+) kB", re.MULTILINE)
_OF_MILLION = 1024 / 1e6


class Weight(msgspec.Struct, frozen=True):
    """At rest, after so many sessions, refreshes and recoveries of this process.

    `memory` is what belongs to the console and Chromium's processes alone, in MB of a million bytes: unlike `pss` it
    has no share of program files, which is another one when other programs come and go. `own` counts the living objects
    of the console's own classes but for mere values, `files` has the size of every file in its home and its folder for
    temporary files.
    """

    sessions: int
    refreshes: int
    recoveries: int
    seconds: float
    memory: float
    console_memory: float
    pss: float
    processes: int
    zombies: int
    threads: int
    open_files: int
    objects: int
    qt_objects: int
    widgets: int
    own: dict[str, int]
    files: dict[str, int]


def weigh(sessions: int, refreshes: int, recoveries: int, seconds: float, home: Path, others: frozenset[int]) -> Weight:
    """`others` are the ids of child processes which are not the console's."""
    if sys.platform != "linux":
        raise NotImplementedError("the memory is read from /proc")
    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    widgets = len(qt.allWidgets())  # asking makes Python objects of all of them, the first time
    qt_objects = sum(1 + len(widget.findChildren(QObject)) for widget in qt.topLevelWidgets())
    gc.collect()
    _come_to_rest(others)
    living = gc.get_objects()
    own = Counter(kind.__qualname__ for kind in map(type, living) if _is_part(kind))
    memory = {process.pid: _parts(process) for process in _family(others)}
    this = memory[psutil.Process().pid]
    return Weight(
        sessions,
        refreshes,
        recoveries,
        round(seconds, 1),
        round(sum(map(_alone, memory.values())), 2),
        round(_alone(this), 2),
        round(sum(parts.get("Pss", 0.0) for parts in memory.values()), 2),
        len(memory),
        sum(_is_zombie(process) for process in _family(others)),
        len(threading.enumerate()),
        psutil.Process().num_fds(),
        len(living),
        qt_objects,
        widgets,
        dict(own),
        {str(file.relative_to(home)): size for file in sorted(home.rglob("*")) if (size := _size(file)) is not None},
    )


def _is_part(kind: type) -> bool:
    """Whether it is one of the console's own classes, and not one for mere values, of which caches hold many."""
    value = issubclass(kind, msgspec.Struct) or is_dataclass(kind)
    return kind.__module__.startswith("console.") and not value


def renderers() -> int:
    """How many processes run pages."""
    return sum("--type=renderer" in _command(process) for process in psutil.Process().children(recursive=True))


def _come_to_rest(others: frozenset[int]) -> None:
    last = [0.0]

    def calm() -> bool:
        pause(_CALM_MILLISECONDS)
        before, last[0] = last[0], sum(_alone(_parts(process)) for process in _family(others))
        return abs(last[0] - before) < _CALM_MEGABYTES

    with suppress(TooLongError):  # then it is weighed as it is
        until(calm, "the memory did not come to rest")


def _family(others: frozenset[int]) -> Iterator[psutil.Process]:
    """This process and what it has started, without the others and what those have started."""
    yield psutil.Process()
    for child in psutil.Process().children():
        if child.pid not in others:
            yield child
            with suppress(psutil.Error):
                yield from child.children(recursive=True)


def _parts(process: psutil.Process) -> dict[str, float]:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:  # it has just ended
        return {}
    return {name: int(size) * _OF_MILLION for name, size in _PARTS.findall(text)}


def _alone(parts: dict[str, float]) -> float:
    return parts.get("Pss_Anon", 0.0) + parts.get("Pss_Shmem", 0.0)


def _is_zombie(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _size(file: Path) -> int | None:
    with suppress(OSError):
        if file.is_file():
            return file.stat().st_size
    return None
