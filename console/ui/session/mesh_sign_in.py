"""The technician's own sign-in at MeshCentral, in place of a session's page: for servers whose links have none."""

from PySide6.QtWidgets import QLineEdit, QWidget

from console.secret import Secret
from console.sessions.own_sign_in import OwnSignIn
from console.sessions.session import Session
from console.transport import host_and_port
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import Card, button, centred, label

_WIDTH = 420


class MeshSignInForm(QWidget):
    """Asks for user name and password. What is typed goes to MeshCentral over the console's own connection and not
    through its page; a one-time code is asked for by the page."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self._session = session
        card = Card(_WIDTH)
        self._where = label("", "muted", wrap=True)
        self._problem = ProblemText(appearance)
        self.user = QLineEdit()
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        card.column.addWidget(label("Sign in to MeshCentral", "title"))
        card.column.addWidget(self._where)
        card.column.addWidget(self._problem)
        for caption, edit in (("User name", self.user), ("Password", self.password)):
            name = label(caption, "muted")
            name.setBuddy(edit)
            edit.setAccessibleName(caption)
            card.column.addWidget(name)
            card.column.addWidget(edit)
        self.user.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._go)
        card.column.addSpacing(4)
        card.column.addWidget(button("Sign in", self._go, "primary"))
        card.column.addWidget(button("Sign in on MeshCentral's own page", session.going_in.in_page, "link"))
        self.setLayout(centred(card))

    def update_form(self) -> None:
        """Follows what the session asks for."""
        link = self._session.entry.link
        host = host_and_port(link.origin).removesuffix(":443") if link else ""
        self._where.setText(
            f"The RMM's links do not sign you in at {host}. Use your own account there; user names are case-sensitive."
        )
        self._problem.show_problem(self._session.mesh.refused)

    def take_focus(self) -> None:
        (self.password if self.user.text() else self.user).setFocus()

    def _go(self) -> None:
        if not self.user.text():
            self.user.setFocus()
            return
        password = Secret(self.password.text())
        self.password.clear()
        self._session.going_in.sign_in(OwnSignIn(self.user.text(), password))
