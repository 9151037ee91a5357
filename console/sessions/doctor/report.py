"""The report as text, to be copied, and as JSON, for programs."""

import platform
from collections.abc import Sequence
from datetime import datetime

import msgspec

from console import __version__
from console.sessions.doctor.verdict import Line, Verdict

MARKS = {Verdict.FINE: "fine", Verdict.WARNING: "WARNING", Verdict.FAILURE: "FAILURE", Verdict.SKIPPED: "–"}
_WIDTH = max(map(len, MARKS.values()))
_INDENT = " " * (_WIDTH + 2)


class _Row(msgspec.Struct):
    check: str
    section: str
    title: str
    verdict: str
    said: str
    advice: str
    detail: str


def text(lines: Sequence[Line], server: str = "", moment: datetime | None = None) -> str:
    """The whole report. `server` is what the server is called."""
    when = (moment or datetime.now()).astimezone()
    head = f"Technician Console {__version__}, {platform.system()}, {when:%Y-%m-%d %H:%M %Z}"
    parts = [f"{head}\nServer: {server}" if server else head]
    for section in dict.fromkeys(line.section for line in lines):
        own = [whole(line) for line in lines if line.section is section]
        parts.append("\n".join((section.value, *own)))
    parts.append(summary(lines))
    return "\n\n".join(parts) + "\n"


def whole(line: Line, *, details: bool = True) -> str:
    """One line with everything that belongs to it, below one another."""
    outcome = line.outcome
    first = f"{MARKS[line.verdict]:<{_WIDTH}}  {line.title}: {_joined(outcome.said)}"
    more = [f"{_INDENT}→ {_joined(outcome.advice)}"] if outcome.advice else []
    if details and outcome.detail:
        more += [f"{_INDENT}  {each}" for each in outcome.detail.splitlines()]
    return "\n".join((first, *more))


def summary(lines: Sequence[Line]) -> str:
    """What came out, in a line."""
    failures, warnings, left = (_count(lines, one) for one in (Verdict.FAILURE, Verdict.WARNING, Verdict.SKIPPED))
    if failures:
        first = next(line for line in lines if line.verdict is Verdict.FAILURE)
        said = f"{failures} failure{'s' if failures > 1 else ''}, first: {first.section.value} – {first.title}."
    else:
        said = "Nothing fails."
    if warnings:
        said += f" {warnings} warning{'s' if warnings > 1 else ''}."
    return f"{said} {left} not checked." if left else said


def exit_code(lines: Sequence[Line]) -> int:
    """0 when all that was checked is fine, 1 with warnings, 2 with failures."""
    verdicts = {line.verdict for line in lines}
    return 2 if Verdict.FAILURE in verdicts else 1 if Verdict.WARNING in verdicts else 0


def json(lines: Sequence[Line]) -> str:
    rows = [
        _Row(
            line.key,
            line.section.value,
            line.title,
            line.verdict.value,
            line.outcome.said,
            line.outcome.advice,
            line.outcome.detail,
        )
        for line in lines
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode()


def _count(lines: Sequence[Line], verdict: Verdict) -> int:
    return sum(line.verdict is verdict for line in lines)


def _joined(said: str) -> str:
    return " ".join(said.split())
