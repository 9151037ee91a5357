"""The bars above and below the list of agents."""

from typing import Protocol

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QToolButton, QWidget

from console.fleet.counts import Tally
from console.fleet.grouping import Grouping
from console.rmm.models import AgentStatus
from console.sessions.fleet_watch import FleetWatch
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.fleet.scope import ALL, Scope
from console.ui.search.box import SearchBox
from console.ui.theme import Appearance
from console.ui.widgets import IconButton, IconLabel, label, set_role, tool_button

GROUPINGS = (
    (Grouping.NOTHING, "Nothing"),
    (Grouping.CLIENT, "Client"),
    (Grouping.SITE, "Site"),
    (Grouping.PLATFORM, "Platform"),
)

_SPARE_WIDTH = 60
"""Pixels: "as of 14:02:10, 59 s ago" against "as of 14:02:10"."""


class _Page(Protocol):
    """What the bar above needs of its page."""

    watch: FleetWatch
    model: AgentModel
    table: AgentTable
    search: SearchBox

    def look_at(self, scope: Scope) -> None: ...
    def save_view(self) -> None: ...
    def toggle_side(self) -> None: ...
    def toggle_detail(self) -> None: ...


class _Age(QLabel):
    """How old the list is. Its width grows at once and shrinks only for words that are much shorter: each change of it
    moves what stands beside it."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "muted")

    def say(self, words: str, tip: str, *, stale: bool) -> None:
        self.setText(words)
        self.setToolTip(tip)
        set_role(self, "warning" if stale else "muted")
        wanted = self.fontMetrics().horizontalAdvance(words) + 2
        if not wanted <= self.minimumWidth() <= wanted + _SPARE_WIDTH:
            self.setMinimumWidth(wanted)


class ListHead(QWidget):
    """Search, what is looked at, how old the list is, and the menu of how it is shown."""

    export_wanted = Signal()

    def __init__(self, page: _Page, appearance: Appearance) -> None:
        super().__init__()
        self._page = page
        # A line along the lower edge and in no layout: whatever asks for room would move the panels at each refresh.
        self._busy = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self._busy.setObjectName("listBusy")
        self._busy.hide()
        self._age = _Age()
        self._scope = QToolButton()
        self._scope.setObjectName("scope")
        self._scope.setAccessibleName("What is looked at")
        self._scope.clicked.connect(lambda: page.look_at(ALL))
        self._scope.hide()
        self._refresh = tool_button(appearance, "refresh", "Refresh the list (F5)", page.watch.refresh)
        self.side_button = tool_button(appearance, "panel-left", "Clients and views (Ctrl+B)", page.toggle_side)
        self.detail_button = tool_button(appearance, "panel-right", "Details of the agent (Ctrl+I)", page.toggle_detail)
        self._view = IconButton(appearance, "quality")
        self._view.setToolTip("How the list is shown")
        self._view.setAccessibleName("How the list is shown")
        self._view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._view)
        menu.aboutToShow.connect(self._fill)
        self._view.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(6)
        row.addWidget(self._as_high(self.side_button), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(page.search, 1)
        beside = (self._scope, self._age, self._refresh, self._view, self.detail_button)
        row.addWidget(self._as_high(*beside), 0, Qt.AlignmentFlag.AlignTop)

    def _as_high(self, *widgets: QWidget) -> QWidget:
        """As high as the line of the search box: they stay where they are when an explanation comes below that."""
        holder = QWidget()
        field = self._page.search.field
        field.ensurePolished()
        holder.setFixedHeight(field.sizeHint().height())
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in widgets:
            row.addWidget(widget)
        return holder

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = self._busy.sizeHint().height()
        self._busy.setGeometry(0, self.height() - height, self.width(), height)

    def show_scope(self, scope: Scope) -> None:
        """What narrows the list stands beside the search, and is taken away with a click."""
        self._scope.setVisible(scope is not ALL)
        self._scope.setText(f"{scope.title}  ✕")
        self._scope.setAccessibleName(f"Only {scope.title}. Look at all agents again")
        self._scope.setToolTip(f"Only {scope.title} is looked at. A click looks at all agents again.")

    def show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        self._refresh.setEnabled(not busy)

    def show_age(self, words: str, tip: str, *, stale: bool) -> None:
        self._age.say(words, tip, stale=stale)

    def choose_columns(self) -> None:
        self._page.table.show_column_menu(self._view.mapToGlobal(QPoint(0, self._view.height())))

    def _fill(self) -> None:
        menu, table = self._view.menu(), self._page.table
        menu.clear()
        group = QActionGroup(menu)
        parts = menu.addMenu("Group by")
        for grouping, title in GROUPINGS:
            action = QAction(title, parts, checkable=True, checked=self._page.model.grouping is grouping)
            action.triggered.connect(lambda _=False, grouping=grouping: table.group_by(grouping))
            group.addAction(action)
            parts.addAction(action)
        menu.addAction("Columns…", self.choose_columns)
        menu.addSeparator()
        menu.addAction("Save as a view…\tCtrl+S", self._page.save_view)
        menu.addAction("Export as CSV…", self.export_wanted.emit)


class ListFoot(QWidget):
    """How many agents there are, are shown, and are selected."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("listFooter")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._counts = label(role="muted")
        self._by_status = {status: label(role="muted") for status in AgentStatus if status is not AgentStatus.UNKNOWN}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        row.addWidget(self._counts)
        row.addStretch(1)
        for status, count in self._by_status.items():
            row.addWidget(IconLabel(appearance, *STATUS_ICONS[status], 13))
            row.addWidget(count)
            row.addSpacing(10)

    def show_counts(self, shown: int, total: int, chosen: int, bad_rows: int, tally: Tally) -> None:
        words = f"{shown:,} of {total:,} agents" if shown != total else f"{total:,} agent" + ("" if total == 1 else "s")
        if chosen > 1:
            words += f", {chosen:,} selected"
        if bad_rows:
            words += f", {bad_rows} more could not be read"
        self._counts.setText(words)
        for status, count in self._by_status.items():
            count.setText(f"{getattr(tally, status.value):,} {STATUS_WORDS[status].lower()}")
