"""Locks and unlocks the console: when, what is shown in its place meanwhile, and what goes on behind."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from console.preferences import Preferences
from console.problem import Problem
from console.servers import Server
from console.sessions.accounts import Accounts
from console.sessions.lock import Lock, LockReason
from console.sessions.locked_away import LockedAway
from console.sessions.manager import Sessions
from console.sessions.transfers import Transfers
from console.sessions.unlocking import Unlocking
from console.ui import dialogs
from console.ui.lock.curtain import Curtain
from console.ui.lock.idle import IdleWatch
from console.ui.lock.menu import LockMenu
from console.ui.notifications import Notifier, to_front
from console.ui.session.tab import SessionTab
from console.ui.theme import Appearance
from console.ui.window import MainWindow
from console.work import Runner

if TYPE_CHECKING:
    from console.ui.lock.computer import ComputerLock
    from console.ui.lock.window import LockWindow

_COMPUTER_MILLISECONDS = 2000
"""After the start: the first list does not wait for the desktop's buses."""
_IN_DIALOG = "lockShortcut"
_NEEDS_PIN = (
    "Without a PIN nothing would unlock the console again: your sign-in is an API key, which nobody types. "
    "It is kept hashed, in the keyring."
)


class LockDesk(QObject):
    """Put together once the window stands; what is shown is loaded when it is first needed."""

    stands = Signal(object)
    """The window that dialogs have to stand over from now on: the lock, or the console's own."""
    server_asked = Signal()
    """A server is asked whether what was typed unlocks the console."""

    def __init__(
        self,
        application: QApplication,
        window: MainWindow,
        lock: Lock,
        unlocking: Unlocking,
        away: LockedAway,
        accounts: Accounts,
        sessions: Sessions,
        transfers: Transfers,
        notifier: Notifier,
        appearance: Appearance,
        buses: Runner,
    ) -> None:
        """`buses` connects to the desktop's buses."""
        super().__init__(window)
        self._application = application
        self._window = window
        self._lock = lock
        self._unlocking = unlocking
        self._accounts = accounts
        self._sessions = sessions
        self._transfers = transfers
        self._notifier = notifier
        self._appearance = appearance
        self._buses = buses
        self._curtain = Curtain(application, self)
        self._idle = IdleWatch(application, parent=self)
        self._idle.idle.connect(lambda: self.lock(LockReason.IDLE))
        self._computer: ComputerLock | None = None
        self._front: SessionTab | None = None
        self._show: Callable[[], object] | None = None
        self._once_open: list[Callable[[], object]] = []
        self.shown: LockWindow | None = None
        menu = LockMenu(window.preferences, unlocking, window.menu)
        menu.lock_wanted.connect(self.lock_now)
        menu.pin_wanted.connect(lambda: self.ask_pin())
        menu.changed.connect(self._preferences_changed)
        window.menu.put_menu(menu)
        window.lock_wanted.connect(self.lock_now)
        application.focusWindowChanged.connect(self._reach_dialog)
        lock.changed.connect(self._changed)
        lock.exhausted.connect(self.end_all)
        away.not_back.connect(window.must_sign_in)
        self._idle.watch(60 * window.preferences.lock_minutes)
        QTimer.singleShot(_COMPUTER_MILLISECONDS, self, self.watch_computer)

    # Takes no arguments: the window that loses the focus may be half destroyed, and must not become a Python object.
    def _reach_dialog(self) -> None:
        """No shortcut of a window acts while it waits for a dialog: the dialog gets one of its own."""
        dialog: QWidget | None = QApplication.activeModalWidget()
        if dialog is not None and dialog.findChild(QShortcut, _IN_DIALOG) is None:
            shortcut = QShortcut(QKeySequence("Ctrl+L"), dialog)
            shortcut.setObjectName(_IN_DIALOG)
            shortcut.activated.connect(self.lock_now)

    @property
    def locked(self) -> bool:
        return self._lock.locked

    def begin(self, show: Callable[[], object]) -> None:
        """The console starts: `show` shows its window, once it is not locked (any more)."""
        if self.locked:
            self._show = show
            self._window.hide()  # said for those who would open a dialog over it
            self._draw()
        else:
            show()

    def lock_now(self) -> None:
        """The technician wants it."""
        self.lock(LockReason.HAND)

    def lock(self, reason: LockReason) -> None:
        """Locks the console, if there is a way to unlock it again."""
        if self.locked:
            return
        with_computer = reason is LockReason.COMPUTER and self._window.preferences.unlock_with_computer
        if not self._unlocking.has_way and not with_computer:
            if reason is LockReason.HAND:
                self.ask_pin(_NEEDS_PIN if self._unlocking.servers else "", self.lock_now)
            else:
                self._window.say("The console was not locked: set a PIN first, in the menu under Lock.")
                self._idle.watch(60 * self._window.preferences.lock_minutes)
            return
        self._lock.lock(reason)

    def ask_pin(self, why: str = "", then: Callable[[], object] | None = None) -> None:
        """Sets the PIN, or changes it."""
        from console.ui.lock.pin_dialog import PinDialog

        dialog = PinDialog(self._unlocking, self._appearance, self._window, why)
        if then is not None:
            dialog.chosen.connect(then)
        dialogs.present(dialog)

    def once_open(self, act: Callable[[], object]) -> None:
        """Does something when the console is unlocked; the lock comes to the front."""
        self._once_open.append(act)
        self.to_front()

    def to_front(self) -> None:
        """The lock asks for its PIN or password."""
        if self.shown is not None:
            to_front(self.shown)
            self.shown.take_focus()

    def end_all(self) -> None:
        """Ends all sessions and signs out of every server. The console stays locked, or is locked now."""
        self._lock.lock(LockReason.HAND)
        if self._show is None:
            self._show = self._window.begin  # to the sign-in
        for server in self._accounts.book.servers:
            self._window.leave(server)
            self._sign_out(server)
        for session in self._sessions:
            self._sessions.close(session)
        if self.shown is not None:
            self.shown.ways_changed()

    def watch_computer(self) -> None:
        """Begins to notice when the computer is locked and unlocked."""
        if self._computer is None:
            from console.ui.lock.computer import computer_lock

            self._computer = computer_lock(self._buses, self)
            self._computer.locked.connect(self._computer_locked)
            self._computer.unlocked.connect(self._computer_unlocked)

    def end(self) -> None:
        """For the end of the program."""
        self._idle.watch(0)
        if self._computer is not None:
            self._computer.end()
        if self.shown is not None:
            self.shown.hide()
            self.shown.deleteLater()
            self.shown = None

    def _sign_out(self, server: Server) -> None:
        """With its credential, so that the server is told; without, where it cannot be had."""

        def said(problem: Problem) -> None:
            self._once_open.append(partial(dialogs.tell, self._window, problem))

        def sign_out() -> None:
            self._accounts.sign_out(server, lambda: None, said)

        connection = self._accounts.connections.get(server.id)
        if connection is None:
            self._accounts.resume(server, lambda _: sign_out(), lambda _: sign_out())
        elif connection.withheld:
            self._accounts.hand_back(server.id, sign_out, lambda _: sign_out())
        else:
            sign_out()

    def _computer_locked(self) -> None:
        if self._window.preferences.lock_with_computer:
            self.lock(LockReason.COMPUTER)

    def _computer_unlocked(self) -> None:
        if self._opens_with_computer:
            self._lock.unlock()

    @property
    def _opens_with_computer(self) -> bool:
        """Only what the computer's lock has locked, in this run, and while nobody has used up the tries."""
        by_computer = self._lock.reason is LockReason.COMPUTER and not self._lock.from_before
        return by_computer and self._window.preferences.unlock_with_computer and self._lock.tries_left > 0

    def _changed(self) -> None:
        if self.locked:
            self._idle.watch(0)
            if self._window.preferences.lock_closes_sessions:
                for session in self._sessions:
                    self._sessions.close(session)
            self._draw()
        else:
            self._open()
            self._idle.watch(60 * self._window.preferences.lock_minutes)

    def _draw(self) -> None:
        from console.ui.lock.window import LockWindow

        window = self._window
        active = self._application.applicationState() is Qt.ApplicationState.ApplicationActive
        focus: QWidget | None = QApplication.focusWidget()
        self._front = window.workspace.page_at(focus) if focus is not None else None
        window.workspace.leave_full_screen()
        self.shown = shown = LockWindow(
            self._lock, self._unlocking, self._appearance, self._going_on, self._opens_with_computer
        )
        shown.end_wanted.connect(self.end_all)
        shown.close_wanted.connect(window.close_for_good)
        shown.server_asked.connect(self.server_asked)
        shown.setGeometry(window.geometry())
        shown.setWindowState(window.windowState() & ~Qt.WindowState.WindowActive)
        elsewhere = window.isVisible() and not active  # another program has the keyboard: it keeps it
        shown.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, elsewhere)
        self._notifier.hold_back(self.to_front)
        self._curtain.close(shown)
        shown.show()
        shown.take_focus()
        if not elsewhere:
            shown.activateWindow()
        self.stands.emit(shown)

    def _open(self) -> None:
        shown, self.shown = self.shown, None
        active = shown is not None and shown.isActiveWindow()
        self._curtain.open()
        show, self._show = self._show, None
        if show is not None:
            show()
        self.stands.emit(self._window)
        if shown is not None:
            shown.hide()
            shown.deleteLater()
        if active:
            self._give_keyboard()
        self._notifier.speak()
        waiting, self._once_open = self._once_open, []
        for act in waiting:
            act()

    def _give_keyboard(self) -> None:
        """To what had it before."""
        front, self._front = self._front, None
        there = front is not None and isValid(front) and front in self._window.workspace.tabs
        to_front(front.window() if front is not None and there else self._window)
        if front is not None and there:
            QTimer.singleShot(0, front, front.focus_page)

    def _going_on(self) -> tuple[int, int]:
        return len(self._sessions.live), len(self._transfers.active)

    def _preferences_changed(self, preferences: Preferences) -> None:
        self._window.remember(
            lock_minutes=preferences.lock_minutes,
            lock_with_computer=preferences.lock_with_computer,
            unlock_with_computer=preferences.unlock_with_computer,
            lock_closes_sessions=preferences.lock_closes_sessions,
        )
        self._idle.watch(60 * preferences.lock_minutes)
        if preferences.lock_minutes and not self._unlocking.has_way:
            self.ask_pin(_NEEDS_PIN)
