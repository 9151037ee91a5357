"""The list of agents under a technician's hands while the server sends another one: real window, keys and mouse."""

import random
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication

from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh(400) as made:
        yield made


def hosts(console: Console) -> list[str]:
    return [agent.hostname for agent in console.agents.model.agents()]


def selected(console: Console) -> set[str]:
    return {agent.hostname for agent in console.agents.table.selected_agents()}


def click_header(console: Console, title: str) -> None:
    header = console.agents.table.horizontalHeader()
    names = [column.title for column in console.agents.model.columns]
    console.hands.click(header.viewport(), QPoint(header.sectionViewportPosition(names.index(title)) + 20, 12))


def refreshed(console: Console) -> None:
    """F5, until the fresh list is shown."""
    before = console.agents.watch.as_of
    console.hands.press("F5")
    console.until(lambda: console.agents.watch.as_of != before and not console.agents.watch.busy, "no fresh list")


def test_nothing_moves_under_the_hands_while_a_refresh_changes_and_reorders_rows(
    desk: Desk, rmm: Rmm, hands: Hands
) -> None:
    console = desk.signed_in(rmm)
    page, table = console.agents, console.agents.table
    hands.press("ctrl+f")
    hands.type("windows")
    console.until(lambda: 60 < len(hosts(console)) < 400, "the search did not narrow the list")
    click_header(console, "Host name")
    console.until(lambda: page.model.sorting == (("hostname", True),), "it is not sorted downwards")
    before = hosts(console)
    assert before == sorted(before, key=str.casefold, reverse=True)

    table.scrollTo(page.model.index(50, 1), table.ScrollHint.PositionAtCenter)
    hands.click_row(table, page.model.index(50, 1))
    hands.press("shift+Down", "shift+Down")
    console.until(lambda: len(selected(console)) == 3, "not three rows are selected")
    chosen, current = selected(console), table.current_agent()
    assert current is not None
    top = table.visualRect(table.currentIndex()).top()
    place = table.verticalScrollBar().value()
    assert place > 0

    machines = rmm.fleet.machines
    above = next(one for one in machines if one.hostname == before[3])
    machines.remove(above)
    user_now = next(one for one in machines if one.hostname == current.hostname)
    user_now.inventory["logged_username"] = "somebody.else"
    for machine in random.Random(3).sample(machines, len(machines) // 10):
        if machine.hostname not in chosen:
            machine.inventory["needs_reboot"] = not machine.inventory["needs_reboot"]
    random.Random(4).shuffle(machines)
    refreshed(console)

    after = table.current_agent()
    assert after is not None
    assert (after.agent_id, after.logged_username) == (current.agent_id, "somebody.else")
    assert selected(console) == chosen
    assert hosts(console) == [name for name in before if name != above.hostname]
    assert table.visualRect(table.currentIndex()).top() == top, "the row has moved under the eyes"
    assert table.verticalScrollBar().value() < place, "a row above is gone"
    assert page.search.text() == "windows"
    assert page.model.sorting == (("hostname", True),)


def test_selected_rows_are_copied_with_a_key(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    table = console.agents.table
    hands.click_row(table, console.agents.model.index(0, 1))
    hands.press("shift+Down", "ctrl+c")
    names = hosts(console)[:2]
    console.until(lambda: QGuiApplication.clipboard().text().count("\n") == 1, "two lines were not copied")
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert [line[1] for line in lines] == names
    assert {len(line) for line in lines} == {len(table.shown_columns())}


def test_the_selection_goes_on_in_a_narrower_list(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    """The machine that is looked at stays chosen while one types, as long as it is found."""
    console = desk.signed_in(rmm)
    table = console.agents.table
    wanted = console.agents.model.agents()[40]
    table.scrollTo(console.row(wanted.hostname))
    hands.click_row(table, console.row(wanted.hostname))
    hands.press("ctrl+f")
    hands.type(wanted.hostname[:6])
    console.until(lambda: len(hosts(console)) < 300, "the search did not narrow the list")
    current = table.current_agent()
    assert current is not None
    assert current.agent_id == wanted.agent_id
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())
