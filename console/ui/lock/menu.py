"""The menu in which the technician chooses when the console locks, and how it is unlocked."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from console.preferences import Preferences
from console.sessions.unlocking import Unlocking
from console.ui.lock import words


class LockMenu(QMenu):
    lock_wanted = Signal()
    pin_wanted = Signal()
    changed = Signal(object)
    """Preferences of which those of the lock are other ones."""

    def __init__(self, preferences: Preferences, unlocking: Unlocking, parent: QWidget) -> None:
        super().__init__("Lock", parent)
        self._preferences = preferences
        self._unlocking = unlocking
        self.addAction("Lock now\tCtrl+L", self.lock_wanted.emit)
        by_itself = self.addMenu("When nobody works with it")
        group = QActionGroup(by_itself)
        for minutes in words.IDLE_MINUTES:
            action = QAction(words.minutes(minutes), group, checkable=True)
            action.setChecked(preferences.lock_minutes == minutes)
            action.triggered.connect(lambda _=False, minutes=minutes: self._choose(lock_minutes=minutes))
            by_itself.addAction(action)
        locks = self._switch("Lock when the computer locks", "lock_with_computer", preferences.lock_with_computer)
        self._unlocks = self._switch(
            "Unlock with the computer then", "unlock_with_computer", preferences.unlock_with_computer
        )
        self._unlocks.setEnabled(preferences.lock_with_computer)
        locks.triggered.connect(lambda on: self._unlocks.setEnabled(on))
        self._switch("End sessions when it locks", "lock_closes_sessions", preferences.lock_closes_sessions)
        self.addSeparator()
        self._pin = self.addAction("", self.pin_wanted.emit)
        self.aboutToShow.connect(self._say_pin)
        self._say_pin()

    def _switch(self, title: str, name: str, on: bool) -> QAction:
        action = QAction(title, self, checkable=True, checked=on)
        action.triggered.connect(lambda on: self._choose(**{name: on}))
        self.addAction(action)
        return action

    def _choose(self, **change: object) -> None:
        self._preferences = msgspec.structs.replace(self._preferences, **change)
        self.changed.emit(self._preferences)

    def _say_pin(self) -> None:
        self._pin.setText("Change the PIN…" if self._unlocking.has_pin else "Set a PIN…")
