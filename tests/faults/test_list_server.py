"""What a server of the list can do wrong: the window stays usable, what is shown stays true, and the words help."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.ui.theme import Appearance
from tests.faults.list_server import (
    HTML,
    Answer,
    ListServer,
    after,
    agent_id,
    body,
    dripping,
    endless,
    good,
    half,
    half_in_chunks,
    hangs_up,
    head,
    list_server,
    row,
    rows,
    sends,
    shuffled,
)
from tests.faults.watching import Watched

OFFLINE = rows(status="offline")
"""What would be shown if a broken answer were taken for the list."""


@pytest.fixture
def server() -> Iterator[ListServer]:
    with list_server() as made:
        yield made


@pytest.fixture
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


@pytest.fixture
def empty(server: ListServer, appearance: Appearance, qtbot: QtBot) -> Iterator[Watched]:
    """Before the first list."""
    made = Watched(server, appearance, qtbot)
    yield made
    made.end()


@pytest.fixture
def watched(empty: Watched) -> Watched:
    """Thirty agents are listed, all of them online, and one is selected."""
    empty.start()
    assert len(empty.hosts()) == 30
    empty.page.table.selectRow(12)
    return empty


def selected(watched: Watched) -> str:
    agent = watched.page.table.current_agent()
    assert agent is not None
    return agent.hostname


BROKEN: dict[str, tuple[Answer, str]] = {
    "half a body": (half(body(OFFLINE)), "The connection to .* broke off"),
    "half of the chunks": (half_in_chunks(body(OFFLINE)), "The connection to .* broke off"),
    "no body": (half_in_chunks(b""), "The connection to .* broke off|does not understand"),
    "hangs up": (hangs_up, "The connection to .* broke off"),
    "a drip that does not end in time": (dripping(body(OFFLINE), 100, 0.2), "did not answer within 4 seconds"),
    "500": (sends(b"<h1>Server Error (500)</h1>", "500 Internal Server Error", HTML), "had an error of its own"),
    "502": (sends(b"<html>502 Bad Gateway</html>", "502 Bad Gateway", HTML), "is up, but the RMM behind it does not"),
    "403": (sends(body({"detail": "no"}), "403 Forbidden"), "does not allow you this: the list of agents"),
    "429": (
        sends(body({"detail": "slowly"}), "429 Too Many Requests", "application/json", "Retry-After: 1800"),
        "asks to wait 30 minutes",
    ),
    "a web page": (sends(b"<html>Sign in to the network</html>", kind=HTML), "answered with a web page"),
    "an object": (good({}), "does not understand"),
    "null": (sends(b"null"), "does not understand"),
    "a list in an object": (good({"agents": OFFLINE}), "does not understand"),
    "a text": (good("ok"), "does not understand"),
    "nothing": (sends(b""), "does not understand"),
    "not UTF-8": (sends(b'[{"agent_id":"\xff\xfe'), "does not understand"),
    "deep nesting": (sends(b"[" * 200_000), "does not understand"),
    "half a list": (sends(body(OFFLINE)[:-9]), "does not understand"),
    "two lists": (sends(body(OFFLINE) * 2), "does not understand"),
    "a list of other things": (good([1, None, "x", [], {}]), "each of its 5 rows holds something else"),
    "rows of wrong types": (good(rows(hostname=[5], checks="many")), "each of its 30 rows holds something else"),
    "too large, as announced": (
        lambda connection: connection.sendall(head(900 * 1024 * 1024) + b"["),
        "sent more than 3 MB",
    ),
    "too large, without a word": (endless(8), "sent more than 3 MB"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_changes_nothing_but_the_words(watched: Watched, fault: str) -> None:
    answer, words = BROKEN[fault]
    before, as_of = watched.hosts(), watched.watch.as_of
    watched.server.give(answer)
    watched.ask()
    watched.works()
    watched.answered()
    assert watched.hosts() == before
    assert watched.statuses() == {"online"}
    assert watched.watch.as_of == as_of
    assert selected(watched) == before[12]
    assert_says(watched, f"Not refreshed: .*({words})")
    assert_says(watched, "Next try in (1 hour|60 minutes|30 minutes|66 minutes|6[0-9] minutes)")
    watched.works()


@pytest.mark.parametrize("fault", BROKEN)
def test_without_a_list_the_page_says_what_is_wrong_and_offers_another_try(empty: Watched, fault: str) -> None:
    answer, words = BROKEN[fault]
    empty.server.give(answer)
    empty.start()
    assert empty.hosts() == []
    assert_says(empty, words)
    assert empty.watch.problem is not None
    assert empty.watch.problem.advice
    if fault != "429":  # that server is left alone
        empty.server.give(good())
        empty.refresh()
        assert len(empty.hosts()) == 30


def test_after_a_broken_answer_a_good_one_is_taken_and_the_words_go(watched: Watched) -> None:
    watched.server.give(half(body(OFFLINE)), good(OFFLINE))
    watched.refresh()
    watched.refresh()
    assert watched.statuses() == {"offline"}
    assert "Not refreshed" not in watched.words()


def test_a_server_that_takes_its_time_does_not_hold_up_the_window(watched: Watched) -> None:
    go = threading.Event()
    watched.server.give(after(go, good(OFFLINE)))
    watched.ask()
    watched.works()
    watched.watch.refresh()
    watched.works()
    assert watched.watch.busy
    assert watched.statuses() == {"online"}
    go.set()
    watched.answered()
    assert watched.statuses() == {"offline"}
    assert watched.server.asked == 2, "one question at a time"


def test_a_list_in_many_pieces_is_shown_when_it_is_whole(watched: Watched) -> None:
    watched.server.give(dripping(body(OFFLINE), 40, 0.02))
    watched.ask()
    watched.works()
    assert watched.statuses() == {"online"}
    watched.answered()
    assert watched.statuses() == {"offline"}


def test_one_bad_row_of_many_costs_itself_and_no_agent_is_lost(watched: Watched) -> None:
    many = rows(2000)
    watched.server.give(good(many))
    watched.refresh()
    watched.page.table.selectRow(1000)
    many = rows(2000, status="offline")
    many[1000]["hostname"] = {"bad": True}
    watched.server.give(good(many))
    watched.refresh()
    assert len(watched.hosts()) == 2000
    assert selected(watched) == "PC-01000"
    assert watched.watch.stale(agent_id(1000))
    assert [agent.status.value for agent in watched.watch.store.agents()].count("online") == 1
    assert_says(watched, "1 (more )?could not be read")
    watched.works()


@pytest.mark.parametrize("times", [3])
def test_another_order_each_time_moves_nothing(watched: Watched, times: int) -> None:
    before = watched.hosts()
    watched.server.give(shuffled(rows()))
    place = watched.page.table.verticalScrollBar().value()
    for _ in range(times):
        watched.refresh()
        assert watched.hosts() == before
        assert selected(watched) == before[12]
        assert watched.page.table.verticalScrollBar().value() == place


def test_an_agent_that_is_there_twice_is_shown_once(watched: Watched) -> None:
    watched.server.give(good([*rows(), row(3, hostname="TWICE")]))
    watched.refresh()
    assert len(watched.hosts()) == 30
    assert "TWICE" not in watched.hosts()
    assert_says(watched, "1 (more )?could not be read")


def test_nulls_are_unknown_and_cost_nothing(watched: Watched) -> None:
    nothing = dict.fromkeys(row(0), None)
    watched.server.give(good([{**nothing, "agent_id": agent_id(number)} for number in range(30)]))
    watched.refresh()
    assert len(watched.hosts()) == 30
    assert watched.watch.bad_rows == 0
    assert watched.statuses() == {""}


def test_a_deep_row_among_good_ones_costs_itself(watched: Watched) -> None:
    deep = b'{"agent_id":"' + agent_id(5).encode() + b'","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    watched.server.give(sends(b"[" + deep + b"," + body([row(n) for n in range(30) if n != 5])[1:]))
    watched.refresh()
    assert len(watched.hosts()) == 30
    assert watched.watch.bad_rows == 1
    watched.works()


def test_a_list_just_below_the_limit_is_taken(watched: Watched) -> None:
    listed = rows(3)
    listed[0]["description"] = "y" * (3 * 1024 * 1024 - 4096)
    watched.server.give(good(listed))
    watched.refresh()
    assert watched.watch.problem is None
    assert len(watched.hosts()) == 3
    watched.works()


@pytest.mark.skipif(sys.platform == "win32", reason="asks the operating system for the memory that was used at most")
def test_an_endless_answer_does_not_fill_the_memory(server: ListServer) -> None:
    """With the real limit of 300 MB, and nothing else in the process that could hide it."""
    server.give(endless(340))
    program = (
        "import resource, sys\n"
        "from console.rmm.client import RmmClient\n"
        "from console.rmm.credentials import SessionToken\n"
        "from console.secret import Secret\n"
        "from console.transport import AnswerTooLarge, Transport\n"
        "try: RmmClient(sys.argv[1], Transport(), SessionToken(Secret('f' * 64))).agents()\n"
        "except AnswerTooLarge as problem: print(problem.what)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", program, server.address], cwd=root, capture_output=True, text=True)
    said, megabytes = run.stdout.splitlines()
    assert said.endswith("sent more than 300 MB in one answer.")
    assert int(megabytes) < 420


def test_a_list_that_is_empty_now_is_taken_and_said(watched: Watched) -> None:
    watched.server.give(good([]))
    watched.refresh()
    assert watched.hosts() == []
    assert_says(watched, "The server shows you no agents any more")
    assert_says(watched, "There were 30 before")


def assert_says(watched: Watched, pattern: str) -> None:
    words = watched.words().replace("\n", " ")
    assert re.search(pattern, words), f"“{pattern}” is not in: {words}"
