"""“Tell me when” in the menu, in the list of what is watched, and in the words that are shown."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.rmm.models import AgentStatus, Checks
from console.sessions.agent_watches import AgentWatches, Awaited, Told, Watched
from console.ui.fleet_actions import watch_words
from console.ui.fleet_actions.watch_desk import WatchDesk
from console.ui.notifications import Notifier
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from tests.unit.fleet.agents import named
from tests.unit.sessions.test_fleet_actions import Calls, Desk

CONNECTION = Desk.connect(Calls())


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


class FakeWindow(QWidget):
    page_added = Signal(object, object)
    server_left = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.tools: list[QWidget] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def show_agents(self, server_id: str, agent_ids: object) -> None:
        self.lines.append(f"shown: {server_id}")

    def add_tool(self, widget: QWidget) -> None:
        widget.setParent(self)
        self.tools.append(widget)

    def page_of(self, server_id: str) -> None:
        return None


class FakeNotifier:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str]] = []

    def notify(self, title: str, text: str, action: str, on_action: object) -> bool:
        self.shown.append((title, text, action))
        return True


class Office:
    def __init__(self, appearance: Appearance) -> None:
        self.window = FakeWindow()
        self.notifier = FakeNotifier()
        self.watches = AgentWatches()
        self.desk = WatchDesk(cast(MainWindow, self.window), self.watches, cast(Notifier, self.notifier), appearance)
        self.window.show()

    def menu(self, *agents: object) -> dict[str, bool]:
        self.shown = QMenu()
        self.desk.fill(self.shown, CONNECTION, agents)  # type: ignore[arg-type]
        return {action.text(): action.isEnabled() for action in self.shown.actions() if action.text()}

    def choose(self, text: str) -> None:
        next(action for action in self.shown.actions() if action.text() == text).trigger()


@pytest.fixture
def office(appearance: Appearance, qtbot: QtBot) -> Office:
    made = Office(appearance)
    qtbot.addWidget(made.window)
    return made


def told(name: str, awaited: Awaited = Awaited.ONLINE, *, gone: bool = False) -> Told:
    now = datetime.now(UTC)
    return Told(Watched("one", name, name, "Acme", "HQ", awaited, now), now, gone)


def test_what_is_so_already_is_grey_and_says_why(office: Office) -> None:
    online = named("a", hostname="pc", status=AgentStatus.ONLINE, checks=Checks(total=1, passing=1))
    entries = office.menu(online)
    assert entries == {
        "It comes online": False,
        "It goes offline": True,
        "It has rebooted": True,
        "Its checks pass": False,
        "Watched agents…": True,
    }
    assert office.shown.actions()[0].toolTip() == "It is online."
    assert office.menu(online, named("b", status=AgentStatus.OFFLINE))["It comes online"] is True


def test_choosing_one_watches_says_so_and_counts(office: Office) -> None:
    agents = [named("a", hostname="pc-a"), named("b", hostname="pc-b")]
    button = office.desk.button
    assert not button.isVisible()
    office.menu(agents[0])
    office.choose("It goes offline")
    assert office.window.lines == ["You are told when pc-a is offline."]
    assert button.isVisible()
    assert (button.text(), button.accessibleName()) == ("1", "1 agent is watched")
    office.menu(*agents)
    office.choose("It goes offline")
    assert len(office.watches.watched) == 2
    office.choose("It goes offline")
    assert office.window.lines[-1] == "Watched for that already."
    office.choose("It has rebooted")
    assert office.window.lines[-1] == "You are told when 2 machines have rebooted and are back."


def test_what_happened_is_notified_and_said_in_the_window(office: Office) -> None:
    office.watches.happened.emit((told("pc-a"),))
    assert office.notifier.shown == [("pc-a is online", "Acme / HQ", "Connect")]
    assert office.window.lines == ["pc-a is online."]
    office.watches.happened.emit((told("pc-a", Awaited.OFFLINE),))
    assert office.notifier.shown[-1] == ("pc-a is offline", "Acme / HQ", "Show"), "there is nothing to connect to"
    office.watches.happened.emit((told("pc-a", gone=True),))
    title, text, action = office.notifier.shown[-1]
    assert title == "pc-a is not in the list any more"
    assert "deleted" in text
    assert action == "Show"


def test_many_at_once_are_one_notification(office: Office) -> None:
    shown: list[object] = []
    office.desk.show_wanted.connect(lambda server, ids: shown.append((server, ids)))
    office.watches.happened.emit(tuple(told(f"pc-{n}", Awaited.CHECKS) for n in range(8)))
    assert office.notifier.shown == [
        ("8 machines pass all their checks", "pc-0, pc-1, pc-2, pc-3, pc-4, pc-5 and 2 more", "Show")
    ]


def test_the_list_shows_and_removes(office: Office) -> None:
    office.desk.watch(CONNECTION, [named("a", hostname="pc-a"), named("b", hostname="pc-b")], Awaited.OFFLINE)
    office.watches._happened.append(told("pc-c"))
    office.watches.changed.emit()
    office.desk.show_dialog()
    dialog = office.desk._dialog
    assert dialog is not None
    model = dialog.table.model()
    rows = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
    assert [row[0] for row in rows] == ["pc-c", "pc-a", "pc-b"]
    assert rows[0][3].startswith("happened at")
    assert rows[1][2] == "It goes offline"
    assert not dialog.remove.isEnabled()
    dialog.table.selectRow(1)
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert [one.hostname for one in office.watches.watched] == ["pc-b"]
    dialog.table.selectAll()
    dialog.remove.click()
    assert office.watches.watched == []
    assert office.watches.ended == []
    assert not office.desk.button.isVisible()
    assert dialog._stack.currentIndex() == 1, "the empty state explains itself"


def test_connecting_to_one_of_a_server_that_was_left_says_why_not(office: Office) -> None:
    office.desk.connect_to(told("pc-a").watched)
    assert office.window.lines == ["pc-a belongs to a server that you are signed out of."]


@pytest.mark.parametrize("awaited", Awaited)
def test_every_kind_has_its_words(awaited: Awaited) -> None:
    words = watch_words.of(awaited)
    assert all((words.title, words.icon, words.is_so, words.are_so))
    assert watch_words.headline([told("pc", awaited)]).startswith("pc ")
