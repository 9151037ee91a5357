"""The filters that are wanted most, as buttons with their counts. They write the same words as one would type."""

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QToolButton, QWidget

from console.fleet.query.parser import Query
from console.fleet.query.tree import All, Is, Node, printed
from console.fleet.store import FleetStore
from console.ui import icons
from console.ui.fleet.flow import FlowLayout
from console.ui.fleet.scope import Scope
from console.ui.theme import Appearance


class _Chip(msgspec.Struct, frozen=True):
    state: str
    title: str
    icon: str
    colour: str


CHIPS = (
    _Chip("online", "Online", "online", "good"),
    _Chip("offline", "Offline", "offline", "warning"),
    _Chip("overdue", "Overdue", "overdue", "bad"),
    _Chip("checksfailing", "Checks failing", "failed", "bad"),
    _Chip("rebootneeded", "Reboot needed", "reboot", "warning"),
    _Chip("patchespending", "Patches pending", "download", "warning"),
    _Chip("maintenance", "Maintenance", "maintenance", "accent"),
    _Chip("favourite", "Favourites", "star", "accent"),
)
_ONE_OF = frozenset({"online", "offline", "overdue"})
"""An agent has one of these: another one takes the place of the first."""
NODES: tuple[Node, ...] = tuple(Is(chip.state) for chip in CHIPS)


def toggled(root: Node, state: str) -> Node:
    """The query with a state asked for, or without it when it was."""
    parts = root.parts if isinstance(root, All) else (root,)
    wanted = Is(state)
    if wanted in parts:
        left = tuple(part for part in parts if part != wanted)
    else:
        out = {Is(one) for one in _ONE_OF} if state in _ONE_OF else set()
        left = (*(part for part in parts if part not in out), wanted)
    return left[0] if len(left) == 1 else All(left)


def asks_for(root: Node, state: str) -> bool:
    return root == Is(state) or (isinstance(root, All) and Is(state) in root.parts)


class FilterChips(QWidget):
    text_wanted = Signal(str)
    """The query's text with a filter more or less."""

    def __init__(self, store: FleetStore, appearance: Appearance) -> None:
        super().__init__()
        self._store = store
        self._appearance = appearance
        self._query = Query()
        self.setAccessibleName("Filters")
        row = FlowLayout(self, 6)
        row.setContentsMargins(12, 0, 12, 8)
        self._buttons: dict[str, QToolButton] = {}
        for chip in CHIPS:
            button = QToolButton()
            button.setObjectName("chip")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _=False, state=chip.state: self._clicked(state))
            row.addWidget(button)
            self._buttons[chip.state] = button
        appearance.changed.connect(self._draw)
        self._draw()

    def show_query(self, query: Query) -> None:
        self._query = query
        for state, button in self._buttons.items():
            button.setChecked(asks_for(query.root, state))

    def show_counts(self, scope: Scope) -> None:
        """Counts within what is looked at, whatever is typed."""
        for chip in CHIPS:
            count = self._store.count(scope.node, Is(chip.state))
            button = self._buttons[chip.state]
            text = f"{chip.title}  {count:,}"
            if button.text() != text:
                button.setText(text)
                button.setAccessibleName(f"{chip.title}: {count}")
                button.setToolTip(f"is:{chip.state}")

    def _clicked(self, state: str) -> None:
        root = toggled(self._query.root, state)
        self.show_query(self._query)  # it is checked when the query says so
        self.text_wanted.emit(printed(root))

    def _draw(self) -> None:
        colours = self._appearance.colours
        for chip in CHIPS:
            picture: QIcon = icons.icon(chip.icon, getattr(colours, chip.colour))
            self._buttons[chip.state].setIcon(picture)
