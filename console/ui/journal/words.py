"""What the journal's rows say, in the words of the window."""

from datetime import datetime

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.texts import one_line
from console.sessions.journal_entry import Ending, Entry, Totals
from console.ui.session.looks import KIND_WORDS, duration

_ENDINGS: dict[str, tuple[str, str, str]] = {
    Ending.OPEN: ("online", "good", "Open now"),
    Ending.CLOSED: ("check", "neutral", "Closed"),
    Ending.LOST: ("lost", "bad", "Connection lost"),
    Ending.NOT_CONNECTED: ("failed", "warning", "Not connected"),
    Ending.UNEXPECTED: ("warning", "warning", "Console ended"),
}
_KINDS = {kind.value: words for kind, words in KIND_WORDS.items()}


def kind_of(entry: Entry) -> SessionKind | None:
    """None for a kind that this version does not know."""
    return SessionKind(entry.kind) if entry.kind in _KINDS else None


def kind_words(entry: Entry) -> str:
    return _KINDS.get(entry.kind, entry.kind)


def place(entry: Entry) -> str:
    """Client and site."""
    return " / ".join(part for part in (entry.client, entry.site) if part)


def moment(at: datetime) -> str:
    """By this computer's clock."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def connected(entry: Entry) -> str:
    """How long, "–" when it never was."""
    return "–" if entry.connected is None else duration(round(entry.seconds))


def ending(entry: Entry) -> tuple[str, str, str]:
    """An icon, the name of its colour in theme.Colours, and words."""
    return _ENDINGS.get(entry.ending, ("unknown", "neutral", entry.ending))


def note(entry: Entry) -> str:
    return one_line(entry.note)


def times(entry: Entry) -> str:
    """From when to when, in one line."""
    opened = entry.opened.astimezone()
    if entry.ended is None:
        return f"Opened {opened:%Y-%m-%d %H:%M:%S}"
    ended = entry.ended.astimezone()
    same_day = ended.date() == opened.date()
    return f"{opened:%Y-%m-%d %H:%M:%S} – {ended:{'%H:%M:%S' if same_day else '%Y-%m-%d %H:%M:%S'}}"


def totals(found: Totals) -> str:
    """The line below the table."""
    sessions = "1 session" if found.count == 1 else f"{found.count:,} sessions"
    return f"{sessions}, {duration(round(found.seconds))} connected"


def problem(found: Problem) -> str:
    """What happened and what to do, in one line."""
    return f"{found.what} {found.advice}".strip()
