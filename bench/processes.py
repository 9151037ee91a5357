"""What the processes of the console cost: itself and those that Chromium starts for its pages."""

import sys
from collections.abc import Iterator

import psutil

from bench.waiting import pause, until

_CALM_MEGABYTES = 1.0
_CALM_MILLISECONDS = 700


def renderers() -> int:
    """How many processes run pages."""
    return sum("--type=renderer" in _command(process) for process in psutil.Process().children(recursive=True))


def settled_megabytes() -> float:
    """Memory (PSS) of the process tree in MB of a million bytes, once it has come to rest."""
    last = [_megabytes()]

    def calm() -> bool:
        pause(_CALM_MILLISECONDS)
        before, last[0] = last[0], _megabytes()
        return abs(last[0] - before) < _CALM_MEGABYTES

    until(calm, "the memory did not come to rest")
    return last[0]


def seconds_of_processor() -> float:
    """Processor time that the process tree has used since it started, of the processes that run now."""
    return sum(_processor(process) for process in _own())


def _megabytes() -> float:
    return sum(_pss(process) for process in _own()) / 1e6


def _own() -> Iterator[psutil.Process]:
    """This process and those of its children that are not the far side, which the console does not start."""
    yield psutil.Process()
    for child in psutil.Process().children():
        if "bench.far_side" not in _command(child):
            yield child
            yield from child.children(recursive=True)


def _pss(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
        if sys.platform == "linux":
            return int(memory.pss)
        return int(memory.uss)  # the proportional size is told by Linux only
    except psutil.Error:  # it has just ended
        return 0


def _processor(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
