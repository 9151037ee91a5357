"""Searching with the keyboard in the real window, and with a query from the command line."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QPushButton

from console.ui.instance import Start
from console.ui.search.completion_list import CompletionList
from console.ui.search.help import QueryHelp
from console.ui.search.note_line import NoteLine
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm

pytestmark = pytest.mark.e2e


def shown(console: Console) -> set[str]:
    """The host names in the table."""
    model = console.agents.table.model()
    return {str(model.index(row, 1).data()) for row in range(model.rowCount())}


def those(rmm: Rmm, wanted: Callable[[dict[str, object]], bool]) -> set[str]:
    """The host names of the machines that the server has, whose rows are so."""
    rows = rmm.fleet.rows(0.0)
    return {str(row["hostname"]) for row in rows if wanted(row)}


def is_server(row: dict[str, object]) -> bool:
    return row["monitoring_type"] == "server"


def test_keys_alone_complete_search_and_reach_the_table(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    box, everything = console.agents.search, shown(console)
    hands.press("ctrl+f")
    hands.type("is:serv")
    (offers,) = console.window.findChildren(CompletionList)
    console.until(offers.isVisible, "nothing is offered")
    assert shown(console) == everything, "what is half typed hides nothing"
    hands.press("Return")
    console.until(lambda: box.text() == "is:server ")
    servers = those(rmm, is_server)
    assert servers
    assert shown(console) == servers != everything
    assert not offers.isVisible()

    client = str(rmm.fleet.rows(0.0)[0]["client_name"])
    hands.type("client:")
    console.until(offers.isVisible)
    hands.press("Down")
    hands.press("Escape")
    hands.press("ctrl+a")
    hands.type(f'client:"{client}"')
    console.until(lambda: box.query.notes == () and not offers.isVisible())
    assert shown(console) == those(rmm, lambda row: row["client_name"] == client)
    hands.press("Down")
    console.until(console.agents.table.hasFocus, "the arrow did not go to the table")
    assert console.agents.table.current_agent() is not None


def test_a_slip_is_explained_and_one_click_mends_it(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    everything = shown(console)
    hands.press("ctrl+f")
    hands.type("is:servre ")
    (notes,) = console.window.findChildren(NoteLine)
    console.until(notes.isVisible, "nothing is explained")
    assert shown(console) == everything
    (suggestion,) = notes.findChildren(QPushButton)
    hands.click(suggestion)
    console.until(lambda: shown(console) == those(rmm, is_server))
    assert console.agents.search.text() == "is:server "


def test_the_help_is_a_key_away_and_its_examples_a_click(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    hands.press("ctrl+f")
    hands.press("F1")
    console.until(lambda: any(sheet.isVisible() for sheet in console.window.findChildren(QueryHelp)))
    (sheet,) = console.window.findChildren(QueryHelp)
    example = next(one for one in sheet.findChildren(QPushButton) if one.text() == "is:server")
    hands.click(example)
    console.until(lambda: not sheet.isVisible())
    assert console.agents.search.text() == "is:server"
    assert shown(console) == those(rmm, is_server)
    hands.press("F1")
    console.until(sheet.isVisible)
    hands.press("Escape")
    console.until(lambda: not sheet.isVisible())
    assert console.agents.search.text() == "is:server", "Escape was for the help only"


def test_a_console_opens_with_a_search_and_takes_that_of_a_further_start(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm, search="is:server is:onl")
    assert shown(console) == those(rmm, is_server)
    (notes,) = console.window.findChildren(NoteLine)
    console.until(notes.isVisible, "what is not understood is not explained")
    console.app.instance.started_again.emit(Start(search="-is:server"))
    console.until(lambda: shown(console) == those(rmm, lambda row: not is_server(row)))
    console.app.instance.started_again.emit(Start())
    assert console.agents.search.text() == "-is:server", "a start without a search changes nothing"
