"""The journal as a CSV file, for time sheets and bills."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from console import csv_text
from console.sessions.journal_entry import Entry

TITLES = (
    "Opened",
    "Opened (UTC)",
    "First connected (UTC)",
    "Ended (UTC)",
    "Seconds connected",
    "Host name",
    "Client",
    "Site",
    "Kind",
    "Technician",
    "Ended how",
    "In words",
    "Note",
    "Note in the RMM",
    "Server",
    "Server address",
    "Agent id",
)


def export(entries: Iterable[Entry], path: Path) -> int:
    """Replaces the file with the entries; answers how many. Raises csv_text.NotExported, or what `entries` raises."""
    return csv_text.write(path, _rows(entries))


def _rows(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    yield TITLES
    for entry in entries:
        yield (
            entry.opened.astimezone().isoformat(" ", "seconds"),
            _utc(entry.opened),
            _utc(entry.connected),
            _utc(entry.ended),
            str(round(entry.seconds)),
            entry.host,
            entry.client,
            entry.site,
            entry.kind,
            entry.who,
            entry.ending,
            entry.how,
            entry.note,
            "yes" if entry.note_in_rmm else "",
            entry.server,
            entry.address,
            entry.agent_id,
        )


def _utc(moment: datetime | None) -> str:
    """ISO 8601; "" for none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
