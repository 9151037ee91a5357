"""What the keyring keeps for a server's MeshCentral, on the page about the server: to be looked at and removed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.mesh.link import MeshSite, site_of
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.transport import host_and_port
from console.ui import dialogs
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label


class KeptSection(QWidget):
    """One line for each sign-in, and one for the emergency key."""

    tokens_wanted = Signal(object, object)
    """A MeshSite whose lasting login tokens are to be shown, and the OwnSignIn that is kept for it."""
    filled = Signal()

    def __init__(
        self, server_id: str, secrets: MeshSecrets, forgotten: Callable[[str], None], look: Appearance
    ) -> None:
        """`forgotten` is told the URL of the site whose sign-in was removed."""
        super().__init__()
        self._server_id = server_id
        self._secrets = secrets
        self._forgotten = forgotten
        self._look = look
        self._sign_ins: dict[str, OwnSignIn] = {}
        self._key: EmergencyKey | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.refresh()

    def refresh(self) -> None:
        """Asks the keyring anew."""
        self._secrets.sign_ins(self._server_id, self._take_sign_ins)
        self._secrets.key(self._server_id, self._take_key)

    def _take_sign_ins(self, found: dict[str, OwnSignIn]) -> None:
        self._sign_ins = found
        self._fill()

    def _take_key(self, key: EmergencyKey | None) -> None:
        self._key = key
        self._fill()

    def _fill(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for url, own in self._sign_ins.items():
            site = site_of(url)
            what = "A lasting login token" if own.lasting else f"Your sign-in as {own.user}"
            self._line(
                "lock",
                "text",
                f"{what} for {host_and_port(site.origin).removesuffix(':443')}",
                button("Login tokens…", partial(self.tokens_wanted.emit, site, own)),
                button("Forget", partial(self.forget, site)),
            )
        if self._key:
            self._line(
                "key",
                "warning",
                f"The emergency key: when the RMM is down, sessions open as {self._key.user}. Signing out leaves it.",
                button("Remove", self._remove_key),
            )
        if self._column.count() == 0:
            self._column.addWidget(label("Nothing.", "muted"))
        self.filled.emit()

    def _line(self, icon: str, colour: str, text: str, *buttons: QWidget) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(IconLabel(self._look, icon, colour, 18))
        row.addWidget(label(text, wrap=True), 1)
        for one in buttons:
            row.addWidget(one)
        self._column.addWidget(line)

    def forget(self, site: MeshSite) -> None:
        """Removes the sign-in that is kept for a site."""

        def forgotten() -> None:
            self._forgotten(site.url)
            self.refresh()

        self._secrets.keep(self._server_id, site, None, forgotten, lambda problem: dialogs.tell(self, problem))

    def _remove_key(self) -> None:
        dialogs.ask(
            self,
            "Remove the emergency key?",
            "While the RMM is down, no sessions open from this computer then. Only an administrator who has the key "
            "can put it back.",
            "Remove the key",
            lambda: self._secrets.forget_key(
                self._server_id, self.refresh, lambda problem: dialogs.tell(self, problem)
            ),
        )
