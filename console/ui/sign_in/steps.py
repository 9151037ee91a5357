"""The form of each step of signing in. A form collects what is typed and hands it to the flow; it decides nothing."""

import re

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtSvgWidgets import QSvgWidget
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QTabBar, QVBoxLayout, QWidget

from console.rmm.credentials import API_KEY_PLACE
from console.secret import Secret
from console.servers import Way
from console.sessions.sign_in_flow import SignInFlow
from console.ui.certificate_facts import CertificatesCompared
from console.ui.widgets import button, label


class Form(QWidget):
    """Base of the forms: a column. `show_step` fills it from the flow; `first` gets the focus."""

    title = ""

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__()
        self.flow = flow
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.first: QWidget = self

    def show_step(self) -> None:
        """Shows what the flow knows; called when the step begins."""

    def update_step(self) -> None:
        """Shows what changed while the step lasts."""

    def take_focus(self) -> None:
        """Gives the keyboard to where the technician goes on; what was refused is selected, to be typed over."""
        self.first.setFocus()
        if self.flow.problem and isinstance(self.first, QLineEdit):
            self.first.selectAll()

    def forget(self) -> None:
        """Keeps nothing of what was typed."""

    def field(self, caption: str, edit: QLineEdit) -> QLineEdit:
        """A captioned line."""
        name = label(caption, "muted")
        name.setBuddy(edit)
        edit.setAccessibleName(caption)
        self.column.addWidget(name)
        self.column.addWidget(edit)
        return edit


class AddressForm(Form):
    title = "Which server?"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.address = self.field("API address of your Tactical RMM", QLineEdit())
        self.address.setPlaceholderText("api.example.com")
        self.address.returnPressed.connect(self._go)
        self.first = self.address
        hint = "Usually api. and then your domain. It is not the address of the web page (rmm. …)."
        self.column.addWidget(label(hint, "muted", wrap=True))
        self.column.addSpacing(6)
        self.column.addWidget(button("Continue", self._go, "primary"))

    def show_step(self) -> None:
        self.address.setText(self.flow.server.address.removeprefix("https://"))
        self.address.selectAll()

    def _go(self) -> None:
        self.flow.give_address(self.address.text())


class CredentialsForm(Form):
    title = "Sign in"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.ways = QTabBar(drawBase=False, expanding=True)
        self.ways.setObjectName("ways")
        self.ways.setAccessibleName("Way to sign in")
        self.ways.addTab("User name")
        self.ways.addTab("API key")
        self.password_way = _PasswordWay(flow)
        self.key_way = _ApiKeyWay(flow)
        self.ways.currentChanged.connect(self._show_way)
        self.column.addWidget(self.ways)
        self.column.addWidget(self.password_way)
        self.column.addWidget(self.key_way)

    def show_step(self) -> None:
        self.password_way.show_step()
        self.key_way.show_step()
        self.ways.setCurrentIndex(1 if self.flow.server.way is Way.API_KEY else 0)
        self._show_way(self.ways.currentIndex())

    def _show_way(self, place: int) -> None:
        shown = self.key_way if place else self.password_way
        self.password_way.setVisible(shown is self.password_way)
        self.key_way.setVisible(shown is self.key_way)
        if self.isVisible():
            self.take_focus()

    def take_focus(self) -> None:
        (self.key_way if self.ways.currentIndex() else self.password_way).take_focus()

    def forget(self) -> None:
        self.password_way.password.clear()
        self.key_way.key.clear()

    def update_step(self) -> None:
        self.password_way.update_step()
        self.key_way.update_step()


class _PasswordWay(Form):
    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.column.setContentsMargins(0, 6, 0, 0)
        self.username = self.field("User name", QLineEdit())
        self.password = self.field("Password", QLineEdit(echoMode=QLineEdit.EchoMode.Password))
        self.username.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._go)
        self.keep = QCheckBox("Keep me signed in on this computer")
        self.keep_password = QCheckBox("Keep my password too (you type only the code next time)")
        self.column.addSpacing(2)
        self.column.addWidget(self.keep)
        self.column.addWidget(self.keep_password)
        self.sso = label("", "muted", wrap=True)
        self.column.addWidget(self.sso)
        self.column.addSpacing(6)
        self.column.addWidget(button("Continue", self._go, "primary"))

    def show_step(self) -> None:
        server = self.flow.server
        self.username.setText(server.username)
        self.password.clear()
        self.keep.setChecked(server.keep_signed_in)
        self.keep_password.setChecked(server.keep_password)
        self.update_step()

    def take_focus(self) -> None:
        self.first = self.password if self.username.text() else self.username
        super().take_focus()

    def update_step(self) -> None:
        kept = self.flow.kept_password is not None
        self.password.setPlaceholderText("kept in the keyring" if kept else "")
        providers = ", ".join(self.flow.providers)
        self.sso.setText(
            f"This server has single sign-on ({providers}). Users of it sign in here with an API key."
            if providers
            else ""
        )
        self.sso.setVisible(bool(providers))

    def _go(self) -> None:
        self.flow.give_password(
            self.username.text(),
            Secret(self.password.text()),
            self.keep.isChecked(),
            self.keep_password.isChecked(),
        )


class _ApiKeyWay(Form):
    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.column.setContentsMargins(0, 6, 0, 0)
        self.key = self.field("API key", QLineEdit(echoMode=QLineEdit.EchoMode.Password))
        self.key.returnPressed.connect(self._go)
        self.first = self.key
        hint = f"Made in the RMM's web page: {API_KEY_PLACE}. It has the rights of the user that it belongs to."
        self.column.addWidget(label(hint, "muted", wrap=True))
        self.keep = QCheckBox("Keep me signed in on this computer")
        self.column.addSpacing(2)
        self.column.addWidget(self.keep)
        self.column.addSpacing(6)
        self.column.addWidget(button("Sign in", self._go, "primary"))

    def show_step(self) -> None:
        self.key.clear()
        self.keep.setChecked(self.flow.server.keep_signed_in)

    def _go(self) -> None:
        self.flow.give_api_key(self.key.text(), self.keep.isChecked())


class CodeForm(Form):
    title = "One-time code"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.who = label("", "muted", wrap=True)
        self.column.addWidget(self.who)
        self.code = QLineEdit()
        self.code.setProperty("role", "code")
        self.code.setAccessibleName("One-time code")
        self.code.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.textChanged.connect(self._typed)
        self.code.returnPressed.connect(self._go)
        self.first = self.code
        self.column.addWidget(self.code)
        self.column.addWidget(button("Sign in", self._go, "primary"))

    def show_step(self) -> None:
        self.who.setText(f"Type the six digits that your authenticator app shows for {self.flow.server.username}.")
        self.code.clear()

    def forget(self) -> None:
        self.code.clear()

    def _typed(self, text: str) -> None:
        """Takes a paste with spaces or text around it, and goes on by itself at six digits."""
        digits = re.sub(r"\D", "", text)[:6]
        if digits != text:
            self.code.setText(digits)
        elif len(digits) == 6:
            self._go()

    def _go(self) -> None:
        if not self.flow.busy:
            self.flow.give_code(self.code.text())


class TotpKeyForm(Form):
    title = "Set up one-time codes"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        text = (
            "Your user has no one-time codes yet. Scan this with an authenticator app, or type the key into it. "
            "It is shown only this once: without it an administrator has to reset your two-factor authentication."
        )
        self.column.addWidget(label(text, "muted", wrap=True))
        self.picture = QSvgWidget()
        self.picture.setFixedSize(QSize(190, 190))
        self.picture.setAccessibleName("QR code of the key")
        self.column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.key = QLineEdit(readOnly=True)
        self.key.setProperty("role", "mono")
        self.key.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.key.setAccessibleName("Key for one-time codes")
        self.column.addWidget(self.key)
        self.done = button("I have it in my app", flow.totp_key_noted, "primary")
        self.first = self.done
        self.column.addWidget(self.done)

    def show_step(self) -> None:
        key = self.flow.totp_key
        if key:
            import segno  # for whoever signs in for the first time

            drawing = segno.make(key.uri.reveal(), error="m").svg_inline(dark="#000000", light="#ffffff", border=3)
            self.picture.load(QByteArray(drawing.encode()))
            text = key.key.reveal()
            self.key.setText(" ".join(text[i : i + 4] for i in range(0, len(text), 4)))

    def forget(self) -> None:
        """The key is not kept in a hidden widget."""
        self.key.clear()
        self.picture.load(QByteArray(b'<svg xmlns="http://www.w3.org/2000/svg"/>'))


class CertificateForm(Form):
    title = "Unknown certificate"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.facts = CertificatesCompared()
        self.column.addWidget(self.facts)
        buttons = QHBoxLayout()
        self.leave = button("Do not trust it", flow.back)
        self.trust = button("Trust this certificate", flow.trust_certificate)
        self.first = self.leave
        buttons.addWidget(self.leave, 1)
        buttons.addWidget(self.trust, 1)
        self.column.addSpacing(6)
        self.column.addLayout(buttons)

    def show_step(self) -> None:
        if self.flow.certificate and self.flow.certificate.certificate:
            self.facts.show_problem(self.flow.certificate)
            self.title = "Another certificate" if self.flow.certificate.changed else "Unknown certificate"
            self.trust.setText("Trust the new one" if self.flow.certificate.changed else "Trust this certificate")


class KeyringForm(Form):
    title = "Keyring"

    def __init__(self, flow: SignInFlow) -> None:
        super().__init__(flow)
        self.again = button("Try again", flow.keyring_again, "primary")
        self.first = self.again
        self.column.addWidget(self.again)
        self.column.addWidget(button("Go on for this run only", flow.for_this_run_only))


def logo(picture: QPixmap) -> QWidget:
    """The application's picture above the form."""
    made = label()
    made.setPixmap(picture)
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return made
