"""Tabs and windows of sessions: moved about with the mouse while what runs in them goes on."""

import os
import secrets
import signal
import sys

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget

from console.mesh.command import SetPicture
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.session.wishes import Wish
from console.ui.workspace.pane import Pane
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.web import WebPage, has_focus

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"


def terminal(console: Console, rmm: Rmm, live: int = 0) -> Session:
    console.window.tabs.setCurrentIndex(0)
    session = console.open(rmm.live[live].hostname, SessionKind.TERMINAL)
    console.connected(session)
    return session


def shell(console: Console, rmm: Rmm, session: Session) -> int:
    """The process id of the shell that runs in a terminal, as it says itself."""
    proof = rmm.mesh.home / f"shell {secrets.token_hex(4)}"
    page = WebPage(console, session)
    console.until(lambda: page.view.isVisible(), "the terminal is not to be seen")
    page.click(".xterm-screen")
    console.hands.type(f"echo $$ > '{proof}'")
    console.hands.press("Return")
    console.until(lambda: proof.exists() and proof.read_text().strip() != "", "the shell did not answer", seconds=90)
    return int(proof.read_text())


def tab_place(pane: Pane, widget: QWidget) -> QPoint:
    return pane.tabBar().tabRect(pane.indexOf(widget)).center()


def bar_button(console: Console, session: Session, name: str) -> QAbstractButton:
    buttons = console.tab(session).window().findChildren(QAbstractButton)
    return next(each for each in buttons if each.accessibleName() == name and each.isVisible())


def choose(console: Console, title: str) -> None:
    """Clicks an entry of the menu that is open."""

    def entry() -> QMenu | None:
        menu = QApplication.activePopupWidget()
        return menu if isinstance(menu, QMenu) else None

    console.until(lambda: entry() is not None, "no menu opened")
    menu = entry()
    assert menu is not None
    action = next(each for each in menu.actions() if each.text() == title)
    console.hands.click(menu, menu.actionGeometry(action).center())


def test_a_tab_is_dragged_out_and_back_with_its_shell_running(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    before = shell(console, rmm, session)
    window, pane = console.window, console.window.tabs
    hands.drag_to(pane.tabBar(), tab_place(pane, console.tab(session)), window.mapToGlobal(QPoint(500, 500)))
    console.until(lambda: len(window.workspace.windows) == 1, "no window of its own")
    detached = window.workspace.windows[0]
    console.until(detached.isActiveWindow, "the new window is not in front")
    assert console.tab(session).window() is detached
    assert pane.count() == 1
    assert shell(console, rmm, session) == before

    detached.move(40, 330)
    console.until(lambda: detached.geometry().top() > 300, "the window did not move")
    own = detached.area.left
    target = pane.tabBar().mapToGlobal(QPoint(pane.tabBar().width() - 4, pane.tabBar().height() // 2))
    hands.drag_to(own.tabBar(), tab_place(own, console.tab(session)), target)
    console.until(lambda: not window.workspace.windows, "the empty window is still there")
    assert console.tab(session).window() is window
    window.activateWindow()
    assert shell(console, rmm, session) == before
    assert len(rmm.api.audit) == 1


def test_a_window_comes_back_where_it_was(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    hands.click(bar_button(console, session, "Move to a window of its own"))
    console.until(lambda: len(console.window.workspace.windows) == 1, "no window of its own")
    detached = console.window.workspace.windows[0]
    console.until(lambda: detached.isVisible() and detached.isActiveWindow())
    detached.move(120, 90)
    detached.resize(1000, 600)
    console.until(lambda: detached.size().width() == 1000 and detached.pos() == QPoint(120, 90), "it did not move")
    place = detached.geometry()
    hands.click(bar_button(console, session, "Bring back to the main window"))
    console.until(lambda: not console.window.workspace.windows)
    desk.end(console)

    again = desk.signed_in(rmm)
    session = terminal(again, rmm)
    hands.click(bar_button(again, session, "Move to a window of its own"))
    again.until(lambda: len(again.window.workspace.windows) == 1)
    window = again.window.workspace.windows[0]
    again.until(lambda: window.geometry() == place, lambda: f"{window.geometry()} instead of {place}")


def test_two_sessions_side_by_side_take_turns_with_the_keyboard(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    first, second = terminal(console, rmm), terminal(console, rmm, 1)
    hands.click(bar_button(console, second, "Show side by side"))
    console.until(lambda: console.window.area.is_split, "there is no second side")
    console.window.tabs.setCurrentWidget(console.tab(first))
    pages = [WebPage(console, session) for session in (first, second)]
    console.until(lambda: all(page.view.isVisible() for page in pages), "one of them is hidden")
    shells = [shell(console, rmm, session) for session in (first, second)]
    assert len(set(shells)) == 2
    assert has_focus(pages[1].view)
    assert shell(console, rmm, first) == shells[0]
    assert has_focus(pages[0].view)
    hands.click(console.window.area.right.tabBar(), tab_place(console.window.area.right, console.tab(second)), button=2)
    hands.click(console.wait_for_button("End the session"))
    console.until(lambda: not console.window.area.is_split, "the second side did not go")
    assert shell(console, rmm, first) == shells[0]


def test_full_screen_hides_its_bar_and_is_left_in_every_way(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    before = shell(console, rmm, session)
    workspace = console.window.workspace

    def enter() -> QWidget:
        hands.click(bar_button(console, session, "Full screen"))
        console.until(lambda: workspace.full_screen is not None, "no full screen")
        full = workspace.full_screen
        assert full is not None
        console.until(lambda: full.isActiveWindow() and full.size() == full.screen().size(), "it is not full screen")
        return full

    full = enter()
    bar = console.tab(session).bar
    hands.move(full.mapToGlobal(QPoint(300, 500)))
    console.until(lambda: not bar.isVisible(), "the bar does not hide")
    assert WebPage(console, session).view.size() == full.size()
    assert shell(console, rmm, session) == before
    hands.move(full.mapToGlobal(QPoint(300, 1)))
    console.until(bar.isVisible, "the bar does not come back")
    hands.click(bar_button(console, session, "Leave full screen"))
    console.until(lambda: workspace.full_screen is None, "its button does not leave it")
    assert console.tab(session).window() is console.window
    assert console.tab(session).bar.isVisible()

    full = enter()
    full.close()
    console.until(lambda: workspace.full_screen is None, "closing it does not leave it")
    assert session.state is State.CONNECTED

    full = enter()
    console.tab(session).bar.focus_first()
    hands.press("Escape")
    console.until(lambda: workspace.full_screen is None, "Escape in the bar does not leave it")
    assert shell(console, rmm, session) == before


def test_what_moves_a_tab_leaves_full_screen_first(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    before = shell(console, rmm, session)
    workspace = console.window.workspace
    workspace.enter_full_screen(console.tab(session))
    console.until(lambda: workspace.full_screen is not None and workspace.full_screen.isActiveWindow())
    workspace.grant(console.tab(session), Wish.DETACH)
    assert workspace.full_screen is None
    (detached,) = workspace.windows
    assert console.tab(session).window() is detached

    workspace.enter_full_screen(console.tab(session))
    assert not detached.isVisible(), "an empty window could be closed"
    workspace.leave_full_screen()
    console.until(
        lambda: detached.isVisible() and console.tab(session).isVisible(), "the session is nowhere to be seen"
    )
    assert shell(console, rmm, session) == before


def test_a_window_that_is_dragged_out_stays_on_the_screen(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    room = console.window.screen().availableGeometry()
    detached = console.window.workspace.detach(console.tab(session), room.bottomRight())
    console.until(lambda: detached.isVisible() and room.contains(detached.geometry()), lambda: str(detached.geometry()))


def test_an_agent_that_is_waited_for_is_not_waited_for_twice(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    rmm.api.status_override[rmm.live[0].agent_id] = "offline"
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
    hands.click(console.wait_for_button("Connect when it comes online", console.tab(session)))
    console.window.tabs.setCurrentIndex(0)
    hands.click_row(console.agents.table, console.row(rmm.live[0].hostname), times=2)
    console.until(lambda: console.tab(session).isVisible(), "its tab did not come to the front")
    assert list(console.app.sessions) == [session]


def test_view_only_outlasts_a_page_that_dies(desk: Desk, rmm: Rmm) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.CONTROL)
    console.connected(session)
    actions = console.tab(session).actions_of
    console.until(actions.view_only.isEnabled, "it cannot be switched")
    actions.view_only.trigger()
    session.do(SetPicture(90, 100, 400))
    console.until(lambda: session.facts.picture is not None and session.facts.picture.view_only)
    os.kill(WebPage(console, session).page.renderProcessPid(), signal.SIGKILL)
    console.until(lambda: session.state is State.LOST)
    console.connected(session)

    def told() -> bool:
        picture = session.facts.picture
        return picture is not None and (picture.view_only, picture.quality, picture.milliseconds) == (True, 90, 400)

    console.until(told, lambda: str(session.facts.picture))


def test_a_tab_is_dropped_on_the_right_half_of_a_page(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    first, second = terminal(console, rmm), terminal(console, rmm, 1)
    window, pane = console.window, console.window.tabs
    before = shell(console, rmm, second)
    pane.setCurrentWidget(console.tab(first))
    target = WebPage(console, first).view
    place = target.mapToGlobal(QPoint(target.width() * 3 // 4, target.height() // 2))
    hands.drag_to(pane.tabBar(), tab_place(pane, console.tab(second)), place)
    console.until(lambda: window.area.is_split, "there is no second side")
    assert [tab.session for tab in window.area.right.tabs] == [second]
    assert window.workspace.windows == ()
    assert shell(console, rmm, second) == before
    console.until(lambda: console.tab(second).title in window.windowTitle(), window.windowTitle)


def test_an_upload_from_a_detached_session_asks_there_too(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    (rmm.mesh.home / "taken.txt").write_text("the old one")
    local = desk.folder / "taken.txt"
    local.write_text("the new one")
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    console.window.workspace.detach(console.tab(session))
    console.app.transfers._upload_to(console.app.transfers._far(session), [local], str(rmm.mesh.home))
    messages = console.tab(session).messages
    console.until(lambda: any(each.question for each in console.app.transfers), "it does not ask")
    hands.click(console.wait_for_button("Show transfers", messages))
    console.until(console.window.isActiveWindow, "the window with the panel is not in front")
    assert (rmm.mesh.home / "taken.txt").read_text() == "the old one"
    (rmm.mesh.home / "taken.txt").unlink()


def test_the_agents_stay_first_and_tabs_are_put_in_order(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    first, second = terminal(console, rmm), terminal(console, rmm, 1)
    pane = console.window.tabs
    places = [tab_place(pane, console.tab(session)) for session in (first, second)]
    hands.drag(pane.tabBar(), places[1], places[0] - QPoint(30, 0))
    console.until(lambda: [tab.session for tab in pane.tabs] == [second, first], "the tabs were not exchanged")
    hands.drag(pane.tabBar(), tab_place(pane, console.tab(second)), QPoint(5, 15))
    console.until(lambda: pane.indexOf(console.window.home) == 0, "the agents are not first any more")
    assert pane.tabText(0) == "Agents"
    assert {tab.session for tab in pane.tabs} == {first, second}


def test_middle_click_closes_after_asking_and_what_was_closed_opens_again(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    pane = console.window.tabs
    hands.click(pane.tabBar(), tab_place(pane, console.tab(session)), button=2)
    hands.click(console.wait_for_button("End the session"))
    console.until(lambda: pane.count() == 1, "the tab is still there")
    console.window.workspace.reopen()
    console.until(lambda: pane.count() == 2, "it was not opened again")
    (again,) = console.app.sessions
    assert (again.agent.agent_id, again.kind) == (session.agent.agent_id, SessionKind.TERMINAL)
    console.connected(again)
    assert len(rmm.api.audit) == 1


def test_the_menu_of_a_tab_duplicates_it_beside_it(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    first, second = terminal(console, rmm), terminal(console, rmm, 1)
    pane = console.window.tabs
    hands.click(pane.tabBar(), tab_place(pane, console.tab(first)), button=3)
    choose(console, "Duplicate")
    console.until(lambda: len(pane.tabs) == 3, "there is no second one")
    twin = pane.tabs[1].session
    assert [tab.session for tab in pane.tabs] == [first, twin, second]
    console.connected(twin)
    second_shell = shell(console, rmm, twin)
    pane.setCurrentWidget(console.tab(first))
    assert shell(console, rmm, first) != second_shell


def test_one_click_switches_between_the_kinds_and_each_goes_on(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    before = shell(console, rmm, session)
    hands.click(bar_button(console, session, "Files of this agent"))
    console.until(lambda: len(list(console.app.sessions)) == 2, "no files session")
    files = next(each for each in console.app.sessions if each is not session)
    assert files.kind is SessionKind.FILES
    console.connected(files)
    hands.click(bar_button(console, files, "Terminal of this agent"))
    console.until(lambda: console.tab(session).isVisible(), "the terminal did not come to the front")
    assert len(list(console.app.sessions)) == 2
    assert shell(console, rmm, session) == before
    assert len(rmm.api.audit) == 1


def test_the_first_session_says_which_key_gives_the_keyboard_back(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    desk.prefer(host_key_known=False)
    console = desk.signed_in(rmm)
    session = terminal(console, rmm)
    messages = console.tab(session).messages
    console.until(messages.isVisible, "nothing is said about the key")
    hands.click(console.wait_for_button("Use this key", messages))
    console.until(lambda: not messages.isVisible())
    console.until(lambda: has_focus(WebPage(console, session).view), "the terminal has not the keyboard")
    desk.end(console)
    again = desk.signed_in(rmm)
    session = terminal(again, rmm)
    again.until(lambda: has_focus(WebPage(again, session).view), "the terminal has not the keyboard")
    assert not again.tab(session).messages.isVisible()


def test_the_host_key_leads_to_the_bar_and_the_keys_of_the_console(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    first, second = terminal(console, rmm), terminal(console, rmm, 1)
    view = WebPage(console, second).view
    console.until(lambda: has_focus(view), "the terminal has not the keyboard")
    hands.press("ctrl+Tab", "ctrl+w")
    assert console.window.tabs.currentWidget() is console.tab(second)
    hands.press("Control_R")
    console.until(lambda: not has_focus(view), "the keyboard was not given back")
    focus = QApplication.focusWidget()
    assert focus is not None
    assert console.tab(second).bar.isAncestorOf(focus)
    hands.press("ctrl+shift+Tab")
    console.until(lambda: console.window.tabs.currentWidget() is console.tab(first), "the tab before did not come")
    console.until(lambda: has_focus(WebPage(console, first).view))
    hands.press("Control_R")
    console.until(lambda: not has_focus(WebPage(console, first).view))
    hands.press("ctrl+w")
    hands.click(console.wait_for_button("End the session"))
    console.until(lambda: len(list(console.app.sessions)) == 1)
    console.until(lambda: has_focus(view), "the other session did not get the keyboard")
    hands.press("Control_R", "ctrl+shift+t")
    console.until(lambda: len(list(console.app.sessions)) == 2, "what was closed did not come back")
