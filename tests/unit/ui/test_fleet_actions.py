"""Menu, question and results of an action on agents, without a server."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from console.preferences import Theme
from console.problem import Problem
from console.rmm.errors import AgentRefused, AgentSilent, Call, NotAllowed
from console.rmm.models import Agent, AgentStatus, Platform
from console.sessions.fleet_action import ActionKind, FleetAction
from console.sessions.fleet_actions import FleetActions
from console.sessions.fleet_run import FleetRun, Outcome, Standing
from console.transport import BrokenOff, TimedOut, Unreachable
from console.ui.fleet_actions import words
from console.ui.fleet_actions.confirm import ConfirmDialog
from console.ui.fleet_actions.desk import FleetDesk
from console.ui.fleet_actions.machines import MachineTable
from console.ui.fleet_actions.menu import add_actions
from console.ui.fleet_actions.results import ResultsWindow
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import Held, Inline
from tests.unit.sessions.test_fleet_actions import Calls
from tests.unit.sessions.test_fleet_actions import Desk as Runs

ONLINE, OFFLINE = AgentStatus.ONLINE, AgentStatus.OFFLINE


@pytest.fixture(scope="module")
def appearance(qapp: QApplication) -> Iterator[Appearance]:
    yield Appearance(qapp, Theme.LIGHT)
    qapp.setStyleSheet("")


def fleet(count: int, **fields: object) -> list[Agent]:
    return [
        named(f"id-{n}", hostname=f"pc-{n}", client_name="Acme", site_name="HQ", **{"status": ONLINE, **fields})
        for n in range(count)
    ]


def texts(within: QWidget) -> str:
    return "\n".join(one.text() for one in within.findChildren(QLabel) if one.text())


def entries(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


class TestMenu:
    def test_what_cannot_be_done_is_grey_and_says_why(self, appearance: Appearance, qtbot: QtBot) -> None:
        menu = QMenu()
        qtbot.addWidget(menu)
        add_actions(menu, fleet(2, plat=Platform.LINUX), appearance, lambda kind: None)
        assert entries(menu)["Reboot at a set time…"] is False
        assert entries(menu)["Maintenance mode off…"] is False
        assert entries(menu)["Shut down…"] is True
        later = next(action for action in menu.actions() if action.text() == "Reboot at a set time…")
        assert "Windows only" in later.toolTip()
        assert menu.toolTipsVisible()

    def test_one_of_several_is_enough(self, appearance: Appearance, qtbot: QtBot) -> None:
        menu = QMenu()
        qtbot.addWidget(menu)
        agents = [*fleet(1, plat=Platform.LINUX), named("w", plat=Platform.WINDOWS, maintenance_mode=True)]
        add_actions(menu, agents, appearance, lambda kind: None)
        assert all(entries(menu).values())

    def test_an_entry_leads_to_its_action_and_tells_whether_it_asks(self, appearance: Appearance, qtbot: QtBot) -> None:
        menu = QMenu()
        qtbot.addWidget(menu)
        chosen: list[ActionKind] = []
        add_actions(menu, fleet(1), appearance, chosen.append)
        by_text = {action.text(): action for action in menu.actions()}
        by_text["Ping"].trigger()
        by_text["Shut down…"].trigger()
        assert chosen == [ActionKind.PING, ActionKind.SHUT_DOWN]
        assert "Ping…" not in by_text

    def test_without_a_machine_nothing_can_be_done(self, appearance: Appearance, qtbot: QtBot) -> None:
        menu = QMenu()
        qtbot.addWidget(menu)
        add_actions(menu, [], appearance, lambda kind: None)
        assert not any(entries(menu).values())


class TestQuestion:
    @pytest.fixture
    def ask(self, appearance: Appearance, qtbot: QtBot) -> Callable[[ActionKind, list[Agent]], ConfirmDialog]:
        over = QWidget()
        qtbot.addWidget(over)
        over.show()

        def ask(kind: ActionKind, agents: list[Agent]) -> ConfirmDialog:
            dialog = ConfirmDialog(kind, agents, appearance, over)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
            dialog.open()
            return dialog

        return ask

    def test_it_says_exactly_which_machines(self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog]) -> None:
        agents = fleet(12)
        agents[3] = named(
            "id-3", hostname="srv", status=OFFLINE, monitoring_type="server", client_name="Acme", site_name="HQ"
        )
        dialog = ask(ActionKind.REBOOT, agents)
        assert dialog.windowTitle() == "Reboot 12 machines?"
        assert dialog.go_on.text() == "Reboot 12 machines"
        said = texts(dialog)
        assert "1 of 12 is a server." in said
        assert "1 of 12 is not online and will fail after 10 s." in said
        model = dialog.findChildren(MachineTable)[0].model()
        rows = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
        assert rows[0] == ["srv", "Acme / HQ", "Server", "Offline"]
        assert sorted(row[0] for row in rows) == sorted(agent.hostname for agent in agents)

    def test_enter_does_not_begin_what_is_grave(
        self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog], qtbot: QtBot
    ) -> None:
        grave, light = ask(ActionKind.REBOOT, fleet(2)), ask(ActionKind.PING, fleet(2))
        assert grave.cancel.isDefault()
        assert not grave.go_on.isDefault()
        assert light.go_on.isDefault()

    @pytest.mark.parametrize("word", ["shut down", "Shut Down", "  SHUT   DOWN "])
    def test_the_right_word_opens_the_way(
        self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog], word: str
    ) -> None:
        dialog = ask(ActionKind.SHUT_DOWN, fleet(2))
        heard: list[object] = []
        dialog.confirmed.connect(lambda action, agents: heard.append((action.kind, len(agents))))
        assert dialog.typed is not None
        QTest.keyClicks(dialog.typed, word)
        assert dialog.go_on.isEnabled()
        QTest.keyClick(dialog.typed, Qt.Key.Key_Return)
        assert heard == [(ActionKind.SHUT_DOWN, 2)]

    @pytest.mark.parametrize("word", ["", "shutdown", "shut dow", "reboot", "shut downn"])
    def test_another_word_does_not(self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog], word: str) -> None:
        dialog = ask(ActionKind.SHUT_DOWN, fleet(2))
        heard: list[object] = []
        dialog.confirmed.connect(lambda *_: heard.append(1))
        assert dialog.typed is not None
        dialog.typed.setFocus()
        QTest.keyClicks(dialog.typed, word)
        assert not dialog.go_on.isEnabled()
        QTest.keyClick(dialog.typed, Qt.Key.Key_Return)
        QTest.mouseClick(dialog.go_on, Qt.MouseButton.LeftButton)
        assert heard == []
        assert dialog.isVisible()

    def test_the_moment_is_to_the_minute_and_has_no_time_zone(
        self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog]
    ) -> None:
        agents = [*fleet(2, plat=Platform.WINDOWS), named("l", hostname="tux", plat=Platform.LINUX)]
        dialog = ask(ActionKind.REBOOT_AT, agents)
        said = texts(dialog)
        assert "each machine's own local time" in said
        assert "1 machine is left out. The RMM can reboot machines at a set time on Windows only." in said
        heard: list[tuple[FleetAction, list[Agent]]] = []
        dialog.confirmed.connect(lambda action, chosen: heard.append((action, chosen)))
        assert dialog.moment is not None
        dialog.moment.setDateTime(datetime(2031, 5, 6, 7, 8, 59))  # type: ignore[arg-type]
        assert "Tuesday 6 May 2031, 07:08" in texts(dialog)
        dialog.go_on.click()
        ((action, chosen),) = heard
        assert action == FleetAction(ActionKind.REBOOT_AT, datetime(2031, 5, 6, 7, 8))
        assert [agent.agent_id for agent in chosen] == ["id-0", "id-1"]

    def test_a_moment_that_is_past_here_is_said(self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog]) -> None:
        dialog = ask(ActionKind.REBOOT_AT, fleet(1))
        assert dialog.moment is not None
        dialog.moment.setDateTime(datetime(2020, 1, 1))  # type: ignore[arg-type]
        assert "past on this computer" in texts(dialog)

    def test_who_is_signed_in_is_named(self, ask: Callable[[ActionKind, list[Agent]], ConfirmDialog]) -> None:
        dialog = ask(ActionKind.REBOOT, fleet(1, logged_username="jdoe"))
        assert "jdoe is signed in there." in texts(dialog)
        assert dialog.go_on.text() == "Reboot pc-0"


def outcome(number: int) -> Outcome:
    """pc-1 is silent, pc-2 is refused, pc-3 is late, the others are done."""
    problem = {1: AgentSilent("silent", "wait"), 2: NotAllowed("refused", "ask"), 3: TimedOut("late", "again")}
    return Outcome(0.5 + number, problem=problem.get(number))


@pytest.fixture
def run(qtbot: QtBot) -> FleetRun:
    """Five of six machines were asked; the last was offline and silent as well, so nothing happened there."""
    agents = [*fleet(5), named("id-5", hostname="=evil", status=OFFLINE)]
    made = FleetRun("one", FleetAction(ActionKind.REBOOT), agents, lambda: None)
    for number in range(5):
        ask = made.take()
        assert ask is not None
        made.answered(ask, outcome(number))
    return made


@pytest.fixture
def window(run: FleetRun, appearance: Appearance, qtbot: QtBot) -> ResultsWindow:
    made = ResultsWindow(run, appearance, Inline())
    qtbot.addWidget(made)
    made.show()
    return made


def end(run: FleetRun) -> None:
    ask = run.take()
    assert ask is not None
    run.answered(ask, Outcome(10.0, problem=AgentSilent("silent", "wait")))


def column(window: ResultsWindow, number: int) -> list[str]:
    model = window.table.model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


class TestResults:
    def test_each_agent_has_its_row(self, window: ResultsWindow, run: FleetRun) -> None:
        assert column(window, 0) == ["pc-0", "pc-1", "pc-2", "pc-3", "pc-4", "=evil"]
        assert column(window, 2) == ["Done", "Unclear", "Failed", "Unclear", "Done", "Waiting"]
        assert column(window, 3)[:3] == [
            "It is rebooting.",
            "The agent did not answer the RMM.",
            "Your role does not allow it.",
        ]
        assert column(window, 4)[1] == words.LOOK_FIRST
        assert column(window, 5)[0] == "0.5 s"
        assert "1 to go, 2 done, 1 failed, 2 unclear" in texts(window)
        assert window.stop.isVisible()
        assert not window.retry.isVisible()
        assert "closing this window does not stop it" in texts(window)

    def test_when_it_is_over_it_says_what_can_be_done(self, window: ResultsWindow, run: FleetRun) -> None:
        end(run)
        assert window.retry.text() == "Retry failed (4)"
        assert window.retry.isVisible()
        assert not window.stop.isVisible()
        assert window.windowTitle() == "Reboot now: 2 done, 2 failed, 2 unclear"
        assert "look at them first" in texts(window)

    def test_stopped_ones_can_be_asked_later(self, window: ResultsWindow, run: FleetRun, qtbot: QtBot) -> None:
        window.stop.click()
        assert column(window, 2)[-1] == "Not asked"
        assert window.go_on.text() == "Ask the rest (1)"
        window.go_on.click()
        assert run.count(Standing.WAITING) == 1
        qtbot.waitUntil(window.stop.isVisible)

    def test_sorting_puts_what_needs_a_look_first_and_keeps_the_selection(
        self, window: ResultsWindow, run: FleetRun
    ) -> None:
        window.table.selectRow(2)
        window.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
        assert column(window, 2) == ["Unclear", "Unclear", "Failed", "Waiting", "Done", "Done"]
        assert [ask.agent.hostname for ask in window.table.selected()] == ["pc-2"]
        window.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
        assert column(window, 0)[0] == "=evil", "the unknown time stands at an end"
        end(run)
        assert column(window, 2)[0] == "Failed", "a row changes where it is"

    def test_the_problem_of_the_selected_one_is_shown_whole(self, window: ResultsWindow) -> None:
        window.table.selectRow(2)
        assert "pc-2: refused" in texts(window)
        window.table.selectRow(0)
        assert not window._problem_box.isVisible()

    def question(self, window: ResultsWindow) -> QMessageBox:
        (box,) = [box for box in window.findChildren(QMessageBox) if box.isVisible()]
        return box

    def test_those_that_are_unclear_are_asked_about_before_they_are_asked_again(
        self, window: ResultsWindow, run: FleetRun
    ) -> None:
        end(run)
        window.retry.click()
        box = self.question(window)
        assert box.text() == "2 machines may have done it already."
        assert {one.text() for one in box.buttons()} == {"Ask all 4 again", "Ask only the 2 sure", "Cancel"}
        assert box.defaultButton().text() == "Cancel"
        next(one for one in box.buttons() if one.text() == "Cancel").click()
        assert not run.running
        window.retry.click()
        next(one for one in self.question(window).buttons() if one.text() == "Ask only the 2 sure").click()
        assert [ask.agent.hostname for ask in run.asks if ask.standing is Standing.WAITING] == ["pc-2", "=evil"]

    def test_all_may_be_asked_again(self, window: ResultsWindow, run: FleetRun) -> None:
        end(run)
        window.retry.click()
        next(one for one in self.question(window).buttons() if one.text() == "Ask all 4 again").click()
        assert run.count(Standing.WAITING) == 4

    def test_sure_failures_are_asked_again_at_once(self, appearance: Appearance, qtbot: QtBot) -> None:
        run = FleetRun("one", FleetAction(ActionKind.PING), fleet(2), lambda: None)
        window = ResultsWindow(run, appearance, Inline())
        qtbot.addWidget(window)
        while ask := run.take():
            run.answered(ask, Outcome(1.0, problem=TimedOut("late")))
        window.retry.click()
        assert run.count(Standing.WAITING) == 2

    def test_signed_out_nothing_can_be_asked_again(self, window: ResultsWindow, run: FleetRun) -> None:
        end(run)
        assert window.retry.isEnabled()
        run.set_signed_in(False)
        assert not window.retry.isEnabled()
        assert "sign in again" in texts(window)
        run.set_signed_in(True)
        assert window.retry.isEnabled()

    def test_copied_rows_and_the_ones_to_show(self, window: ResultsWindow, qapp: QApplication) -> None:
        window.table.selectRow(1)
        QTest.keyClick(window.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        copied = qapp.clipboard().text()
        assert copied.split("\t")[:4] == ["pc-1", "Acme / HQ", "Unclear", "The agent did not answer the RMM."]
        assert "\n" not in copied
        shown: list[object] = []
        window.show_wanted.connect(lambda server, ids: shown.append((server, ids)))
        window.show_in_list.click()
        window.table.clearSelection()
        window.show_in_list.click()
        assert shown == [("one", ("id-1",)), ("one", tuple(f"id-{n}" for n in range(6)))]

    def test_a_csv_file_has_all_rows_and_no_formula(self, window: ResultsWindow, tmp_path: Path) -> None:
        window.write_csv(tmp_path / "out.csv")
        lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
        assert lines[0] == "Host name,Client / site,Result,What happened,What to do,Time"
        assert len(lines) == 7
        assert lines[-1].startswith("'=evil,")
        assert "6 rows were saved" in texts(window)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (AgentSilent("x", asked_nothing=True), "The RMM has lost its connection to all agents."),
        (AgentRefused("Access is denied.", Call("x"), "host"), "The agent said: Access is denied."),
        (BrokenOff("x"), "The connection to the RMM broke off."),
        (Unreachable("x"), "The RMM could not be reached."),
        (Problem("Something else."), "Something else."),
    ],
)
def test_what_happened_is_said_in_few_words(problem: Problem, said: str) -> None:
    assert words.short(problem) == said


def test_waking_says_who_is_awake() -> None:
    agents = [*fleet(2), named("o", status=OFFLINE)]
    assert words.cautions(ActionKind.WAKE, agents) == [("online", "good", "2 of 3 are online already.")]


class FakeWindow(QWidget):
    page_added = Signal(object, object)
    server_left = Signal(str)
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[Callable[[], list[str]]] = []
        self.page: object = None
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def page_of(self, server_id: str) -> object:
        return self.page

    def show_agents(self, server_id: str, agent_ids: object) -> None:
        raise AssertionError("nothing asks for it here")


class Office:
    def __init__(self, appearance: Appearance, qtbot: QtBot) -> None:
        self.window = FakeWindow()
        qtbot.addWidget(self.window)
        self.window.show()
        self.held = Held()
        self.calls = Calls()
        self.connection = Runs.connect(self.calls)
        self.actions = FleetActions(lambda _: self.held)
        self.actions.signed_in(self.connection)
        self.desk = FleetDesk(cast(MainWindow, self.window), self.actions, appearance, Inline())

    def question(self) -> ConfirmDialog:
        (dialog,) = [one for one in self.window.findChildren(ConfirmDialog) if one.isVisible()]
        return dialog

    @property
    def results(self) -> list[ResultsWindow]:
        return list(self.desk._windows.values())

    def boxes(self) -> list[QMessageBox]:
        return [box for box in self.window.findChildren(QMessageBox) if box.isVisible()]


@pytest.fixture
def office(appearance: Appearance, qtbot: QtBot) -> Iterator[Office]:
    made = Office(appearance, qtbot)
    yield made
    made.desk.close_windows()


class TestDesk:
    def test_a_harmless_one_on_one_machine_just_says_its_result(self, office: Office) -> None:
        office.desk.choose(office.connection, ActionKind.PING, fleet(1))
        office.held.go()
        assert office.window.lines == ["Pinging pc-0 …", "pc-0: It answers the RMM."]
        assert office.results == []
        assert office.actions.runs == []

    def test_one_that_fails_is_told_whole(self, office: Office) -> None:
        office.calls.answers["id-0"] = TimedOut("late", "again")
        office.desk.choose(office.connection, ActionKind.REBOOT, fleet(1))
        assert office.calls.asked == []
        office.question().go_on.click()
        office.held.go()
        (box,) = office.boxes()
        assert box.text() == "pc-0: late"
        assert box.informativeText() == words.LOOK_FIRST

    def test_several_are_asked_about_and_have_a_window(self, office: Office) -> None:
        office.desk.choose(office.connection, ActionKind.PING, fleet(3))
        question = office.question()
        assert question.go_on.text() == "Ping 3 machines"
        question.go_on.click()
        assert len(office.results) == 1
        office.held.go()
        assert column(office.results[0], 2) == ["Done"] * 3
        assert office.window.lines[-1] == "Ping: 3 done."

    def test_those_that_reboot_are_watched_when_that_is_wanted(self, office: Office) -> None:
        heard: list[tuple[str, list[str]]] = []
        office.desk.back_wanted.connect(
            lambda server, agents: heard.append((server, [agent.hostname for agent in agents]))
        )
        office.calls.answers["id-1"] = NotAllowed("no")
        for wanted in (False, True):
            office.desk.choose(office.connection, ActionKind.REBOOT, fleet(3))
            tell = office.question().tell
            assert tell is not None
            tell.setChecked(wanted)
            office.question().go_on.click()
            office.held.go()
        assert heard == [("one", ["pc-0", "pc-2"])]
        office.calls.answers.clear()
        run = office.actions.runs[-1]
        run.retry(run.failed)
        office.held.go()
        assert heard[1:] == [("one", ["pc-1"])], "each once"

    @pytest.mark.parametrize("from_cache", [True, False])
    def test_a_list_of_an_earlier_run_is_said(self, office: Office, from_cache: bool) -> None:
        office.window.page = SimpleNamespace(watch=SimpleNamespace(from_cache=from_cache))
        office.desk.choose(office.connection, ActionKind.REBOOT, fleet(2))
        assert ("The list is that of an earlier run" in texts(office.question())) is from_cache

    def test_cancelling_asks_nobody(self, office: Office) -> None:
        office.desk.choose(office.connection, ActionKind.SHUT_DOWN, fleet(3))
        office.question().reject()
        office.held.go()
        assert office.calls.asked == []

    def test_closed_while_it_runs_it_goes_on_and_its_results_can_be_seen_again(self, office: Office) -> None:
        office.calls.answers["id-2"] = NotAllowed("no")
        office.desk.begin(office.connection, FleetAction(ActionKind.REBOOT), fleet(9))
        office.results[0].close()
        assert "goes on" in office.window.lines[-1]
        assert office.window.under_way[0]() == ["Reboot now: 9 to go; those to go are not asked any more"]
        office.held.go()
        assert office.window.under_way[0]() == []
        assert len(office.calls.asked) == 9
        menu = QMenu()
        office.desk.fill(menu, office.connection, fleet(1))
        again = next(action for action in menu.actions() if action.text().startswith("Results:"))
        assert again.text() == "Results: reboot now, 8 done, 1 failed"
        again.trigger()
        office.results[0].close()
        assert office.actions.runs == [], "they stay until they are closed"

    def test_what_can_be_done_to_none_says_so(self, office: Office) -> None:
        office.desk.choose(office.connection, ActionKind.REBOOT_AT, fleet(2, plat=Platform.MACOS))
        assert "Windows only" in office.window.lines[-1]
        assert office.calls.asked == []

    def test_signing_out_stops_it(self, office: Office) -> None:
        office.desk.begin(office.connection, FleetAction(ActionKind.PING), fleet(9))
        office.window.server_left.emit("one")
        office.held.go()
        assert len(office.calls.asked) == 5

    def test_the_end_of_the_console_stops_it_and_closes_its_windows(self, office: Office) -> None:
        office.desk.begin(office.connection, FleetAction(ActionKind.PING), fleet(9))
        office.window.closing.emit()
        assert office.results == []
        office.held.go()
        assert len(office.calls.asked) == 5
