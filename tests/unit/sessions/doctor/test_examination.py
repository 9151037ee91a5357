import threading
from collections.abc import Callable

import pytest

from console.problem import Problem
from console.sessions.doctor.examination import Check, Examination
from console.sessions.doctor.verdict import Line, Outcome, Section, Verdict, failure, fine, skipped

HERE = Section.COMPUTER


def check(key: str, look: Callable[[], Outcome] | Outcome, **more: object) -> Check:
    looked = look if callable(look) else lambda: look
    return Check(key, HERE, key.upper(), looked, **more)  # type: ignore[arg-type]


def run(*checks: Check, clean: Callable[[str], str] = str) -> tuple[tuple[Line, ...], list[str]]:
    told: list[str] = []
    return Examination(checks, clean).run(lambda line: told.append(line.key)), told


def test_lines_are_told_when_they_are_found_and_answered_in_order() -> None:
    go = threading.Event()

    def late() -> Outcome:
        go.wait(20)
        return fine("late")

    def early() -> Outcome:
        go.set()
        return fine("early")

    lines, told = run(check("late", late), check("early", early, after=()))
    assert [line.outcome.said for line in lines] == ["late", "early"]
    assert sorted(told) == ["early", "late"]


def test_what_is_independent_runs_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=20)

    def meet() -> Outcome:
        together.wait()
        return fine("met")

    lines, _ = run(*(check(key, meet) for key in "abc"))
    assert {line.outcome.said for line in lines} == {"met"}


def test_what_needs_another_waits_for_it() -> None:
    order: list[str] = []

    def note(key: str) -> Callable[[], Outcome]:
        def look() -> Outcome:
            order.append(key)
            return fine(key)

        return look

    run(check("a", note("a")), check("b", note("b"), needs=("a",)), check("c", note("c"), after=("b",)))
    assert order == ["a", "b", "c"]


@pytest.mark.parametrize("unmet", [failure("no", "do"), skipped("no")])
def test_what_needs_what_failed_says_so_and_what_only_comes_after_it_is_done(unmet: Outcome) -> None:
    lines, _ = run(
        check("a", unmet), check("b", fine("b"), needs=("a",)), check("c", fine("c"), needs=("b",)),
        check("d", fine("d"), after=("a", "c")),
    )  # fmt: skip
    assert [line.verdict for line in lines[1:]] == [Verdict.SKIPPED, Verdict.SKIPPED, Verdict.FINE]
    for line in lines[1:3]:
        assert line.outcome.said == "Not checked, because of “A”.", "the cause is named, not what it led to"


def test_one_that_does_not_end_is_given_up_and_the_rest_goes_on() -> None:
    never = threading.Event()

    def hang() -> Outcome:
        never.wait(60)
        return fine("at last")

    lines, _ = run(
        check("a", hang, seconds=0.1, late="Look there."), check("b", fine("b")), check("c", fine("c"), after=("a",))
    )
    never.set()
    assert lines[0].verdict is Verdict.FAILURE
    assert lines[0].outcome.advice == "Look there."
    assert [line.outcome.said for line in lines[1:]] == ["b", "c"]


def test_a_problem_is_told_in_its_own_words_and_any_other_error_without_its_values() -> None:
    def problem() -> Outcome:
        raise Problem("It is broken.", "Mend it.", "HTTP 500")

    def other() -> Outcome:
        raise ValueError("hunter2-hunter2")

    lines, _ = run(check("a", problem), check("b", other))
    assert lines[0].outcome == Outcome(Verdict.FAILURE, "It is broken.", "Mend it.", "HTTP 500")
    assert lines[1].verdict is Verdict.FAILURE
    assert "hunter2" not in repr(lines[1])


def test_every_text_is_cleaned() -> None:
    lines, _ = run(
        check("a", Outcome(Verdict.FAILURE, "x SECRET", "y SECRET", "z SECRET")),
        clean=lambda text: text.replace("SECRET", "…"),
    )
    assert lines[0].outcome == Outcome(Verdict.FAILURE, "x …", "y …", "z …")


def test_it_can_be_stopped() -> None:
    begun, end = threading.Event(), threading.Event()

    def hang() -> Outcome:
        begun.set()
        end.wait(60)
        return fine("a")

    examination = Examination([check("a", hang), check("b", fine("b"), needs=("a",))], str)
    told: list[Line] = []
    running = threading.Thread(target=lambda: examination.run(told.append), daemon=True)
    running.start()
    begun.wait(20)
    examination.stop()
    running.join(20)
    assert not running.is_alive()
    assert told == []
    end.set()
