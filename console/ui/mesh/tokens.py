"""The lasting login tokens of the technician's own MeshCentral account: listed and revoked.

MeshCentral tells them to who signed in with a password, not to who signed in with such a token: it is typed here, and
nothing of it is kept.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from console.mesh.control import Control, LastingToken
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.mesh.sign_in import SignedIn, send_code, sign_in
from console.problem import Problem
from console.rmm.texts import one_line
from console.secret import Secret
from console.sessions.connection import Connection
from console.transport import host_and_port
from console.ui import dialogs
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import button, label


class TokensDialog(QDialog):
    """Window-modal, with `open`. Asks for the password, and the code where there is one, then shows the tokens."""

    revoked = Signal(str)
    """The name (`~t:…`) of a token that is no more."""

    def __init__(
        self, connection: Connection, site: MeshSite, user: str, own: str, look: Appearance, parent: QWidget
    ) -> None:
        """`user` is put into the form; `own` names the token that this console keeps, "" for none."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Login tokens")
        self.setMinimumWidth(560)
        self._connection = connection
        self._site = site
        self._own = own
        self._cookies: MeshCookies | None = None
        self._begun: MeshCookies | None = None
        host = host_and_port(site.origin).removesuffix(":443")
        self._words = label(
            f"Type your password for MeshCentral at {host}: it tells the tokens to nobody else.", wrap=True
        )
        self._problem = ProblemText(look)
        self.user = QLineEdit(user, placeholderText="User name")
        self.user.setAccessibleName("User name")
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password, placeholderText="Password")
        self.password.setAccessibleName("Password")
        self.code = QLineEdit(placeholderText="One-time code")
        self.code.setAccessibleName("One-time code")
        self.code.hide()
        self.list = QListWidget()
        self.list.setAccessibleName("Login tokens")
        self.list.setWordWrap(True)
        self.list.hide()
        self.go_on = button("Show the tokens", self._go, "primary")
        self.go_on.setDefault(True)
        self.revoke = button("Revoke…", self._ask_revoke)
        self.revoke.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(10)
        column.addWidget(label(f"Login tokens at {host}", "headline", wrap=True))
        for widget in (self._words, self._problem, self.user, self.password, self.code):
            column.addWidget(widget)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        last = QHBoxLayout()
        last.addWidget(self.revoke)
        last.addStretch(1)
        last.addWidget(button("Close", self.close))
        last.addWidget(self.go_on)
        column.addLayout(last)
        self.list.currentRowChanged.connect(lambda row: self.revoke.setEnabled(row >= 0))
        (self.password if user else self.user).setFocus()

    def _go(self) -> None:
        site, transport = self._site, self._connection.transport
        self._problem.show_problem(None)
        self.go_on.setEnabled(False)
        if self._begun is None:
            user, password = self.user.text(), Secret(self.password.text())
            self.password.clear()
            self._run(lambda: sign_in(site, user, password, transport))
        else:
            begun, code = self._begun, self.code.text().strip()
            self.code.clear()
            self._run(lambda: send_code(site, begun, code, transport))

    def _run(self, call: Callable[[], SignedIn]) -> None:
        self._connection.lane.run(call, self._signed_in, self._failed)

    def _signed_in(self, signed_in: SignedIn) -> None:
        self.go_on.setEnabled(True)
        if signed_in.asks_more:
            again = self._begun is not None
            self._begun = signed_in.cookies
            self._words.setText("The code was not right. Type another one." if again else "Type the one-time code.")
            self.user.hide()
            self.password.hide()
            self.code.show()
            self.code.setFocus()
            return
        self._cookies = signed_in.cookies
        self._ask("")

    def _ask(self, remove: str) -> None:
        site, transport, cookies = self._site, self._connection.transport, self._cookies
        if cookies is None:
            return

        def tokens() -> tuple[LastingToken, ...]:
            with Control(site, cookies, transport) as control:
                return control.tokens(remove)

        def told(found: tuple[LastingToken, ...]) -> None:
            self._show(found)
            if remove:
                self.revoked.emit(remove)

        self._connection.lane.run(tokens, told, self._failed)

    def _show(self, tokens: tuple[LastingToken, ...]) -> None:
        for widget in (self.user, self.password, self.code, self.go_on):
            widget.hide()
        self._words.setText(
            "Each of these signs in as you, with all your rights, until it is revoked."
            if tokens
            else "There are no lasting login tokens of your account."
        )
        self.list.clear()
        for token in tokens:
            made = f"made {token.created.astimezone():%Y-%m-%d %H:%M}" if token.created else "of unknown age"
            ends = f"ends {token.expires.astimezone():%Y-%m-%d %H:%M}" if token.expires else "does not end"
            mine = " · kept by this console" if token.user == self._own else ""
            item = QListWidgetItem(f"{one_line(token.name) or '(no name)'} · {made} · {ends}{mine}")
            item.setData(Qt.ItemDataRole.UserRole, token.user)
            self.list.addItem(item)
        self.list.setVisible(bool(tokens))
        self.revoke.setVisible(bool(tokens))
        self.revoke.setEnabled(False)
        self.adjustSize()

    def _ask_revoke(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        user = str(item.data(Qt.ItemDataRole.UserRole))
        dialogs.ask(
            self,
            "Revoke this login token?",
            "Whatever signs in with it is refused from now on. This cannot be taken back.",
            "Revoke it",
            lambda: self._ask(user),
        )

    def _failed(self, problem: Problem) -> None:
        self.go_on.setEnabled(True)
        self._problem.show_problem(problem)
        self.adjustSize()
