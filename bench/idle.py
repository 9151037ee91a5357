"""`memory_idle`: the memory (PSS) of a console that lists a large fleet and has not opened a session. Linux only.

A module of its own: it must not load the web engine, which the console does not do before the first session either.
"""

import sys

from bench.far_side import FarSide
from bench.near_side import NearSide
from bench.processes import settled_megabytes
from bench.rows import Row, row

AGENTS = 10_000


def memory_idle() -> list[Row]:
    with FarSide(AGENTS, with_mesh=False) as far, NearSide(far.ready):
        figure = settled_megabytes()
        if any(name.startswith("PySide6.QtWebEngine") for name in sys.modules):
            raise RuntimeError("the web engine was loaded without a session")
        return [row("memory_idle", "MB", [figure], agents=AGENTS)]
