"""Carries out checks: those that do not need each other at the same time, and each only for so long."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.sessions.doctor.verdict import Line, Outcome, Section, Verdict, failed_by, failure, skipped
from console.work import as_problem

_UNMET = (Verdict.FAILURE, Verdict.SKIPPED)


@dataclass(frozen=True)
class Check:
    """`look` may block and may raise a Problem. `needs` are the keys of checks without which it makes no sense; `after`
    those whose findings it looks at, however they ended. It is given up after so many `seconds`, with `late` said."""

    key: str
    section: Section
    title: str
    look: Callable[[], Outcome]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float = 40.0
    late: str = "Try again. If it stays so, look at the network, or tell whoever looks after the console."


class Examination:
    """`clean` takes what is secret out of a text."""

    def __init__(self, checks: Sequence[Check], clean: Callable[[str], str]) -> None:
        """Each check only names ones before it."""
        self._checks = tuple(checks)
        self._clean = clean
        self._stopped = threading.Event()

    @property
    def checks(self) -> tuple[Check, ...]:
        return self._checks

    def stop(self) -> None:
        """Begins no further check; `run` ends soon. From any thread."""
        self._stopped.set()

    def run(self, tell: Callable[[Line], object]) -> tuple[Line, ...]:
        """Blocks until all is done. Tells each line when it is found; answers them in the order of the checks."""
        lines: dict[str, Line] = {}
        waiting = {check.key: check for check in self._checks}
        running: dict[str, tuple[Check, float]] = {}
        causes: dict[str, str] = {}
        """The title of what is the cause that one was not done, by its key."""
        ended: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()

        def put(check: Check, outcome: Outcome) -> None:
            said, advice, detail = map(self._clean, (outcome.said, outcome.advice, outcome.detail))
            cleaned = Outcome(outcome.verdict, said, advice, detail)
            lines[check.key] = Line(check.key, check.section, check.title, cleaned)
            tell(lines[check.key])

        while (waiting or running) and not self._stopped.is_set():
            for check in list(waiting.values()):
                if any(key not in lines for key in (*check.needs, *check.after)):
                    continue
                del waiting[check.key]
                unmet = [lines[key] for key in check.needs if lines[key].verdict in _UNMET]
                if unmet:
                    causes[check.key] = causes.get(unmet[0].key, unmet[0].title)
                    put(check, skipped(f"Not checked, because of “{causes[check.key]}”."))
                else:
                    running[check.key] = (check, time.monotonic() + check.seconds)
                    threading.Thread(target=_look, args=(check, ended), name=f"doctor {check.key}", daemon=True).start()
            if not running:
                continue
            first = min(until for _, until in running.values())
            try:
                key, outcome = ended.get(timeout=min(max(first - time.monotonic(), 0.0), 0.2))
            except queue.Empty:
                for key in [key for key, (_, until) in running.items() if until <= time.monotonic()]:
                    check, _ = running.pop(key)
                    put(check, failure(f"It did not end within {check.seconds:.0f} seconds.", check.late))
            else:
                if key in running:  # else it was given up before
                    put(running.pop(key)[0], outcome)
        return tuple(lines[check.key] for check in self._checks if check.key in lines)


def _look(check: Check, ended: "queue.SimpleQueue[tuple[str, Outcome]]") -> None:
    try:
        outcome = check.look()
    except Exception as error:  # everything ends as a line that someone reads
        outcome = failed_by(as_problem(error))
    ended.put((check.key, outcome))
