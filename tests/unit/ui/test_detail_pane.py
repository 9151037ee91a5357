"""The details of the chosen agent, over the demo's RMM: what is shown, what is asked for, and the notes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from console.demo import fleet
from console.demo.accounts import Accounts
from console.demo.api import DemoApi, serve
from console.demo.fleet import Machine
from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey
from console.rmm.details_models import Check, Disk, Outcome, Patch, PendingAction, Program, Run, Task
from console.rmm.models import Agent, CustomField
from console.servers import Server
from console.sessions.agent_details import AgentDetails, Part
from console.sessions.connection import Connection
from console.sessions.links import LinkSource
from console.transport import Transport
from console.ui.detail.disks import fullness
from console.ui.detail.lines import lines
from console.ui.detail.pane import DetailPane
from console.ui.detail.section_bar import Section
from console.ui.detail.summary import custom
from console.ui.theme import Appearance
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Inline

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


class Desk:
    """A pane over the demo's RMM, whose calls are answered at once."""

    def __init__(self, api: DemoApi, address: str, appearance: Appearance, qtbot: QtBot) -> None:
        self.api, self.qtbot = api, qtbot
        server, key, transport, runner = Server(address=address), ApiKey(api.accounts.key.secret), Transport(), Inline()
        client = RmmClient(address, transport, key)
        self.connection = Connection(server, key, transport, client, runner, LinkSource(client, runner))
        self.details = AgentDetails()
        self.pane = DetailPane(self.details, appearance)
        qtbot.addWidget(self.pane)
        self.pane.resize(360, 700)
        self.pane.show()
        self.rows = {agent.agent_id: agent for agent in self.connection.client.agents().agents}

    def machine(self, plat: str = "windows", *, never: bool = False) -> Machine:
        return next(
            machine
            for machine in self.api.fleet.machines
            if machine.plat == plat and machine.presence.never == never and machine.monitoring_type == "workstation"
        )

    def show(self, machine: Machine, section: Section = Section.SUMMARY) -> Agent:
        agent = self.rows[machine.agent_id]
        self.pane.show_agents(self.connection, [agent])
        self.rest()
        self.pane.choose(section)
        return agent

    def rest(self) -> None:
        if self.details._rest.isActive():
            self.details._rest.stop()
            self.details._ask()

    def texts(self) -> str:
        return "\n".join(one.text() for one in self.pane.findChildren(QLabel) if one.isVisible())

    def asked(self, part: str) -> int:
        return len([path for _, path in self.api.requests if path.endswith(part)])

    def button(self, text: str) -> QPushButton:
        return next(one for one in self.pane.findChildren(QPushButton) if one.text() == text and one.isVisible())


@pytest.fixture
def desk(appearance: Appearance, qtbot: QtBot) -> Iterator[Desk]:
    made = fleet.make(120)
    api = DemoApi(made, Accounts(limited_to=made.machines[0].client))
    with serve(api) as running:
        yield Desk(api, running.address, appearance, qtbot)


def test_making_the_details_opens_no_window(desk: Desk, qapp: QApplication) -> None:
    """A widget that is shown before it has a parent is a window for a moment: it closes a menu that was just opened."""
    windows: list[QWidget] = []

    class Shown(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                windows.append(watched)
            return False

    shown = Shown()
    qapp.installEventFilter(shown)
    try:
        for section in Section:
            desk.show(desk.machine(), section)
    finally:
        qapp.removeEventFilter(shown)
    assert windows == []


def test_nothing_and_several_chosen(desk: Desk) -> None:
    desk.pane.show_agents(desk.connection, [])
    assert "Choose an agent" in desk.texts()
    agents = [agent for agent in desk.rows.values() if agent.status.value][:30]
    desk.pane.show_agents(desk.connection, agents)
    desk.rest()
    assert "30 agents are selected" in desk.texts()
    online = sum(agent.status.value == "online" for agent in agents)
    assert f"{online} online" in desk.texts()
    failing = sum(agent.checks.failing + agent.checks.warning > 0 for agent in agents)
    assert failing > sum(agent.checks.failing > 0 for agent in agents), "a warning counts as in the chip and the tree"
    assert f"{failing} with failing checks" in desk.texts()
    assert desk.asked("checks/") == 0


def test_the_header_and_the_summary(desk: Desk) -> None:
    machine = desk.machine()
    agent = desk.show(machine)
    shown = desk.texts()
    for words in (agent.hostname, agent.client_name, agent.site_name, agent.operating_system, agent.make_model):
        assert words in shown
    assert "16 GB" in shown
    assert "C:" in shown
    assert " free of 237.5 GB" in shown
    assert desk.pane.header.status.text().startswith(("Online", "Offline", "Overdue"))
    for name in {1: "Asset tag", 2: "Leased"}.values():
        assert (name in shown) == bool(agent.custom_fields)
    wanted: list[tuple[object, object]] = []
    desk.pane.wanted.connect(lambda *what: wanted.append(what))
    desk.button("Terminal").click()
    assert wanted == [(agent, SessionKind.TERMINAL)]


def test_an_agent_that_never_reported(desk: Desk) -> None:
    machine = next(machine for machine in desk.api.fleet.machines if machine.presence.never)
    desk.show(machine)
    assert "never seen" in desk.texts()
    assert "This agent has never reported" in desk.texts()


def test_only_what_is_looked_at_is_asked_for(desk: Desk) -> None:
    machine = desk.machine()
    desk.show(machine)
    assert not [desk.asked(part) for part in ("checks/", "tasks/", "history/", "notes/") if desk.asked(part)]
    desk.pane.choose(Section.CHECKS)
    assert (desk.asked("checks/"), desk.asked("tasks/")) == (1, 0)
    desk.pane.hide()
    desk.show(desk.machine("linux"))
    assert desk.asked("checks/") == 1, "nobody sees it"


@pytest.mark.parametrize("section", [section for section in Section if section is not Section.SUMMARY])
@pytest.mark.parametrize("plat", ["windows", "linux", "darwin"])
def test_every_section_shows_what_the_rmm_has(desk: Desk, section: Section, plat: str) -> None:
    desk.show(desk.machine(plat), section)
    page = desk.pane.pages[section]
    assert page.isVisible()
    assert not page.busy.isVisible()
    assert not page.problem.isVisible()
    assert page.content.isVisible() or page.words.isVisible(), "nothing is shown at all"
    assert page.content.isVisible() == (not page.words.isVisible())
    if section in (Section.SOFTWARE, Section.PATCHES):
        assert page.content.isVisible() == (plat == "windows")


def test_output_unfolds_and_folds_by_keys_and_is_copied(desk: Desk) -> None:
    desk.show(desk.machine(), Section.CHECKS)
    shown = desk.pane.lists[Section.CHECKS]
    row = next(place for place, line in enumerate(shown.model.shown) if line.more)
    shown.view.setCurrentIndex(shown.model.index(row, 0))
    QTest.keyClick(shown.view, Qt.Key.Key_Return)
    assert shown.unfolded.isVisible()
    assert shown.output.toPlainText() == shown.model.shown[row].more
    desk.button("Copy").click()
    assert QGuiApplication.clipboard().text() == shown.model.shown[row].more
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    assert not shown.unfolded.isVisible()
    QTest.keyClick(shown.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == shown.model.shown[row].text
    QTest.mouseClick(
        shown.view.viewport(),
        Qt.MouseButton.LeftButton,
        pos=shown.view.visualRect(shown.model.index(row, 0)).center(),
    )
    assert shown.unfolded.isVisible()
    desk.show(desk.machine("linux"), Section.CHECKS)
    assert not shown.unfolded.isVisible(), "it was about another agent"


def test_software_is_searched(desk: Desk) -> None:
    desk.show(desk.machine(), Section.SOFTWARE)
    shown = desk.pane.lists[Section.SOFTWARE]
    total = len(shown.model.shown)
    assert total >= 40
    assert shown.count.text() == str(total)
    shown.search.setText("microsoft")
    found = shown.model.shown
    assert 0 < len(found) < total
    assert all("microsoft" in f"{line.title} {line.facts}".lower() for line in found)
    assert shown.count.text() == f"{len(found)} of {total}"


def test_what_the_role_forbids_is_said_once_and_hidden(desk: Desk) -> None:
    desk.api.details.forbidden.add("checks")
    desk.show(desk.machine(), Section.CHECKS)
    assert "Your role at this server does not include the checks." in desk.texts()
    desk.pane.choose(Section.TASKS)
    assert not desk.pane.bar.buttons[Section.CHECKS].isVisible()
    desk.show(desk.machine("linux"))
    assert desk.asked("checks/") == 1


def test_a_part_that_failed_can_be_tried_again(desk: Desk) -> None:
    desk.api.details.broken.add("tasks")
    desk.show(desk.machine(), Section.TASKS)
    page = desk.pane.pages[Section.TASKS]
    assert page.problem.isVisible()
    desk.api.details.broken.clear()
    desk.button("Try again").click()
    assert not page.problem.isVisible()
    assert page.content.isVisible()


def test_notes_are_added_changed_and_deleted(desk: Desk) -> None:
    machine = desk.machine()
    desk.show(machine, Section.NOTES)
    notes = desk.pane.note_list
    assert not notes.writer.save.isEnabled()
    notes.writer.edit.setPlainText("Printer moved.\nAsk Ana.")
    notes.writer.save.click()
    (card,) = notes.cards
    assert notes.writer.edit.toPlainText() == ""
    desk.qtbot.waitUntil(lambda: "Printer moved.\nAsk Ana." in desk.texts())
    desk.button("Edit").click()
    writer = card._writer
    assert writer is not None
    assert writer.edit.toPlainText() == "Printer moved.\nAsk Ana."
    writer.edit.setPlainText("Printer is back.")
    writer.save.click()
    assert [note.text for note in desk.api.notes.of(machine.agent_id)] == ["Printer is back."]
    desk.qtbot.waitUntil(lambda: "Printer is back." in desk.texts())
    desk.button("Delete").click()
    (question,) = desk.pane.findChildren(QMessageBox)
    assert len(desk.api.notes.of(machine.agent_id)) == 1, "not before it was asked"
    next(one for one in question.buttons() if one.text() == "Delete").click()
    assert desk.api.notes.of(machine.agent_id) == []
    assert notes.cards == []


def test_a_note_is_unsaved_only_while_the_rmm_has_not_what_is_written(desk: Desk) -> None:
    machine = desk.machine()
    desk.show(machine, Section.NOTES)
    notes, unsaved = desk.pane.note_list, desk.pane.notes
    assert unsaved.unsaved == []
    notes.writer.edit.setPlainText("Printer moved.")
    assert [place.agent_id for place in unsaved.unsaved] == [machine.agent_id]
    notes.writer.save.click()
    assert unsaved.unsaved == []
    desk.qtbot.waitUntil(lambda: "Printer moved." in desk.texts())
    desk.button("Edit").click()
    assert unsaved.unsaved == [], "nothing was changed yet"
    (card,) = notes.cards
    assert card._writer is not None
    card._writer.edit.setPlainText("Printer is back.")
    assert len(unsaved.unsaved) == 1
    desk.button("Cancel").click()
    assert unsaved.unsaved == []


def test_a_note_that_could_not_be_saved_stays_written(desk: Desk) -> None:
    first, second = desk.machine(), desk.machine("linux")
    desk.show(first, Section.NOTES)
    user = desk.api.accounts.key.user
    user.role = replace(user.role, lacks=user.role.lacks | {"can_manage_notes"})
    notes = desk.pane.note_list
    notes.writer.edit.setPlainText("Printer moved.")
    notes.writer.save.click()
    assert "can_manage_notes" in desk.texts()
    desk.show(second, Section.NOTES)
    assert notes.writer.edit.toPlainText() == ""
    assert "can_manage_notes" not in desk.texts()
    desk.show(first, Section.NOTES)
    assert notes.writer.edit.toPlainText() == "Printer moved."
    assert [method for method, path in desk.api.requests if path == "/agents/notes/"] == ["POST"]


def test_every_control_has_a_name(desk: Desk) -> None:
    desk.show(desk.machine(), Section.NOTES)
    for kind in (QAbstractButton, QLineEdit, QListView):
        for widget in desk.pane.findChildren(kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            named_by_qt = widget.objectName().startswith("qt_") or widget.focusPolicy() == Qt.FocusPolicy.NoFocus
            assert named_by_qt or widget.accessibleName() or text, widget


@pytest.mark.parametrize(
    ("percent", "colour", "word"),
    [
        (None, "neutral", ""),
        (79, "accent", ""),
        (80, "warning", "nearly full"),
        (94, "warning", "nearly full"),
        (95, "bad", "full"),
        (100, "bad", "full"),
    ],
)
def test_how_full_a_disk_is(desk: Desk, percent: int | None, colour: str, word: str) -> None:
    assert fullness(percent) == (colour, word)
    desk.pane.summary.disks.show_disks((Disk("C:", percent=percent),))
    texts = [one.text() for one in desk.pane.summary.disks.findChildren(QLabel)]
    if word:
        assert f"{percent} %, {word}" in texts


def test_custom_fields_go_by_their_names() -> None:
    fields = (CustomField(1, "A-1"), CustomField(2, True), CustomField(3, ("VIP", "Spare")), CustomField(4, None))
    agent = named("a" * 40, custom_fields=fields)
    assert custom(agent, {1: "Asset tag", 2: "Leased"}) == [
        ("Asset tag", "A-1"),
        ("Leased", "yes"),
        ("Custom field 3", "VIP, Spare"),
        ("Custom field 4", ""),
    ]


AGO = NOW - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("part", "value", "facts"),
    [
        (
            Part.CHECKS,
            Check(1, "ping", "Ping", Outcome.FAILING, AGO, 3, "lost"),
            "Failing  ·  5 min ago  ·  3 times in a row",
        ),
        (Part.CHECKS, Check(1, "ping", "Ping", Outcome.NOT_RUN), "Not run yet"),
        (
            Part.TASKS,
            Task(1, "Tidy", "Daily", False, Outcome.PASSING, AGO),
            "Passing  ·  Disabled  ·  5 min ago  ·  Daily",
        ),
        (Part.SOFTWARE, Program("7-Zip", "24", "Igor"), "24  ·  Igor"),
        (
            Part.PATCHES,
            Patch(1, "KB1", "Update", False, True, action="approve"),
            "Downloaded, not installed  ·  KB1  ·  approved",
        ),
        (
            Part.PENDING,
            PendingAction(1, "schedreboot", "Restart", "2031-01-02", False),
            "Still to be done  ·  due 2031-01-02 (the machine's own time)",
        ),
        (Part.HISTORY, Run(1, "cmd_run", "dir", "tech", AGO), "Command  ·  tech  ·  5 min ago  ·  no result yet"),
        (
            Part.HISTORY,
            Run(1, "script_run", "Tidy", "tech", AGO, "", 3),
            "Script  ·  tech  ·  5 min ago  ·  return code 3",
        ),
    ],
)
def test_the_words_of_the_lists(part: Part, value: object, facts: str) -> None:
    (line,) = lines(part, (value,), NOW)
    assert line.facts == facts
    assert lines(part, None, NOW) == ()
