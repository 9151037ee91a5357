import logging
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.problem import Problem
from console.work import Lane, as_problem


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    made = Lane("test", 2)
    yield made
    made.stop()


def test_a_call_runs_elsewhere_and_its_result_comes_back_here(lane: Lane, qtbot: QtBot) -> None:
    ran: list[threading.Thread] = []
    given: list[tuple[threading.Thread, int]] = []

    def call() -> int:
        ran.append(threading.current_thread())
        return 42

    lane.run(call, lambda result: given.append((threading.current_thread(), result)))
    qtbot.waitUntil(lambda: bool(given), timeout=30_000)
    assert given == [(threading.main_thread(), 42)]
    assert ran[0] is not threading.main_thread()
    assert ran[0].name.startswith("test ")
    assert ran[0].daemon


def test_an_idle_thread_keeps_nothing_of_its_last_call(lane: Lane, qtbot: QtBot) -> None:
    class Credential:
        pass

    held = Credential()
    kept = weakref.ref(held)
    given: list[bool] = []

    def run(credential: Credential) -> None:
        lane.run(lambda: credential is not None, given.append)

    run(held)
    del held
    qtbot.waitUntil(lambda: bool(given), timeout=30_000)
    qtbot.waitUntil(lambda: kept() is None, timeout=5_000)


def test_a_problem_comes_back_as_it_is(lane: Lane, qtbot: QtBot) -> None:
    problem = Problem("No.")
    told: list[tuple[threading.Thread, Problem]] = []

    def call() -> None:
        raise problem

    lane.run(call, None, lambda given: told.append((threading.current_thread(), given)))
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told == [(threading.main_thread(), problem)]


def test_any_error_becomes_a_problem_without_its_values(lane: Lane, qtbot: QtBot) -> None:
    told: list[Problem] = []

    def call() -> None:
        raise KeyError("hunter2")

    lane.run(call, None, told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert "hunter2" not in told[0].report()
    assert "KeyError" in told[0].detail
    assert "in call" in told[0].detail
    assert told[0].advice


def test_an_error_that_nobody_waits_for_is_logged(lane: Lane, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def call() -> None:
        raise Problem("Not saved.", "Make room.")

    with caplog.at_level(logging.ERROR):
        lane.run(call)
        qtbot.waitUntil(lambda: "Not saved." in caplog.text, timeout=30_000)
    assert "Make room." in caplog.text


def test_what_was_cancelled_is_not_heard_of_again(lane: Lane, qtbot: QtBot) -> None:
    go, heard, ended = threading.Event(), list[object](), list[int]()

    def failing() -> None:
        go.wait(30)
        raise Problem("late")

    jobs = [lane.run(lambda: go.wait(30), heard.append, heard.append), lane.run(failing, heard.append, heard.append)]
    for job in jobs:
        job.cancel()
    go.set()
    lane.run(lambda: 1, ended.append)
    lane.run(lambda: 2, ended.append)
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=30_000)
    assert heard == []


def test_as_many_calls_run_at_once_as_there_are_threads(lane: Lane, qtbot: QtBot) -> None:
    together, done = threading.Barrier(2), list[int]()
    for _ in range(4):
        lane.run(lambda: together.wait(30), done.append)
    qtbot.waitUntil(lambda: len(done) == 4, timeout=30_000)


def test_never_more_than_that(lane: Lane, qtbot: QtBot) -> None:
    names: list[str] = []
    for _ in range(200):
        lane.run(lambda: threading.current_thread().name, names.append)
    qtbot.waitUntil(lambda: len(names) == 200, timeout=30_000)
    assert set(names) <= {"test 1", "test 2"}


def test_one_thread_keeps_the_order(qtbot: QtBot) -> None:
    lane, done = Lane("disk", 1), list[int]()
    for number in range(100):
        lane.run(lambda number=number: number, done.append)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(done) == 100, timeout=30_000)
    lane.stop()
    assert done == list(range(100))


def test_threads_end_when_the_lane_is_stopped(qtbot: QtBot) -> None:
    lane, threads = Lane("short", 2), list[threading.Thread]()
    lane.run(threading.current_thread, threads.append)
    qtbot.waitUntil(lambda: bool(threads), timeout=30_000)
    lane.stop()
    threads[0].join(30)
    assert not threads[0].is_alive()


def test_the_place_of_an_error_is_named() -> None:
    def deep() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError) as caught:
        deep()
    assert "test_work.py" in as_problem(caught.value).detail
    assert "in deep" in as_problem(caught.value).detail


def test_after_its_end_no_result_is_handed_over(qtbot: QtBot) -> None:
    lane, go, heard, ran = Lane("ending", 1), threading.Event(), list[object](), threading.Event()

    def call() -> None:
        go.wait(30)
        ran.set()

    lane.run(call, heard.append)
    lane.end()
    go.set()
    assert ran.wait(30)
    lane.stop()
    qtbot.wait(50)
    assert heard == []
