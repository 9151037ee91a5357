"""The page for signing in: a card that shows one step at a time."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from console import assets
from console.problem import Problem
from console.sessions.sign_in_flow import SignInFlow, Step
from console.ui.problem_view import ProblemText
from console.ui.sign_in.steps import (
    AddressForm,
    CertificateForm,
    CodeForm,
    CredentialsForm,
    Form,
    KeyringForm,
    TotpKeyForm,
    logo,
)
from console.ui.theme import Appearance
from console.ui.widgets import Card, button, centred, label

_WIDTH = 460


class SignInPage(QScrollArea):
    """Shows a SignInFlow."""

    def __init__(self, flow: SignInFlow, appearance: Appearance) -> None:
        super().__init__()
        self._flow = flow
        self._shown: tuple[Step, str] | None = None
        self._told: Problem | None = None
        self._title = label(role="title")
        self._server = label(role="muted")
        self._busy = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self._problem = ProblemText(appearance)
        self._wait = label(role="warning", wrap=True)
        self._countdown = QTimer(self, interval=1000)
        self._countdown.timeout.connect(self._tick)
        self._seconds = 0
        self.totp_key = TotpKeyForm(flow)
        self.forms: dict[Step, Form] = {
            Step.ADDRESS: AddressForm(flow),
            Step.CREDENTIALS: CredentialsForm(flow),
            Step.CODE: CodeForm(flow),
            Step.TOTP_KEY: self.totp_key,
            Step.CERTIFICATE: CertificateForm(flow),
            Step.KEYRING: KeyringForm(flow),
        }
        self._forms = QWidget()  # not a stack: a hidden form must not give its height to the one shown
        forms = QVBoxLayout(self._forms)
        forms.setContentsMargins(0, 0, 0, 0)
        for form in self.forms.values():
            forms.addWidget(form)
        self._back = button("Back", flow.back, "link")
        self._cancel = button("Cancel", flow.cancel, "link")
        card = Card(_WIDTH)
        picture = QIcon(str(assets.path(f"{assets.APP_ID}.svg"))).pixmap(QSize(56, 56), self.devicePixelRatioF())
        card.column.addWidget(logo(picture))
        card.column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addWidget(self._server, 0, Qt.AlignmentFlag.AlignHCenter)
        card.column.addWidget(self._busy)
        card.column.addWidget(self._problem)
        card.column.addWidget(self._wait)
        card.column.addWidget(self._forms)
        last = QHBoxLayout()
        last.addWidget(self._back)
        last.addStretch(1)
        last.addWidget(self._cancel)
        card.column.addLayout(last)
        page = QWidget()
        page.setLayout(centred(card))
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a click beside a field leaves the keyboard there
        flow.changed.connect(self._update)
        flow.finished.connect(self._forget)
        self._update()

    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._take_focus()

    def _take_focus(self) -> None:
        """Only while it is seen: a hidden field would take what is typed into a session."""
        if self.isVisible() and self._forms.isEnabled():
            self.forms[self._flow.step].take_focus()

    def _update(self) -> None:
        flow = self._flow
        form = self.forms[flow.step]
        was_ready = self._forms.isEnabled()
        if (flow.step, flow.server.id) != self._shown:
            self.totp_key.forget()
            self._shown = (flow.step, flow.server.id)
            was_ready = False
            for other in self.forms.values():
                other.setVisible(other is form)
            form.show_step()
        form.update_step()
        self._title.setText(form.title)
        self._server.setText("" if flow.step is Step.ADDRESS else flow.server.title)
        self._server.setVisible(bool(self._server.text()))
        self._busy.setVisible(flow.busy)
        self._cancel.setVisible(flow.busy)
        self._problem.show_problem(flow.problem)
        self._back.setVisible(flow.step not in (Step.ADDRESS, Step.TOTP_KEY, Step.CERTIFICATE))
        if flow.throttled and not self._countdown.isActive():
            self._seconds = flow.throttled
            self._countdown.start()
        elif not flow.throttled:
            self._countdown.stop()
        self._show_wait()
        self._forms.setEnabled(not flow.busy and not self._countdown.isActive())
        news, self._told = flow.problem is not self._told, flow.problem
        # A disabled form has lost the focus; where nothing was asked, a late answer must not move it while one types.
        if news or not was_ready:
            self._take_focus()

    def _tick(self) -> None:
        self._seconds -= 1
        if self._seconds <= 0:
            self._countdown.stop()
            self._forms.setEnabled(True)
            self._take_focus()
        self._show_wait()

    def _forget(self) -> None:
        """Signed in: what was typed is not kept in hidden fields."""
        self._shown = None
        for form in self.forms.values():
            form.forget()

    def _show_wait(self) -> None:
        active = self._countdown.isActive()
        self._wait.setVisible(active)
        unit = "second" if self._seconds == 1 else "seconds"
        self._wait.setText(f"You can try again in {self._seconds} {unit}." if active else "")
