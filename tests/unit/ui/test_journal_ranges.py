import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from console.ui.journal.ranges import Range, bounds


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process cannot be set here")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("wanted", "since", "until"),
    [
        (Range.ANY, None, None),
        (Range.TODAY, "2026-10-26T00:00+01:00", None),
        (Range.YESTERDAY, "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),  # 25 hours long
        (Range.THIS_WEEK, "2026-10-26T00:00+01:00", None),
        (Range.LAST_WEEK, "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00"),
        (Range.THIS_MONTH, "2026-10-01T00:00+02:00", None),
        (Range.LAST_MONTH, "2026-09-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        (Range.THIS_YEAR, "2026-01-01T00:00+01:00", None),
        (Range.LAST_YEAR, "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
    ],
)
def test_they_begin_at_midnight_here(wanted: Range, since: str | None, until: str | None) -> None:
    now = datetime(2026, 10, 25, 23, 30, tzinfo=UTC)  # half past midnight here, on the Monday after the change
    assert bounds(wanted, now) == tuple(datetime.fromisoformat(text) if text else None for text in (since, until))


def test_the_month_before_january_is_december() -> None:
    since, until = bounds(Range.LAST_MONTH, datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert since == datetime.fromisoformat("2025-12-01T00:00+01:00")
    assert until == datetime.fromisoformat("2026-01-01T00:00+01:00")
