"""What the window does when a host presents another certificate than before: it shows both, and lets the technician
decide. The sign-in stays."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from console.certificates import Certificate
from console.sessions.accounts import Accounts
from console.sessions.connection import Connection
from console.sessions.manager import Sessions
from console.sessions.session import Session
from console.transport import CertificateUntrusted
from console.ui.theme import Appearance
from console.ui.trust.page import TrustPage
from console.ui.window import MainWindow

_TICK_MILLISECONDS = 2000


@dataclass
class _Stopped:
    connection: Connection
    page: TrustPage


class TrustDesk(QObject):
    """Built once. `stopped` has the page of each server where everything has stopped."""

    def __init__(self, window: MainWindow, accounts: Accounts, sessions: Sessions, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._sessions = sessions
        self._look = appearance
        self._stopped: dict[str, _Stopped] = {}
        accounts.distrusted.connect(self._distrusted)
        accounts.changed.connect(self._drop_old)
        window.workspace.certificate_trusted.connect(self._decide)
        self._clock = QTimer(self, interval=_TICK_MILLISECONDS)
        self._clock.timeout.connect(self._count_sessions)

    def page_of(self, server_id: str) -> TrustPage | None:
        found = self._stopped.get(server_id)
        return found.page if found else None

    def _distrusted(self, server_id: str, problem: CertificateUntrusted) -> None:
        connection = self._accounts.connections.get(server_id)
        if connection is None:
            return
        self._drop(server_id)
        page = TrustPage(connection.server.title, problem, self._look)
        page.look_again.connect(lambda: self._look_again(server_id))
        page.trusted.connect(lambda: self._trust(server_id))
        page.sign_out.connect(lambda: self._window.server_button.sign_out_wanted.emit(connection.server))
        self._stopped[server_id] = _Stopped(connection, page)
        self._window.cover(server_id, page)
        self._count_sessions()
        self._clock.start()

    def _decide(self, session: Session, problem: CertificateUntrusted) -> None:
        """A session's own page: one that was never trusted is trusted there, for another the technician comes here."""
        connection = session.connection
        if connection.server.id in self._stopped:
            self._window.show_server(connection.server)
        elif problem.certificate:
            self._accounts.put(connection.server.trusting(problem.certificate, problem.host))
            session.reconnect()

    def _look_again(self, server_id: str) -> None:
        connection = self._stopped[server_id].connection
        connection.look_again()
        self._go_on(server_id)

    def _trust(self, server_id: str) -> None:
        """Also for the hosts that had the same certificate as this one and present the same again: one certificate
        often serves the API and MeshCentral."""
        stopped = self._stopped[server_id]
        connection, problem = stopped.connection, stopped.page.problem
        new = problem.certificate
        if new is None:
            return
        pins = connection.server.pins
        others = [host for host, pin in pins.items() if pin == pins.get(problem.host) and host != problem.host]
        stopped.page.setEnabled(False)
        transport = connection.transport

        def same() -> tuple[str, ...]:
            return tuple(host for host in others if _presents(transport.look(host), new))

        def looked(found: tuple[str, ...]) -> None:
            if self._stopped.get(server_id) is stopped:
                trusting = connection.server.trusting(new, problem.host, *found)
                if trusting.pins == connection.server.pins:
                    connection.look_again()
                self._accounts.put(trusting)
                self._go_on(server_id)

        connection.lane.run(same, looked, lambda _: looked(()))

    def _go_on(self, server_id: str) -> None:
        """The list is asked for, and the sessions that were held up connect."""
        self._drop(server_id)
        if page := self._window.page_of(server_id):
            page.watch.refresh()
        for session in self._sessions:
            if session.connection.server.id == server_id and isinstance(session.problem, CertificateUntrusted):
                session.reconnect()

    def _drop_old(self) -> None:
        """The technician has signed out there, or in anew."""
        for server_id, stopped in list(self._stopped.items()):
            if self._accounts.connections.get(server_id) is not stopped.connection:
                self._drop(server_id)

    def _drop(self, server_id: str) -> None:
        if (stopped := self._stopped.pop(server_id, None)) is not None:
            self._window.uncover(server_id)
            stopped.page.deleteLater()
        if not self._stopped:
            self._clock.stop()

    def _count_sessions(self) -> None:
        for server_id, stopped in self._stopped.items():
            live = [one for one in self._sessions.live if one.connection.server.id == server_id and one.lost is None]
            stopped.page.show_sessions(len(live))


def _presents(certificate: Certificate | None, wanted: Certificate) -> bool:
    return certificate is not None and certificate.fingerprint == wanted.fingerprint
