"""What transfers have to say in windows that do not show their panel: detached sessions, and full screen."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.sessions.transfer import Transfer
from console.sessions.transfers import Transfers
from console.ui.session.tab import SessionTab
from console.ui.widgets import button


class TransfersElsewhere(QObject):
    """Says in the tab of a transfer's agent that it began, and that it asks; the panel is one click away."""

    def __init__(
        self,
        transfers: Transfers,
        panel: QWidget,
        tabs: Callable[[], list[SessionTab]],
        to_panel: Callable[[], object],
    ) -> None:
        """`to_panel` brings the window with the panel to the front."""
        super().__init__(panel)
        self._panel = panel
        self._tabs = tabs
        self._to_panel = to_panel
        self._asked: set[Transfer] = set()
        transfers.added.connect(self._added)
        transfers.removed.connect(self._asked.discard)

    def _added(self, transfer: Transfer) -> None:
        transfer.changed.connect(lambda: self._changed(transfer))
        self._say(transfer, "upload", "accent", f"{transfer.name} is being transferred.")
        self._changed(transfer)

    def _changed(self, transfer: Transfer) -> None:
        if not transfer.question:
            self._asked.discard(transfer)
        elif transfer not in self._asked:
            self._asked.add(transfer)
            self._say(
                transfer, "warning", "warning", f"“{transfer.question.name}” is there already: what shall be done?"
            )

    def _say(self, transfer: Transfer, icon: str, colour: str, words: str) -> None:
        for tab in self._tabs():
            if tab.session.agent.agent_id == transfer.agent_id and tab.window() is not self._panel.window():
                tab.messages.say(icon, colour, words, [button("Show transfers", self._to_panel)])
