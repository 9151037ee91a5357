from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from console.fleet.store import Diff
from console.problem import Problem
from console.rmm.errors import ServerFailed, SignInAgain
from console.sessions.fleet_watch import EVERY_MILLISECONDS, FleetWatch
from tests.unit.rmm.scripted import answer
from tests.unit.sessions.parts import Far, Held, far_server

FIRST, SECOND = "A" * 40, "B" * 40


class Watching:
    """A watch whose calls wait until `go`, and what it said."""

    def __init__(self, far: Far, runner: Held) -> None:
        self.far = far
        self.runner = runner
        self.watch = FleetWatch(far.connection)
        self.diffs: list[Diff] = []
        self.problems: list[Problem] = []
        self.busy: list[bool] = []
        self.watch.updated.connect(self.diffs.append)
        self.watch.failed.connect(self.problems.append)
        self.watch.busy_changed.connect(self.busy.append)

    def lists(self, *lists: object) -> None:
        """What the RMM answers in turn: rows, or a status."""
        self.far.api.answers["/agents/"] = [
            answer({"detail": "no"}, each) if isinstance(each, int) else answer(each) for each in lists
        ]


@pytest.fixture
def watching(qtbot: QtBot) -> Iterator[Watching]:
    runner = Held()
    with far_server(runner) as far:
        made = Watching(far, runner)
        made.lists([{"agent_id": FIRST, "hostname": "one"}])
        yield made
        made.watch.stop()


def test_the_list_is_asked_for_at_once_and_every_minute(watching: Watching) -> None:
    before = datetime.now(UTC)
    watching.watch.start()
    assert watching.watch.busy
    assert watching.watch._timer.isActive()
    assert watching.watch._timer.interval() == EVERY_MILLISECONDS == 60_000
    watching.runner.go()
    assert not watching.watch.busy
    assert watching.busy == [True, False]
    assert watching.diffs == [Diff(frozenset({FIRST}), frozenset(), frozenset())]
    assert watching.watch.as_of is not None
    assert before <= watching.watch.as_of <= datetime.now(UTC)
    assert watching.watch.by_id()[FIRST].hostname == "one"


def test_the_clock_asks_again(watching: Watching, qtbot: QtBot) -> None:
    watching.watch._timer.setInterval(1)
    watching.watch.start()

    def asked_thrice() -> bool:
        watching.runner.go()
        return watching.far.asked("/agents/") >= 3

    qtbot.waitUntil(asked_thrice, timeout=30_000)


def test_one_question_at_a_time(watching: Watching) -> None:
    watching.watch.start()
    watching.watch.refresh()
    watching.watch.refresh()
    watching.runner.go()
    assert watching.far.asked("/agents/") == 1


def test_a_refresh_says_what_changed(watching: Watching) -> None:
    watching.lists([{"agent_id": FIRST, "hostname": "one"}], [{"agent_id": SECOND}, {"hostname": "no id"}])
    for _ in range(2):
        watching.watch.refresh()
        watching.runner.go()
    assert watching.diffs[1] == Diff(frozenset({SECOND}), frozenset({FIRST}), frozenset())
    assert watching.watch.bad_rows == 1


@pytest.mark.parametrize(("status", "kind"), [(500, ServerFailed), (401, SignInAgain)])
def test_a_failure_keeps_the_last_list(watching: Watching, status: int, kind: type[Problem]) -> None:
    watching.lists([{"agent_id": FIRST, "hostname": "one"}], status, [{"agent_id": FIRST, "hostname": "new"}])
    watching.watch.refresh()
    watching.runner.go()
    as_of = watching.watch.as_of
    watching.watch.refresh()
    watching.runner.go()
    assert [type(problem) for problem in watching.problems] == [kind]
    assert watching.watch.problem is watching.problems[0]
    assert watching.watch.as_of == as_of
    assert watching.watch.by_id()[FIRST].hostname == "one"
    assert not watching.watch.busy
    watching.watch.refresh()
    watching.runner.go()
    assert watching.watch.problem is None
    assert watching.watch.by_id()[FIRST].hostname == "new"


def test_what_comes_after_the_end_is_dropped(watching: Watching) -> None:
    watching.watch.start()
    watching.watch.stop()
    watching.runner.go()
    assert watching.diffs == []
    assert len(watching.watch.store) == 0
    assert not watching.watch.busy
    assert not watching.watch._timer.isActive()
