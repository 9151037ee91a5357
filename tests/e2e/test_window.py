"""The window around the sessions: the agents' list, its search and its age, closing, and the RMM's own page."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QToolButton, QWidget

from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm

pytestmark = pytest.mark.e2e


def words(within: QWidget) -> str:
    """All texts that are to be seen in a widget, one a line."""
    return "\n".join(one.text() for one in within.findChildren(QLabel) if one.isVisible() and one.text())


def questions(console: Console) -> list[QMessageBox]:
    return [box for box in console.window.findChildren(QMessageBox) if box.isVisible()]


def question(console: Console) -> QMessageBox:
    """The one question that is asked."""
    console.until(lambda: bool(questions(console)) and questions(console)[0].isActiveWindow(), "nothing is asked")
    (box,) = questions(console)
    return box


def answer(console: Console, hands: Hands, text: str) -> None:
    """Clicks a button of the one question that is asked."""
    box = question(console)
    hands.click(next(one for one in box.buttons() if one.text() == text))
    console.until(lambda: not questions(console), "the question stays")


def shown(console: Console) -> list[str]:
    model = console.agents.table.model()
    return [model.index(row, 1).data() for row in range(model.rowCount())]


class TestClosing:
    def test_a_connected_tab_asks_once_in_our_words(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.FILES)
        console.connected(session)
        closer = self.closer(console, session.agent.hostname)
        hands.click(closer)
        box = question(console)
        assert box.text() == f"End the session with {session.agent.hostname}?"
        assert {one.text() for one in box.buttons()} == {"End the session", "Stay connected"}
        answer(console, hands, "Stay connected")
        assert session.state is State.CONNECTED
        assert console.tab(session).isVisible()
        hands.click(closer)
        answer(console, hands, "End the session")
        console.until(lambda: not list(console.app.sessions), "the session was not ended")
        assert console.window.tabs.count() == 1

    def test_one_that_is_not_connected_does_not_ask(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        rmm.api.status_override[rmm.live[0].agent_id] = "offline"
        self.refresh(console, hands)
        session = console.open(rmm.live[0].hostname, SessionKind.FILES)
        console.until(lambda: session.state is State.OFFLINE)
        hands.click(self.closer(console, session.agent.hostname))
        console.until(lambda: not list(console.app.sessions), "the session was not closed")
        assert not questions(console)

    def test_the_window_asks_once_for_all(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        for machine in rmm.live[:2]:
            console.window.tabs.setCurrentIndex(0)
            console.connected(console.open(machine.hostname, SessionKind.FILES))
        console.window.close()
        box = question(console)
        assert box.text() == "End 2 sessions?"
        for machine in rmm.live[:2]:
            assert f"Files of {machine.hostname}, connected for " in box.informativeText()
        answer(console, hands, "Stay connected")
        assert console.window.isVisible()
        assert len(console.app.sessions.live) == 2
        console.window.close()
        answer(console, hands, "End them all")
        console.until(lambda: not console.window.isVisible(), "the window stays")
        assert not list(console.app.sessions)

    def test_a_window_without_sessions_just_closes(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        console.window.close()
        assert not console.window.isVisible()
        assert not questions(console)

    @staticmethod
    def closer(console: Console, hostname: str) -> QToolButton:
        buttons = console.window.findChildren(QToolButton)
        return next(one for one in buttons if one.accessibleName().startswith(f"Close {hostname}"))

    @staticmethod
    def refresh(console: Console, hands: Hands) -> None:
        before = console.agents.watch.as_of
        hands.press("F5")
        console.until(lambda: console.agents.watch.as_of != before, "F5 did not refresh")


class _Browser(QObject):
    """Stands in for the technician's web browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[_Browser]:
    made = _Browser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, made, "open")  # type: ignore[arg-type]  # what the stub wants is refused
    yield made
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)


def test_the_agents_menu_leads_to_its_page_in_the_rmm(desk: Desk, rmm: Rmm, hands: Hands, browser: _Browser) -> None:
    console = desk.signed_in(rmm)
    hands.click_row(console.agents.table, console.row(rmm.live[0].hostname), button=3)
    console.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "no menu opened")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == [
        "Take control",
        "Terminal",
        "Files",
        "Restart and come back",
        "Restart the Mesh agent",
        "Recover the Mesh connection",
        "Open in the RMM's web page",
        "Mark with a star\tCtrl+D",
        "Actions",
        "Tell me when",
        "Copy",
    ]
    page = next(action for action in menu.actions() if action.text() == "Open in the RMM's web page")
    hands.click(menu, menu.actionGeometry(page).center())
    console.until(lambda: bool(browser.opened), "nothing was opened")
    assert len(browser.opened) == 1
    assert browser.opened[0].endswith(f"/agents/{rmm.live[0].agent_id}")


def test_the_menu_opens_a_terminal(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    hands.click_row(console.agents.table, console.row(rmm.live[0].hostname), button=3)
    console.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "no menu opened")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    hands.click(menu, menu.actionGeometry(menu.actions()[1]).center())
    console.until(lambda: bool(list(console.app.sessions)), "no session was opened")
    (session,) = console.app.sessions
    assert session.kind is SessionKind.TERMINAL
    console.connected(session)


class TestSearch:
    def test_it_narrows_with_each_letter_and_enter_opens(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        everything = len(rmm.fleet.machines)
        assert len(shown(console)) == everything
        counts = [everything]
        word = rmm.live[0].hostname.lower()
        hands.press("ctrl+f")
        for letter in word:
            hands.type(letter)
            counts.append(len(shown(console)))
        assert counts == sorted(counts, reverse=True)
        assert any(1 < count < everything for count in counts)
        assert shown(console) == [rmm.live[0].hostname]
        assert f"1 of {everything} agents" in words(console.agents)
        hands.press("Return")
        console.until(lambda: bool(list(console.app.sessions)), "Enter did not open a session")
        (session,) = console.app.sessions
        assert session.agent.agent_id == rmm.live[0].agent_id
        assert session.kind is SessionKind.CONTROL
        console.connected(session)

    def test_every_word_must_match_in_any_field(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        machine = next(each for each in rmm.fleet.machines if each.inventory["operating_system"])
        system = str(machine.inventory["operating_system"]).split()[0].lower()
        client = machine.client.split()[0].lower()
        hands.press("ctrl+f")
        hands.type(f"{system} {client}")
        wanted = {
            each.hostname
            for each in rmm.fleet.machines
            if all(word in repr(vars(each)).casefold() for word in (system, client))
        }
        console.until(lambda: machine.hostname in shown(console) and len(shown(console)) < len(rmm.fleet.machines))
        assert set(shown(console)) <= wanted
        hands.type(" nosuchword")
        console.until(lambda: "No agent matches" in words(console.agents), "an empty list is not explained")
        hands.press("Escape")
        console.until(lambda: len(shown(console)) == len(rmm.fleet.machines), "Esc did not clear the search")


class TestRefresh:
    def test_by_key_by_button_and_its_age_is_shown(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        watch = console.agents.watch
        button = next(
            one for one in console.agents.findChildren(QToolButton) if one.accessibleName() == "Refresh the list (F5)"
        )
        ways: list[Callable[[], None]] = [lambda: hands.press("F5"), lambda: hands.click(button)]
        for way in ways:
            before, asked = watch.as_of, rmm.api.requests.count(("GET", "/agents/"))
            way()
            console.until(lambda: watch.as_of != before, "it was not refreshed")  # noqa: B023
            assert rmm.api.requests.count(("GET", "/agents/")) == asked + 1
            assert watch.as_of is not None
            assert f"as of {watch.as_of.astimezone():%H:%M:%S}" in words(console.agents)

    def test_a_change_arrives_and_the_selection_stays(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        table = console.agents.table
        hands.click_row(table, console.row(rmm.live[1].hostname))
        rmm.api.status_override[rmm.live[0].agent_id] = "overdue"
        TestClosing.refresh(console, hands)
        current = table.current_agent()
        assert current is not None
        assert current.agent_id == rmm.live[1].agent_id
        index = console.row(rmm.live[0].hostname).siblingAtColumn(0)
        texts = [index.data(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole,
                                               Qt.ItemDataRole.AccessibleTextRole)]  # fmt: skip
        assert any("overdue" in str(text).lower() for text in texts), texts

    def test_a_failed_one_keeps_the_list_and_says_so(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        before, rows = console.agents.watch.as_of, shown(console)
        assert before is not None
        rmm.stop()
        hands.press("F5")
        console.until(lambda: "Not refreshed: " in words(console.agents), "the failure is not shown")
        assert shown(console) == rows
        assert console.agents.table.isVisible()
        assert f"as of {before.astimezone():%H:%M:%S}" in words(console.agents)
