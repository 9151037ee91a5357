"""What the page says when it has nothing to show: each state has its words, and a way out where there is one."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.ui.fleet.scope import ALL, FAVOURITES, of_client, of_recent
from console.ui.theme import Appearance
from tests.faults.list_server import ListServer, after, good, list_server
from tests.faults.watching import Watched
from tests.unit.sessions.parts import Inline


@pytest.fixture
def watched(qapp: QApplication, qtbot: QtBot) -> Iterator[Watched]:
    """Before the first list."""
    with list_server() as server:
        made = Watched(server, Appearance(qapp, Theme.LIGHT), qtbot)
        yield made
        made.end()
    qapp.setStyleSheet("")


def press(watched: Watched, text: str) -> None:
    buttons = [one for one in watched.page.findChildren(QPushButton) if one.text() == text and one.isVisible()]
    assert len(buttons) == 1, text
    buttons[0].click()


def test_before_the_first_list_nothing_is_counted(watched: Watched) -> None:
    come = threading.Event()
    server: ListServer = watched.server
    server.give(after(come, good()))
    watched.watch.start()
    watched.until(lambda: server.asked > 0, "the server was not asked")
    assert "Loading the agents…" in watched.words()
    assert "0 agents" not in watched.words()
    assert "0 online" not in watched.words()
    come.set()
    watched.answered()
    assert "30 agents" in watched.words()
    assert "30 online" in watched.words()


def test_a_server_without_agents(watched: Watched) -> None:
    watched.server.give(good([]))
    watched.start()
    assert "This server shows you no agents." in watched.words()
    assert "ask the RMM's administrator" in watched.words()
    watched.server.give(good())
    press(watched, "Refresh")
    watched.until(lambda: len(watched.hosts()) == 30, "the button does not ask again")


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (FAVOURITES, "Ctrl+D marks the selected agents with a star."),
        (of_recent(()), "The agents that you open sessions with come here."),
        (of_client("Gone Ltd"), "There are no agents here."),
    ],
)
def test_a_scope_without_agents(watched: Watched, scope: object, said: str) -> None:
    watched.start()
    watched.page.look_at(scope)  # type: ignore[arg-type]
    assert watched.hosts() == []
    assert said in watched.words()
    press(watched, "Look at all agents")
    assert len(watched.hosts()) == 30
    assert watched.page.scope is ALL


def test_a_search_that_finds_nothing_is_said_and_taken_away(watched: Watched) -> None:
    watched.start()
    watched.page.search.set_text("nothing like this")
    assert "No agent matches “nothing like this”." in watched.words()
    assert "0 of 30 agents" in watched.words()
    assert "0 online" in watched.words(), "the states are those of what is shown"
    press(watched, "Clear the search")
    assert len(watched.hosts()) == 30


def test_an_export_that_cannot_be_written_is_said(watched: Watched, tmp_path: Path) -> None:
    watched.start()
    watched.page.export_csv(tmp_path / "nowhere" / "agents.csv", Inline())
    (box,) = watched.page.findChildren(QMessageBox)
    assert "agents.csv" in box.text() + box.informativeText() + box.detailedText()
    assert box.informativeText(), "it is not said what to do next"
    box.close()
