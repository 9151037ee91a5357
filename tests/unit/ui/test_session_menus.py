from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from console.mesh.command import (
    KEYS,
    Command,
    PressKeys,
    Refresh,
    SetPicture,
    SetScale,
    SetViewOnly,
    ShareClipboard,
    ShowDisplay,
    TypeText,
)
from console.mesh.report import FEATURES, Display, Displays, Features, Picture
from console.mesh.session_kind import SessionKind
from console.preferences import Theme
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.session import menus
from console.ui.session.actions import SessionActions
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from tests.unit.fleet.agents import named
from tests.unit.sessions.parts import FakePage, far_server


class Control:
    """A control session whose page can do everything, with its actions and a widget for menus."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        self.page = FakePage(session)
        session.page = self.page
        session.facts.take(Features(reasons=dict.fromkeys(FEATURES, "")))
        session.facts.take(Displays(displays=(Display(1, "Left"), Display(2, "Right")), shown=2))
        session.facts.take(Picture(quality=42, scaling=100, milliseconds=50))
        self.session = session
        self.actions = SessionActions(session, appearance, session)
        self.parent = QWidget()
        self.reach(State.CONNECTED)

    def reach(self, state: State) -> None:
        self.session._progress.go_to(state)
        self.session.changed.emit()

    def sent(self, action: QAction) -> Command:
        before = len(self.page.commands)
        action.trigger()
        (command,) = self.page.commands[before:]
        return command


@pytest.fixture
def control(qapp: QApplication, qtbot: QtBot) -> Iterator[Control]:
    with far_server() as far:
        agent = named("a" * 40, hostname="HOST")
        session = Session(agent, SessionKind.CONTROL, far.connection, FakePage, lambda agent: None)
        made = Control(session, Appearance(qapp, Theme.LIGHT))
        qtbot.addWidget(made.parent)
        yield made
    qapp.setStyleSheet("")


def entries(menu: QMenu) -> dict[str, QAction]:
    """What a menu offers, with that of its submenus, as it is when it opens."""
    menu.aboutToShow.emit()
    found: dict[str, QAction] = {}
    for action in menu.actions():
        found[action.text()] = action
        part = action.menu()
        if isinstance(part, QMenu):
            found |= {each.text(): each for each in part.actions()}
    return found


def test_every_choice_of_keys_is_one_that_a_page_knows(control: Control) -> None:
    offered = entries(menus.keys_menu(control.session, control.actions, control.parent))
    for title, keys in menus.KEY_CHOICES:
        assert set(keys) <= KEYS
        assert control.sent(offered[title]) == PressKeys(keys)
    assert control.sent(offered["F11"]) == PressKeys(("f11",))


def test_the_clipboard_is_typed_where_it_holds_text(control: Control) -> None:
    menu = menus.keys_menu(control.session, control.actions, control.parent)
    QGuiApplication.clipboard().clear()
    assert not entries(menu)["Type the clipboard"].isEnabled()
    QGuiApplication.clipboard().setText("net user Jörg /add\n")
    assert control.sent(entries(menu)["Type the clipboard"]) == TypeText("net user Jörg /add\n")


def test_displays_are_those_of_the_agent_with_the_shown_one_marked(control: Control) -> None:
    offered = entries(menus.displays_menu(control.session, control.parent))
    assert [(title, action.isChecked()) for title, action in offered.items()] == [("Left", False), ("Right", True)]
    assert control.sent(offered["Left"]) == ShowDisplay(1)


def test_one_setting_of_the_picture_leaves_the_others(control: Control) -> None:
    offered = entries(menus.picture_menu(control.session, control.actions, control.parent))
    assert offered["Medium"].isChecked()
    assert control.sent(offered["Best"]) == SetPicture(90, 100, 50)
    assert control.sent(offered["Half"]) == SetPicture(42, 50, 50)
    assert control.sent(offered["One picture a second"]) == SetPicture(42, 100, 1000)
    assert control.sent(offered["Pixel for pixel"]) == SetScale(fit=False)


def test_switches_say_what_is_wanted(control: Control) -> None:
    assert control.sent(control.actions.view_only) == SetViewOnly(on=True)
    assert control.sent(control.actions.clipboard) == ShareClipboard(on=True)
    assert control.sent(control.actions.refresh) == Refresh()


def test_switches_follow_what_the_page_says(control: Control) -> None:
    control.session.facts.take(Picture(view_only=True, clipboard=True))
    control.session.changed.emit()
    assert control.actions.view_only.isChecked()
    assert control.actions.clipboard.isChecked()


def test_without_a_connection_nothing_of_the_page_is_offered(control: Control) -> None:
    control.reach(State.CONNECTING)
    offered = entries(menus.keys_menu(control.session, control.actions, control.parent))
    assert not offered["Ctrl+Alt+Del"].isEnabled()
    assert offered["Ctrl+Alt+Del"].toolTip() == "The session is not connected."
    assert not control.actions.view_only.isEnabled()


def test_where_a_tab_is_decides_what_it_offers(control: Control) -> None:
    actions = control.actions
    wishes: list[Wish] = []
    actions.wanted.connect(wishes.append)
    actions.placed(detached=False, alone=True, full_screen=False)
    assert (actions.detach.isVisible(), actions.bring_back.isVisible()) == (True, False)
    actions.placed(detached=True, alone=True, full_screen=False)
    assert (actions.detach.isVisible(), actions.bring_back.isVisible()) == (False, True)
    assert not actions.other_side.isEnabled()
    actions.placed(detached=False, alone=False, full_screen=True)
    assert not actions.other_side.isVisible()
    assert actions.full_screen.text() == "Leave full screen"
    actions.full_screen.trigger()
    assert wishes == [Wish.FULL_SCREEN]
