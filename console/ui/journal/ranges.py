"""The times that the journal can be narrowed to, by this computer's clock and calendar."""

from datetime import datetime, timedelta
from enum import StrEnum


class Range(StrEnum):
    """The values are what the technician reads."""

    ANY = "Any time"
    TODAY = "Today"
    YESTERDAY = "Yesterday"
    THIS_WEEK = "This week"
    LAST_WEEK = "Last week"
    THIS_MONTH = "This month"
    LAST_MONTH = "Last month"
    THIS_YEAR = "This year"
    LAST_YEAR = "Last year"


def bounds(wanted: Range, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when on and until when, both aware; `now` is aware. Weeks begin on Monday."""
    today = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    year = first.replace(month=1)
    since, until = {
        Range.ANY: (None, None),
        Range.TODAY: (today, None),
        Range.YESTERDAY: (today - timedelta(days=1), today),
        Range.THIS_WEEK: (monday, None),
        Range.LAST_WEEK: (monday - timedelta(days=7), monday),
        Range.THIS_MONTH: (first, None),
        Range.LAST_MONTH: ((first - timedelta(days=1)).replace(day=1), first),
        Range.THIS_YEAR: (year, None),
        Range.LAST_YEAR: (year.replace(year=year.year - 1), year),
    }[wanted]
    # Midnight has the offset of its own day: with daylight saving it is not always today's.
    return since.astimezone() if since else None, until.astimezone() if until else None
