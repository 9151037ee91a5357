"""Has the pages of files sessions list a folder anew when something arrived in it: nothing else tells them."""

from functools import partial

from PySide6.QtCore import QObject, QTimer

from console.mesh import far_path
from console.mesh.command import Refresh
from console.mesh.session_kind import SessionKind
from console.sessions.far_agent import FarAgent
from console.sessions.manager import Sessions
from console.sessions.transfer import Transfer, TransferState

_MILLISECONDS = 400


class Arrivals(QObject):
    """Waits a moment, so that several files are one refresh."""

    def __init__(self, sessions: Sessions, parent: QObject) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._folders: set[tuple[str, str, str]] = set()
        self._timer = QTimer(self, singleShot=True, interval=_MILLISECONDS)
        self._timer.timeout.connect(self._refresh)

    def watch(self, transfer: Transfer, far: FarAgent, folder: str) -> None:
        """Notes when an upload to this folder is done."""
        transfer.changed.connect(partial(self._changed, transfer, far, folder))

    def _changed(self, transfer: Transfer, far: FarAgent, folder: str) -> None:
        if transfer.state is TransferState.DONE:
            self._folders.add((far.connection.server.id, far.agent.agent_id, folder))
            self._timer.start()

    def _refresh(self) -> None:
        folders, self._folders = self._folders, set()
        for server_id, agent_id, folder in folders:
            for session in self._sessions.of(server_id, agent_id):
                shown = session.facts.folder if session.kind is SessionKind.FILES else None
                if shown is not None and far_path.joined(shown, "") == far_path.joined(folder, ""):
                    session.do(Refresh())
