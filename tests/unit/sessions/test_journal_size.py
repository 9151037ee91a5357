"""A journal of many years: everything is found, and how long that takes is printed (pytest -s)."""

import time
from datetime import timedelta
from pathlib import Path

from console.sessions.journal_entry import Found, Query, Totals
from console.sessions.journal_store import JournalStore
from tests.unit.sessions.journals import NOON, entry

ROWS = 100_000
PAGE = 200


def test_a_hundred_thousand_sessions(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    store = JournalStore(path)
    store.put(entry(number, host=f"PC-{number % 977:04}", who=f"tech{number % 9}") for number in range(ROWS))
    store.close()

    def asked(what: str, query: Query) -> Found:
        begin = time.perf_counter()
        found = store.find(query, PAGE)
        print(f"{what}: {1000 * (time.perf_counter() - begin):.0f} ms")
        return found

    everything = asked("opening it, and the first page", Query())
    assert everything.totals == Totals(ROWS, ROWS * 90.0)
    assert len(everything.entries) == PAGE
    assert asked("the first page", Query()) == everything
    assert asked("a host", Query("pc-0123")).totals.count == len(range(123, ROWS, 977))
    assert asked("four words, three of which all have", Query("acme hamburg anna tech")).totals.count == 0
    assert asked("nothing", Query("no-such-word")).totals.count == 0
    assert asked("a host in one month", Query("pc-0123", NOON - timedelta(days=30))).totals.count == len(
        range(123, 30 * 24 * 60 + 1, 977)
    )
    assert sum(1 for _ in store.every(Query("tech3"))) == len(range(3, ROWS, 9))
    store.close()
