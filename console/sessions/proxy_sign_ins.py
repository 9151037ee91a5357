"""Signing in to a proxy: a call that needs it waits on its thread while the technician is asked, once a proxy."""

import threading

import msgspec
from PySide6.QtCore import QObject, Qt, Signal, Slot

from console.proxies import Proxy, ProxySignIn
from console.secret import Secret
from console.vault.store import Kind, Vault


class Question:
    """`refused` is what the proxy did not take, None when it was asked nothing yet."""

    def __init__(self, proxy: Proxy, refused: ProxySignIn | None) -> None:
        self.proxy = proxy
        self.refused = refused
        self.answer: ProxySignIn | None = None
        self.answered = threading.Event()


class ProxySignIns(QObject):
    """`declined` are the proxies that the technician did not sign in to: nothing asks for them again by itself."""

    asked = Signal(object)
    """A Question, on the GUI thread: to be answered with `answer`."""
    changed = Signal()
    """`declined` is another."""
    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.declined: frozenset[Proxy] = frozenset()
        self._lock = threading.Lock()
        self._open: dict[Proxy, Question] = {}
        self._ended = False
        self._came.connect(self._ask, Qt.ConnectionType.QueuedConnection)

    def ask(self, proxy: Proxy, refused: ProxySignIn | None) -> ProxySignIn | None:
        """For Proxies. Waits for the technician: never on the GUI thread. One question serves all that wait."""
        with self._lock:
            if self._ended or proxy in self.declined:
                return None
            question = self._open.get(proxy)
            if question is None:
                question = self._open[proxy] = Question(proxy, refused)
                self._came.emit(question)
        question.answered.wait()
        return question.answer

    def answer(self, question: Question, sign_in: ProxySignIn | None) -> None:
        """None: the technician does not sign in."""
        with self._lock:
            self._open.pop(question.proxy, None)
            question.answer = sign_in
            if sign_in is None:
                self.declined |= {question.proxy}
        question.answered.set()
        self.changed.emit()

    def reconsidered(self, proxy: Proxy) -> None:
        """The technician has signed in after all."""
        with self._lock:
            self.declined -= {proxy}
        self.changed.emit()

    def stop(self) -> None:
        """The console ends: nobody is waited for any more."""
        with self._lock:
            self._ended = True
            waiting = list(self._open.values())
            self._open.clear()
        for question in waiting:
            question.answered.set()

    @Slot(object)
    def _ask(self, question: Question) -> None:
        if not self._ended:
            self.asked.emit(question)


class _Kept(msgspec.Struct):
    user: str
    password: str


def read(vault: Vault, proxy: Proxy) -> ProxySignIn | None:
    """What the keyring keeps for a proxy. Raises VaultProblem."""
    kept = vault.get(_entry(proxy), Kind.PROXY_SIGN_IN)
    if kept is None:
        return None
    try:
        found = msgspec.json.decode(kept.reveal(), type=_Kept)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return ProxySignIn(found.user, Secret(found.password))


def write(vault: Vault, proxy: Proxy, sign_in: ProxySignIn | None) -> None:
    """Keeps it, or with None forgets what is kept. Raises VaultProblem."""
    if sign_in is None:
        vault.forget(_entry(proxy), Kind.PROXY_SIGN_IN)
        return
    kept = msgspec.json.encode(_Kept(sign_in.user, sign_in.password.reveal()))
    vault.put(_entry(proxy), Kind.PROXY_SIGN_IN, Secret(kept.decode()))


def _entry(proxy: Proxy) -> str:
    return f"proxy {proxy.name}"
