import errno
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import files
from console.fleet.cache import Extras, Kept, ListCache, Refused
from console.rmm.models import Agent
from console.vault.sealing import new_key
from tests.unit.fleet.agents import agents, named

KEY = new_key()
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
IDS = st.integers(0, 10**6).map(lambda number: f"{number:040d}")


def kept(count: int = 3) -> Kept:
    made = tuple(named(f"{number:040d}", hostname=f"PC-{number}") for number in range(count))
    return Kept(NOON, made, 2, Extras(frozenset({"0" * 40}), {"1" * 40: "ab" * 48}))


@pytest.fixture
def cache(tmp_path: Path) -> ListCache:
    return ListCache(tmp_path / "lists")


def file_of(cache: ListCache, server_id: str = "one") -> Path:
    return cache._path(server_id)


def aside_of(cache: ListCache) -> Path:
    return cache._path("one").with_name("one.agents.damaged")


@given(st.lists(agents(IDS), max_size=6))
def test_a_list_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, found: list[Agent]) -> None:
    cache = ListCache(tmp_path_factory.mktemp("lists"))
    given_list = Kept(NOON, tuple(found), 1)
    cache.save("one", KEY, given_list)
    assert cache.load("one", KEY) == given_list


@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 1000])
def test_any_number_of_agents_comes_back(cache: ListCache, count: int) -> None:
    cache.save("one", KEY, kept(count))
    assert cache.load("one", KEY) == kept(count)


def test_there_is_none(cache: ListCache) -> None:
    assert not cache.holds("one")
    assert cache.load("one", KEY) is None
    assert cache.load("one", None) is None


def test_the_file_shows_nothing_and_only_the_owner_can_read_it(cache: ListCache) -> None:
    cache.save("one", KEY, kept())
    path = file_of(cache)
    assert b"PC-1" not in path.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def refused(cache: ListCache, problem: pytest.ExceptionInfo[Refused], content: bytes) -> None:
    """It is put aside, and the next list finds its place free."""
    assert "last list of agents" in problem.value.what
    assert "put aside" in problem.value.advice
    assert "one.agents.damaged" in problem.value.detail
    assert aside_of(cache).read_bytes() == content
    assert cache.load("one", KEY) is None
    cache.save("one", KEY, kept(1))
    assert cache.load("one", KEY) == kept(1)


@given(data=st.data())
def test_a_changed_byte_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cache = ListCache(tmp_path_factory.mktemp("lists"))
    cache.save("one", KEY, kept())
    content = bytearray(file_of(cache).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file_of(cache).write_bytes(content)
    with pytest.raises(Refused) as problem:
        cache.load("one", KEY)
    refused(cache, problem, bytes(content))


@given(data=st.data())
def test_a_file_that_was_cut_off_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cache = ListCache(tmp_path_factory.mktemp("lists"))
    cache.save("one", KEY, kept(600))
    content = file_of(cache).read_bytes()
    content = content[: data.draw(st.integers(0, len(content) - 1))]
    file_of(cache).write_bytes(content)
    with pytest.raises(Refused) as problem:
        cache.load("one", KEY)
    refused(cache, problem, content)


@given(st.binary(max_size=300))
def test_a_foreign_file_is_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    cache = ListCache(tmp_path_factory.mktemp("lists"))
    file_of(cache).write_bytes(content)
    with pytest.raises(Refused) as problem:
        cache.load("one", KEY)
    refused(cache, problem, content)


def test_the_list_of_another_server_is_refused(cache: ListCache) -> None:
    cache.save("two", KEY, kept())
    content = file_of(cache, "two").read_bytes()
    file_of(cache).write_bytes(content)
    with pytest.raises(Refused) as problem:
        cache.load("one", KEY)
    refused(cache, problem, content)


def test_one_with_another_key_or_without_its_key_is_refused(cache: ListCache) -> None:
    for key in (new_key(), None):
        cache.save("one", KEY, kept())
        content = file_of(cache).read_bytes()
        with pytest.raises(Refused) as problem:
            cache.load("one", key)
        refused(cache, problem, content)
    assert "no key" in problem.value.detail


def test_one_of_a_newer_version_says_so(cache: ListCache) -> None:
    cache.save("one", KEY, kept())
    content = file_of(cache).read_bytes().replace(b" agents 1\n", b" agents 2\n")
    file_of(cache).write_bytes(content)
    with pytest.raises(Refused, match="newer version") as problem:
        cache.load("one", KEY)
    refused(cache, problem, content)


def test_genuine_content_that_is_no_list_is_refused(cache: ListCache, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("console.fleet.cache._pieces", lambda kept: [b"\xc0"])
        cache.save("one", KEY, kept())
    with pytest.raises(Refused):
        cache.load("one", KEY)


def test_forgetting_removes_all_of_it_and_of_this_server_only(cache: ListCache) -> None:
    cache.save("one", KEY, kept())
    file_of(cache).replace(aside_of(cache))
    file_of(cache).with_name("one.agents.partxyz").write_bytes(b"half")
    cache.save("one", KEY, kept())
    cache.save("two", KEY, kept())
    cache.forget("one")
    cache.forget("one")
    assert [path.name for path in file_of(cache).parent.iterdir()] == ["two.agents"]


def test_a_server_id_stays_one_name_in_the_folder(cache: ListCache) -> None:
    cache.save("../up/../and away", KEY, kept())
    assert cache.load("../up/../and away", KEY) == kept()
    assert len(list(file_of(cache).parent.iterdir())) == 1


def test_a_full_disk_leaves_the_old_list(cache: ListCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save("one", KEY, kept(1))

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(files.NotSaved, match="No space left"):
            cache.save("one", KEY, kept(2))
    assert cache.load("one", KEY) == kept(1)
    assert [path.name for path in file_of(cache).parent.iterdir()] == ["one.agents"]


def test_what_a_killed_console_left_is_swept_away(cache: ListCache) -> None:
    cache.save("one", KEY, kept())
    old, new = (file_of(cache).with_name(f"one.agents.part{name}") for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.save("one", KEY, kept())
    assert not old.exists()
    assert new.exists(), "another console may be writing it"


def test_a_file_that_cannot_be_read_stays_and_is_said(cache: ListCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save("one", KEY, kept())

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        with pytest.raises(files.NotRead, match="could not be read"):
            cache.load("one", KEY)
    assert cache.load("one", KEY) == kept()


def test_a_folder_in_its_place_is_put_aside_and_left_when_the_list_is_forgotten(cache: ListCache) -> None:
    (file_of(cache) / "theirs").mkdir(parents=True)
    with pytest.raises(Refused, match="could not be opened"):
        cache.load("one", KEY)
    cache.save("one", KEY, kept())
    cache.forget("one")
    assert (aside_of(cache) / "theirs").is_dir()
