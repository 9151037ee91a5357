from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.fleet.bookmarks import BookmarkFile, Bookmarks
from console.problem import Problem
from console.sessions.bookmarks import FleetBookmarks
from tests.unit.sessions.parts import Held


def test_a_change_before_they_are_read_writes_over_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    file, disk = BookmarkFile(tmp_path), Held()
    file.save("one", Bookmarks(favourites=frozenset("a")))
    marks = FleetBookmarks(file, "one", disk)
    marks.load()
    marks.change(lambda now: now.starred(frozenset("b"), on=True))
    assert marks.now.favourites == frozenset()
    disk.go()
    assert marks.now.favourites == {"a", "b"}
    disk.go()
    assert file.load("one")[0].favourites == {"a", "b"}


def test_nothing_is_written_when_nothing_changes(qtbot: QtBot, tmp_path: Path) -> None:
    disk = Held()
    marks = FleetBookmarks(BookmarkFile(tmp_path), "one", disk)
    marks.load()
    disk.go()
    told: list[None] = []
    marks.changed.connect(lambda: told.append(None))
    marks.change(lambda now: now.starred(frozenset("b"), on=False))
    disk.go()
    assert told == []
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_kept_is_said_and_holds_all_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "marks").write_text("in the way")
    disk = Held()
    marks = FleetBookmarks(BookmarkFile(tmp_path / "marks" / "deeper"), "one", disk)
    problems: list[Problem] = []
    marks.failed.connect(problems.append)
    marks._opened((Bookmarks(), None))
    marks.change(lambda now: now.used("a"))
    disk.go()
    assert marks.now.recent == ("a",)
    assert "could not be saved" in problems[0].what


@pytest.mark.parametrize("text", ["{"])
def test_damaged_ones_begin_anew_and_that_is_said(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text)
    disk = Held()
    marks = FleetBookmarks(BookmarkFile(tmp_path), "one", disk)
    problems: list[Problem] = []
    marks.failed.connect(problems.append)
    marks.load()
    disk.go()
    assert marks.now == Bookmarks()
    assert ["was kept as one.json.damaged" in problem.advice for problem in problems] == [True]


def test_what_cannot_be_read_is_left_alone_and_a_star_shows_all_the_same(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, disk = BookmarkFile(tmp_path), Held()
    file.save("one", Bookmarks(favourites=frozenset("a")))
    marks = FleetBookmarks(file, "one", disk)
    problems: list[Problem] = []
    marks.failed.connect(problems.append)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        marks.load()
        marks.change(lambda now: now.starred(frozenset("b"), on=True))
        disk.go()
        disk.go()
    assert marks.now.favourites == {"b"}
    assert len(problems) == 1
    assert file.load("one")[0].favourites == {"a"}
