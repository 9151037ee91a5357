"""Leads what is chosen in the palette to where it is done."""

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import QObject

from console.rmm.models import Agent
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.sessions.fleet_action import ActionKind
from console.ui.agents.page import AgentsPage
from console.ui.fleet_actions import words
from console.ui.fleet_actions.desk import FleetDesk
from console.ui.fleet_actions.menu import why_none
from console.ui.notifications import to_front
from console.ui.palette.commands import of_clients, of_page, of_sorting, of_views, of_window
from console.ui.palette.entries import Command, Entry
from console.ui.palette.haystack import Found, Haystack
from console.ui.palette.palette import Palette
from console.ui.palette.rows import Line, line_of
from console.ui.theme import Appearance
from console.ui.widgets import tool_button
from console.ui.window import MainWindow

_MOST = 50
_RECENT_AT_FIRST = 8


class PaletteDesk(QObject):
    """Made once the window stands. Names of agents are made ready beside the window, when the palette opens and the
    list is another one; until then the last ones are looked through."""

    def __init__(self, window: MainWindow, accounts: Accounts, fleet: FleetDesk, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._fleet = fleet
        self._names: dict[AgentsPage, Haystack[str]] = {}
        self._outdated: set[AgentsPage] = set()
        self._commands: dict[tuple[str, str], Command] = {}
        self._command_names = Haystack[tuple[str, str]]()
        self.palette = Palette(window, appearance, self._find, self._line)
        self.palette.agent_chosen.connect(self._agent_chosen)
        self.palette.command_chosen.connect(self._command_chosen)
        self.button = tool_button(appearance, "search", "Go to an agent, a view or an action (Ctrl+K)", self.open)
        window.add_tool(self.button)
        window.page_added.connect(self._page_added)

    def open(self) -> None:
        """Over the main window, wherever the keyboard was."""
        if self.palette.isVisible():
            self.palette.open()
            return
        page = self._page()
        if page is not None and page in self._outdated:
            self._make_names(page)
        commands = list(of_window(self._window, self._accounts))
        if page is not None:
            commands += [*of_views(page), *of_page(page), *of_clients(page, page.watch.store.counts)]
            commands += [*of_sorting(page), *self._of_selected(page)]
        self._commands = {command.key: command for command in commands}
        self._command_names = Haystack((one.key, one.title, one.kind) for one in commands)
        self._window.workspace.leave_full_screen()
        to_front(self._window)
        self.palette.open()

    def _of_selected(self, page: AgentsPage) -> Iterator[Command]:
        """What can be done to the selected agents; how many is in the title, and grave actions ask before."""
        agents = page.table.selected_agents()
        for kind in ActionKind if agents else ():
            if not why_none(kind, agents):
                said = words.of(kind)
                act = partial(self._fleet.choose, page.watch.connection, kind, agents)
                yield Command(f"{said.title}: {words.machines(agents)}", said.icon, act, of_list=True)

    def _page(self) -> AgentsPage | None:
        page = self._window.home.currentWidget()
        return page if isinstance(page, AgentsPage) else None

    def _page_added(self, _: Connection, page: AgentsPage) -> None:
        self._outdated.add(page)
        page.watch.updated.connect(lambda _: self._outdated.add(page))
        page.destroyed.connect(lambda: self._forget(page))

    def _forget(self, page: AgentsPage) -> None:
        self._names.pop(page, None)
        self._outdated.discard(page)

    def _make_names(self, page: AgentsPage) -> None:
        agents = tuple(page.watch.store.agents())
        self._outdated.discard(page)

        def made(names: Haystack[str]) -> None:
            self._names[page] = names
            if self.palette.isVisible():
                self.palette.look()

        page.watch.connection.lane.run(
            lambda: Haystack((one.agent_id, one.hostname, f"{one.client_name} {one.site_name}") for one in agents),
            made,
            lambda _: self._outdated.add(page),
        )

    def _find(self, typed: str) -> Sequence[Entry]:
        page = self._page()
        if not typed.strip():
            return self._at_first(page)
        commands = self._command_names.find(typed, most=_MOST)
        found: list[Found[str] | Found[tuple[str, str]]] = [*commands]
        if page is not None and page in self._names:
            found += self._names[page].find(typed, page.bookmarks.now.recent, _MOST)
        ranked = sorted(found, key=lambda one: one.rank)[:_MOST]
        return [entry for one in ranked if (entry := self._entry(one.key, page)) is not None]

    def _at_first(self, page: AgentsPage | None) -> Sequence[Entry]:
        """What was used last, and what was kept to be used again; without either, what there is to do."""
        if page is None:
            return list(self._commands.values())
        known = (page.watch.store.get(agent_id) for agent_id in page.bookmarks.now.recent)
        recent = [agent for agent in known if agent is not None][:_RECENT_AT_FIRST]
        return [*recent, *of_views(page), *of_page(page), *of_window(self._window, self._accounts)]

    def _entry(self, key: str | tuple[str, str], page: AgentsPage | None) -> Entry | None:
        if isinstance(key, tuple):
            return self._commands.get(key)
        return page.watch.store.get(key) if page is not None else None

    def _line(self, entry: Entry, typed: str) -> Line:
        page = self._page()
        starred = isinstance(entry, Agent) and page is not None and entry.agent_id in page.bookmarks.now.favourites
        return line_of(entry, typed, starred=starred)

    def _agent_chosen(self, agent: Agent, kind: object) -> None:
        page = self._page()
        if page is not None:
            page.wanted.emit(agent, kind)

    def _command_chosen(self, command: Command) -> None:
        if command.of_list:
            self._window.tabs.show_home()
        command.act()
