"""The filters that are wanted most, as buttons with their counts. They write the same words as one would type."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QToolButton, QWidget

from console.fleet.query.parser import Query
from console.fleet.query.toggling import asks_for, toggled
from console.fleet.query.tree import Is, Node
from console.fleet.query.words import STATES
from console.fleet.store import FleetStore
from console.ui import icons
from console.ui.fleet.flow import FlowLayout
from console.ui.fleet.scope import ALL, Scope
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
_SCOPE_WIDTH = 220
NODES: tuple[Node, ...] = tuple(Is(chip.state) for chip in CHIPS)


class FilterChips(QWidget):
    text_wanted = Signal(str)
    """The query's text with a filter more or less."""
    all_wanted = Signal()
    """To look at all agents again."""

    def __init__(self, store: FleetStore, appearance: Appearance, text: Callable[[], str]) -> None:
        """`text` is the query as it is typed."""
        super().__init__()
        self._store = store
        self._text = text
        self._appearance = appearance
        self._query = Query()
        self.setAccessibleName("Filters")
        row = FlowLayout(self, 6)
        row.setContentsMargins(12, 0, 12, 8)
        self._scope = QToolButton()
        self._scope.setObjectName("scope")
        self._scope.clicked.connect(lambda: self.all_wanted.emit())
        self._scope.setAccessibleName("What is looked at")
        row.addWidget(self._scope)
        self._scope.hide()
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

    def show_scope(self, scope: Scope) -> None:
        """What narrows the list, to be taken away with a click; for when nothing else shows it."""
        self._scope.setVisible(scope is not ALL)
        title = self.fontMetrics().elidedText(scope.title, Qt.TextElideMode.ElideMiddle, _SCOPE_WIDTH)
        self._scope.setText(f"{title}  ✕")
        self._scope.setAccessibleName(f"Only {scope.title}. Look at all agents again")
        self._scope.setToolTip(f"Only {scope.title} is looked at. A click looks at all agents again.")

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
                button.setToolTip(f"{chip.title}: {STATES[chip.state][0]} (is:{chip.state})")

    def _clicked(self, state: str) -> None:
        self.show_query(self._query)  # it is checked when the query says so
        self.text_wanted.emit(toggled(self._text(), state, _ONE_OF - {state} if state in _ONE_OF else ()))

    def _draw(self) -> None:
        colours = self._appearance.colours
        for chip in CHIPS:
            picture: QIcon = icons.icon(chip.icon, getattr(colours, chip.colour))
            self._buttons[chip.state].setIcon(picture)
