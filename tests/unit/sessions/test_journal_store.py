import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sessions.journal_entry import Ending, Entry, Query, Totals, clean_note
from console.sessions.journal_file import APPLICATION_ID, JournalProblem, JournalTooNew
from console.sessions.journal_store import UNEXPECTED, JournalStore, NoteNotKept
from tests.unit.sessions.journals import NOON, entry, open_entry


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JournalStore]:
    made = JournalStore(tmp_path / "journal.db")
    yield made
    made.close()


def rows(store: JournalStore, text: str = "") -> tuple[Entry, ...]:
    return store.find(Query(text), 1000).entries


def test_what_was_put_is_found_newest_first_with_the_totals_of_all(store: JournalStore) -> None:
    put = [entry(number) for number in (3, 1, 2)]
    store.put(put)
    found = store.find(Query(), 2)
    assert found.entries == (entry(1), entry(2))
    assert found.totals == Totals(3, 270.0)
    assert tuple(store.every(Query())) == (entry(1), entry(2), entry(3))


def test_everything_is_read_however_many_there_are(store: JournalStore) -> None:
    put = [entry(number % 1500, id=f"{number:032x}") for number in range(4500)]
    store.put(put)
    read = list(store.every(Query("acme")))
    assert [(one.opened, one.id) for one in read] == sorted(((one.opened, one.id) for one in put), reverse=True)


def test_an_entry_is_brought_up_to_date_and_keeps_its_note(store: JournalStore) -> None:
    store.put([open_entry()])
    store.set_note(entry().id, "printer")
    store.put([entry()])
    assert rows(store) == (replace(entry(), note="printer"),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {1, 2}),
        ("PC-1", {1}),
        ("pc- acme", {1, 2}),
        ("acme pc-2 terminal", {2}),
        ("acme nobody", set()),
        ("example.com", {1, 2}),
        ("WVrliBII", {1, 2}),
        ("müller straße", {2}),
        ("MÜLLER STRASSE", {2}),
        ("100%", {2}),
        ("100", {2}),
        ("1_0", set()),
        ("0%", {2}),
        ("'", set()),
        ('"', {1}),
        ("lost", {2}),
        ("relay", {2}),
    ],
)
def test_every_word_has_to_be_somewhere_in_the_row(store: JournalStore, text: str, found: set[int]) -> None:
    store.put([entry(1), entry(2, kind="terminal", who="Müller", ending=Ending.LOST, how="The relay is gone.")])
    store.set_note(entry(1).id, 'said "thanks"')
    store.set_note(entry(2).id, "100% Straße")
    assert {one.host for one in rows(store, text)} == {f"PC-{number}" for number in found}


def test_the_moment_can_be_searched_by_this_computers_clock(store: JournalStore) -> None:
    store.put([entry(1), entry(60 * 24 * 40)])
    local = entry(1).opened.astimezone()
    assert rows(store, f"{local:%Y-%m-%d %H:%M}") == (entry(1),)


def test_by_time_and_by_kind(store: JournalStore) -> None:
    store.put([entry(1), entry(2, kind="files"), entry(3)])
    since = Query(since=entry(2).opened)
    until = Query(until=entry(2).opened)
    assert [one.host for one in store.find(since, 9).entries] == ["PC-1", "PC-2"]
    assert [one.host for one in store.find(until, 9).entries] == ["PC-3"]
    assert [one.host for one in store.find(Query(kind="files"), 9).entries] == ["PC-2"]
    assert store.find(Query("pc", since.since, None, "files"), 9).totals == Totals(1, 90.0)


@given(st.text(), st.text())
def test_any_text_can_be_kept_and_searched(tmp_path_factory: pytest.TempPathFactory, note: str, text: str) -> None:
    store = JournalStore(tmp_path_factory.mktemp("journal") / "journal.db")
    store.put([entry()])
    store.set_note(entry().id, clean_note(note))
    assert store.find(Query(), 1).entries[0].note == clean_note(note)
    words = (clean_note(note) + " " + "\n".join(["pc-0", "acme"])).casefold()
    typed = clean_note(text)
    if all(word in words for word in typed.casefold().split()):
        assert store.find(Query(typed), 1).totals.count == 1
    store.close()


def test_the_mark_of_the_rmm_belongs_to_one_note(store: JournalStore) -> None:
    store.put([entry()])
    store.set_note(entry().id, "one")
    store.note_added(entry().id, "another")
    assert not rows(store)[0].note_in_rmm
    store.note_added(entry().id, "one")
    assert rows(store)[0].note_in_rmm
    store.set_note(entry().id, "one")
    assert rows(store)[0].note_in_rmm
    store.set_note(entry().id, "two")
    assert not rows(store)[0].note_in_rmm


def test_a_note_about_nothing_is_said(store: JournalStore) -> None:
    with pytest.raises(NoteNotKept, match="no longer in the journal"):
        store.set_note(entry().id, "one")


def test_old_sessions_go_and_open_ones_stay(store: JournalStore) -> None:
    store.put([entry(1), entry(60), open_entry(120)])
    limit = NOON - timedelta(minutes=30)
    assert store.older_than(limit) == 1
    assert store.remove_older(limit) == 1
    assert [one.host for one in rows(store)] == ["PC-1", "PC-120"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no mode bits")
def test_only_its_owner_reads_the_files(tmp_path: Path) -> None:
    path = tmp_path / "data" / "journal.db"
    path.parent.mkdir()
    path.touch(0o666)
    path.chmod(0o666)
    store = JournalStore(path)
    store.put([entry()])
    kept = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert {"journal.db", "journal.db-wal"} <= kept.keys()
    assert set(kept.values()) == {0o600}
    store.close()


# Another run of the console on the same file

RUN = """
import sys
from pathlib import Path
from console.sessions.journal_store import JournalStore
from tests.unit.sessions.journals import open_entry
store = JournalStore(Path(sys.argv[1]))
store.put([open_entry(number) for number in range(int(sys.argv[2]), int(sys.argv[3]))])
print("written", flush=True)
sys.stdin.read()
store.close()
"""
ROOT = Path(__file__).resolve().parents[3]


def run(path: Path, first: int, end: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(path), str(first), str(end)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def test_what_a_killed_run_left_open_is_finished_as_of_its_last_word(tmp_path: Path, store: JournalStore) -> None:
    with run(tmp_path / "journal.db", 0, 2) as process:
        process.kill()
    left = open_entry(1)
    wanted = replace(left, ended=left.updated, ending=Ending.UNEXPECTED, how=UNEXPECTED)
    assert rows(store)[1] == wanted
    assert rows(store, "pc-1 unexpectedly") == (wanted,)
    assert [file.name for file in tmp_path.glob("run-*")] == [f"run-{store._run}.lock"]


def test_the_sessions_of_a_run_that_goes_on_stay_open(tmp_path: Path, store: JournalStore) -> None:
    with run(tmp_path / "journal.db", 0, 2) as process:
        assert [one.ended for one in rows(store)] == [None, None]
        store.close()
        assert [one.ended for one in rows(store)] == [None, None]
        assert process.poll() is None
        process.communicate()
    store.close()
    assert [one.ending for one in rows(store)] == [Ending.UNEXPECTED] * 2


def test_two_runs_at_once_lose_nothing(tmp_path: Path, store: JournalStore) -> None:
    others = [threading.Thread(target=lambda first=first: end(run(path, first, first + 50))) for first in (0, 100, 200)]
    path = tmp_path / "journal.db"

    def end(process: subprocess.Popen[str]) -> None:
        with process:
            process.communicate()

    for other in others:
        other.start()
    for number in range(1000, 1100):
        store.put([entry(number)])
    for other in others:
        other.join()
    assert len(rows(store)) == 250
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# A file that is no journal


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()


def cut(path: Path) -> None:
    store = JournalStore(path)
    store.put(entry(number) for number in range(2000))
    store.close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(40_000))


def lacking(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE session (id TEXT)")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 100), "is damaged"),
        (cut, "is damaged"),
        (foreign, "is not a journal of this console"),
        (lacking, "lacks a part"),
    ],
    ids=["rubbish", "overwritten", "foreign", "lacking"],
)
def test_it_is_put_aside_and_a_new_one_begun(tmp_path: Path, store: JournalStore, make: object, words: str) -> None:
    path = tmp_path / "journal.db"
    make(path)  # type: ignore[operator]
    content = path.read_bytes()
    store.put([entry()])
    assert rows(store) == (entry(),)
    assert store.put_aside is not None
    assert words in store.put_aside.what
    assert "journal.db.damaged" in store.put_aside.advice
    assert (tmp_path / "journal.db.damaged").read_bytes()[4096:] == content[4096:]


def test_nothing_that_was_put_aside_before_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    for content in (b"first" * 400, b"second" * 400):
        path.write_bytes(content)
        store = JournalStore(path)
        store.put([entry()])
        store.close()
    assert (tmp_path / "journal.db.damaged").read_bytes() == b"first" * 400
    assert (tmp_path / "journal.db.damaged-2").read_bytes() == b"second" * 400


def test_damage_that_shows_while_it_is_used(tmp_path: Path, store: JournalStore) -> None:
    store.put(entry(number) for number in range(3000))
    store._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._opened().execute("PRAGMA cache_size = 1")
    path = tmp_path / "journal.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    store.find(Query("pc"), 5000)
    store.put([entry(1)])
    assert rows(store) == (entry(1),)
    assert store.put_aside is not None
    assert (tmp_path / "journal.db.damaged").exists()


def test_a_newer_journal_is_left_alone(tmp_path: Path, store: JournalStore) -> None:
    store.put([entry()])
    store._opened().execute("PRAGMA user_version = 2")
    store.close()
    with pytest.raises(JournalTooNew, match="newer version"):
        store.put([entry(1)])
    assert store.put_aside is None
    assert not list(tmp_path.glob("*.damaged*"))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = JournalStore(tmp_path / "file" / "journal.db")
    with pytest.raises(JournalProblem, match="cannot be opened or written") as refusal:
        store.put([entry()])
    assert "Sessions go on" in refusal.value.advice


def test_a_file_that_another_program_holds_is_said(
    tmp_path: Path, store: JournalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.sessions.journal_file._BUSY_SECONDS", 0.05)
    store.put([entry()])
    holder = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalProblem, match="in use by another program"):
        store.put([entry(1)])
    holder.execute("ROLLBACK")
    holder.close()
    store.put([entry(1)])
    assert len(rows(store)) == 2


def test_a_full_disk_is_said_and_what_follows_is_kept(tmp_path: Path, store: JournalStore) -> None:
    """The file may not grow: SQLite's own limit of pages gives the same error as a full disk."""
    store.put([entry()])
    connection = store._opened()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalProblem, match="disk is full"):
        store.put(entry(number) for number in range(1, 500))
    connection.execute("PRAGMA max_page_count = 1000000")
    store.put([entry(1)])
    assert rows(store) == (entry(), entry(1))
