"""`twenty_sessions`: twenty control sessions on one agent, all open at once: their memory (PSS) and processor time, and
what memory is left when all of them are closed, beside twenty bare web views. Linux only.

One round in each process: after some sixty desktops the Mesh agent itself has gone away.
"""

import time
from collections.abc import Callable

from bench import bare
from bench.far_side import FarSide
from bench.near_side import NearSide
from bench.opening import open_bare, open_in_console
from bench.processes import renderers, seconds_of_processor, settled_megabytes
from bench.rows import Row, row
from bench.waiting import pause, until
from console.mesh.session_kind import SessionKind

SESSIONS = 20
_LOOK_SECONDS = 20
_TIDY_SECONDS = 5
_AGENTS = 50

Open = Callable[[], Callable[[], None]]


def twenty_sessions() -> list[Row]:
    """Rows `twenty_memory`: MB that all of them add; `twenty_processor`: per cent of one core while they stand;
    `twenty_left`: MB more than before, once they are closed."""
    kind = SessionKind.CONTROL
    with FarSide(_AGENTS, with_mesh=True) as far, NearSide(far.ready, kind) as near:
        theirs_window = bare.window(near.window)
        ours = _round(lambda: open_in_console(far, near).close)
        near.window.hide()
        theirs = _round(lambda: open_bare(far, near, theirs_window, kind).close)
    names = (("twenty_memory", "MB"), ("twenty_processor", "%"), ("twenty_left", "MB"))
    return [row(*name, [own], bare=[bare_one]) for name, own, bare_one in zip(names, ours, theirs, strict=True)]


def _round(open_one: Open) -> tuple[float, float, float]:
    _close([open_one()])  # what the first one brings for good is not what twenty add
    pause(_TIDY_SECONDS * 1000)
    before = settled_megabytes()
    closers = [open_one() for _ in range(SESSIONS)]
    added = settled_megabytes() - before
    begun, worked = time.monotonic(), seconds_of_processor()
    pause(_LOOK_SECONDS * 1000)
    share = 100 * (seconds_of_processor() - worked) / (time.monotonic() - begun)
    _close(closers)
    pause(_TIDY_SECONDS * 1000)  # the console gives freed memory back a moment after a session
    return added, share, settled_megabytes() - before


def _close(closers: list[Callable[[], None]]) -> None:
    for close in closers:
        close()
    until(lambda: not renderers(), "the pages' processes did not end")
