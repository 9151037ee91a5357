"""The details beside the list in the real window, with real keys and clicks, over an RMM that can be slow or refuse."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton

from console.ui.detail.pane import DetailPane
from console.ui.detail.section_bar import Section
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e


@pytest.fixture
def rmm() -> Iterator[Rmm]:
    with rmm_without_mesh() as made:
        yield made


def pane_of(console: Console) -> DetailPane:
    (pane,) = console.agents.findChildren(DetailPane)
    assert pane.isVisible()
    return pane


def windows_hosts(rmm: Rmm) -> list[str]:
    """Machines that tell of everything."""
    machines = [one for one in rmm.fleet.machines if one.plat == "windows" and not one.presence.never]
    return [machine.hostname for machine in machines]


def choose(console: Console, hostname: str) -> None:
    console.hands.click_row(console.agents.table, console.row(hostname))
    pane = pane_of(console)
    console.until(lambda: pane.agent is not None and pane.agent.hostname == hostname, f"{hostname} is not shown")


def show(console: Console, section: Section) -> None:
    console.hands.click(pane_of(console).bar.buttons[section])


def asked(rmm: Rmm, ending: str = "") -> list[str]:
    """What was asked about single agents."""
    starts = ("/agents/", "/software/", "/winupdate/")
    return [
        path for _, path in rmm.api.requests if path.startswith(starts) and len(path) > 40 and path.endswith(ending)
    ]


def test_moving_along_the_list_asks_nothing_until_it_rests(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    table = console.agents.table
    hands.click_row(table, table.model().index(0, 1))
    pane = pane_of(console)
    console.until(lambda: bool(pane.summary.disks.shown or pane.agent), "nothing is shown")
    console.until(lambda: len(asked(rmm)) == 1)
    first = pane.agent
    rmm.api.requests.clear()
    hands._xdotool("key", "--delay", 15, *["Down"] * 12)  # faster than one press and look at a time
    console.until(lambda: table.currentIndex().row() == 12, "the keys did not arrive")
    console.until(lambda: bool(asked(rmm)), "nothing is asked at the end")
    console._qtbot.wait(400)
    assert pane.agent not in (None, first)
    assert pane.agent is not None
    assert asked(rmm)[-1] == f"/agents/{pane.agent.agent_id}/"
    assert len(asked(rmm)) < 12 / 2, "agents were asked about that were only passed"


def test_a_slow_part_holds_up_no_other(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    rmm.api.details.delays["software"] = 60.0
    choose(console, windows_hosts(rmm)[0])
    show(console, Section.SOFTWARE)
    pane = pane_of(console)
    console.until(pane.pages[Section.SOFTWARE].busy.isVisible, "it is not said that it is loading")
    show(console, Section.CHECKS)
    console.until(pane.pages[Section.CHECKS].content.isVisible, "the checks wait for the software")
    assert pane.lists[Section.CHECKS].model.shown
    choose(console, windows_hosts(rmm)[1])
    console.until(pane.pages[Section.CHECKS].content.isVisible, "another agent waits for the software of the first")
    before = console.agents.watch.as_of
    console.agents.watch.refresh()
    console.until(lambda: console.agents.watch.as_of != before, "the list waits for the software")


def test_what_the_role_forbids_is_said_once(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    rmm.api.details.forbidden.add("tasks")
    first, second = windows_hosts(rmm)[:2]
    choose(console, first)
    show(console, Section.TASKS)
    pane = pane_of(console)
    words = pane.pages[Section.TASKS].words
    console.until(lambda: "does not include the tasks" in words.text() and words.isVisible())
    show(console, Section.SUMMARY)
    console.until(lambda: not pane.bar.buttons[Section.TASKS].isVisible(), "the section is still offered")
    choose(console, second)
    console.until(lambda: f"{second}" in pane.header.host.text())
    assert len(asked(rmm, "/tasks/")) == 1


def test_a_note_is_added_changed_and_deleted(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    hostname, other = windows_hosts(rmm)[:2]
    machine = next(one for one in rmm.fleet.machines if one.hostname == hostname)
    choose(console, hostname)
    show(console, Section.NOTES)
    pane = pane_of(console)
    notes = pane.note_list
    hands.click(notes.writer.edit)
    hands.type("Printer moved")
    choose(console, other)
    console.until(lambda: notes.writer.edit.toPlainText() == "")
    choose(console, hostname)
    console.until(lambda: notes.writer.edit.toPlainText() == "Printer moved", "what was typed is lost")
    console.window.close()
    console.until(lambda: bool(console.window.findChildren(QMessageBox)), "closing does not ask about the note")
    (question,) = console.window.findChildren(QMessageBox)
    assert question.informativeText() == f"A note that is not saved: {hostname}"
    hands.press("Return")
    console.until(lambda: not console.window.findChildren(QMessageBox))
    assert console.window.isVisible(), "Enter alone closed it"
    hands.click(notes.writer.save)
    console.until(lambda: len(notes.cards) == 1, "the note is not shown")
    assert [note.text for note in rmm.api.notes.of(machine.agent_id)] == ["Printer moved"]
    hands.click(console.wait_for_button("Edit", pane))
    hands.press("ctrl+a")
    hands.type("Printer is back")
    hands.press("ctrl+Return")
    console.until(lambda: "Printer is back" in [one.text() for one in notes.findChildren(QLabel) if one.isVisible()])
    hands.click(console.wait_for_button("Delete", pane))
    console.until(lambda: bool(pane.findChildren(QMessageBox)), "it is not asked whether to delete it")
    (question,) = pane.findChildren(QMessageBox)
    hands.click(next(one for one in question.findChildren(QPushButton) if one.text() == "Delete"))
    console.until(lambda: not notes.cards, "the note is still shown")
    assert rmm.api.notes.of(machine.agent_id) == []


def test_output_unfolds(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    choose(console, windows_hosts(rmm)[0])
    show(console, Section.HISTORY)
    pane = pane_of(console)
    history = pane.lists[Section.HISTORY]
    console.until(lambda: bool(history.model.shown), "there is no history")
    hands.click_row(history.view, history.model.index(0, 0))
    console.until(history.output.isVisible, "a click does not unfold the output")
    assert history.output.toPlainText() == history.model.shown[0].more
    hands.press("Escape")
    console.until(lambda: not history.output.isVisible(), "Escape does not fold it")
    hands.press("Return")
    console.until(history.output.isVisible, "Enter does not unfold it")


def test_several_selected_are_counted(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    choose(console, windows_hosts(rmm)[0])
    hands.press("ctrl+a")
    total = len(console.agents.watch.store)
    pane = pane_of(console)
    console.until(
        lambda: f"{total} agents are selected" in [one.text() for one in pane.findChildren(QLabel) if one.isVisible()]
    )
