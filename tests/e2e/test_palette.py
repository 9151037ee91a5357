"""The palette by keys in the real window: agents, views, clients and actions, and where the focus is afterwards."""

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from console.fleet.bookmarks import View
from console.fleet.grouping import Grouping
from console.mesh.session_kind import SessionKind
from console.ui.palette.palette import Palette
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


def palette(console: Console) -> Palette:
    return console.app.palette_desk.palette


def first(console: Console) -> str:
    """The title of the row that Enter takes."""
    return str(palette(console).rows.currentIndex().data())


def ask(console: Console, text: str) -> None:
    """Ctrl+K, and these letters."""
    console.hands.press("ctrl+k")
    console.until(palette(console).field.hasFocus, "the palette did not open")
    console.hands.type(text)
    console.until(lambda: palette(console).field.text() == text)


@pytest.mark.parametrize(
    ("key", "kind"),
    [("Return", SessionKind.CONTROL), ("ctrl+Return", SessionKind.TERMINAL), ("shift+Return", SessionKind.FILES)],
)
def test_an_agent_is_a_few_letters_and_a_key_away(
    desk: Desk, rmm: Rmm, hands: Hands, key: str, kind: SessionKind
) -> None:
    """Without MeshCentral the session fails; what counts is which one was opened."""
    console = desk.signed_in(rmm)
    wanted = console.agents.model.agents()[11]
    ask(console, wanted.hostname.upper())
    console.until(lambda: first(console) == wanted.hostname, lambda: first(console))
    hands.press(key)
    console.until(lambda: bool(list(console.app.sessions)), "no session")
    (session,) = console.app.sessions
    assert (session.agent.agent_id, session.kind) == (wanted.agent_id, kind)
    console.window.tabs.show_home()
    hands.click(console.app.palette_desk.button)
    console.until(lambda: first(console) == wanted.hostname, "the latest does not come first")


def test_views_clients_and_actions_are_found_and_done(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    page.bookmarks.change(lambda now: now.with_view(View(name="Penguins", query="is:linux")))
    ask(console, "pengu")
    hands.press("Return")
    console.until(lambda: page.search.text() == "is:linux", "the view is not shown")
    ask(console, "group by plat")
    hands.press("Return")
    console.until(lambda: page.model.grouping is Grouping.PLATFORM, "not grouped")
    client = sorted(page.watch.store.counts.clients)[0]
    ask(console, client)
    console.until(lambda: first(console) == client, lambda: first(console))
    hands.press("Return")
    console.until(lambda: page.scope.client == client, "the client is not looked at")


def test_escape_gives_the_focus_back_and_no_other_key_leaves_the_palette(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    hands.press("ctrl+f")
    console.until(console.agents.search.field.hasFocus)
    ask(console, "x")
    hands.press("ctrl+b", "ctrl+f", "Tab")
    assert palette(console).field.hasFocus()
    assert console.agents.side.isVisible(), "a key of the page acted behind the palette"
    hands.press("Escape")
    console.until(palette(console).isHidden)
    assert QApplication.focusWidget() is console.agents.search.field
    assert console.agents.search.text() == ""


def test_nothing_found_is_said(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    ask(console, "zq9zq9")
    assert "zq9zq9" in palette(console).nothing.text()
    hands.press("Return")
    assert palette(console).isVisible()


def test_before_anybody_is_signed_in_it_has_the_console_s_own_actions(desk: Desk, hands: Hands) -> None:
    console = desk.start()
    ask(console, "dark")
    assert first(console) == "Appearance: dark"
    hands.press("Return")
    console.until(lambda: console.window.preferences.theme.value == "dark", "it is not dark")


def test_an_action_on_the_selected_agents_says_which_and_asks(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    page = console.agents
    page.table.setFocus()
    page.table.selectRow(3)
    agent = page.table.current_agent()
    assert agent is not None
    ask(console, f"maintenance {agent.hostname}")
    console.until(lambda: agent.hostname in first(console) and "aintenance" in first(console), lambda: first(console))


def test_what_is_about_the_list_brings_it_in_sight(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    ask(console, "journal of")
    hands.press("Return")
    console.until(lambda: console.window.tabs.currentIndex() > 0, "the journal is not in front")
    ask(console, "look at recent")
    hands.press("Return")
    console.until(lambda: console.window.tabs.currentIndex() == 0, "the list is not in front")
    assert console.agents.scope.title == "Recent"
