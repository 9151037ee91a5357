"""How long the console waits before it asks a server again. Seconds throughout."""

import random

import msgspec

from console.problem import Problem
from console.rmm.errors import NotAllowed, Throttled

_MOST_DOUBLINGS = 20


class RefreshPace(msgspec.Struct, frozen=True):
    """`every` after a good list; at least `slow_factor` times what the server needed for its answer. After a failure
    `first_try`, then twice as long each time up to `longest`, give or take `jitter`, so that the consoles of a whole
    team do not all come back at the same moment. `after_sealed` leaves the time to paint the sealed list first.

    A single agent or client that is asked for on its own is asked again after `agent` or `client`. A list that nobody
    has looked at for `unseen` is not asked for.
    """

    after_sealed: float = 0.2
    every: float = 60.0
    slow_factor: float = 4.0
    first_try: float = 15.0
    longest: float = 600.0
    jitter: float = 0.1
    agent: float = 15.0
    client: float = 20.0
    unseen: float = 300.0

    def after_answer(self, took: float) -> float:
        return max(self.every, self.slow_factor * took)

    def after_failure(self, problem: Problem, failures: int, took: float) -> float:
        """`failures` counts those in a row, this one included."""
        pause: float = self.first_try * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
        if isinstance(problem, NotAllowed):
            pause = self.longest
        pause = min(max(pause, self.slow_factor * took), self.longest)
        pause *= 1 + random.uniform(0, self.jitter)  # noqa: S311 - it spreads calls, it guards nothing
        return max(pause, problem.seconds) if isinstance(problem, Throttled) else pause
