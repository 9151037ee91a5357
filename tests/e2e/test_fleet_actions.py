"""Actions on many agents and “Tell me when”, in the real window, with the demo's RMM over HTTP."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from console.demo.api_action_routes import FORBIDDEN, HANGS, NATS_DOWN, TIMEOUT
from console.demo.fleet import Machine
from console.sessions.fleet_actions import PARALLEL
from console.sessions.fleet_run import Standing
from console.ui.fleet_actions.confirm import ConfirmDialog
from console.ui.fleet_actions.results import ResultsWindow
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.notification_desk import NotificationDesk
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh() as made:
        for machine in made.fleet.machines:
            made.api.status_override[machine.agent_id] = "online"
        yield made


class Office:
    """A technician in front of the list, who works with mouse and keys."""

    def __init__(self, console: Console, rmm: Rmm, hands: Hands, qtbot: QtBot) -> None:
        self.console = console
        self.rmm = rmm
        self.hands = hands
        self.qtbot = qtbot

    def machines(self, count: int) -> list[Machine]:
        """The first of the list, as it is shown."""
        model = self.console.agents.table.model()
        names = [model.index(row, 1).data() for row in range(count)]
        return [next(each for each in self.rmm.fleet.machines if each.hostname == name) for name in names]

    def select(self, count: int) -> list[Machine]:
        """Selects the first machines of the list with the mouse and Shift+Down."""
        machines = self.machines(count)
        table = self.console.agents.table
        self.hands.click_row(table, self.console.row(machines[0].hostname))
        self.hands.press(*["shift+Down"] * (count - 1))
        self.console.until(lambda: len(table.selected_agents()) == count, "not all are selected")
        assert [agent.hostname for agent in table.selected_agents()] == [each.hostname for each in machines]
        return machines

    def open_section(self, section: str) -> QMenu:
        """Opens the menu of the selection by its key, and one of its sections."""
        self.console.agents.table.setFocus()
        self.hands.press("Menu")
        self.console.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "no menu opened")
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entry = next(action for action in menu.actions() if action.text() == section)
        submenu = entry.menu()
        assert isinstance(submenu, QMenu)
        for _ in menu.actions():
            if menu.activeAction() is not entry:
                self.hands.press("Down")
        self.hands.press("Right")
        self.console.until(submenu.isVisible, f"“{section}” did not open")
        return submenu

    def choose(self, section: str, text: str) -> None:
        self.click_entry(self.open_section(section), text)

    def click_entry(self, menu: QMenu, text: str) -> None:
        titles = [action.text() for action in menu.actions()]
        assert text in titles, titles
        action: QAction = menu.actions()[titles.index(text)]
        assert action.isEnabled(), f"“{text}” is grey: {action.toolTip()}"
        self.hands.click(menu, menu.actionGeometry(action).center())

    def question(self) -> ConfirmDialog:
        def there() -> list[ConfirmDialog]:
            return [one for one in self.console.window.findChildren(ConfirmDialog) if one.isVisible()]

        self.console.until(lambda: bool(there()) and there()[0].isActiveWindow(), "nothing is asked")
        return there()[0]

    def asked(self) -> bool:
        return any(one.isVisible() for one in self.console.window.findChildren(ConfirmDialog))

    def results(self) -> ResultsWindow:
        def there() -> list[ResultsWindow]:
            return [one for one in QApplication.topLevelWidgets() if isinstance(one, ResultsWindow) and one.isVisible()]

        self.console.until(lambda: bool(there()), "there are no results")
        (window,) = there()
        return window

    def requests(self, ending: str) -> list[str]:
        """The agent ids for which something was asked of the RMM."""
        return [path.split("/")[2] for _, path in self.rmm.api.requests if path.endswith(ending)]

    def words(self) -> str:
        return words(self.console.window)


@pytest.fixture
def office(desk: Desk, rmm: Rmm, hands: Hands, qtbot: QtBot) -> Office:
    return Office(desk.signed_in(rmm), rmm, hands, qtbot)


def words(within: QWidget) -> str:
    return "\n".join(one.text() for one in within.findChildren(QLabel) if one.isVisible() and one.text())


def rows(window: ResultsWindow) -> dict[str, list[str]]:
    model = window.table.model()
    cells = [[model.index(row, column).data() for column in range(6)] for row in range(model.rowCount())]
    return {row[0]: row[1:] for row in cells}


def test_shutting_down_needs_the_word(office: Office) -> None:
    machines = office.select(3)
    office.choose("Actions", "Shut down…")
    dialog = office.question()
    assert dialog.windowTitle() == "Shut down 3 machines?"
    assert "Someone may have to go there" in words(dialog)
    assert not dialog.go_on.isEnabled()
    office.hands.type("shut dwon")
    office.hands.press("Return")
    office.hands.click(dialog.go_on)
    assert office.asked()
    assert dialog.typed is not None
    assert dialog.typed.text() == "shut dwon"
    assert office.requests("/shutdown/") == []
    office.hands.press("ctrl+a")
    office.hands.type("Shut Down")
    office.console.until(dialog.go_on.isEnabled, "the right word does not open the way")
    office.hands.click(dialog.go_on)
    window = office.results()
    office.console.until(lambda: not window.run.running, "it does not end")
    assert sorted(office.requests("/shutdown/")) == sorted(each.agent_id for each in machines)
    assert {cells[1] for cells in rows(window).values()} == {"Done"}
    assert all(each.presence.last is not None for each in machines), "they are off at the far end"


def test_cancelling_asks_nobody(office: Office) -> None:
    office.select(2)
    office.choose("Actions", "Reboot now…")
    assert "Reboot 2 machines" in office.question().go_on.text()
    office.hands.press("Return")
    office.console.until(lambda: not office.asked(), "Enter did not cancel")
    assert office.requests("/reboot/") == []


def test_words_with_status_200_are_failures_and_can_be_asked_again(office: Office) -> None:
    late, down, refused, *others = machines = office.select(6)
    faults = office.rmm.api.acting.faults
    faults.update({late.agent_id: TIMEOUT, down.agent_id: NATS_DOWN, refused.agent_id: FORBIDDEN})
    office.choose("Actions", "Reboot now…")
    office.hands.click(office.question().go_on)
    window = office.results()
    office.console.until(lambda: not window.run.running, "it does not end")
    shown = rows(window)
    assert shown[late.hostname][1] == "Unclear", "it is online and may have heard it"
    assert shown[late.hostname][2] == "The agent did not answer the RMM."
    assert shown[down.hostname][1] == "Failed"
    assert shown[down.hostname][2] == "The RMM has lost its connection to all agents."
    assert "NATS" in shown[down.hostname][3]
    assert shown[refused.hostname][1] == "Failed"
    assert "can_reboot_agents" in shown[refused.hostname][3]
    assert {shown[each.hostname][1] for each in others} == {"Done"}
    assert "3 done, 2 failed, 1 unclear" in words(window)
    assert sorted(office.requests("/reboot/")) == sorted(each.agent_id for each in machines), "each once"

    faults.clear()
    office.hands.click(window.retry)
    office.console.until(lambda: bool(boxes(window)), "nobody asked about the unclear one")
    (box,) = boxes(window)
    assert box.text() == "1 machine may have done it already."
    office.hands.click(next(one for one in box.buttons() if one.text() == "Ask only the 2 sure"))
    office.console.until(lambda: not window.run.running and not boxes(window), "it does not end")
    assert sorted(office.requests("/reboot/")[6:]) == sorted([down.agent_id, refused.agent_id])
    assert rows(window)[late.hostname][1] == "Unclear"
    assert rows(window)[down.hostname][1] == "Done"


def boxes(window: QWidget) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def test_stopping_half_way(office: Office) -> None:
    machines = office.select(9)
    faults = office.rmm.api.acting.faults
    faults.update({each.agent_id: HANGS for each in machines})
    office.choose("Actions", "Run checks…")
    office.hands.click(office.question().go_on)
    window = office.results()
    office.console.until(lambda: len(office.requests("/run/")) == PARALLEL, "not so many are asked at a time")
    before = office.console.agents.watch.as_of
    office.console.agents.watch.refresh()
    office.console.until(lambda: office.console.agents.watch.as_of != before, "the list has no thread left")
    office.hands.click(window.stop)
    assert len(window.run.not_asked) == 4
    assert "it cannot be taken back" in words(window)
    faults.clear()
    office.console.until(lambda: not window.run.running, "it does not end")
    assert window.run.count(Standing.DONE) == 5
    assert len(office.requests("/run/")) == 5
    assert window.go_on.text() == "Ask the rest (4)"
    office.hands.click(window.go_on)
    office.console.until(lambda: window.run.count(Standing.DONE) == 9, "the rest was not asked")
    assert sorted(office.requests("/run/")) == sorted(each.agent_id for each in machines)


def test_maintenance_shows_in_the_list_by_itself(office: Office) -> None:
    machine = next(each for each in office.machines(10) if not each.inventory["maintenance_mode"])
    office.hands.click_row(office.console.agents.table, office.console.row(machine.hostname))
    office.choose("Actions", "Maintenance mode on")
    store = office.console.agents.watch.store
    office.console.until(lambda: store[machine.agent_id].maintenance_mode, "the list does not show it")
    assert machine.inventory["maintenance_mode"] is True


def test_results_lead_back_to_the_list(office: Office) -> None:
    machines = office.select(3)
    office.choose("Actions", "Ping…")
    office.hands.press("Return")
    window = office.results()
    office.console.until(lambda: not window.run.running, "it does not end")
    row = [window.table.model().index(row, 0).data() for row in range(3)].index(machines[1].hostname)
    office.hands.click_row(window.table, window.table.model().index(row, 0))
    office.hands.click(window.show_in_list)
    table = office.console.agents.table
    office.console.until(lambda: [one.hostname for one in table.selected_agents()] == [machines[1].hostname])


def test_closing_the_console_asks_while_something_is_under_way(office: Office) -> None:
    machines = office.select(7)
    faults = office.rmm.api.acting.faults
    faults.update({each.agent_id: HANGS for each in machines})
    office.choose("Actions", "Run checks…")
    office.hands.click(office.question().go_on)
    window = office.results()
    office.console.window.close()
    office.console.until(lambda: bool(boxes(office.console.window)), "nothing is asked")
    (box,) = boxes(office.console.window)
    assert "Run checks: 7 to go" in box.informativeText()
    office.hands.click(next(one for one in box.buttons() if one.text() == "Go on"))
    assert office.console.window.isVisible()
    faults.clear()
    office.console.until(lambda: not window.run.running, "it does not end")


@pytest.fixture
def notifications() -> Iterator[NotificationDesk]:
    with NotificationDesk() as made:
        yield made


def until_shown(office: Office, service: NotificationDesk) -> dict[str, object]:
    found: list[dict[str, object]] = []

    def look() -> bool:
        one = service.shown()
        if one is not None:
            found.append(one)
        return bool(found)

    office.console.until(look, "no notification")
    return found[0]


def refresh(office: Office) -> None:
    before = office.console.agents.watch.as_of
    office.console.agents.table.setFocus()
    office.hands.press("F5")
    office.console.until(lambda: office.console.agents.watch.as_of != before, "the list was not refreshed")


def test_a_watch_notifies_and_connects(notifications: NotificationDesk, office: Office) -> None:
    (machine,) = office.machines(1)
    state = office.rmm.api.status_override
    state[machine.agent_id] = "offline"
    refresh(office)
    office.hands.click_row(office.console.agents.table, office.console.row(machine.hostname))
    office.choose("Tell me when", "It comes online")
    button = office.console.app.watch_desk.button
    assert button.isVisible()
    assert button.text() == "1"
    state[machine.agent_id] = "online"
    refresh(office)
    shown = until_shown(office, notifications)
    assert shown["summary"] == f"{machine.hostname} is online"
    actions = shown["actions"]
    assert isinstance(actions, list)
    assert "Connect" in actions
    assert f"{machine.hostname} is online." in office.words()
    assert list(office.console.app.sessions) == []
    number = shown["number"]
    assert isinstance(number, int)
    notifications.signal("ActionInvoked", number, "default")
    office.console.until(lambda: bool(list(office.console.app.sessions)), "the click did not connect")
    (session,) = office.console.app.sessions
    assert session.agent.agent_id == machine.agent_id


def test_what_is_watched_outlasts_the_console(
    notifications: NotificationDesk, desk: Desk, office: Office, hands: Hands, qtbot: QtBot
) -> None:
    (machine,) = office.machines(1)
    office.hands.click_row(office.console.agents.table, office.console.row(machine.hostname))
    office.choose("Tell me when", "It goes offline")
    path = desk.places.config / "watches.json"
    office.console.until(lambda: path.exists() and machine.agent_id in path.read_text(), "it was not written")
    desk.end(office.console)
    office.rmm.api.status_override[machine.agent_id] = "offline"
    server = office.console.app.accounts.book.servers[0]
    again = Office(desk.signed_in(office.rmm, server), office.rmm, hands, qtbot)
    shown = until_shown(again, notifications)
    assert shown["summary"] == f"{machine.hostname} is offline"
    again.console.until(lambda: machine.agent_id not in path.read_text(), "it is kept although it happened")
