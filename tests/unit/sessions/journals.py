"""Rows for the tests of the journal."""

from datetime import UTC, datetime, timedelta
from typing import Any

from console.sessions.journal_entry import Ending, Entry

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def entry(number: int = 0, **changes: Any) -> Entry:
    """A session that was opened `number` minutes before noon and lasted 90 seconds."""
    opened = NOON - timedelta(minutes=number)
    usual: dict[str, Any] = {
        "id": f"{number:032x}",
        "server_id": "server",
        "server": "Example RMM",
        "address": "https://api.example.com",
        "agent_id": "WVrliBIICKfKbljkAMiTcVmjmDhCUSIbZoEolipB",
        "host": f"PC-{number}",
        "client": "Acme",
        "site": "Hamburg",
        "kind": "control",
        "who": "anna",
        "opened": opened,
        "connected": opened + timedelta(seconds=2),
        "ended": opened + timedelta(seconds=92),
        "updated": opened + timedelta(seconds=92),
        "seconds": 90.0,
        "ending": Ending.CLOSED,
        "how": "Closed by the technician.",
    }
    return Entry(**(usual | changes))


def open_entry(number: int = 0, **changes: Any) -> Entry:
    """One that has not ended; its row was written a minute after it was opened."""
    opened = NOON - timedelta(minutes=number)
    still: dict[str, Any] = {
        "ended": None,
        "updated": opened + timedelta(seconds=60),
        "seconds": 58.0,
        "ending": Ending.OPEN,
        "how": "",
    }
    return entry(number, **(still | changes))
