"""The rows of the measurements and their statistics; nothing is measured here."""

from pathlib import Path

import msgspec
import pytest

from bench import rows
from bench.__main__ import MODULES
from bench.rows import Row


def test_a_row_holds_median_and_spread() -> None:
    made = rows.row("open_terminal", "ms", [5.0, 1.0, 9.0, 3.04])
    assert made == Row("open_terminal", None, "ms", 4.0, 1.0, 9.0, 4, None)


def test_the_floor_is_the_bare_views_median() -> None:
    assert rows.row("open_control", "ms", [10.0], bare=[8.0, 30.0, 12.0]).floor == 12.0


@pytest.mark.parametrize(("figures", "bare"), [([], None), ([], [1.0]), ([1.0], [])])
def test_nothing_measured_is_no_row(figures: list[float], bare: list[float] | None) -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        rows.row("open_control", "ms", figures, bare=bare)


def test_rows_of_several_processes_become_one() -> None:
    several = [rows.row("memory_idle", "MB", [figure], agents=10_000) for figure in (120.0, 112.0, 124.0)]
    assert rows.together(several) == [Row("memory_idle", 10_000, "MB", 120.0, 112.0, 124.0, 3, None)]
    both = [rows.row(name, "MB", [figure], bare=[20.0]) for figure in (10.0, 14.0) for name in ("one", "other")]
    assert [(each.name, each.median, each.floor) for each in rows.together(both)] == [
        ("one", 12.0, 20.0),
        ("other", 12.0, 20.0),
    ]
    sizes = [rows.row("start_to_list", "ms", [figure], agents=agents) for figure in (9.0, 11.0) for agents in (10, 20)]
    assert [(each.agents, each.median) for each in rows.together(sizes)] == [(10, 10.0), (20, 10.0)]
    alone = [rows.row("open_control", "ms", [9.0, 11.0], bare=[12.0])]
    assert rows.together(alone) == alone


def test_rows_are_saved_with_the_agreed_keys(tmp_path: Path) -> None:
    made = [rows.row("memory_idle", "MB", [120.0, 121.0], agents=10_000), rows.row("open_control", "ms", [9], bare=[8])]
    file = tmp_path / "rows.json"
    rows.save(made, file)
    assert msgspec.json.decode(file.read_bytes()) == [
        {"name": "memory_idle", "agents": 10000, "unit": "MB", "median": 120.5, "min": 120.0, "max": 121.0, "runs": 2,
         "floor": None},
        {"name": "open_control", "agents": None, "unit": "ms", "median": 9.0, "min": 9.0, "max": 9.0, "runs": 1,
         "floor": 8.0},
    ]  # fmt: skip
    assert rows.load(file) == made


def test_the_table_shows_the_ratio_to_the_bare_view() -> None:
    head, first, second = rows.table(
        [rows.row("open_control", "ms", [75.0], bare=[100.0]), rows.row("memory_idle", "MB", [120.0], agents=10_000)]
    ).splitlines()
    assert head.split()[:3] == ["name", "agents", "median"]
    assert first.split() == ["open_control", "75.0", "75.0", "75.0", "ms", "1", "100.0", "0.75"]
    assert second.split() == ["memory_idle", "10,000", "120.0", "120.0", "120.0", "MB", "1"]


def test_each_name_has_its_measurement() -> None:
    folder = Path(rows.__file__).parent
    for name, module in MODULES.items():
        assert f"def {name}() -> list[Row]:" in (folder / f"{module.removeprefix('bench.')}.py").read_text("utf-8")
