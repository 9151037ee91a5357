"""`memory_per_session`: what each further session adds to the memory (PSS) of the console's process and of those that
Chromium starts for it, beside what a bare web view adds. Linux only.
"""

from collections.abc import Callable

from bench import bare
from bench.far_side import FarSide
from bench.near_side import NearSide
from bench.opening import open_bare, open_in_console
from bench.processes import renderers, settled_megabytes
from bench.rows import Row, row
from bench.waiting import until
from console.mesh.session_kind import SessionKind

SESSIONS = 4
_AGENTS = 50


def memory_per_session() -> list[Row]:
    """Control sessions, all open at once; the first does not count, since it brings what all of them share."""
    kind = SessionKind.CONTROL
    with FarSide(_AGENTS, with_mesh=True) as far, NearSide(far.ready, kind) as near:
        theirs_window = bare.window(near.window)
        ours = _added(lambda: open_in_console(far, near).close)
        near.window.hide()
        theirs = _added(lambda: open_bare(far, near, theirs_window, kind).close)
        return [row("memory_per_session", "MB", ours, bare=theirs)]


def _added(open_one: Callable[[], Callable[[], None]]) -> list[float]:
    closers = [open_one()]
    figures = []
    last = settled_megabytes()
    for _ in range(SESSIONS):
        closers.append(open_one())
        now = settled_megabytes()
        figures.append(now - last)
        last = now
    for close in closers:
        close()
    until(lambda: not renderers(), "the pages' processes did not end")
    return figures
