"""The panel beside the list: everything, favourites, the latest, saved views, and the clients with their sites."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QTreeWidgetItem, QVBoxLayout, QWidget

from console.fleet.bookmarks import View
from console.fleet.counts import Counts, Tally
from console.rmm.models import AgentStatus
from console.sessions.bookmarks import FleetBookmarks
from console.ui import dialogs, icons
from console.ui.agents.columns import STATUS_ICONS
from console.ui.fleet.scope import ALL, FAVOURITES, Scope, of_client, of_recent
from console.ui.fleet.side_tree import BESIDE, WHAT, Beside, Mark, SideTree
from console.ui.fleet.view_name import ViewName, on_renaming
from console.ui.theme import Appearance
from console.ui.widgets import label, plain_tip, tool_button

_KEYED_VIEWS = 9
_Key = tuple[str, str]
"""The names of a client and of a site, "" for the client itself."""


class SidePanel(QWidget):
    scope_chosen = Signal(object)
    """A Scope."""
    view_chosen = Signal(object)
    """A View."""

    def __init__(self, bookmarks: FleetBookmarks, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(180)
        self._bookmarks = bookmarks
        self._appearance = appearance
        self._counts = Counts()
        self._known: dict[str, tuple[str, ...]] = {}
        self._failing_first = False
        self._keys: tuple[_Key, ...] = ()
        self._ordered_for: object = None
        self._filter = QLineEdit(placeholderText="Filter clients", clearButtonEnabled=True)
        self._filter.setAccessibleName("Filter clients and sites")
        self._filter.textChanged.connect(lambda _: self._show_filtered())
        self._no_client = label(role="muted", wrap=True)
        self._no_client.setContentsMargins(12, 0, 12, 8)
        self._no_client.hide()
        self._order = tool_button(appearance, "failed", "Clients with failing checks first", self._turn_order)
        self._order.setCheckable(True)
        self.tree = SideTree(appearance)
        self.tree.setAccessibleName("Views, clients and sites")
        self.tree.chosen.connect(self._chosen)
        self.tree.customContextMenuRequested.connect(self._menu_wanted)
        self._all = self._item(ALL.title, ALL.icon, ALL)
        self._favourites = self._item(FAVOURITES.title, FAVOURITES.icon, FAVOURITES)
        self._recent = self._item("Recent", "clock", None)
        self._views = self._heading("Views")
        self._clients = self._heading("Clients")
        self.tree.addTopLevelItems([self._all, self._favourites, self._recent, self._views, self._clients])
        self.tree.expandItem(self._views)
        self.tree.expandItem(self._clients)
        head = QHBoxLayout()
        head.setContentsMargins(10, 10, 6, 8)
        head.setSpacing(4)
        head.addWidget(self._filter, 1)
        head.addWidget(self._order)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._no_client)
        column.addWidget(self.tree, 1)
        bookmarks.changed.connect(self._show_bookmarks)
        appearance.changed.connect(self._draw)
        self._show_bookmarks()
        self.show_scope(ALL)

    # What is shown

    def show_counts(self, counts: Counts) -> None:
        """What the list holds now."""
        self._counts = counts
        self._show_clients()
        self._show_tallies()

    def know_clients(self, known: dict[str, tuple[str, ...]]) -> None:
        """Clients and their sites that the RMM has, those without agents among them."""
        self._known = known
        self._show_clients()
        self._show_tallies()

    def show_scope(self, scope: Scope) -> None:
        """Marks what is looked at, without choosing it anew."""
        for item in self.tree.items():
            what = item.data(0, WHAT)
            if isinstance(what, Scope) and what.key == scope.key:
                self.tree.mark(item)
                return
        self.tree.mark(None)

    def show_view(self, view: View) -> None:
        for item in self.tree.items():
            what = item.data(0, WHAT)
            if isinstance(what, View) and what.name == view.name:
                self.tree.mark(item)

    def _show_bookmarks(self) -> None:
        now = self._bookmarks.now
        recent = of_recent(now.recent)
        self._recent.setData(0, WHAT, recent)
        self._recent.setText(1, str(len(now.recent)) if now.recent else "")
        self._favourites.setText(1, str(len(now.favourites)) if now.favourites else "")
        for item, count in ((self._recent, len(now.recent)), (self._favourites, len(now.favourites))):
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}: {_words(Tally(count))}")
        marked = self.tree.marked_what()
        self._views.takeChildren()
        for number, view in enumerate(now.views, 1):
            item = self._item(view.name, "view", view)
            item.setText(1, f"Ctrl+{number}" if number <= _KEYED_VIEWS else "")
            item.setToolTip(0, view.query or "All agents")
            self._views.addChild(item)
            if isinstance(marked, View) and marked.name == view.name:
                self.tree.mark(item)
        self._views.setHidden(not now.views)

    def _show_clients(self) -> None:
        sites = self._counts.sites.keys()
        if self._ordered_for == (sites, self._known) and not self._failing_first:
            return  # putting thousands of names in order takes longer than a frame
        self._ordered_for = (sites, self._known)
        keys = tuple(self._ordered())
        if keys == self._keys:
            return
        self._keys = keys
        marked, open_ones = self.tree.marked_what(), self._open_clients()
        self._clients.takeChildren()
        parents: dict[str, QTreeWidgetItem] = {}
        items: list[QTreeWidgetItem] = []
        for client, site in keys:
            if not site:
                parents[client] = item = _ClientItem(self, client or "Unknown client", of_client(client))
                items.append(item)
            else:
                item = _ClientItem(self, site, of_client(client, site))
                parents[client].addChild(item)
            if isinstance(marked, Scope) and marked.client and (marked.client, marked.site) == (client, site):
                self.tree.mark(item)
        self._clients.addChildren(items)
        for client in open_ones:
            if client in parents:
                self.tree.expandItem(parents[client])
        self._show_filtered()

    def _ordered(self) -> Iterable[_Key]:
        clients = set(self._counts.clients) | set(self._known)
        known_sites = self._sites
        for client in sorted(clients, key=self._rank):
            yield client, ""
            sites = set(self._known.get(client, ())) | set(known_sites.get(client, {}))
            for site in sorted(filter(None, sites), key=str.casefold):
                yield client, site

    @property
    def _sites(self) -> dict[str, dict[str, Tally]]:
        sites: dict[str, dict[str, Tally]] = {}
        for (client, site), tally in self._counts.sites.items():
            sites.setdefault(client, {})[site] = tally
        return sites

    def _rank(self, client: str) -> tuple[int, str]:
        tally = self._counts.clients.get(client)
        return (-tally.failing if tally and self._failing_first else 0, client.casefold())

    def _show_tallies(self) -> None:
        self._all.setText(1, f"{self._counts.all.total:,}")
        self._all.setToolTip(0, _words(self._counts.all))
        self._all.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{ALL.title}: {_words(self._counts.all)}")
        self.tree.viewport().update()  # the clients' entries look at the counts when they are drawn

    def tally(self, scope: Scope) -> Tally:
        counts = self._counts
        found = counts.sites.get((scope.client, scope.site)) if scope.site else counts.clients.get(scope.client)
        return found or Tally()

    def beside(self, scope: Scope) -> Beside:
        """What is wrong there; while the clients are ordered by failing checks, those."""
        tally = self.tally(scope)
        if self._failing_first:
            marks = [Mark("failed", "bad", tally.failing)]
        else:
            counts = ((AgentStatus.OFFLINE, tally.offline), (AgentStatus.OVERDUE, tally.overdue))
            marks = [Mark(*STATUS_ICONS[status], count) for status, count in counts]
        return Beside(tally.total, tuple(mark for mark in marks if mark.count))

    def _show_filtered(self) -> None:
        words = self._filter.text().casefold().split()
        any_shown = False
        for client in _children(self._clients):
            fits = _fits(client.text(0), words)
            any_site = False
            for site in _children(client):
                shown = fits or _fits(f"{client.text(0)} {site.text(0)}", words)
                site.setHidden(not shown)
                any_site |= shown
            client.setHidden(not (fits or any_site))
            any_shown |= fits or any_site
            if words and any_site and not fits:
                self.tree.expandItem(client)
        self._no_client.setText(f"No client or site is called “{self._filter.text().strip()[:40]}”.")
        self._no_client.setVisible(bool(words) and not any_shown)

    def _open_clients(self) -> set[str]:
        return {
            what.client
            for one in _children(self._clients)
            if one.isExpanded() and isinstance(what := one.data(0, WHAT), Scope)
        }

    def _turn_order(self) -> None:
        self._failing_first, self._ordered_for = self._order.isChecked(), None
        self._show_clients()
        self._show_tallies()

    # What is done

    def _chosen(self, what: object) -> None:
        if isinstance(what, View):
            self.view_chosen.emit(what)
        elif isinstance(what, Scope):
            self.scope_chosen.emit(what)

    def _menu_wanted(self, place: QPoint) -> None:
        item = self.tree.itemAt(place)
        what = item.data(0, WHAT) if item else None
        if isinstance(what, View):
            self._view_menu(what, self.tree.viewport().mapToGlobal(place))

    def _view_menu(self, view: View, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction("Rename…", lambda: self._rename(view))
        menu.addAction("Move up", lambda: self._move(view, -1))
        menu.addAction("Move down", lambda: self._move(view, 1))
        menu.addSeparator()
        menu.addAction("Delete…", lambda: self._delete(view))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _rename(self, view: View) -> None:
        marks = self._bookmarks
        ViewName(
            self,
            "Rename the view",
            view.name,
            lambda name: on_renaming(marks.now, view, name),
            lambda name: marks.change(lambda now: now.renamed_view(view, name)),
        ).open()

    def _move(self, view: View, by: int) -> None:
        self._bookmarks.change(lambda now: now.moved_view(view, by))

    def _delete(self, view: View) -> None:
        def delete() -> None:
            self._bookmarks.change(lambda now: now.without_view(view))

        title, text = f"Delete the view “{view.name}”?", "The agents stay as they are."
        dialogs.ask(self, title, text, "Delete", delete, careful=True)

    # Looks

    def _item(self, title: str, icon: str, what: object) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title, ""])
        item.setData(0, WHAT, what)
        item.setData(0, Qt.ItemDataRole.UserRole + 1, icon)
        if icon:
            item.setIcon(0, icons.icon(icon, self._appearance.colours.muted))
        return item

    def _heading(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title, ""])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setForeground(0, self.palette().placeholderText())
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _draw(self) -> None:
        muted = self.palette().placeholderText()
        for item in self.tree.items():
            icon = item.data(0, Qt.ItemDataRole.UserRole + 1)
            if icon and not isinstance(item, _ClientItem):
                item.setIcon(0, icons.icon(icon, self._appearance.colours.muted))
            if item.data(0, WHAT) is None:
                item.setForeground(0, muted)
        self._show_tallies()


class _ClientItem(QTreeWidgetItem):
    """A client or a site. It looks at the counts only when it is seen: there are thousands in a large fleet."""

    def __init__(self, panel: SidePanel, title: str, scope: Scope) -> None:
        super().__init__([title, ""])
        self._panel = panel
        self._scope = scope

    def data(self, column: int, role: int, /) -> object:
        if role == WHAT:
            return self._scope
        if role == BESIDE:
            return self._panel.beside(self._scope)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{self._scope.title}\n{_words(self._panel.tally(self._scope))}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._scope.title}: {_words(self._panel.tally(self._scope))}"
        if column == 1:
            return f"{self._panel.tally(self._scope).total:,}" if role == Qt.ItemDataRole.DisplayRole else None
        return super().data(column, role)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (item.child(place) for place in range(item.childCount()))
    return [child for child in children if child is not None]


def _fits(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _words(tally: Tally) -> str:
    parts = [f"{tally.total:,} agent{'' if tally.total == 1 else 's'}"]
    parts += [f"{count:,} {word}" for count, word in (
        (tally.online, "online"), (tally.offline, "offline"), (tally.overdue, "overdue"),
        (tally.failing, "with failing checks"),
    ) if count]  # fmt: skip
    return ", ".join(parts)
