"""`refresh_stall`: the longest time for which the window's thread did nothing else while a list came that has a tenth
of its agents changed and another order: decoded, compared and shown as it always is, but for the network."""

import time

from PySide6.QtCore import QTimer

from bench.fleet_desk import SIZES, Replay, listed
from bench.rows import Row, row
from bench.waiting import pause, until
from console.sessions.fleet_watch import FleetWatch

_ROUNDS = 6


def refresh_stall() -> list[Row]:
    made: list[Row] = []
    for count in SIZES:
        with listed(count) as (_, page, replay):
            pause(2000)
            page.search.focus_field()
            figures = [_longest(page.watch, replay) for _ in range(_ROUNDS)]
        made.append(row("refresh_stall", "ms", figures, agents=count))
    return made


def _longest(watch: FleetWatch, replay: Replay) -> float:
    """Milliseconds between two ticks of a timer that has nothing to wait for."""
    longest, last = 0.0, time.perf_counter()

    def tick() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    timer = QTimer(interval=0)
    timer.timeout.connect(tick)
    timer.start()
    pause(300)
    longest, served = 0.0, replay.served
    watch.refresh()
    until(lambda: replay.served > served and not watch.busy, "the list did not come")
    pause(1500)  # until what changed has faded
    timer.stop()
    return 1000 * longest
