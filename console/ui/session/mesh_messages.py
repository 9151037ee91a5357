"""What stands over a session's page because of the way in which it was opened: a warning, and an offer."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.sessions.entry_way import EntryWay
from console.sessions.progress import State
from console.sessions.session import Session
from console.transport import host_and_port
from console.ui.session.message_bar import MessageBar
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.widgets import button


class MeshMessages(QWidget):
    """Follows the session; nothing is seen of it while there is nothing to say."""

    wish = Signal(object)
    """A Wish."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self._session = session
        self.caution = MessageBar(appearance)
        self.offer = MessageBar(appearance)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caution)
        column.addWidget(self.offer)
        session.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        session, link = self._session, self._session.entry.link
        by_key = session.entry.way is EntryWay.KEY and session.state is not State.CLOSED
        if by_key and self.caution.isHidden():
            self.caution.say(
                "warning",
                "warning",
                "Opened with the emergency key, past the RMM: its permissions and its audit log know nothing of this "
                "session. It is in the journal of this console.",
                lasting=True,
            )
        self.caution.setVisible(by_key)
        offered = session.mesh.to_keep is not None and link is not None
        if offered and link is not None and self.offer.isHidden():
            host = host_and_port(link.origin).removesuffix(":443")
            token = button("Keep a login token instead", lambda: self.wish.emit(Wish.KEEP_TOKEN))
            token.setToolTip("MeshCentral makes a lasting login token, which can be revoked; no password is kept")
            self.offer.say(
                "key",
                "accent",
                f"Keep your sign-in for MeshCentral at {host} in the keyring?",
                [
                    button("Keep", lambda: self.wish.emit(Wish.KEEP_SIGN_IN), "primary"),
                    token,
                    button("Not now", session.mesh.keeping_answered),
                    button("Never here", lambda: self.wish.emit(Wish.NEVER_KEEP)),
                ],
                lasting=True,
            )
        self.offer.setVisible(offered)
        self.setVisible(by_key or offered)
