"""The page of one server's agents: what is looked at, the list, errors and empty states."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from console import csv_text
from console.fleet.bookmarks import View, ViewColumn
from console.fleet.grouping import Grouping
from console.fleet.query.matching import Surroundings
from console.fleet.query.parser import Query
from console.fleet.query.tree import EVERYTHING, All
from console.fleet.store import Diff
from console.preferences import Column, Preferences
from console.problem import Problem
from console.rmm.errors import duration
from console.sessions.bookmarks import FleetBookmarks
from console.sessions.fleet_watch import FleetWatch
from console.ui import dialogs
from console.ui.agents.bars import ListFoot, ListHead
from console.ui.agents.columns import ago, now
from console.ui.agents.model import AgentModel
from console.ui.agents.panels import Panels
from console.ui.agents.table import AgentTable
from console.ui.agents.troubles import ListTroubles
from console.ui.fleet.chips import NODES, FilterChips
from console.ui.fleet.scope import ALL, Scope, of_recent, of_view
from console.ui.fleet.side_panel import SidePanel
from console.ui.fleet.view_name import ViewName, on_saving
from console.ui.problem_view import Notice
from console.ui.search.box import SearchBox
from console.ui.search.fleet_words import FleetWords
from console.ui.theme import Appearance
from console.ui.widgets import button
from console.work import Runner

_STALE_SECONDS = 150


def age_words(as_of: datetime, moment: datetime, *, from_cache: bool) -> str:
    """How old a list is: "as of 14:02:10, 3 min ago", "as of 14:02, from the last run"."""
    local = as_of.astimezone()
    if not from_cache:
        words = ago(as_of, moment)
        return f"as of {local:%H:%M:%S}" + (f", {words}" if words != "now" else "")
    today = local.date() == moment.astimezone().date()
    return f"as of {local:%H:%M}, from the last run" if today else f"{local:%Y-%m-%d %H:%M}, last run"


def _shortened(query: str, most: int = 80) -> str:
    return query if len(query) <= most else query[: most - 1] + "…"


class AgentsPage(QWidget):
    """Shows a FleetWatch: the panel of clients and views, the list, and beside it whatever `put_beside` gets."""

    wanted = Signal(object, object)
    """An Agent and a SessionKind, or None for the default action."""
    wish = Signal(object, object)
    """An Agent and a Wish."""
    columns_changed = Signal()
    """Columns, sorting, grouping, or what stands beside the list."""
    looked_at = Signal(object)
    """A Scope: the list is narrowed to it."""
    said = Signal(str)
    """A line for the window."""

    def __init__(
        self, watch: FleetWatch, preferences: Preferences, appearance: Appearance, bookmarks: FleetBookmarks
    ) -> None:
        super().__init__()
        self.watch = watch
        self.bookmarks = bookmarks
        self._preferences = preferences
        self._appearance = appearance
        self.scope = ALL
        self._view: View | None = None
        self.model = AgentModel(watch.store, appearance, self)
        self.table = AgentTable(self.model, appearance)
        self.table.restore(preferences)
        self.table.wanted.connect(self.wanted)
        self.table.wish.connect(self.wish)
        self.table.columns_changed.connect(self.columns_changed)
        self.table.selection_changed.connect(self._show_counts)
        self.search = SearchBox(appearance)
        self.search.changed.connect(self._search)
        self.search.list_key.connect(self._list_key)
        self.words = FleetWords(self.search, watch.store.agents, watch.connection.lane)
        self.troubles = ListTroubles(watch, appearance)
        self.chips = FilterChips(watch.store, appearance, self.search.text)
        self.chips.text_wanted.connect(self.search.set_text)
        self.chips.all_wanted.connect(lambda: self.look_at(ALL))
        self.side = SidePanel(bookmarks, appearance)
        self.side.scope_chosen.connect(self.look_at)
        self.side.view_chosen.connect(self.show_view)
        self.head = ListHead(self, appearance)
        self.foot = ListFoot(appearance)
        self._notice = Notice(appearance, 420)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._notice)
        self._compose()
        store = watch.store
        store.warm = (*NODES, self.model.query.root)
        store.surround(self._surroundings())
        bookmarks.changed.connect(self._bookmarks_changed)
        watch.updated.connect(self._updated)
        watch.failed.connect(lambda _: self._show_state())
        watch.busy_changed.connect(lambda _: self._show_state())
        clock = QTimer(self, interval=5000)
        clock.timeout.connect(self._show_age)
        clock.start()
        self._add_keys()
        self._bookmarks_changed()
        self._show_state()

    def minimumSizeHint(self) -> QSize:
        """Small: a session in front of it, and what stands below, have the room that they need."""
        return QSize(480, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.setGeometry(self.rect())
        self.panels.fit()

    def put_beside(self, widget: QWidget) -> None:
        """What is told of the selected agents, on the right of the list."""
        self.panels.put_beside(widget)

    def refresh(self) -> None:
        """Asks for the list, or says why not."""
        if seconds := self.watch.left_alone:
            self.said.emit(
                f"{self.watch.connection.server.title} asks to be left alone for {duration(round(seconds))}."
            )
        else:
            self.watch.refresh()

    # What is looked at

    def look_at(self, scope: Scope) -> None:
        """Narrows the list to what was chosen."""
        self.scope, self._view = scope, None
        self._show_scope()
        self.side.show_scope(scope)
        self._search(self.search.query)
        self.looked_at.emit(scope)

    def show_view(self, view: View) -> None:
        """A saved view: its scope, query, columns, sorting and grouping."""
        self.scope, self._view = of_view(view, self.bookmarks.now), view
        self._show_scope()
        self.model.group_by(Grouping(view.grouping))
        if view.columns:
            self.table.show_columns(Column(one.name, one.width, one.hidden) for one in view.columns)
        self.table.order_by(view.sorting or (("hostname", False),))
        self.search.set_text(view.query)
        self._search(self.search.query)
        self.side.show_view(view)
        self.table.scrollToTop()
        self.looked_at.emit(self.scope)

    def save_view(self) -> None:
        """Keeps what is shown under a name."""
        name = self.search.text() or self.scope.title
        ViewName(self, "Save as a view", name, lambda one: on_saving(self.bookmarks.now, one), self.save_view_as).open()

    def save_view_as(self, name: str) -> None:
        """A view of the same name is replaced."""
        view = View(
            name=name,
            query=self.search.text(),
            client=self.scope.client,
            site=self.scope.site,
            among=self.scope.among,
            columns=tuple(ViewColumn(one.name, one.width, one.hidden) for one in self.table.columns()),
            sorting=self.model.sorting,
            grouping=self.model.grouping.value,
        )
        self.bookmarks.change(lambda now: now.with_view(view))
        self._view = view
        self.side.show_view(view)

    def star(self) -> None:
        """Marks the selected agents as favourites, or takes the marks away when all of them have one."""
        chosen = frozenset(agent.agent_id for agent in self.table.selected_agents())
        on = not chosen <= self.bookmarks.now.favourites
        self.bookmarks.change(lambda now: now.starred(chosen, on=on))

    def set_custom_fields(self, names: dict[int, str]) -> None:
        """The names of the custom fields, by their ids."""
        self.table.set_custom_fields(names, self._preferences.columns)
        self.words.set_field_names(names)
        self.watch.store.surround(msgspec.structs.replace(self._surroundings(), field_names=names))
        self._search(self.search.query)

    def export_csv(self, path: Path, disk: Runner) -> None:
        """Writes what is found, in order, with the columns that are shown."""
        columns, moment = self.table.shown_columns(), now()
        agents = self.model.agents()

        def rows() -> Iterator[Sequence[str]]:
            yield [column.title for column in columns]
            for agent in agents:
                yield [column.text(agent, moment) for column in columns]

        def written(count: int) -> None:
            words = "1 agent was" if count == 1 else f"{count:,} agents were"
            self.said.emit(f"{words} written to {path}.")

        disk.run(lambda: csv_text.write(path, rows()), written, lambda problem: dialogs.tell(self, problem))

    def _show_scope(self) -> None:
        """The panel marks what is looked at; without it a chip says it."""
        self.chips.show_scope(self.scope if self.side.isHidden() else ALL)

    # How it is put together

    def _compose(self) -> None:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.head, self.chips, self.troubles):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        column.addWidget(self.foot)
        self.panels = Panels(self.side, centre, self._preferences)
        self.panels.changed.connect(self.columns_changed)
        self.head.side_wanted.connect(self.panels.toggle_side)
        self.head.detail_wanted.connect(self.panels.toggle_detail)
        self.panels.arranged.connect(self._show_scope)
        # In no layout: what changes its size inside of the page would be passed on, and have the whole window drawn.
        self.panels.setParent(self)

    def _add_keys(self) -> None:
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Ctrl+F", self.search.focus_field),
            ("F5", self.refresh),
            ("Ctrl+D", self.star),
            ("Ctrl+B", self.panels.toggle_side),
            ("Ctrl+I", self.panels.toggle_detail),
            ("Ctrl+S", self.save_view),
        ]
        keys += [(f"Ctrl+{number}", partial(self._numbered_view, number)) for number in range(1, 10)]
        for text, act in keys:
            # With the page's own context: a window-wide shortcut would be taken from the sessions.
            QShortcut(QKeySequence(text), self, act, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _numbered_view(self, number: int) -> None:
        views = self.bookmarks.now.views
        if number <= len(views):
            self.show_view(views[number - 1])

    def _surroundings(self) -> Surroundings:
        store = self.watch.store
        return msgspec.structs.replace(
            store.surroundings,  # with the moment of the list: what was found beside the window then stays good
            favourites=self.bookmarks.now.favourites,
            without_mesh=frozenset(self.watch.without_mesh),
        )

    # What happens

    def _list_key(self, event: QKeyEvent) -> None:
        """From the search box, arrows go to the table, and Enter acts on its row."""
        self.table.select_first()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.table.keyPressEvent(event)
        else:
            self.table.setFocus()

    def _search(self, query: Query) -> None:
        root = query.root if self.scope is ALL else All((self.scope.node, query.root))
        self.watch.store.warm = (*NODES, self.scope.node, root)
        self.model.show(replace(query, root=root))
        self.chips.show_query(query)
        if self._view and self._view.query != self.search.text():
            self._view = None
            self.side.show_scope(self.scope)
        if self.watch.store.ready:
            self.chips.show_counts(self.scope)
        self._keep_current_in_sight()
        self._show_state()

    def _updated(self, diff: Diff) -> None:
        self.watch.store.surround(self._surroundings())
        self.model.apply(diff)
        self._show_state()
        self._show_around()

    def _show_around(self) -> None:
        """What is counted beside and above the list, once that is ready to be counted: it is what is waited for."""
        store = self.watch.store
        if store.ready:
            self.side.show_counts(store.counts)
            self.chips.show_counts(self.scope)
        else:
            self.watch.connection.lane.run(store.catch_up, lambda _: self._show_around())

    def _bookmarks_changed(self) -> None:
        self.watch.store.surround(self._surroundings())
        self.model.favourites = self.bookmarks.now.favourites
        if self.scope.title == "Recent":
            self.scope = of_recent(self.bookmarks.now.recent)
        self._search(self.search.query)

    def _keep_current_in_sight(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.scrollTo(index)
        else:
            self.table.scrollToTop()

    def _show_state(self) -> None:
        problem = self.watch.problem
        self._show_age()
        self._show_counts()
        if self.model.found:
            self._stack.setCurrentWidget(self.table)
            return
        with_keys = self._has_keys()
        self._say_why_none(problem)
        if with_keys and not self._has_keys():
            self._notice.focus_first()  # its buttons are other ones

    def _has_keys(self) -> bool:
        """Whether the keyboard is in the list, or in what stands in its place."""
        focus = QApplication.focusWidget()
        return focus is not None and self._stack.isAncestorOf(focus)

    def _say_why_none(self, problem: Problem | None) -> None:
        store, watch = self.watch.store, self.watch
        self._stack.setCurrentWidget(self._notice)
        if len(store):
            self._say_none_matches()
        elif problem:
            self._notice.show_problem(problem, [button("Try again", self.refresh)])
        elif watch.as_of is None:
            self._notice.say("wait", "muted", "Loading the agents…", "A large fleet takes the server some seconds.")
        else:
            self._notice.say(
                "server",
                "muted",
                "This server shows you no agents.",
                "It may be new, or your role may not include any client yet: ask the RMM's administrator.",
                [button("Refresh", self.refresh)],
            )

    def _say_none_matches(self) -> None:
        """Says what hides the agents, and takes it away on request."""
        text, scope = _shortened(str(self.search.query)), self.scope
        within = self.watch.store.count(scope.node)
        choices = []
        if text and within:
            choices.append(button("Clear the search", self.search.clear))
        if scope is not ALL:
            choices.append(button("Look at all agents", lambda: self.look_at(ALL)))
        if not within:
            words = _EMPTY_SCOPES.get(scope.title, "There are no agents here.")
            self._notice.say(scope.icon, "muted", f"{scope.title}: no agents.", words, choices)
        elif scope is ALL:
            words = "Every word has to occur somewhere in the row."
            self._notice.say("search", "muted", f"No agent matches “{text}”.", words, choices)
        else:
            words = f"There are {within:,} here without the search."
            self._notice.say("search", "muted", f"No agent of {scope.title} matches “{text}”.", words, choices)

    def _show_age(self) -> None:
        watch = self.watch
        self.head.show_busy(watch.busy, left_alone=bool(watch.left_alone))
        if watch.as_of is None:
            self.head.show_age("", "", stale=False)
            return
        moment = now()
        words = age_words(watch.as_of, moment, from_cache=watch.from_cache)
        stale = watch.from_cache or (moment - watch.as_of).total_seconds() > _STALE_SECONDS
        self.head.show_age(words, f"{watch.as_of.astimezone():%Y-%m-%d %H:%M:%S}", stale=stale)
        old = f"As it was at {watch.as_of.astimezone():%H:%M}, in the last run." if watch.from_cache else ""
        if old != self.model.stale:
            self.model.stale = old
            self.table.viewport().update()

    def _show_counts(self) -> None:
        watch, store = self.watch, self.watch.store
        if watch.as_of is None:
            self.foot.show_nothing()
            return
        chosen, root = self.table.selected_count(), self.model.query.root
        tally = store.counts.all if root == EVERYTHING else store.tally(root)
        self.foot.show_counts(self.model.found, len(store), chosen, watch.bad_rows, tally)


_EMPTY_SCOPES = {
    "Favourites": "Ctrl+D marks the selected agents with a star.",
    "Recent": "The agents that you open sessions with come here.",
}
