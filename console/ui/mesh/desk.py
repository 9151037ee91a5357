"""What the window shows of MeshCentral beside the sessions: the page about a server, the emergency key, and what
becomes of a sign-in that worked."""

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.mesh import exchange, mint
from console.mesh.control import Control, MeshNode
from console.mesh.link import MeshSite
from console.problem import Problem
from console.servers import Server
from console.sessions.accounts import Accounts
from console.sessions.manager import Sessions
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.sessions.session import Session
from console.ui import dialogs
from console.ui.mesh.about_server import AboutServer
from console.ui.mesh.kept_section import KeptSection
from console.ui.mesh.node_picker import NodePicker
from console.ui.mesh.tokens import TokensDialog
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.window import MainWindow

TOKEN_NAME = "Technician Console"  # noqa: S105 - what the token is called in MeshCentral


class MeshDesk(QObject):
    """Listens to the window; built once."""

    def __init__(
        self,
        window: MainWindow,
        accounts: Accounts,
        sessions: Sessions,
        secrets: MeshSecrets,
        appearance: Appearance,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._sessions = sessions
        self._secrets = secrets
        self._appearance = appearance
        window.server_button.about_wanted.connect(lambda server: self.about(server, window))
        window.workspace.agent_wish.connect(self._session_wish)

    def about(self, server: Server, over: QWidget) -> AboutServer:
        """Shows the page about a server."""
        signed_in = server.id in self._accounts.connections
        dialog = AboutServer(server, signed_in, self._sessions.mesh_accounts, self._appearance, over)
        kept = KeptSection(server.id, self._secrets, lambda url: self._forgotten(server, url), self._appearance)
        kept.filled.connect(dialog.fit)
        kept.tokens_wanted.connect(lambda site, own: self._show_tokens(server, site, own, kept, dialog))
        dialog.section("Kept in the keyring for MeshCentral", kept)
        dialog.open()
        return dialog

    def _forgotten(self, server: Server, url: str) -> None:
        if connection := self._accounts.connections.get(server.id):
            connection.own_sign_ins.pop(url, None)

    def _show_tokens(self, server: Server, site: MeshSite, own: OwnSignIn, kept: KeptSection, over: QWidget) -> None:
        """Revoking the token that is kept here forgets it as well."""
        connection = self._accounts.connections.get(server.id)
        if connection is None:
            dialogs.tell(over, Problem(f"You are not signed in to {server.title}.", "Sign in there first."))
            return
        token = own.user if own.lasting else ""
        dialog = TokensDialog(connection, site, "" if own.lasting else own.user, token, self._appearance, over)
        dialog.revoked.connect(lambda user: kept.forget(site) if user == token else None)
        dialog.open()

    def _session_wish(self, session: Session, wish: Wish) -> None:
        match wish:
            case Wish.ABOUT_SERVER:
                self.about(session.connection.server, self._over(session))
            case Wish.OPEN_BY_KEY if session.mesh.key:
                self._ask_by_key(session, session.mesh.key)
            case Wish.KEEP_SIGN_IN if session.mesh.to_keep and session.entry.link:
                self._keep(session, session.entry.link.site, session.mesh.to_keep)
            case Wish.KEEP_TOKEN if session.mesh.to_keep and session.entry.link:
                self._make_token(session, session.entry.link.site)
            case Wish.NEVER_KEEP if session.entry.link:
                server, url = session.connection.server, session.entry.link.site.url
                self._accounts.put(msgspec.structs.replace(server, never_keep=(*server.never_keep, url)))
                session.mesh.keeping_answered()

    def _over(self, session: Session) -> QWidget:
        tab = self._window.workspace.tab_of(session)
        return tab.window() if tab else self._window

    # The emergency key

    def _ask_by_key(self, session: Session, key: EmergencyKey) -> None:
        dialogs.ask(
            self._over(session),
            f"Open {session.agent.hostname} without the RMM?",
            f"The RMM does not answer. An administrator has put MeshCentral's login key into your keyring: the session "
            f"opens as the Mesh user {key.user}, past the RMM's permissions and its audit log. The journal says so.",
            "Open with the emergency key",
            lambda: self._by_key(session, key),
        )

    def _by_key(self, session: Session, key: EmergencyKey) -> None:
        node = session.connection.nodes.of(session.agent.agent_id)
        if node:
            self._open(session, key, node)
            return
        transport = session.connection.transport

        def nodes() -> tuple[MeshNode, ...]:
            token = mint.login_token(key.key, key.user, key.site.domain)
            with Control(key.site, exchange.enter(key.site, token, transport), transport) as control:
                return control.nodes()

        def listed(found: tuple[MeshNode, ...]) -> None:
            self._window.say("")
            picker = NodePicker(session.agent.hostname, found, self._over(session))
            picker.picked.connect(lambda one: self._open(session, key, one.node))
            dialogs.present(picker)

        def failed(problem: Problem) -> None:
            self._window.say("")
            dialogs.tell(self._over(session), problem)

        self._window.say("Asking MeshCentral for its machines…")
        session.connection.lane.run(nodes, listed, failed)

    def _open(self, session: Session, key: EmergencyKey, node: str) -> None:
        if session in list(self._sessions):  # its tab may have been closed meanwhile
            session.open_by_key(key, node)

    # A sign-in that worked

    def _keep(self, session: Session, site: MeshSite, own: OwnSignIn) -> None:
        self._secrets.keep(
            session.connection.server.id,
            site,
            own,
            session.mesh.keeping_answered,
            lambda problem: dialogs.tell(self._over(session), problem),
        )

    def _make_token(self, session: Session, site: MeshSite) -> None:
        """Once, because each asking makes one; the sign-in stays on offer when it fails."""
        connection, page = session.connection, session.page
        if page is None:
            return
        cookies, transport = page.cookies(), connection.transport

        def make() -> OwnSignIn:
            with Control(site, cookies, transport) as control:
                made = control.make_token(TOKEN_NAME)
            return OwnSignIn(made.user, made.password, lasting=True)

        def made(own: OwnSignIn) -> None:
            connection.own_sign_ins[site.url] = own
            self._keep(session, site, own)

        connection.lane.run(make, made, lambda problem: dialogs.tell(self._over(session), problem))
