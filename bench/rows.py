"""The figures: one row for each, its statistics, the table for a person and the JSON for programs."""

import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One measured figure. `agents` is the size of the fleet where that matters; `floor` is the median of a bare web
    view in the same run, where there is one to compare with. All figures are in `unit`."""

    name: str
    agents: int | None
    unit: str
    median: float
    min: float
    max: float
    runs: int
    floor: float | None


def row(
    name: str, unit: str, figures: Sequence[float], *, agents: int | None = None, bare: Sequence[float] | None = None
) -> Row:
    """The row of a series. Raises ValueError for an empty one."""
    if not figures or (bare is not None and not bare):
        raise ValueError(f"{name}: nothing was measured")
    floor = None if bare is None else round(statistics.median(bare), 1)
    median = round(statistics.median(figures), 1)
    return Row(name, agents, unit, median, round(min(figures), 1), round(max(figures), 1), len(figures), floor)


def together(rows: Sequence[Row]) -> list[Row]:
    """Rows of one name and size, one from each process, as one row. A single row is left as it is."""
    made: list[Row] = []
    for name, agents in dict.fromkeys((one.name, one.agents) for one in rows):
        same = [one for one in rows if (one.name, one.agents) == (name, agents)]
        floors = [one.floor for one in same if one.floor is not None]
        first, medians = same[0], [one.median for one in same]
        several = row(name, first.unit, medians, agents=first.agents, bare=floors or None)
        made.append(several if len(same) > 1 else first)
    return made


def save(rows: Sequence[Row], file: Path) -> None:
    """Writes the rows as a JSON list."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")


def load(file: Path) -> list[Row]:
    """Reads what `save` wrote. Raises msgspec.MsgspecError or OSError."""
    return msgspec.json.decode(file.read_bytes(), type=list[Row])


def table(rows: Sequence[Row]) -> str:
    """The rows in columns; the last one is the median in relation to the bare view's."""
    lines = [("name", "agents", "median", "min", "max", "unit", "runs", "bare view", "ratio")]
    for one in rows:
        agents = "" if one.agents is None else f"{one.agents:,}"
        floor = "" if one.floor is None else f"{one.floor:.1f}"
        ratio = f"{one.median / one.floor:.2f}" if one.floor is not None and one.floor > 0 else ""
        figures = (f"{one.median:.1f}", f"{one.min:.1f}", f"{one.max:.1f}")
        lines.append((one.name, agents, *figures, one.unit, str(one.runs), floor, ratio))
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    text = (
        "  ".join(
            cell.ljust(width) if place in (0, 5) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
    return "\n".join(line.rstrip() for line in text)
