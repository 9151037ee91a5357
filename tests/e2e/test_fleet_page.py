"""The agents page with mouse and keys: clients, filters, views and favourites, also over a restart."""

import csv
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QTreeWidgetItem

from console.demo.accounts import Role
from console.fleet.grouping import Grouping
from console.rmm.models import Agent
from console.ui.agents.columns import now
from console.ui.fleet.scope import ALL
from console.vault.store import MemoryVault
from tests.e2e.coming_back import sign_in
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh(120) as made:
        yield made


def shown(console: Console) -> list[Agent]:
    return console.agents.model.agents()


def item(console: Console, title: str, under: str = "") -> QTreeWidgetItem:
    """An entry of the panel."""
    for one in console.agents.side.tree.items():
        parent = one.parent()
        if one.text(0) == title and (not under or (parent is not None and parent.text(0) == under)):
            return one
    raise AssertionError(f"{title} is not in the panel")


def click(console: Console, entry: QTreeWidgetItem) -> None:
    tree = console.agents.side.tree
    tree.scrollToItem(entry)
    console.hands.click(tree.viewport(), tree.visualItemRect(entry).center())


def opened(console: Console, sessions: int) -> bool:
    return len(list(console.app.sessions)) == sessions


def words(console: Console) -> str:
    labels = console.agents.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible() and label.text())


def test_the_panel_narrows_to_a_client_and_a_site(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    client = max(page.watch.store.counts.clients, key=lambda name: page.watch.store.counts.clients[name].total)
    sites = page.watch.store.counts.sites_of(client)
    everything = len(shown(console))
    click(console, item(console, client))
    console.until(lambda: {agent.client_name for agent in shown(console)} == {client}, "the client was not looked at")
    assert len(shown(console)) == page.watch.store.counts.clients[client].total
    entry = item(console, client)
    assert entry.text(1) == str(len(shown(console)))
    page.side.tree.expandItem(entry)
    site = sorted(sites)[0]
    click(console, item(console, site, under=client))
    console.until(lambda: len(shown(console)) == sites[site].total, "the site was not looked at")
    hands.press("ctrl+f")
    hands.type("no such thing")
    console.until(lambda: "matches “" in words(console), lambda: words(console))
    hands.click(console.wait_for_button("Look at all agents"))
    console.until(lambda: page.scope is ALL)
    hands.click(console.wait_for_button("Clear the search"))
    console.until(lambda: len(shown(console)) == everything)


def test_a_filter_writes_the_words_that_one_would_type(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    offline = page.chips._buttons["offline"]
    hands.click(offline)
    console.until(lambda: page.search.text() == "is:offline", lambda: page.search.text())
    assert offline.isChecked()
    assert {agent.status.value for agent in shown(console)} == {"offline"}
    assert offline.text().split()[-1] == str(len(shown(console)))
    hands.click(page.chips._buttons["rebootneeded"])
    console.until(lambda: page.search.text() == "is:offline is:rebootneeded", lambda: page.search.text())
    hands.click(page.chips._buttons["online"])
    console.until(lambda: page.search.text() == "is:rebootneeded is:online", lambda: page.search.text())
    hands.click(page.chips._buttons["rebootneeded"])
    hands.click(page.chips._buttons["online"])
    console.until(lambda: page.search.text() == "", lambda: page.search.text())


def test_views_and_favourites_outlast_the_console(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    first = desk.signed_in(rmm)
    page = first.agents
    hands.press("ctrl+f")
    hands.type("is:windows srv")
    page.table.group_by(Grouping.CLIENT)
    hands.press("ctrl+s")
    dialog = first.wait_for_button("Save")
    hands.press("ctrl+a")
    hands.type("Servers")
    hands.click(dialog)
    first.until(lambda: [view.name for view in page.bookmarks.now.views] == ["Servers"], "the view was not kept")
    found = [agent.agent_id for agent in shown(first)]
    hands.press("ctrl+f", "ctrl+a", "Delete")
    page.table.group_by(Grouping.NOTHING)
    starred = shown(first)[2]
    hands.click_row(page.table, page.model.index(2, 1))
    hands.press("ctrl+d")
    first.until(lambda: page.bookmarks.now.favourites == {starred.agent_id}, "no star")
    file = next((desk.places.config / "bookmarks").iterdir())
    first.until(lambda: starred.agent_id in file.read_text(), "it was not written")
    assert starred.hostname not in file.read_text()
    desk.end(first)

    second = desk.start(MemoryVault)
    sign_in(second, rmm)
    second.until(lambda: bool(shown(second)), "nothing is listed")
    page = second.agents
    second.until(lambda: page.bookmarks.now.favourites == {starred.agent_id}, "the star is gone")
    click(second, item(second, "Favourites"))
    second.until(lambda: [agent.agent_id for agent in shown(second)] == [starred.agent_id])
    hands.press("ctrl+1")
    second.until(lambda: [agent.agent_id for agent in shown(second)] == found, "the view shows something else")
    assert page.search.text() == "is:windows srv"
    assert page.model.grouping is Grouping.CLIENT
    assert page.scope is ALL


def test_without_favourites_it_says_how_to_get_some(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm)
    click(console, item(console, "Favourites"))
    console.until(lambda: "Ctrl+D marks" in words(console), lambda: words(console))


def test_what_is_shown_is_exported(desk: Desk, rmm: Rmm, hands: Hands, tmp_path: Path) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    hands.press("ctrl+f")
    hands.type("is:linux")
    path = tmp_path / "agents.csv"
    page.export_csv(path, console.app.disk)
    console.until(path.exists, "nothing was written")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [column.title for column in page.table.shown_columns()]
    assert [row[1] for row in rows[1:]] == [agent.hostname for agent in shown(console)]
    assert len(rows) > 3


def test_the_panels_are_hidden_by_keys_and_stay_so(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    first = desk.signed_in(rmm)
    hands.click(first.agents.table.viewport(), QPoint(200, 20))
    hands.press("ctrl+b")
    first.until(first.agents.side.isHidden, "the panel is still there")
    desk.end(first)
    second = desk.signed_in(rmm)
    assert second.agents.side.isHidden()


def test_by_keys_alone_from_the_start_to_the_next_machine(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    """Without MeshCentral the session fails; what counts is which one was opened and that one comes back."""
    console = desk.signed_in(rmm)
    wanted = [shown(console)[7], shown(console)[30]]
    for number, agent in enumerate(wanted, 1):
        hands.press("ctrl+f")
        hands.type(agent.hostname)
        hands.press("Return")
        console.until(partial(opened, console, number), "no session")
        assert list(console.app.sessions)[-1].agent.agent_id == agent.agent_id
        console.until(lambda: console.window.tabs.currentIndex() > 0, "its tab is not in front")
        console.window.tabs.show_home()
    console.until(lambda: console.agents.bookmarks.now.recent[:2] == (wanted[1].agent_id, wanted[0].agent_id))
    hands.press("ctrl+f", "Escape")
    click(console, item(console, "Recent"))
    console.until(lambda: {one.agent_id for one in shown(console)} == {one.agent_id for one in wanted})


def test_the_client_that_is_looked_at_is_asked_for_sooner_where_the_role_allows_it(
    desk: Desk, rmm: Rmm, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    console.until(lambda: ("GET", "/clients/") in rmm.api.requests, "the clients are not asked for")
    client = sorted(page.watch.store.counts.clients)[1]
    machine = next(one for one in rmm.fleet.machines if one.client == client)
    told: list[int | None] = []
    monkeypatch.setattr(page.watch, "select_client", told.append)  # the real one asks after a minute only
    click(console, item(console, client))
    console.until(lambda: told == [machine.client_number], lambda: str(told))
    hands.press("Escape")
    click(console, item(console, "All agents"))
    console.until(lambda: told[-1] is None)


def test_a_role_that_may_not_list_clients_sees_those_of_its_agents(desk: Desk, rmm: Rmm) -> None:
    rmm.users.technician.role = Role(lacks=frozenset({"can_list_clients"}))
    console = desk.signed_in(rmm)
    page = console.agents
    console.until(lambda: ("GET", "/clients/") in rmm.api.requests)
    for client in page.watch.store.counts.clients:
        assert not item(console, client).isHidden()
    assert not page.troubles.words()


@pytest.mark.parametrize("named", [True, False])
def test_custom_fields_go_by_their_names_or_by_their_numbers(desk: Desk, rmm: Rmm, named: bool) -> None:
    if not named:
        rmm.users.technician.role = Role(lacks=frozenset({"can_view_customfields"}))
    console = desk.signed_in(rmm)
    page = console.agents
    titles = {column.title for column in page.model.columns}
    console.until(lambda: any(column.part == "Custom fields" for column in page.model.columns), lambda: str(titles))
    customs = [column for column in page.model.columns if column.part == "Custom fields"]
    assert all(column.title.startswith("Custom field ") is not named for column in customs)
    moment = now()
    filled, value = next(
        (column, text) for column in customs for agent in shown(console) if len(text := column.text(agent, moment)) > 2
    )
    page.search.set_text(f'cf."{filled.title}":"{value}"')
    console.until(lambda: page.search.query.notes == (), lambda: str(page.search.query.notes))
    console.until(lambda: {filled.text(agent, moment) for agent in shown(console)} == {value})
