"""The state of the lock: what outlasts the console, and how tries are counted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.sessions.lock import MOST_TRIES, Lock, LockFile, LockReason, LockRecord
from tests.unit.sessions.parts import Held, Inline

NOW = datetime(2026, 11, 27, 14, 2, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock.json"


def a_lock(path: Path) -> Lock:
    """What a start of the console finds."""
    file = LockFile(path)
    return Lock(file, Inline(), file.load(), lambda: NOW)


def test_it_is_open_at_first_and_locks_once(path: Path, qtbot: QtBot) -> None:
    lock = a_lock(path)
    changes: list[bool] = []
    lock.changed.connect(lambda: changes.append(lock.locked))
    assert not lock.locked
    lock.lock(LockReason.IDLE)
    lock.lock(LockReason.HAND)
    assert (lock.since, lock.reason) == (NOW, LockReason.IDLE)
    lock.unlock()
    lock.unlock()
    assert changes == [True, False]


def test_a_locked_one_is_locked_at_the_next_start(path: Path) -> None:
    a_lock(path).lock(LockReason.COMPUTER)
    again = a_lock(path)
    assert (again.locked, again.from_before, again.reason, again.since) == (True, True, LockReason.COMPUTER, NOW)
    again.unlock()
    assert not again.from_before
    assert not a_lock(path).locked


def test_tries_are_counted_over_a_restart_and_forgotten_when_it_opens(path: Path) -> None:
    lock = a_lock(path)
    lock.lock(LockReason.HAND)
    for left in (MOST_TRIES - 1, MOST_TRIES - 2):
        lock.begin_try(lock.wrong)
        assert lock.tries_left == left
    again = a_lock(path)
    assert again.tries_left == MOST_TRIES - 2
    again.begin_try(again.unlock)
    assert again.tries_left == a_lock(path).tries_left == MOST_TRIES


def test_a_try_is_on_the_disk_before_it_is_made(path: Path) -> None:
    disk, made = Held(), []
    lock = Lock(LockFile(path), disk, LockRecord(since=NOW))
    lock.begin_try(lambda: made.append(LockFile(path).load().failures))
    assert made == []
    disk.go()
    assert made == [1]


def test_a_try_that_ends_after_it_was_unlocked_does_not_count(path: Path) -> None:
    lock = a_lock(path)
    told: list[bool] = []
    lock.exhausted.connect(lambda: told.append(True))
    lock.lock(LockReason.COMPUTER)
    for _ in range(MOST_TRIES):
        lock.begin_try(lambda: None)
    lock.unlock()
    lock.wrong()
    lock.no_try()
    assert (lock.tries_left, told) == (MOST_TRIES, [])


def test_the_last_one_is_told_and_it_stays_locked(path: Path) -> None:
    lock = a_lock(path)
    lock.lock(LockReason.HAND)
    told: list[bool] = []
    lock.exhausted.connect(lambda: told.append(lock.locked))
    for _ in range(MOST_TRIES - 1):
        lock.begin_try(lock.wrong)
    assert told == []
    lock.begin_try(lock.wrong)
    assert told == [True]
    assert a_lock(path).tries_left == 0


def test_a_try_that_could_not_be_made_does_not_count(path: Path) -> None:
    lock = a_lock(path)
    lock.begin_try(lock.no_try)
    assert lock.tries_left == MOST_TRIES


def test_where_nothing_can_be_written_tries_are_counted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way", encoding="utf-8")
    lock = Lock(LockFile(tmp_path / "a file" / "lock.json"), Inline())
    lock.lock(LockReason.HAND)
    lock.begin_try(lock.wrong)
    assert (lock.locked, lock.tries_left) == (True, MOST_TRIES - 1)


def test_what_cannot_be_written_is_said_and_written_later(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("in the way", encoding="utf-8")
    lock = Lock(LockFile(in_the_way / "lock.json"), Inline())
    changes: list[bool] = []
    lock.trouble_changed.connect(lambda: changes.append(lock.trouble is not None))
    lock.lock(LockReason.HAND)
    lock.begin_try(lock.wrong)
    lock.write_again()
    assert changes == [True]
    in_the_way.unlink()
    lock.write_again()
    assert changes == [True, False]
    assert (a_lock(in_the_way / "lock.json").locked, a_lock(in_the_way / "lock.json").tries_left) == (
        True,
        MOST_TRIES - 1,
    )


@pytest.mark.parametrize("content", ["", "{", '{"since": 5}', '["x"]', "\x00"])
def test_a_damaged_file_is_a_closed_lock(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    assert a_lock(path).locked
    assert a_lock(path).locked, "starting once more opened it"


def test_one_that_cannot_be_read_is_a_closed_lock(path: Path) -> None:
    path.mkdir()
    assert a_lock(path).locked


def test_damaging_it_gives_no_try_back_and_hides_no_pin(path: Path) -> None:
    lock = a_lock(path)
    lock.set_pin_kept(True)
    lock.lock(LockReason.HAND)
    for _ in range(MOST_TRIES - 1):
        lock.begin_try(lock.wrong)
    path.write_text("{", encoding="utf-8")
    again = a_lock(path)
    assert (again.reason, again.tries_left, again.pin_kept) == (LockReason.UNREADABLE, 1, True)
    again.begin_try(again.wrong)
    assert a_lock(path).tries_left == 0
    again.unlock()
    assert a_lock(path).tries_left == MOST_TRIES


def test_whether_there_is_a_pin_is_kept(path: Path) -> None:
    a_lock(path).set_pin_kept(True)
    assert a_lock(path).pin_kept
