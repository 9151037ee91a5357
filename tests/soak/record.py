"""What a long day has shown so far: kept in a file, so that an interrupted run goes on, and judged at the end."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from console.files import JsonFile
from tests.soak.weight import Weight

_PASSING = re.compile(r"(^|/)(\.org\.chromium|dconf|\.cache/)|-(wal|shm|journal)$|\.log(\.\d+)?$")
"""Files that come and go while everything is in order: of the database's own book-keeping, of the log, of caches."""
_MORE_OBJECTS = 1.05
_FEW = 5
_ALLOWED = {"processes": 1, "threads": 4, "open_files": 8, "widgets": 8, "qt_objects": 60, "objects": 1000}
"""How many more of each there may be at the end: pools of threads and connections breathe."""


class Plan(msgspec.Struct, frozen=True):
    """What is done in all, in how many parts of the same size; `agents` is the size of the fleet."""

    sessions: int = 500
    refreshes: int = 2000
    recoveries: int = 50
    agents: int = 5000
    parts: int = 10

    def share(self, number: int) -> "Plan":
        """That of one part, from 0 on."""

        def of(total: int) -> int:
            return total * (number + 1) // self.parts - total * number // self.parts

        return Plan(of(self.sessions), of(self.refreshes), of(self.recoveries), self.agents, 1)


class Record(msgspec.Struct):
    """`stretches` has the weights of each process that did some of the parts, one after each part. `troubles` are what
    went wrong and did not stop it."""

    version: int = 1
    plan: Plan = Plan()
    stretches: list[list[Weight]] = []
    troubles: list[str] = []

    @property
    def done(self) -> int:
        """How many parts are."""
        return sum(map(len, self.stretches))


def load(file: Path, plan: Plan) -> Record:
    """The record of an interrupted run of the same plan, else a new one."""
    kept, _ = _file(file).load()
    fits = kept is not None and kept.plan == plan and kept.done < plan.parts
    return kept if kept is not None and fits else Record(plan=plan)


def save(record: Record, file: Path) -> None:
    _file(file).save(record)


def _file(file: Path) -> JsonFile[Record]:
    return JsonFile(file, Record, "The record of the soak", "It begins again.")


def faults(record: Record, most: float) -> list[str]:
    """What is wrong, in words. The memory of each process may be `most` times that after its first part."""
    found = [line for stretch in record.stretches if stretch for line in _faults(stretch, most)]
    if not any(len(stretch) > 1 for stretch in record.stretches):
        found.append("no process did more than one part: nothing is known about its memory")
    return found + record.troubles


def _faults(stretch: list[Weight], most: float) -> Iterator[str]:
    """Memory is compared with that after the first part. What is counted may still grow in the first half of the parts,
    because of what is made when it is first needed, and not after it."""
    first, last = stretch[0], stretch[-1]
    settled = stretch[: max(1, len(stretch) // 2)]
    for weight in stretch:
        if weight.zombies:
            yield f"{weight.zombies} zombies after {weight.sessions} sessions"
    if last.memory > first.memory * most:
        yield f"memory: {first.memory:.1f} MB after the first part, {last.memory:.1f} MB at the end"
    for name, more in _ALLOWED.items():
        before, after = max(_count(weight, name) for weight in settled), _count(last, name)
        if after > before + more:
            yield f"{name.replace('_', ' ')}: {before} in the first half, {after} at the end"
    for name, count in last.own.items():
        before = max(weight.own.get(name, 0) for weight in settled)
        if count > before * _MORE_OBJECTS + _FEW:
            yield f"{name}: {before} of them in the first half, {count} at the end"
    for file in last.files.keys() - first.files.keys():
        if not _PASSING.search(file):
            yield f"a file that was not there before: {file}"


def _count(weight: Weight, name: str) -> int:
    count = getattr(weight, name)
    assert isinstance(count, int)
    return count


def table(record: Record) -> str:
    """The weights in rows, as the documentation shows them."""
    heads = (
        "sessions", "refreshes", "recoveries", "minutes", "memory, MB", "of it the console", "PSS, MB", "processes",
        "zombies", "threads", "open files", "widgets", "Python objects", "files",
    )  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|" + " ---: |" * len(heads)]
    for stretch in record.stretches:
        lines += [_line(weight) for weight in stretch]
    return "\n".join(lines)


def _line(weight: Weight) -> str:
    cells = (
        f"{weight.sessions}",
        f"{weight.refreshes:,}",
        f"{weight.recoveries}",
        f"{weight.seconds / 60:.1f}",
        f"{weight.memory:.0f}",
        f"{weight.console_memory:.0f}",
        f"{weight.pss:.0f}",
        f"{weight.processes}",
        f"{weight.zombies}",
        f"{weight.threads}",
        f"{weight.open_files}",
        f"{weight.widgets}",
        f"{weight.objects:,}",
        f"{sum(not _PASSING.search(name) for name in weight.files)}",
    )
    return "| " + " | ".join(cells) + " |"
