"""The entries of a menu by which something is done to one agent or to many."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from console.rmm.models import Agent
from console.sessions.fleet_action import ActionKind
from console.ui import icons
from console.ui.fleet_actions import words
from console.ui.theme import Appearance

_GROUPS = (
    (ActionKind.PING, ActionKind.WAKE, ActionKind.RUN_CHECKS),
    (ActionKind.MAINTENANCE_ON, ActionKind.MAINTENANCE_OFF),
    (ActionKind.REBOOT, ActionKind.REBOOT_AT, ActionKind.SHUT_DOWN),
    (ActionKind.RECOVER_MESH, ActionKind.RECOVER_TACTICAL),
)


def add_actions(
    menu: QMenu, agents: Sequence[Agent], appearance: Appearance, chosen: Callable[[ActionKind], None]
) -> None:
    """Adds an entry for each action. One that can be done to none of the agents is grey, and says why."""
    menu.setToolTipsVisible(True)
    for place, group in enumerate(_GROUPS):
        if place:
            menu.addSeparator()
        for kind in group:
            menu.addAction(_entry(menu, kind, agents, appearance, chosen))


def why_none(kind: ActionKind, agents: Sequence[Agent]) -> str:
    """Why an action can be done to none of the agents, "" when it can be done to some."""
    first = ""
    for agent in agents:
        reason = kind.why_not(agent)
        if not reason:
            return ""
        first = first or reason
    return first or "No machine is selected."


def _entry(
    menu: QMenu,
    kind: ActionKind,
    agents: Sequence[Agent],
    appearance: Appearance,
    chosen: Callable[[ActionKind], None],
) -> QAction:
    said = words.of(kind)
    asks_first = not kind.harmless or (len(agents) > 1)
    action = QAction(icons.icon(said.icon, appearance.colours.text), f"{said.title}{'…' if asks_first else ''}", menu)
    reason = why_none(kind, agents)
    action.setEnabled(not reason)
    action.setToolTip(reason)
    action.setStatusTip(reason)
    action.triggered.connect(lambda _=False: chosen(kind))
    return action
