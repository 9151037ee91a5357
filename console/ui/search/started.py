"""The search that a console was started with, on the first list of agents that is shown."""

from PySide6.QtCore import QObject

from console.sessions.connection import Connection
from console.ui.agents.page import AgentsPage
from console.ui.window import MainWindow


class StartedWith(QObject):
    """Hands a query from the command line to the list: to the one in front, or to the first that comes."""

    def __init__(self, window: MainWindow, query: str) -> None:
        super().__init__(window)
        self._window = window
        self._waiting = query
        window.page_added.connect(self._page_added)

    def search(self, query: str) -> None:
        """A query of a further start. An empty one changes nothing."""
        page = self._window.home.currentWidget()
        if not query:
            return
        if isinstance(page, AgentsPage):
            self._window.tabs.show_home()
            self._write(page, query)
        else:
            self._waiting = query

    def _page_added(self, _: Connection, page: AgentsPage) -> None:
        if self._waiting:
            self._write(page, self._waiting)
            self._waiting = ""

    def _write(self, page: AgentsPage, query: str) -> None:
        page.search.set_text(query)
        if page.isVisible():
            page.search.field.setFocus()
