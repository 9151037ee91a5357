from pathlib import Path

import pytest

from console.fleet.grouping import Grouping
from console.mesh.session_kind import SessionKind
from console.preferences import Column, PreferenceFile, Preferences, Theme
from console.ui.agents.columns import COLUMNS
from console.ui.keyboard.host_key import HostKey


def test_they_are_kept(tmp_path: Path) -> None:
    file = PreferenceFile(tmp_path / "preferences.json")
    chosen = Preferences(
        theme=Theme.DARK,
        default_action="terminal",
        columns=(Column("hostname", 200), Column("site", 10, hidden=True)),
        sorting=(("site", True), ("hostname", False)),
        grouping="client",
        last_server="abc",
        downloads_folder="/srv/downloads",
    )
    file.save(chosen)
    assert file.load() == chosen


def test_without_a_file_or_with_a_damaged_one_the_defaults_hold(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    assert PreferenceFile(path).load() == Preferences()
    path.write_text('{"theme": "purple"}', encoding="utf-8")
    assert PreferenceFile(path).load() == Preferences()
    assert (tmp_path / "preferences.json.damaged").exists()


def test_the_defaults_name_things_that_exist() -> None:
    assert SessionKind(Preferences().default_action) is SessionKind.CONTROL
    assert {name for name, _ in Preferences().sorting} <= {column.name for column in COLUMNS}
    assert Grouping(Preferences().grouping) is Grouping.NOTHING
    assert HostKey(Preferences().host_key) is HostKey.RIGHT_CTRL


@pytest.mark.parametrize(
    "content",
    [
        '{"version": 1, "side_width": 4294967296}',
        '{"version": 1, "detail_width": -1}',
        '{"version": 1, "journal_days": 1000000000}',
        '{"version": 1, "columns": [{"name": "hostname", "width": 100000000000}]}',
    ],
)
def test_numbers_that_qt_or_the_calendar_cannot_take_are_none_of_ours(tmp_path: Path, content: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(content, encoding="utf-8")
    assert PreferenceFile(path).load() == Preferences()
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == [content]


def test_a_kind_of_session_that_there_is_not_is_control() -> None:
    assert SessionKind.of("terminal") is SessionKind.TERMINAL
    assert SessionKind.of("vnc") is SessionKind.CONTROL
