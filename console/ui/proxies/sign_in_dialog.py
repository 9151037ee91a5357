"""Asks for the user name and the password of a proxy."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.proxies import Proxy, ProxySignIn
from console.secret import Secret
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label

_WIDTH = 460


class ProxySignInDialog(QDialog):
    """Window-modal, with `open`. Ends with `given`, or `rejected`."""

    given = Signal(object, bool)
    """A ProxySignIn, and whether it is to be kept."""

    def __init__(self, proxy: Proxy, refused: ProxySignIn | None, look: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Proxy sign-in")
        self.setFixedWidth(_WIDTH)
        self.user = QLineEdit(refused.user if refused else "")
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.keep = QCheckBox("Keep it in the keyring")
        self.keep.setChecked(True)
        self.words = label(_words(proxy, refused), wrap=True)
        self._go_on = button("Sign in", self._go, "primary")
        self._go_on.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(8)
        column.addWidget(label("Sign in to the proxy", "headline", wrap=True))
        line = QHBoxLayout()
        line.setSpacing(8)
        if refused:
            line.addWidget(IconLabel(look, "warning", "bad", 18), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1)
        column.addLayout(line)
        column.addSpacing(4)
        for caption, edit in (("User name", self.user), ("Password", self.password)):
            name = label(caption, "muted")
            name.setBuddy(edit)
            edit.setAccessibleName(caption)
            column.addWidget(name)
            column.addWidget(edit)
        column.addSpacing(2)
        column.addWidget(self.keep)
        if not proxy.tls:
            hint = "Proxies like this one get the password unencrypted: use none that opens anything else."
            column.addWidget(label(hint, "muted", wrap=True))
        column.addSpacing(6)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("Not now", self.reject))
        last.addWidget(self._go_on)
        column.addLayout(last)
        self.user.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._go)
        (self.password if refused else self.user).setFocus()

    def _go(self) -> None:
        if not self.user.text():
            self.user.setFocus()
            return
        sign_in = ProxySignIn(self.user.text(), Secret(self.password.text()))
        self.password.clear()
        self.given.emit(sign_in, self.keep.isChecked())
        self.accept()


def _words(proxy: Proxy, refused: ProxySignIn | None) -> str:
    if refused:
        return f"{proxy.name} did not accept the user name and password."
    return f"{proxy.name} leads to your servers from this network, and wants to know who you are."
