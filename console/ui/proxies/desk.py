"""What the window does about proxies that want a sign-in: the keyring is looked into, then the technician is asked."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget
from shiboken6 import isValid

from console.proxies import Proxies, Proxy, ProxySignIn
from console.sessions import proxy_sign_ins
from console.sessions.accounts import Accounts
from console.sessions.manager import Sessions
from console.sessions.proxy_sign_ins import ProxySignIns, Question
from console.sessions.sign_in_flow import SignInFlow
from console.transport import ProxySignInWanted
from console.ui import dialogs
from console.ui.theme import Appearance
from console.ui.widgets import button
from console.ui.window import MainWindow

if TYPE_CHECKING:
    from console.ui.proxies.sign_in_dialog import ProxySignInDialog


class ProxyDesk(QObject):
    """Built once. Its button is in the window's top bar while there is a proxy that the technician did not sign in
    to."""

    def __init__(
        self,
        window: MainWindow,
        accounts: Accounts,
        sessions: Sessions,
        flow: SignInFlow,
        proxies: Proxies,
        sign_ins: ProxySignIns,
        appearance: Appearance,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._accounts = accounts
        self._sessions = sessions
        self._flow = flow
        self._proxies = proxies
        self._sign_ins = sign_ins
        self._look = appearance
        self._over: QWidget = window
        self._asking: list[ProxySignInDialog] = []
        self.button: QPushButton | None = None
        sign_ins.asked.connect(self._asked)
        sign_ins.changed.connect(self._show_button)

    def stand_over(self, window: QWidget) -> None:
        """The window that is shown is another: questions that calls wait for are moved to it. A password that unlocks
        the console is asked of a server, behind the same proxy."""
        self._over = window
        for dialog in self._asking:
            if isValid(dialog):
                dialog.setParent(window, dialog.windowFlags())
                dialog.open()

    def ask_anew(self) -> None:
        """Something is to be tried for which a sign-in is needed that the technician did not give."""
        for proxy in self._sign_ins.declined:
            self._sign_ins.reconsidered(proxy)

    def _asked(self, question: Question) -> None:
        def found(kept: ProxySignIn | None) -> None:
            if kept is not None and kept != question.refused:
                self._sign_ins.answer(question, kept)
            else:
                self._ask(question)

        self._accounts.with_vault(
            lambda vault: proxy_sign_ins.read(vault, question.proxy), found, lambda _: self._ask(question)
        )

    def _ask(self, question: Question) -> None:
        def given(sign_in: ProxySignIn, keep: bool) -> None:
            self._keep(question.proxy, sign_in, keep)
            self._sign_ins.answer(question, sign_in)

        declined = partial(self._sign_ins.answer, question, None)
        dialog = self._open(question.proxy, question.refused, given, declined, self._over)
        self._asking.append(dialog)
        dialog.finished.connect(lambda _: self._asking.remove(dialog))

    def _open(
        self, proxy: Proxy, refused: ProxySignIn | None, given: object, declined: object, over: QWidget
    ) -> "ProxySignInDialog":
        from console.ui.proxies.sign_in_dialog import ProxySignInDialog

        dialog = ProxySignInDialog(proxy, refused, self._look, over)
        dialog.given.connect(given)
        dialog.rejected.connect(declined)
        dialog.open()
        return dialog

    def _keep(self, proxy: Proxy, sign_in: ProxySignIn, keep: bool) -> None:
        kept = sign_in if keep else None
        self._accounts.with_vault(
            lambda vault: proxy_sign_ins.write(vault, proxy, kept),
            lambda _: None,
            lambda problem: dialogs.tell(self._window, problem) if keep else None,
        )

    def _show_button(self) -> None:
        declined = self._sign_ins.declined
        if declined and self.button is None:
            self.button = button("Proxy sign-in…", self._reconsider)
            self._window.add_tool(self.button)
        if self.button:
            self.button.setVisible(bool(declined))

    def _reconsider(self) -> None:
        proxy = min(self._sign_ins.declined, key=lambda one: one.name)

        def given(sign_in: ProxySignIn, keep: bool) -> None:
            self._keep(proxy, sign_in, keep)
            self._proxies.learn(proxy, sign_in)
            self._sign_ins.reconsidered(proxy)
            self._go_on()

        self._open(proxy, self._proxies.known(proxy), given, lambda: None, self._window)

    def _go_on(self) -> None:
        """What did not work without it is done now."""
        if isinstance(self._flow.problem, ProxySignInWanted):
            self._flow.again()
        for server in self._accounts.book.servers:
            if page := self._window.page_of(server.id):
                page.watch.refresh()
        for session in self._sessions:
            if isinstance(session.problem, ProxySignInWanted):
                session.reconnect()
