"""What the palette can do, besides opening sessions."""

from collections.abc import Iterator
from functools import partial

from console.fleet.bookmarks import View
from console.fleet.counts import Counts, Tally
from console.preferences import Theme
from console.sessions.accounts import Accounts
from console.ui.agents.bars import GROUPINGS
from console.ui.agents.page import AgentsPage
from console.ui.fleet.scope import ALL, FAVOURITES, Scope, of_client, of_recent
from console.ui.main_menu import THEMES
from console.ui.palette.entries import Command
from console.ui.window import MainWindow

_KEYED_VIEWS = 9


def of_views(page: AgentsPage) -> Iterator[Command]:
    for number, view in enumerate(page.bookmarks.now.views, 1):
        yield _view(page, view, f"Ctrl+{number}" if number <= _KEYED_VIEWS else "")


def of_clients(page: AgentsPage, counts: Counts) -> Iterator[Command]:
    """Clients, then sites."""
    for client, tally in counts.clients.items():
        yield _scope(page, of_client(client), tally, "Client")
    for (client, site), tally in counts.sites.items():
        if site:
            yield _scope(page, of_client(client, site), tally, "Site")


def of_page(page: AgentsPage) -> Iterator[Command]:
    """What concerns the list that is shown."""
    yield Command("Refresh the list", "refresh", page.refresh, "F5", of_list=True)
    yield Command("Search the list", "search", page.search.focus_field, "Ctrl+F", of_list=True)
    yield Command("What can be searched for", "help", page.search.show_help, "F1", of_list=True)
    for scope in (ALL, FAVOURITES, of_recent(page.bookmarks.now.recent)):
        yield Command(f"Look at {scope.title.lower()}", scope.icon, partial(page.look_at, scope), of_list=True)
    if page.table.selected_count():
        yield Command("Mark the selected agents with a star, or not", "star", page.star, "Ctrl+D", of_list=True)
    yield Command("Save as a view…", "view", page.save_view, "Ctrl+S", of_list=True)
    for grouping, title in GROUPINGS:
        yield Command(f"Group by {title.lower()}", "list", partial(page.table.group_by, grouping), of_list=True)
    yield Command("Choose columns…", "list", page.head.choose_columns, of_list=True)
    yield Command("Export as CSV…", "download", page.head.export_wanted.emit, of_list=True)
    yield Command("Show or hide clients and views", "panel-left", page.panels.toggle_side, "Ctrl+B", of_list=True)
    yield Command("Show or hide an agent's details", "panel-right", page.panels.toggle_detail, "Ctrl+I", of_list=True)


def of_sorting(page: AgentsPage) -> Iterator[Command]:
    """By the columns that are shown; once more by the same turns it over."""
    first = page.model.sorting[:1]
    for column in page.table.shown_columns():
        down = first == ((column.name, False),)
        title, icon = (f"Sort by {column.title.lower()}{', downwards' if down else ''}", "down" if down else "up")
        yield Command(title, icon, partial(page.table.order_by, ((column.name, down),)), of_list=True)


def of_window(window: MainWindow, accounts: Accounts) -> Iterator[Command]:
    """What concerns the whole console."""
    shown, button = window.shown, window.server_button
    yield Command("Journal of sessions", "clock", window.journal_wanted.emit)
    yield Command("Lock the console", "lock", window.lock_wanted.emit, "Ctrl+L")
    for theme, title in THEMES:
        yield Command(f"Appearance: {title.lower()}", "quality", partial(_choose_theme, window, theme))
    for server in accounts.book.servers:
        if shown is None or server.id != shown.id:
            yield Command(f"Go to {server.title}", "server", partial(button.switch_wanted.emit, server), "", "Server")
    yield Command("Add a server…", "plus", button.add_wanted.emit)
    if shown is not None and shown.id in accounts.connections:
        yield Command(f"About {shown.title}…", "info", partial(button.about_wanted.emit, shown))
        yield Command(f"Check {shown.title}…", "checks", partial(button.doctor_wanted.emit, shown))
        yield Command(f"Sign out of {shown.title}", "lock", partial(button.sign_out_wanted.emit, shown))


def _view(page: AgentsPage, view: View, keys: str) -> Command:
    return Command(view.name, "view", partial(page.show_view, view), keys, "View", of_list=True)


def _scope(page: AgentsPage, scope: Scope, tally: Tally, kind: str) -> Command:
    count = f"{tally.total:,} agent" + ("" if tally.total == 1 else "s")
    return Command(scope.title, scope.icon, partial(page.look_at, scope), count, kind, of_list=True)


def _choose_theme(window: MainWindow, theme: Theme) -> None:
    window.menu.choose_theme(theme)
