"""The page of one server's agents: search, table, age of the list, errors and empty states."""

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from console.fleet.query.parser import Query
from console.fleet.store import Diff
from console.preferences import Preferences
from console.rmm.models import AgentStatus
from console.sessions.fleet_watch import FleetWatch
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS, ago, now
from console.ui.agents.model import AgentModel
from console.ui.agents.table import AgentTable
from console.ui.agents.troubles import ListTroubles
from console.ui.problem_view import Notice
from console.ui.search.box import SearchBox
from console.ui.search.fleet_words import FleetWords
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label, set_role, tool_button

_STALE_SECONDS = 150


def age_words(as_of: datetime, moment: datetime, *, from_cache: bool, busy: bool) -> str:
    """How old a list is: "as of 14:02:10", "as of 14:02, from the last run, 3 h ago; refreshing…"."""
    local = as_of.astimezone()
    if not from_cache:
        words = ago(as_of, moment)
        return f"as of {local:%H:%M:%S}" + (f", {words}" if words != "now" else "")
    today = local.date() == moment.astimezone().date()
    words = f"as of {local:%H:%M}" if today else f"as of {local:%Y-%m-%d %H:%M}"
    return f"{words}, from the last run" + ("; refreshing…" if busy else "")


def _shortened(query: str, most: int = 80) -> str:
    return query if len(query) <= most else query[: most - 1] + "…"


class AgentsPage(QWidget):
    """Shows a FleetWatch."""

    wanted = Signal(object, object)
    """An Agent and a SessionKind, or None for the default action."""
    wish = Signal(object, object)
    """An Agent and a Wish."""
    columns_changed = Signal()

    def __init__(self, watch: FleetWatch, preferences: Preferences, appearance: Appearance) -> None:
        super().__init__()
        self.watch = watch
        self._appearance = appearance
        self.model = AgentModel(watch.store, appearance, self)
        self.table = AgentTable(self.model, appearance)
        self.table.restore(preferences)
        self.table.wanted.connect(self.wanted)
        self.table.wish.connect(self.wish)
        self.table.columns_changed.connect(self.columns_changed)
        self.search = SearchBox(appearance)
        self.search.changed.connect(self._search)
        self.search.list_key.connect(self._list_key)
        self.words = FleetWords(self.search, watch.store.agents, watch.connection.lane)
        self._refresh = tool_button(appearance, "refresh", "Refresh the list (F5)", watch.refresh)
        self._age = label(role="muted")
        self.troubles = ListTroubles(watch, appearance)
        self._busy = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self._busy.setFixedWidth(90)
        self._counts = label(role="muted")
        self._status_counts = {
            status: label(role="muted") for status in AgentStatus if status is not AgentStatus.UNKNOWN
        }
        self._notice = Notice(appearance)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self.troubles)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot())
        watch.updated.connect(self._updated)
        watch.failed.connect(lambda _: self._show_state())
        watch.busy_changed.connect(lambda _: self._show_state())
        clock = QTimer(self, interval=5000)
        clock.timeout.connect(self._show_age)
        clock.start()
        for keys, act in ((QKeySequence("Ctrl+F"), self.search.focus_field), (QKeySequence("F5"), watch.refresh)):
            # With the page's own context: a window-wide shortcut would be taken from the sessions.
            QShortcut(keys, self, act, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._show_state()

    def _list_key(self, event: QKeyEvent) -> None:
        """From the search box, arrows go to the table, and Enter acts on its row."""
        self.table.select_first()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.table.keyPressEvent(event)
        else:
            self.table.setFocus()

    def _head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self.search, 1)
        row.addStretch(1)
        row.addWidget(self._beside_search(), 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _beside_search(self) -> QWidget:
        """As high as the line of the search box, so that it stays where it is when an explanation comes below that."""
        beside = QWidget()
        self.search.field.ensurePolished()
        beside.setFixedHeight(self.search.field.sizeHint().height())
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._busy)
        row.addWidget(self._age)
        row.addWidget(self._refresh)
        return beside

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setObjectName("listFooter")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        row.addWidget(self._counts)
        row.addStretch(1)
        for status, count in self._status_counts.items():
            row.addWidget(IconLabel(self._appearance, *STATUS_ICONS[status], 13))
            row.addWidget(count)
            row.addSpacing(10)
        return foot

    def _search(self, query: Query) -> None:
        self.model.show(query)
        self._keep_current_in_sight()
        self._show_state()

    def _updated(self, diff: Diff) -> None:
        self.model.apply(diff)
        self._show_state()

    def _keep_current_in_sight(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.scrollTo(index)
        else:
            self.table.scrollToTop()

    def _show_state(self) -> None:
        store, shown = self.watch.store, self.model.found
        self._busy.setVisible(self.watch.busy)
        self._refresh.setEnabled(not self.watch.busy)
        self._show_age()
        self._show_counts(shown)
        problem = self.watch.problem
        if shown:
            self._stack.setCurrentWidget(self.table)
        elif len(store):
            self._notice.say(
                "search",
                "muted",
                f"No agent matches “{_shortened(str(self.search.query))}”.",
                "Every word has to occur somewhere in the row.",
                [button("Clear the search", self.search.clear)],
            )
            self._stack.setCurrentWidget(self._notice)
        elif problem:
            self._notice.show_problem(problem, [button("Try again", self.watch.refresh)])
            self._stack.setCurrentWidget(self._notice)
        elif self.watch.as_of is None:
            self._notice.say("wait", "muted", "Loading the agents…", "A large fleet takes the server some seconds.")
            self._stack.setCurrentWidget(self._notice)
        else:
            self._notice.say(
                "server",
                "muted",
                "This server shows you no agents.",
                "It may be new, or your role may not include any client yet: ask the RMM's administrator.",
                [button("Refresh", self.watch.refresh)],
            )
            self._stack.setCurrentWidget(self._notice)

    def _show_age(self) -> None:
        watch = self.watch
        if watch.as_of is None:
            self._age.clear()
        else:
            moment = now()
            self._age.setText(age_words(watch.as_of, moment, from_cache=watch.from_cache, busy=watch.busy))
            self._age.setToolTip(f"{watch.as_of.astimezone():%Y-%m-%d %H:%M:%S}")
            stale = watch.from_cache or (moment - watch.as_of).total_seconds() > _STALE_SECONDS
            set_role(self._age, "warning" if stale else "muted")
            old = f"As it was at {watch.as_of.astimezone():%H:%M}, in the last run." if watch.from_cache else ""
            if old != self.model.stale:
                self.model.stale = old
                self.table.viewport().update()

    def _show_counts(self, shown: int) -> None:
        total = len(self.watch.store)
        words = f"{shown} of {total} agents" if shown != total else f"{total} agent" + ("" if total == 1 else "s")
        if self.watch.bad_rows:
            words += f", {self.watch.bad_rows} more could not be read"
        self._counts.setText(words)
        tally = self.watch.store.counts.all
        for status, shown_count in self._status_counts.items():
            shown_count.setText(f"{getattr(tally, status.value)} {STATUS_WORDS[status].lower()}")
