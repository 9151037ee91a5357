import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.fleet.cache import Kept
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.sealed_lists import KEEP_SECONDS, Opened
from console.vault.errors import VaultLocked
from tests.unit.sessions.sealing import Lists

KEPT = Kept(datetime(2026, 11, 24, 12, 0, tzinfo=UTC), (Agent(agent_id="A" * 40, hostname="one"),))
LATER = Kept(datetime(2026, 11, 24, 12, 9, tzinfo=UTC), ())


class Said:
    """What a taker was given, and what could not be kept."""

    def __init__(self, lists: Lists) -> None:
        self.opened: list[Opened] = []
        self.failed: list[Problem] = []
        lists.lists.failed.connect(lambda _, problem: self.failed.append(problem))

    def kept(self) -> list[Kept | None]:
        """The lists that were handed out, each of them in a store as well."""
        for opened in self.opened:
            assert opened.problem is None
            assert tuple(opened.store.agents()) == (opened.kept.agents if opened.kept else ())
        return [opened.kept for opened in self.opened]


@pytest.fixture
def said(qtbot: QtBot, lists: Lists) -> Said:
    return Said(lists)


class TestOpening:
    def test_what_is_prepared_is_there_when_it_is_wanted(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.lists.prepare("one")
        lists.go()
        assert said.opened == []
        lists.lists.take("one", said.opened.append)
        assert said.kept() == [KEPT]
        assert lists.asked == 1

    def test_one_who_comes_early_waits(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.lists.prepare("one")
        lists.lists.take("one", said.opened.append)
        assert said.opened == []
        lists.go()
        assert said.kept() == [KEPT]

    def test_it_is_read_again_for_the_next_one(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        for kept in (KEPT, LATER):
            lists.save("one", kept)
            lists.lists.take("one", said.opened.append)
            lists.go()
        assert said.kept() == [KEPT, LATER]

    def test_without_a_file_the_keyring_is_not_asked(self, lists: Lists, said: Said) -> None:
        lists.error = VaultLocked()
        lists.lists.take("one", said.opened.append)
        lists.go()
        assert said.kept() == [None]
        assert lists.asked == 0

    def test_a_locked_keyring_is_said_and_the_file_stays(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.error = VaultLocked()
        lists.lists.take("one", said.opened.append)
        lists.go()
        (opened,) = said.opened
        assert opened.kept is None
        assert opened.problem is not None
        assert "locked" in opened.problem.what
        assert "loaded from the server" in opened.problem.advice
        assert lists.load("one") == KEPT

    def test_nobody_is_signed_in(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.nothing_is_kept()
        lists.lists.take("one", said.opened.append)
        lists.go()
        assert said.kept() == [None]
        assert lists.load("one") == KEPT

    def test_a_key_that_is_gone_puts_the_file_aside(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.keys.clear()
        lists.lists.take("one", said.opened.append)
        lists.go()
        assert said.opened[0].problem is not None
        assert [path.name for path in lists.file("one").parent.iterdir()] == ["one.agents.damaged"]


class TestKeeping:
    def test_the_first_list_is_kept_with_a_new_key(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.go()
        assert lists.load("one") == KEPT
        assert lists.keys.keys() == {"one"}

    def test_then_one_every_few_minutes(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.now += KEEP_SECONDS - 1
        lists.lists.offer("one", lambda: LATER)
        lists.go()
        assert lists.load("one") == KEPT
        lists.now += 1
        lists.lists.offer("one", lambda: LATER)
        lists.go()
        assert lists.load("one") == LATER
        assert lists.asked == 1, "the keyring is asked once"

    def test_at_the_end_the_last_one_is_kept(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.go()
        lists.lists.offer("one", lambda: LATER)
        finished = lists.lists.finish()
        assert not finished.done()
        lists.go()
        assert finished.done()
        assert lists.load("one") == LATER

    def test_the_end_does_not_wait_for_a_keyring(self, lists: Lists) -> None:
        lists.error = VaultLocked()
        lists.lists.offer("one", lambda: KEPT)
        finished = lists.lists.finish()
        lists.files.go()
        assert finished.done()

    def test_nothing_is_written_where_nothing_is_kept(self, lists: Lists, said: Said) -> None:
        lists.nothing_is_kept()
        lists.lists.offer("one", lambda: KEPT)
        lists.go()
        lists.lists.finish()
        lists.go()
        assert not lists.file("one").exists()
        assert said.failed == []

    def test_a_full_disk_is_said_once_until_there_is_room(
        self, lists: Lists, said: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(source: Path, target: Path) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def offer() -> None:
            lists.now += KEEP_SECONDS
            lists.lists.offer("one", lambda: KEPT)
            lists.go()

        for times in (1, 2):
            with monkeypatch.context() as patched:
                patched.setattr(Path, "replace", full)
                offer()
                offer()
            assert len(said.failed) == times
            assert "could not be kept" in said.failed[-1].what
            offer()
            assert lists.load("one") == KEPT


class TestForgetting:
    def test_the_file_goes_and_what_is_under_way_does_not_bring_it_back(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.lists.forget("one")
        lists.go()
        assert not lists.file("one").exists()
        lists.lists.finish()
        lists.go()
        assert not lists.file("one").exists()

    def test_a_list_that_is_being_written_goes_too(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.keyring.go()
        lists.lists.forget("one")
        lists.go()
        assert not lists.file("one").exists()

    def test_what_was_opened_for_another_account_is_not_handed_out(self, lists: Lists, said: Said) -> None:
        lists.save("one", KEPT)
        lists.lists.prepare("one")
        lists.go()
        lists.lists.forget("one")
        lists.lists.take("one", said.opened.append)
        lists.go()
        assert said.kept() == [None]

    def test_a_new_list_may_follow(self, lists: Lists) -> None:
        lists.lists.offer("one", lambda: KEPT)
        lists.go()
        lists.lists.forget("one")
        lists.lists.offer("one", lambda: LATER)
        lists.go()
        assert lists.load("one") == LATER

    def test_a_file_that_cannot_be_removed_is_said(self, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "unlink", refused)
        problems: list[Problem] = []
        lists.lists.forget("one", problems.append)
        lists.go()
        assert "could not be removed" in problems[0].what
