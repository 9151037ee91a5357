"""Fuzzing what is typed and what is written out: queries, their completion, CSV files, the journal, the log."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import strategies as st

from console import csv_text
from console.fleet.order import SortBy
from console.fleet.query.completion import complete
from console.fleet.query.matching import Surroundings, matcher
from console.fleet.query.parser import Query, parse
from console.fleet.query.tree import All, Any, Field, Is, Node, Not, printed
from console.fleet.query.vocabulary import Vocabulary, vocabulary
from console.fleet.query.words import FIELDS, STATES
from console.fleet.store import FleetStore
from console.redaction import redacted
from console.rmm.models import Agent, AgentStatus, Checks, CustomField, Platform
from console.sessions import journal_csv
from tests.fuzz.fuzzing import DICE, Dice, fuzz
from tests.unit.fleet.queries import word
from tests.unit.sessions.journals import entry

WORDS = (
    *(
        "alpha",
        "Beta",
        "GAMMA",
        "straße",
        "STRASSE",
        "日本",
        "İ",
        "ﬅ",
        "pc-7",
        "acme corp",
        "10.1.2.3",
        "x\ny",
        "online",
    ),
    *(
        '"',
        "'",
        "\\",
        ":",
        "(",
        ")",
        "-",
        "--",
        " ",
        " ",
        " or ",
        "OR",
        '""',
        "\u2028",
        "<2d",
        ">3w",
        "<2x",
        "<٣d",
        "cf.",
    ),
    *('cf."Asset tag":', "cf.3:", "is:", "is:online", "is:onl", "seen:", "seen:<2d", "client:", "clinet:", "(", ")"),
    *(f"{name}:" for name in sorted(FIELDS)),
    *(f"is:{name}" for name in sorted(STATES)),
)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
AROUND = Surroundings(NOW, frozenset({"b" * 40}), frozenset({"c" * 40}), {1: "Asset tag", 2: "Leased", 3: "rack"})
BY_HOST = (SortBy("hostname", lambda agent: (0, agent.hostname.casefold()) if agent.hostname else (1, "")),)


def agent(dice: Dice, agent_id: str) -> Agent:
    """One in which any field may be unknown."""

    def word() -> str:
        return "" if dice.often(3) else "".join(dice.choice(WORDS) for _ in range(dice.randint(1, 2)))

    checks = Checks(*(dice.randrange(3) for _ in range(5)))
    values = (word(), True, 3.5, (word(), "b"), None)
    return Agent(
        agent_id=agent_id,
        hostname=word(),
        client_name=word(),
        site_name=word(),
        description=word(),
        monitoring_type=dice.choice(("", "server", "workstation")),
        logged_username=word(),
        italic=dice.often(2),
        needs_reboot=dice.often(2),
        maintenance_mode=dice.often(2),
        status=dice.choice(list(AgentStatus)),
        plat=dice.choice(list(Platform)),
        operating_system=word(),
        local_ips=word(),
        version=word(),
        pending_actions_count=dice.randrange(2),
        has_patches_pending=dice.often(2),
        last_seen=None if dice.often(4) else NOW - timedelta(minutes=dice.randrange(-90, 90_000)),
        boot_time=None if dice.often(4) else dice.random() * 2e9,
        checks=checks,
        physical_disks=tuple(word() for _ in range(dice.randrange(3))),
        custom_fields=tuple(CustomField(dice.randint(1, 4), dice.choice(values)) for _ in range(dice.randrange(3))),
    )


def fleet(dice: Dice) -> list[Agent]:
    return [agent(dice, letter * 40) for letter in "abcdefghij"[: dice.randrange(10)]]


@fuzz(DICE.map(lambda dice: dice.text(WORDS)) | st.text())
def test_a_typed_query(text: str) -> None:
    """Any text is a query; written down again it reads the same, and its notes are about places in it."""
    query = parse(text)
    assert all(0 <= note.start <= note.end <= len(text) for note in query.notes)
    assert all(note.message and note.whole_message for note in query.notes)
    again = parse(str(query))
    assert again.root == query.root
    assert str(again) == str(query)


def tree(dice: Dice, depth: int = 0) -> Node:
    """A query of any shape."""
    match dice.randrange(7 if depth < 4 else 4):
        case 0 | 1:
            return word(value(dice))
        case 2:
            return Is(dice.choice(sorted(STATES)))
        case 3:
            name = dice.choice(sorted(FIELDS)) if dice.often(2) else f"cf.{value(dice)}"
            return Field(name, value(dice))
        case 4:
            return Not(tree(dice, depth + 1))
        case kind:
            parts = tuple(tree(dice, depth + 1) for _ in range(dice.randint(2, 4)))
            return All(parts) if kind == 5 else Any(parts)


def value(dice: Dice) -> str:
    """As a query can hold it: on one line, its case folded."""
    return "".join(c for c in dice.text(WORDS) if c.isprintable()).casefold() or "a"


@fuzz(DICE)
def test_a_query_that_was_put_together(dice: Dice) -> None:
    """Written down it is read again as it was."""
    root = tree(dice)
    query = parse(printed(root))
    assert query.root == root
    assert query.notes == ()


@fuzz(DICE)
def test_a_search(dice: Dice) -> None:
    """The quick search of the store finds what the plain meaning of the query says, in the list's order."""
    store = FleetStore()
    store.sort(BY_HOST)
    queries = [parse(dice.text(WORDS)) for _ in range(2)]
    for _ in range(dice.randint(1, 3)):
        store.update(fleet(dice))
        store.surround(AROUND)  # a new list has a moment of its own
        for query in queries:
            rows = [store.at(row) for row in store.select(query.root)]
            found = [one for one in rows if one]
            assert len(found) == len(rows)
            assert {one.agent_id for one in found} == plainly(store, query)
            keys = [BY_HOST[0].key(one) for one in found]
            assert keys == sorted(keys)


def plainly(store: FleetStore, query: Query) -> set[str]:
    test = matcher(query.root, AROUND)
    return {one.agent_id for one in store.agents() if test(one)}


@fuzz(DICE)
def test_a_completion(dice: Dice) -> None:
    """What is offered stands in the text, and what is finished is understood."""
    text = dice.text(WORDS)
    cursor = dice.randint(0, len(text))
    words = vocabulary(fleet(dice), {1: "Asset tag", 3: "rack"}) if dice.often(2) else Vocabulary()
    found = complete(text, cursor, words, asked=dice.often(2))
    if found is None:
        return
    assert 0 <= found.start <= cursor <= found.end <= len(text) or found.start <= found.end <= len(text)
    for candidate in found.candidates:
        assert candidate.text
        if candidate.finished:
            assert parse(candidate.text, words.folded_names).notes == ()


FORMULAS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    ";",
    ",",
    '"',
    "'",
    "＝",
    "＋",
    "－",
    "＠",
    "\u2212",
    "\u00a0",
    "\u200b",
    "\0",
    "a",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where files are in memory, where there is such a place: fifty thousand times a disk would be asked to sync."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


FOLDER: list[Path] = []


@pytest.fixture(autouse=True, scope="module")
def _folder(folder: Path) -> None:
    FOLDER[:] = [folder]


def read_back(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@fuzz(DICE, st.lists(st.text(), max_size=3))
def test_a_csv_file(dice: Dice, cells: list[str]) -> None:
    """It is read back as it was written, but that no cell can be taken for a formula, by any separator."""
    width = dice.randint(1, 4)
    table = [[dice.text(FORMULAS) for _ in range(width)] for _ in range(dice.randint(1, 4))]
    table += [[*cells, *["x"] * width][:width]]
    path = FOLDER[0] / "out.csv"
    with patch("os.fsync"):
        assert csv_text.write(path, table) == len(table) - 1
    read = read_back(path)
    plain = [[cell.replace("\0", "").encode(errors="replace").decode() for cell in row] for row in table]
    assert read == [[csv_text.neutral(cell) for cell in row] for row in plain]
    for cell in (cell for row in read for cell in row):
        assert not csv_text.begins_formula(cell)
    apostrophes = str.maketrans("", "", "'")
    assert [[cell.translate(apostrophes) for cell in row] for row in read] == [
        [cell.translate(apostrophes) for cell in row] for row in plain
    ]
    assert {file.name for file in FOLDER[0].iterdir()} == {"out.csv"}


MOMENTS = (
    NOW,
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
)


@fuzz(DICE)
def test_the_journal_as_csv(dice: Dice) -> None:
    """Each session is one row with a cell for each title, whatever stood in its texts."""

    def text() -> str:
        return dice.text(FORMULAS)

    def moment() -> datetime | None:
        return None if dice.often(3) else NOW + timedelta(seconds=dice.randint(-(10**9), 10**9))

    entries = [
        entry(
            host=text(), client=text(), site=text(), kind=text(), who=text(), server=text(), how=text(), note=text(),
            opened=moment() or NOW, connected=moment(), ended=moment(), seconds=dice.random() * 1e6,
            note_in_rmm=dice.often(2),
        )
        for _ in range(dice.randint(1, 3))
    ]  # fmt: skip
    path = FOLDER[0] / "out.csv"
    with patch("os.fsync"):
        assert journal_csv.export(entries, path) == len(entries)
    rows = read_back(path)
    assert tuple(rows[0]) == journal_csv.TITLES
    assert {len(row) for row in rows} == {len(journal_csv.TITLES)}
    assert not any(csv_text.begins_formula(cell) for row in rows for cell in row)


SECRET = "hunter2hunter2"
LINES = (
    f"https://mesh.example.com/?login={SECRET}&gotonode=1",
    f'{{"token": "{SECRET}", "expiry": 1}}',
    f"Authorization: Token {SECRET}",
    f"Set-Cookie: xid={SECRET}; path=/",
    f"X-API-KEY: {SECRET}",
    f"wss://mesh.example.com/meshrelay.ashx?auth={SECRET}",
    f"password={SECRET}",
)
MARKS = ("=", ":", "?", "&", '"', "'", "\\", '\\"', "%3D", " ", "\n", "key", "token", "Cookie", "auth", "://", "a" * 60)


@fuzz(DICE)
def test_a_line_of_the_log(dice: Dice) -> None:
    """The secret is hidden beside anything else, it stays hidden, and long lines do not take long."""
    line = dice.choice(LINES)
    beside = dice.text(MARKS) * dice.choice((1, 1, 1, 40))
    text = f"{line}\n{beside}" if dice.often(2) else f"{beside}\n{line}"
    once = redacted(text)
    assert SECRET not in once
    assert SECRET not in redacted(once)
