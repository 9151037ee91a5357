"""The menus of the agents table: what can be done with agents, and which columns are shown."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction, QKeySequence
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


def column_menu(
    parent: QWidget, columns: Sequence[ColumnSpec], shown: Sequence[int], show: Callable[[int, bool], object]
) -> QMenu:
    """The columns to choose from; the usual ones in the menu itself, the others by what they are about."""
    menu = QMenu(parent)
    parts = {part: menu if not part else QMenu(part, menu) for part in PARTS}
    for logical, column in enumerate(columns):
        place = parts[column.part]
        action = QAction(column.title, place, checkable=True, checked=logical in shown)
        action.setEnabled(len(shown) > 1 or logical not in shown)  # the last one stays
        action.toggled.connect(lambda on, logical=logical: show(logical, on))
        place.addAction(action)
    menu.addSeparator()
    for part in parts.values():
        if part is not menu and part.actions():
            menu.addMenu(part)
    return menu
