"""What stands in place of a server's list when one of its hosts presents another certificate than before."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QWidget

from console.transport import CertificateUntrusted
from console.ui.certificate_facts import CertificatesCompared
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import Card, button, centred, label

_WIDTH = 940


class TrustPage(QScrollArea):
    """Both certificates beside each other, what has stopped, and what the technician can do."""

    look_again = Signal()
    trusted = Signal()
    sign_out = Signal()

    def __init__(self, title: str, problem: CertificateUntrusted, appearance: Appearance) -> None:
        """`title` is the server's."""
        super().__init__()
        self.problem = problem
        text = ProblemText(appearance)
        text.show_problem(problem)
        compared = CertificatesCompared(beside=True)
        compared.show_problem(problem)
        stopped = label(
            f"Everything that talks to {title} has stopped: the list, details, actions, transfers, new sessions. "
            "Nothing was sent under the certificate that is presented now.",
            wrap=True,
        )
        self._sessions = label("", wrap=True)
        self.compared = QCheckBox("I have compared the new fingerprint with whoever runs the server")
        self.trust = button("Trust the new certificate", self.trusted.emit)
        self.trust.setEnabled(False)
        self.again = button("Look again", self.look_again.emit, "primary")
        self.again.setToolTip("The network may have been another one for a while, such as a hotel's.")
        leave = button("Sign out", self.sign_out.emit)
        self.compared.toggled.connect(self.trust.setEnabled)
        readable = problem.certificate is not None
        self.compared.setVisible(readable)
        self.trust.setVisible(readable)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.again)
        buttons.addWidget(leave)
        buttons.addStretch(1)
        buttons.addWidget(self.trust)
        card = Card(_WIDTH)
        for widget in (text, stopped, self._sessions, compared, self.compared):
            card.column.addWidget(widget)
        card.column.addSpacing(4)
        card.column.addLayout(buttons)
        page = QWidget()
        page.setLayout(centred(card))
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(self.again)
        self.show_sessions(0)

    def show_sessions(self, live: int) -> None:
        """What becomes of the sessions that are open."""
        self._sessions.setVisible(bool(live))
        them = "The session that is open goes" if live == 1 else f"The {live} sessions that are open go"
        self._sessions.setText(
            f"{them} on over connections that were made under the certificate from before. What breaks off does not "
            "come back before you have decided."
        )
