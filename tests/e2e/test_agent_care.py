"""Restarting a machine and repairing its Mesh agent, from the menus of the list and of a session's tab."""

import threading

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from console.demo.fleet import Machine
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.session.stages import Stages
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e


def choose(console: Console, title: str) -> None:
    """Clicks an entry of the menu that is open."""

    def menu() -> QMenu | None:
        popup = QApplication.activePopupWidget()
        return popup if isinstance(popup, QMenu) else None

    console.until(lambda: menu() is not None, "no menu opened")
    opened = menu()
    assert opened is not None
    action = next(each for each in opened.actions() if each.text() == title)
    console.hands.click(opened, opened.actionGeometry(action).center())


def tab_menu(console: Console, session: Session) -> None:
    bar = console.window.tabs.tabBar()
    place: QPoint = bar.tabRect(console.window.tabs.indexOf(console.tab(session))).center()
    console.hands.click(bar, place, button=3)


def agent_menu(console: Console, rmm: Rmm) -> None:
    console.hands.click_row(console.agents.table, console.row(rmm.live[0].hostname), button=3)


def words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text())


def says(console: Console, session: Session, text: str) -> None:
    tab = console.tab(session)
    console.until(lambda: text in words(tab), lambda: f"not said: {text}; but: {words(tab)}", seconds=60)


def test_a_restart_shows_its_stages_and_the_session_is_back(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    down = threading.Event()

    def restart(machine: Machine) -> None:
        rmm.mesh.agent.stop()
        down.wait(20)
        rmm.mesh.agent.start()

    rmm.api.actions.on_reboot = restart
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    try:
        tab_menu(console, session)
        choose(console, "Restart and come back")
        hands.click(console.wait_for_button("Restart"))
        says(console, session, f"{rmm.live[0].hostname} is being restarted.")
        stages = console.tab(session).findChild(Stages)
        assert stages is not None
        assert stages.isVisible()
        assert "Asked to restart" in words(stages)
        assert "Connected again" in words(stages)
    finally:
        down.set()
    console.until(lambda: session.state is State.CONNECTED, "it did not come back", seconds=90)
    says(console, session, "has restarted")
    WebPage(console, session).shell_works(rmm.mesh.home)
    assert len(rmm.api.audit) == 1


def test_nothing_restarts_before_it_is_confirmed(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    restarted: list[str] = []
    rmm.api.actions.on_reboot = lambda machine: restarted.append(machine.hostname)
    console = desk.signed_in(rmm)
    agent_menu(console, rmm)
    choose(console, "Restart and come back")
    hands.click(console.wait_for_button("Cancel"))
    agent_menu(console, rmm)
    choose(console, "Restart and come back")
    console.wait_for_button("Restart")
    assert restarted == []
    hands.press("Escape")
    assert ("POST", f"/agents/{rmm.live[0].agent_id}/reboot/") not in rmm.api.requests


def test_a_restart_that_is_refused_is_said(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    def refuse(machine: Machine) -> None:
        raise Problem("Unable to contact the agent")

    rmm.api.actions.on_reboot = refuse
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    rmm.api.status_override[rmm.live[0].agent_id] = "offline"
    tab_menu(console, session)
    choose(console, "Restart and come back")
    hands.click(console.wait_for_button("Restart"))
    console.until(lambda: session.reboot is not None and session.reboot.problem is not None)
    assert session.reboot is not None
    assert session.reboot.problem is not None
    says(console, session, session.reboot.problem.what)
    assert session.state is State.CONNECTED


@pytest.mark.parametrize("from_the_tab", [True, False])
def test_the_mesh_connection_is_recovered_from_both_menus(
    desk: Desk, rmm: Rmm, hands: Hands, from_the_tab: bool
) -> None:
    repaired: list[str] = []
    rmm.api.actions.on_repair = lambda machine: repaired.append(machine.hostname)
    console = desk.signed_in(rmm)
    if from_the_tab:
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        console.connected(session)
        tab_menu(console, session)
        choose(console, "Recover the Mesh connection")
        says(console, session, "Repaired mesh agent")
    else:
        agent_menu(console, rmm)
        choose(console, "Recover the Mesh connection")
        console.until(lambda: "Repaired mesh agent" in words(console.window), "the result is not said")
    assert repaired == [rmm.live[0].hostname]
