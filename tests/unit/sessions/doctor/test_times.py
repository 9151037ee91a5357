import pytest

from console.sessions.doctor import times
from console.sessions.doctor.verdict import Verdict

DATE = "Sat, 28 Nov 2026 00:00:00 GMT"
UNIX = 1795824000.0


@pytest.mark.parametrize(
    ("difference", "verdict", "words"),
    [
        (0.2, Verdict.FINE, "same time"),
        (-29, Verdict.FINE, "same time"),
        (45, Verdict.WARNING, "45 seconds ahead of that of the RMM"),
        (-200, Verdict.WARNING, "3 minutes behind that of the RMM"),
        (3600, Verdict.FAILURE, "60 minutes ahead of"),
        (-7200, Verdict.FAILURE, "2 hours behind"),
        (None, Verdict.SKIPPED, "does not say"),
    ],
)
def test_how_far_they_are_apart(difference: float | None, verdict: Verdict, words: str) -> None:
    outcome = times.judge(difference, "the RMM")
    assert outcome.verdict is verdict
    assert words in outcome.said
    assert bool(outcome.advice) is (verdict in (Verdict.WARNING, Verdict.FAILURE))


def test_the_date_of_an_answer() -> None:
    assert times.ahead(DATE, lambda: UNIX + 90) == 90


@pytest.mark.parametrize("text", ["", "now", "Sat, 99 Nov 2026 00:00:00 GMT", "\x00", "Sat, 28 Nov 99999999 0:0:0 GMT"])
def test_a_date_that_is_none(text: str) -> None:
    assert times.ahead(text) is None
