"""Fuzzing what lies on the disk: preferences and the console's other files in JSON, and the sealed list of agents.

A file may have been cut off, be another version's, or have been written by anybody.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import strategies as st

from console.fleet.bookmarks import BookmarkFile, Bookmarks, View
from console.fleet.cache import Kept, ListCache, Refused
from console.fleet.grouping import Grouping
from console.mesh.session_kind import SessionKind
from console.preferences import Column, PreferenceFile, Preferences, Theme
from console.rmm.models import Agent
from console.servers import Server, ServerBook
from console.sessions.agent_watches import AgentWatchFile, Awaited, Watched
from console.sessions.waits import Wait, WaitFile
from console.ui.agents.columns import order_of
from console.ui.keyboard.host_key import HostKey
from console.vault.sealing import new_key
from tests.fuzz.fuzzing import DICE, Dice, fuzz, outcome
from tests.fuzz.test_texts import NOW, agent

FOLDER: list[Path] = []
_C_INT = 2**31


@pytest.fixture(autouse=True, scope="module")
def _folder() -> Iterator[None]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        FOLDER[:] = [Path(made)]
        yield


def emptied() -> Path:
    for file in FOLDER[0].rglob("*"):
        if file.is_file():
            file.unlink()
    return FOLDER[0]


def preferences(dice: Dice) -> Preferences:
    """Any that the console could have written."""
    columns = tuple(Column(dice.text(), dice.randrange(5000), dice.often(2)) for _ in range(dice.randrange(3)))
    return Preferences(
        theme=dice.choice(list(Theme)),
        default_action=dice.choice(list(SessionKind)).value,
        columns=tuple(one for one in columns if is_text(one.name)),
        sorting=((dice.choice(("hostname", "status")), dice.often(2)),),
        side_width=dice.randrange(4000),
        technician=dice.choice(("", "Tess", "日本", "a\nb")),
        journal_days=dice.choice((0, 1, 365, 3650)),
        places={"a control": "AdnQywAD"} if dice.often(2) else {},
        host_key_known=dice.often(2),
    )


def is_text(text: str) -> bool:
    return text.encode(errors="replace").decode() == text


def written(dice: Dice, whole: bytes, names: tuple[str, ...]) -> bytes:
    """A file that is right, nearly right, or anything."""
    match dice.randrange(5):
        case 0:
            return whole
        case 1 | 2:
            return dice.disturbed(whole)
        case 3:
            return dice.said(dice.fields(names))
        case _:
            return dice.randbytes(dice.randrange(60))


@fuzz(DICE)
def test_the_preferences(dice: Dice) -> None:
    """What can be read is used, anything else is put aside whole and the defaults come; then all goes on."""
    path = emptied() / "preferences.json"
    whole = preferences(dice)
    content = written(dice, msgspec.json.encode(whole), Preferences.__struct_fields__)
    path.write_bytes(content)
    file = PreferenceFile(path)
    loaded = file.load()
    usable(loaded)
    if content == msgspec.json.encode(whole):
        assert loaded == whole
    if not path.exists():
        assert loaded == Preferences()
        assert content in [other.read_bytes() for other in FOLDER[0].iterdir()], "the old file is kept"
    with patch("os.fsync"):
        file.save(loaded)
    assert file.load() == loaded


def usable(loaded: Preferences) -> None:
    """What the windows do with them at once."""
    assert isinstance(loaded.theme, Theme)
    assert SessionKind.of(loaded.default_action) in SessionKind
    assert HostKey.of(loaded.host_key) in HostKey
    order_of(loaded.sorting, Grouping(loaded.grouping))
    sizes = (loaded.side_width, loaded.detail_width, loaded.journal_days, *(one.width for one in loaded.columns))
    assert all(0 <= size < _C_INT for size in sizes), "Qt and the calendar have limits"


WAIT = Wait("s", "a" * 40, "PC", "Acme", "Köln", SessionKind.FILES, NOW)
WATCHED = Watched("s", "a" * 40, "PC", "Acme", "Köln", Awaited.ONLINE, NOW)
KEPT = Bookmarks(favourites=frozenset({"a" * 40}), recent=("a" * 40,), views=(View(name="mine", query="is:online"),))
SINCE = ("2026-11-23T02:26:11", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")


def waits(path: Path) -> None:
    for wait in WaitFile(path).load()[0]:
        assert shown(wait.since)


def watches(path: Path) -> None:
    for watched in AgentWatchFile(path).load()[0]:
        assert shown(watched.since)


def shown(since: datetime) -> str:
    """As the windows do it."""
    return f"{since.astimezone():%H:%M} {datetime.now(UTC) - since}"


FILES: tuple[tuple[str, object, Callable[[Path], object]], ...] = (
    ("servers.json", {"version": 1, "servers": [Server(address="https://a.example")]}, ServerBook),
    ("one.json", KEPT, lambda path: BookmarkFile(path.parent).load("one")),
    ("waits.json", {"version": 1, "waits": [WAIT]}, waits),
    ("watches.json", {"version": 1, "watched": [WATCHED]}, watches),
)


@fuzz(DICE, st.sampled_from(FILES))
def test_the_other_files(dice: Dice, file: tuple[str, object, Callable[[Path], object]]) -> None:
    """Each is read, or put aside whole."""
    name, good, load = file
    path = emptied() / name
    whole = msgspec.json.encode(good)
    for one in SINCE:
        whole = whole.replace(b"2026-01-31T12:00:00Z", one.encode()) if dice.often(6) else whole
    content = written(dice, whole, ("version", "servers", "waits", "watched", "favourites", "recent", "views"))
    path.write_bytes(content)
    load(path)
    assert content in [other.read_bytes() for other in FOLDER[0].iterdir()], "what was there is kept"
    load(path)


KEY = new_key()


@fuzz(DICE)
def test_the_sealed_list(dice: Dice) -> None:
    """It comes back as it was, and with any byte changed, moved or missing it is refused and put aside."""
    cache = ListCache(emptied())
    agents = tuple(agent(dice, f"{number:040d}") for number in range(dice.randrange(4)))
    kept = Kept(NOW, agents, dice.randrange(3))
    cache.save("one", KEY, kept)
    assert cache.load("one", KEY) == kept
    path = FOLDER[0] / "one.agents"
    whole = path.read_bytes()
    content = dice.disturbed(whole, (b"technician-console agents 2\n", b"technician-console agents 1\n"))
    if content == whole:
        return
    path.write_bytes(content)
    refused = outcome(Refused, lambda: cache.load("one", KEY))
    assert isinstance(refused, Refused)
    assert refused.advice
    assert (FOLDER[0] / "one.agents.damaged").read_bytes() == content
    assert cache.load("one", KEY) is None


def test_agents_of_the_fuzzing_are_agents() -> None:
    assert isinstance(agent(Dice(1), "a" * 40), Agent)
