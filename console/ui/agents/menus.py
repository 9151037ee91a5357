"""The menus of the agents table: what can be done with agents, and which columns are shown."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.models import Agent
from console.ui import icons
from console.ui.agents.columns import PARTS, ColumnSpec
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance

ACTIONS = (
    (SessionKind.CONTROL, "Take control", "control"),
    (SessionKind.TERMINAL, "Terminal", "terminal"),
    (SessionKind.FILES, "Files", "files"),
)
_WISHES = (
    (Wish.REBOOT, "Restart and come back", "reboot"),
    (Wish.RESTART_AGENT, "Restart the Mesh agent", "repair"),
    (Wish.RECOVER, "Recover the Mesh connection", "repair"),
    (Wish.WEB_PAGE, "Open in the RMM's web page", "external"),
)
_KEYS = {SessionKind.TERMINAL: "Ctrl+Return", SessionKind.FILES: "Shift+Return"}

MenuSection = Callable[[QMenu, list[Agent]], None]
"""Adds entries about some agents to a menu."""


def agent_menu(
    parent: QWidget,
    appearance: Appearance,
    default: SessionKind,
    want: Callable[[SessionKind], object],
    wish: Callable[[Wish], object],
    *,
    several: bool,
) -> QMenu:
    """What can be done with one agent. With several selected only a session is for one of them."""
    menu = QMenu(parent)
    colour = appearance.colours.text
    for kind, title, picture in ACTIONS:
        action = QAction(icons.icon(picture, colour), title, menu)
        if kind is default:
            menu.setDefaultAction(action)
            action.setShortcut(QKeySequence("Return"))
        elif kind in _KEYS:
            action.setShortcut(QKeySequence(_KEYS[kind]))
        action.triggered.connect(lambda _=False, kind=kind: want(kind))
        menu.addAction(action)
    menu.addSeparator()
    for one, title, picture in _WISHES:
        action = QAction(icons.icon(picture, colour), title, menu)
        action.triggered.connect(lambda _=False, one=one: wish(one))
        action.setEnabled(not several)  # which of them would it be?
        menu.addAction(action)
    return menu


class _StayingMenu(QMenu):
    """Stays open while its entries are ticked: one chooses several."""

    def __init__(self, parent: QWidget, title: str = "") -> None:
        super().__init__(title, parent)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        if not self._tick(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        ticks = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (ticks and self._tick(self.activeAction())):
            super().keyPressEvent(event)

    def _tick(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable():
            return False
        if action.isEnabled():
            action.toggle()
        return True


def column_menu(
    parent: QWidget, columns: Sequence[ColumnSpec], shown: Sequence[int], show: Callable[[int, bool], object]
) -> QMenu:
    """The columns to choose from; the usual ones in the menu itself, the others by what they are about."""
    menu = _StayingMenu(parent)
    parts = {part: menu if not part else _StayingMenu(menu, part) for part in PARTS}
    actions: list[QAction] = []

    def keep_one() -> None:
        on = [action for action in actions if action.isChecked()]
        for action in actions:
            action.setEnabled(len(on) > 1 or action not in on)  # the last one stays

    for logical, column in enumerate(columns):
        place = parts[column.part]
        action = QAction(column.title, place, checkable=True, checked=logical in shown)
        action.toggled.connect(lambda on, logical=logical: show(logical, on))
        action.toggled.connect(keep_one)
        place.addAction(action)
        actions.append(action)
    keep_one()
    menu.addSeparator()
    for part in parts.values():
        if part is not menu and part.actions():
            menu.addMenu(part)
    return menu
