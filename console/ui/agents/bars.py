"""The bars above and below the list of agents."""

from typing import Protocol

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QToolButton, QVBoxLayout, QWidget

from console.fleet.counts import Tally
from console.fleet.grouping import Grouping
from console.rmm.models import AgentStatus
from console.sessions.fleet_watch import FleetWatch
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.search.box import SearchBox
from console.ui.theme import Appearance
from console.ui.widgets import ElidedLabel, IconButton, IconLabel, label, set_role, tool_button

GROUPINGS = (
    (Grouping.NOTHING, "Nothing"),
    (Grouping.CLIENT, "Client"),
    (Grouping.SITE, "Site"),
    (Grouping.PLATFORM, "Platform"),
)

_WIDEST = ("as of 00:00, from the last run",)
"""What the age of a list usually takes; more is cut, and in the tool tip."""


class _Page(Protocol):
    """What the bar above needs of its page."""

    watch: FleetWatch
    model: AgentModel
    table: AgentTable
    search: SearchBox

    def refresh(self) -> None: ...
    def save_view(self) -> None: ...


class _Age(ElidedLabel):
    """How old the list is. It keeps its width whatever it says: each change would move what stands beside it."""

    def __init__(self) -> None:
        super().__init__("muted", least=0)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(max(metrics.horizontalAdvance(each) for each in _WIDEST) + 2, super().sizeHint().height())

    def say(self, words: str, tip: str, *, stale: bool) -> None:
        self.setText(words)
        self.setToolTip(tip)
        set_role(self, "warning" if stale else "muted")


class ListHead(QWidget):
    """Search, how old the list is, and the menu of how it is shown."""

    export_wanted = Signal()
    side_wanted = Signal()
    detail_wanted = Signal()
    """A panel is to be shown or hidden."""

    def __init__(self, page: _Page, appearance: Appearance) -> None:
        super().__init__()
        self._page = page
        # A line along the lower edge and in no layout: whatever asks for room would move the panels at each refresh.
        self._busy = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self._busy.setObjectName("listBusy")
        self._busy.hide()
        self._age = _Age()
        self._refresh = tool_button(appearance, "refresh", "Refresh the list (F5)", page.refresh)
        self.side_button = tool_button(appearance, "panel-left", "Clients and views (Ctrl+B)", self.side_wanted.emit)
        self.detail_button = tool_button(
            appearance, "panel-right", "Details of the agent (Ctrl+I)", self.detail_wanted.emit
        )
        self._view = IconButton(appearance, "quality")
        self._view.setToolTip("How the list is shown")
        self._view.setAccessibleName("How the list is shown")
        self._view.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._view)
        menu.aboutToShow.connect(self._fill)
        self._view.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.side_button)
        row.addWidget(page.search, 1)
        for each in (self._age, self._refresh, self._view, self.detail_button):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(page.search.notes)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = self._busy.sizeHint().height()
        self._busy.setGeometry(0, self.height() - height, self.width(), height)

    def show_busy(self, busy: bool, *, left_alone: bool) -> None:
        """`left_alone`: the server wants to be asked for nothing for a while."""
        self._busy.setVisible(busy)
        self._refresh.setEnabled(not busy and not left_alone)

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
    """How many agents there are, are shown, and are selected, and the states of those that are shown."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("listFooter")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._counts = ElidedLabel("muted")
        self._by_status = {status: label(role="muted") for status in AgentStatus if status is not AgentStatus.UNKNOWN}
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        row.addWidget(self._counts)
        row.addStretch(1)
        self._states = QWidget()
        states = QHBoxLayout(self._states)
        states.setContentsMargins(0, 0, 0, 0)
        states.setSpacing(6)
        for status, count in self._by_status.items():
            states.addWidget(IconLabel(appearance, *STATUS_ICONS[status], 13))
            states.addWidget(count)
            states.addSpacing(10)
        row.addWidget(self._states)

    def show_nothing(self) -> None:
        """Before anything is known: "0 agents" would not be true."""
        self._counts.setText("")
        self._states.hide()

    def show_counts(self, shown: int, total: int, chosen: int, bad_rows: int, tally: Tally) -> None:
        """`tally` counts the states of the agents that are shown."""
        words = f"{shown:,} of {total:,} agents" if shown != total else f"{total:,} agent" + ("" if total == 1 else "s")
        if chosen > 1:
            words += f", {chosen:,} selected"
        if bad_rows:
            words += f", {bad_rows} more could not be read"
        self._counts.setText(words)
        self._states.show()
        for status, count in self._by_status.items():
            count.setText(f"{getattr(tally, status.value):,} {STATUS_WORDS[status].lower()}")
