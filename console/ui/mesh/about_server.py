"""The page about a server: with which MeshCentral accounts one works there, and what that means."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.servers import Server, Way
from console.sessions.mesh_accounts import KnownAccount, MeshAccounts
from console.ui.mesh.account_words import LOOKS, WAYS, seen, where
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WIDTH = 560


class AboutServer(QDialog):
    """Window-modal, with `open`. It follows what is learnt while it is open."""

    def __init__(
        self, server: Server, signed_in: bool, accounts: MeshAccounts, appearance: Appearance, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"About {server.title}")
        self.setMinimumWidth(_WIDTH)
        self._server = server
        self._signed_in = signed_in
        self._known = accounts
        self._appearance = appearance
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 18)
        self._column.setSpacing(8)
        self._column.addWidget(label(server.title, "headline", wrap=True))
        self._column.addWidget(label(self._rmm_line(), "muted", wrap=True, selectable=True))
        self._accounts = QWidget()
        self._accounts_column = QVBoxLayout(self._accounts)
        self._accounts_column.setContentsMargins(0, 0, 0, 0)
        self._accounts_column.setSpacing(6)
        self._sections = QVBoxLayout()
        self._sections.setSpacing(8)
        self._column.addLayout(self._sections)
        self.section("MeshCentral account", self._accounts)
        last = QHBoxLayout()
        last.addStretch(1)
        self.close_button = button("Close", self.close, "primary")
        last.addWidget(self.close_button)
        self._column.addStretch(1)  # else the wrapped texts take what room is left over
        self._column.addSpacing(8)
        self._column.addLayout(last)
        accounts.changed.connect(self._fill)
        self._fill()
        self.close_button.setFocus()

    def section(self, title: str, content: QWidget) -> None:
        """A part of the page under a title, above the buttons."""
        self._sections.addSpacing(10)
        self._sections.addWidget(label(title, "strong"))
        self._sections.addWidget(content)

    def fit(self) -> None:
        """Takes the height that the wrapped texts need: Qt itself only reckons with their shortest."""
        self._column.activate()
        width = max(self.width(), _WIDTH)
        height = self._column.totalHeightForWidth(width)
        self.setMinimumHeight(height)
        self.resize(width, height)

    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self.fit()

    def _rmm_line(self) -> str:
        server = self._server
        who = "with an API key" if server.way is Way.API_KEY else f"as {server.username}"
        return f"{server.address}\n" + (f"Signed in {who}" if self._signed_in else "Not signed in")

    def _fill(self, *_: str) -> None:
        while (item := self._accounts_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        known = self._known.all_of(self._server.id)
        if not known:
            words = "Not known yet. MeshCentral tells it when the first session is connected."
            self._accounts_column.addWidget(label(words, "muted", wrap=True))
        for account in known:
            self._accounts_column.addWidget(self._account(account))
        self.fit()

    def _account(self, account: KnownAccount) -> QWidget:
        look = LOOKS[account.standing]
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(12)
        row.addWidget(IconLabel(self._appearance, look.icon, look.colour, 24), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addWidget(label(f"{look.words}: {account.name}", "strong", wrap=True, selectable=True))
        column.addWidget(label(look.meaning, wrap=True))
        column.addWidget(label(seen(account), wrap=True, selectable=True))
        column.addWidget(label(f"{WAYS[account.way]} at {where(account)}", "muted", wrap=True))
        row.addLayout(column, 1)
        return made
