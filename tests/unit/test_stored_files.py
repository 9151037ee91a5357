"""Everything that is kept on disk: whatever lies in a file's place, and however writing it ends, nothing is lost."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.fleet.bookmarks import BookmarkFile, Bookmarks
from console.fleet.cache import Kept, ListCache, Refused
from console.mesh.session_kind import SessionKind
from console.preferences import PreferenceFile, Preferences
from console.problem import Problem
from console.servers import Server, ServerBook
from console.sessions.agent_watches import AgentWatchFile, Awaited, Watched
from console.sessions.journal_entry import Query
from console.sessions.journal_store import JournalStore
from console.sessions.waits import Wait, WaitFile
from console.vault.sealing import new_key
from tests.unit.fleet.agents import named
from tests.unit.sessions.journals import entry

KEY = new_key()
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Kind:
    """One kind of file. `load` answers a number that was saved, 0 for none, and what there is to say; `save` writes
    another number."""

    name: str
    save: Callable[[Path, int], None]
    load: Callable[[Path], tuple[int, Problem | None]]


def _book_saved(path: Path, number: int) -> None:
    book = ServerBook(path)
    book.servers = (Server(address="https://api.example.com", name=str(number)),)
    book.save()


def _book_loaded(path: Path) -> tuple[int, Problem | None]:
    book = ServerBook(path)
    return int(book.servers[0].name) if book.servers else 0, book.trouble


def _preferences_loaded(path: Path) -> tuple[int, Problem | None]:
    file = PreferenceFile(path)
    return (file.load().journal_days + 1) % 366, file.trouble  # those of a year are the default


def _bookmarks_loaded(path: Path) -> tuple[int, Problem | None]:
    found, problem = BookmarkFile(path.parent).load("one")
    return int(next(iter(found.favourites), 0)), problem


def _wait(number: int) -> Wait:
    return Wait("s", str(number), "PC", "Acme", "Main", SessionKind.CONTROL, NOON)


def _waits_loaded(path: Path) -> tuple[int, Problem | None]:
    found, problem = WaitFile(path).load()
    return int(found[0].agent) if found else 0, problem


def _watched(number: int) -> Watched:
    return Watched("s", str(number), "PC", "Acme", "Main", Awaited.ONLINE, NOON)


def _watches_loaded(path: Path) -> tuple[int, Problem | None]:
    found, problem = AgentWatchFile(path).load()
    return int(found[0].agent) if found else 0, problem


def _list_loaded(path: Path) -> tuple[int, Problem | None]:
    try:
        found = ListCache(path.parent).load("one", KEY)
    except Refused as problem:
        return 0, problem
    return found.bad_rows if found else 0, None


def _journal_saved(path: Path, number: int) -> None:
    store = JournalStore(path)
    try:
        store.put([entry(1000 - number)])  # the newest is found first
    finally:
        store.close()


def _journal_loaded(path: Path) -> tuple[int, Problem | None]:
    store = JournalStore(path)
    try:
        found = store.find(Query(""), 10)
        return (1000 - int(found.entries[0].id, 16) if found.entries else 0), store.put_aside
    finally:
        store.close()


KINDS = [
    Kind(
        "preferences.json",
        lambda path, number: PreferenceFile(path).save(Preferences(journal_days=number - 1)),
        _preferences_loaded,
    ),
    Kind("servers.json", _book_saved, _book_loaded),
    Kind(
        "one.json",
        lambda path, number: BookmarkFile(path.parent).save("one", Bookmarks(favourites=frozenset({str(number)}))),
        _bookmarks_loaded,
    ),
    Kind("waits.json", lambda path, number: WaitFile(path).save([_wait(number)]), _waits_loaded),
    Kind("watches.json", lambda path, number: AgentWatchFile(path).save([_watched(number)]), _watches_loaded),
    Kind(
        "one.agents",
        lambda path, number: ListCache(path.parent).save("one", KEY, Kept(NOON, (named("1" * 40),), number)),
        _list_loaded,
    ),
    Kind("journal.sqlite", _journal_saved, _journal_loaded),
]
BY_NAME = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def _half(kind: Kind, path: Path) -> None:
    kind.save(path, 5)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _newer(kind: Kind, path: Path) -> None:
    kind.save(path, 5)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"version": 1', b'"version": 2').replace(b"agents 1\n", b"agents 2\n"))


def _folder(_: Kind, path: Path) -> None:
    path.mkdir()
    (path / "theirs").write_bytes(b"x")


def _writes(content: bytes) -> Callable[[Kind, Path], None]:
    def write(_: Kind, path: Path) -> None:
        path.write_bytes(content)

    return write


WRONG: dict[str, Callable[[Kind, Path], None]] = {
    "cut off": _half,
    "nothing but noughts": _writes(b"\0" * 4096),
    "random bytes": _writes(bytes(range(256)) * 20),
    "another program's JSON": _writes(b'{"name": "package", "scripts": {"test": "x"}}'),
    "a list": _writes(b"[1, 2, 3]"),
    "a deep list": _writes(b"[" * 100_000),
    "not UTF-8": _writes(b'{"version": "\xff\xfe"}'),
    "a newer version": _newer,
    "a folder": _folder,
}


@BY_NAME
def test_what_is_kept_comes_back(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / kind.name
    assert kind.load(path) == (0, None)
    kind.save(path, 5)
    kind.save(path, 7)
    assert kind.load(path) == (7, None)


@pytest.mark.parametrize("wrong", WRONG)
@BY_NAME
def test_what_is_no_file_of_ours_is_kept_beside_it_and_said(kind: Kind, wrong: str, tmp_path: Path) -> None:
    if kind.name == "journal.sqlite" and wrong == "a newer version":
        pytest.skip("a newer journal is left where it is: tests/unit/sessions/test_journal_store.py")
    path = tmp_path / kind.name
    WRONG[wrong](kind, path)
    before = _contents(tmp_path)
    found, problem = kind.load(path)
    assert found == 0
    assert problem is not None, "it is said"
    assert problem.advice
    kind.save(path, 7)
    assert kind.load(path) == (7, None)
    kept = _contents(tmp_path)
    assert all(content in kept for content in before), "the old one is there, byte for byte"
    named = next(name for name in os.listdir(tmp_path) if name.startswith(f"{kind.name}."))
    assert named in problem.report()


def test_an_empty_file_is_one_too(tmp_path: Path) -> None:
    """All but SQLite's: to it an empty file is an empty database."""
    for kind in KINDS[:-1]:
        path = tmp_path / kind.name
        path.touch()
        assert kind.load(path)[1] is not None
        kind.save(path, 7)
        assert kind.load(path) == (7, None)


@pytest.mark.parametrize("failing", ["writing", "replacing"])
@pytest.mark.parametrize("kind", KINDS[:-1], ids=lambda kind: kind.name)  # the journal's own tests have its full disk
def test_a_disk_that_becomes_full_leaves_the_old_one(
    kind: Kind, failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / kind.name
    kind.save(path, 5)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        if failing == "writing":
            patched.setattr(os, "fdopen", full)
        else:
            patched.setattr(Path, "replace", full)
        with pytest.raises(Problem, match="No space left") as caught:
            kind.save(path, 7)
    assert "Make room on the disk" in caught.value.advice
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [kind.name], "no half of it lies about"
    assert kind.load(path) == (5, None)


KILLED = """
import os, sys
from pathlib import Path
from tests.unit.test_stored_files import KINDS
kind = next(kind for kind in KINDS if kind.name == sys.argv[2])
def die(*_, **__): os._exit(9)
Path.replace = die
kind.save(Path(sys.argv[1]), 7)
"""


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[5]], ids=lambda kind: kind.name)
def test_a_console_that_dies_while_it_writes_leaves_the_old_one(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / kind.name
    kind.save(path, 5)
    run = subprocess.run([sys.executable, "-c", KILLED, str(path), kind.name], cwd=Path(__file__).parents[2])
    assert run.returncode == 9
    assert kind.load(path) == (5, None)
    kind.save(path, 6)
    assert kind.load(path) == (6, None)


def _contents(folder: Path) -> list[bytes]:
    """Of all files, those in folders too; SQLite's own notes beside a journal apart."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return sorted(path.read_bytes() for path in files)
