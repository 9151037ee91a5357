"""One session as the journal keeps it, and what may be asked of the journal. Plain Python, no Qt."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

MOST_NOTE_CHARACTERS = 10_000


class Ending(StrEnum):
    """How a session ended, in one word; `OPEN` while it has not."""

    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"
    NOT_CONNECTED = "not connected"
    UNEXPECTED = "console ended"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the journal. All moments are aware and in UTC; `updated` is when the row was last known to be true.

    `server` is the title that the technician gave it, `seconds` how long it was connected altogether, `how` says in
    words how it ended. `note_in_rmm` is set while the note, as it is here, is among the agent's notes in the RMM.
    """

    id: str
    server_id: str
    server: str
    address: str
    agent_id: str
    host: str
    client: str
    site: str
    kind: str
    who: str
    opened: datetime
    connected: datetime | None
    ended: datetime | None
    updated: datetime
    seconds: float
    ending: str
    how: str
    note: str = ""
    note_in_rmm: bool = False


class Query(msgspec.Struct, frozen=True):
    """What to show: every word of `text` anywhere in the row, opened in [since, until), of one kind ("" for all)."""

    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.text.casefold().split())

    @property
    def everything(self) -> bool:
        return not (self.words or self.since or self.until or self.kind)


class Totals(msgspec.Struct, frozen=True):
    """How many sessions match, and how many seconds they were connected."""

    count: int
    seconds: float


class Found(msgspec.Struct, frozen=True):
    """The newest entries that match, and the totals of all that do."""

    entries: tuple[Entry, ...]
    totals: Totals


def searchable(entry: Entry) -> str:
    """What the search looks at, but for the note: the texts, and the moment it was opened by this computer's clock."""
    moment = entry.opened.astimezone().strftime("%Y-%m-%d %H:%M")
    ending = entry.how if entry.ending == Ending.OPEN else f"{entry.ending} {entry.how}"
    parts = (entry.host, entry.client, entry.site, entry.kind, entry.who, entry.server, entry.address, entry.agent_id)
    return "\n".join((*parts, moment, ending)).casefold()


def clean_note(text: str) -> str:
    """A note as it is kept and sent: without characters that are not text, and not longer than a note may be."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n").replace("\u2028", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept[:MOST_NOTE_CHARACTERS].strip()


def utc_now() -> datetime:
    return datetime.now(UTC)
