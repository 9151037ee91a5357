"""What the soak makes of its weights; nothing is weighed here."""

from pathlib import Path

import msgspec
import pytest

from tests.soak import record
from tests.soak.record import Plan, Record
from tests.soak.weight import Weight

FIRST = Weight(
    sessions=50,
    refreshes=200,
    recoveries=5,
    seconds=120.0,
    memory=300.0,
    console_memory=250.0,
    pss=400.0,
    processes=7,
    zombies=0,
    threads=9,
    open_files=60,
    objects=12_000,
    qt_objects=2_000,
    widgets=380,
    own={"Session": 0, "AgentsPage": 1},
    files={"home/config/servers.json": 300, "home/log/console.log": 5_000},
)


def later(**changes: object) -> Weight:
    return msgspec.structs.replace(FIRST, sessions=500, **changes)


def faults(*weights: Weight) -> list[str]:
    return record.faults(Record(plan=Plan(), stretches=[list(weights)]), 1.10)


def test_a_day_that_leaves_nothing_behind() -> None:
    files = {**FIRST.files, "home/log/console.log.1": 9, "home/data/journal.sqlite-wal": 9}
    assert faults(FIRST, FIRST, later(memory=329.0, threads=11, open_files=64, objects=12_800, files=files)) == []


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (later(memory=331.0), "memory: 300.0 MB after the first part, 331.0 MB at the end"),
        (later(zombies=1), "1 zombies after 500 sessions"),
        (later(open_files=80), "open files: 60 in the first half, 80 at the end"),
        (later(threads=20), "threads: 9 in the first half, 20 at the end"),
        (later(processes=9), "processes: 7 in the first half, 9 at the end"),
        (later(objects=14_000), "objects: 12000 in the first half, 14000 at the end"),
        (later(widgets=400), "widgets: 380 in the first half, 400 at the end"),
        (later(own={"Session": 10}), "Session: 0 of them in the first half, 10 at the end"),
        (later(files={"tmp/left": 1}), "a file that was not there before: tmp/left"),
    ],
)
def test_what_is_left_behind_is_named(last: Weight, said: str) -> None:
    assert faults(FIRST, FIRST, last) == [said]


def test_what_grows_in_the_first_half_only_is_no_fault_but_for_memory() -> None:
    grown = later(objects=15_000, own={"Session": 0, "Cache": 20})
    assert faults(FIRST, grown, grown, grown) == []
    assert faults(FIRST, later(zombies=2), FIRST) == ["2 zombies after 500 sessions"]


def test_one_part_says_nothing_about_memory_and_troubles_are_faults() -> None:
    assert "nothing is known" in faults(FIRST)[0]
    told = Record(plan=Plan(), stretches=[[FIRST, FIRST]], troubles=["opening: no"])
    assert record.faults(told, 1.10) == ["opening: no"]


def test_each_process_is_judged_by_its_own_first_part() -> None:
    other = later(memory=500.0)
    told = Record(plan=Plan(), stretches=[[FIRST, FIRST], [other, other], []])
    assert record.faults(told, 1.10) == []


def test_an_interrupted_day_goes_on_and_a_finished_or_another_one_begins_anew(tmp_path: Path) -> None:
    file, plan = tmp_path / "day.json", Plan(parts=3)
    assert record.load(file, plan).done == 0
    record.save(Record(plan=plan, stretches=[[FIRST], [FIRST]]), file)
    assert record.load(file, plan).done == 2
    assert record.load(file, Plan(parts=4)).done == 0
    record.save(Record(plan=plan, stretches=[[FIRST], [FIRST, FIRST]]), file)
    assert record.load(file, plan).done == 0


@pytest.mark.parametrize("plan", [Plan(), Plan(20, 100, 2, 5000, 2), Plan(7, 5, 1, 10, 3)])
def test_the_shares_are_the_whole_day(plan: Plan) -> None:
    shares = [plan.share(number) for number in range(plan.parts)]
    assert sum(share.sessions for share in shares) == plan.sessions
    assert sum(share.refreshes for share in shares) == plan.refreshes
    assert sum(share.recoveries for share in shares) == plan.recoveries


def test_the_table_has_a_line_for_each_weight() -> None:
    lines = record.table(Record(plan=Plan(), stretches=[[FIRST, later()]])).splitlines()
    assert len(lines) == 4
    assert lines[3].startswith("| 500 | 200 | 5 | 2.0 | 300 | 250 | 400 | 7 | 0 | 9 | 60 | 380 | 12,000 | 1 |")
