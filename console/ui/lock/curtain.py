"""Puts every window of the console away but one, and keeps it so: also what comes up later, whoever shows it."""

import msgspec
from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget
from shiboken6 import isValid

_LOOK_MILLISECONDS = 50


class _Away(msgspec.Struct, frozen=True):
    """A window, where it was, and whether it was a dialog that its window waited for."""

    window: QWidget
    place: QPoint
    modal: bool


class Curtain(QObject):
    """Hidden windows run on: the pages of sessions too, as those of tabs that are not in front do.

    What the console opens over a window waits for that window by itself (`dialogs.present`). What comes up all the
    same, such as a library's own dialog, is put away as soon as it is noticed: a filter that would see it before it is
    shown has to be one of the whole application, and that crashes beside a web view.
    """

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keep: QWidget | None = None
        self._away: list[_Away] = []
        self._look = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._look.timeout.connect(self._put_away)
        application.focusWindowChanged.connect(self._put_away)

    def close(self, keep: QWidget) -> None:
        """Puts all away but `keep` and what belongs to it."""
        self._keep = keep
        QToolTip.hideText()
        while (menu := QApplication.activePopupWidget()) is not None:
            menu.close()
            if QApplication.activePopupWidget() is menu:  # one that will not go is put away with the others
                break
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None:
            focus.clearFocus()  # first: what a session has of the keyboard is given back while its window is there
        self._put_away()
        self._look.start()

    def open(self) -> None:
        """Brings all back, in the order in which it went."""
        self._look.stop()
        self._keep = None
        away, self._away = self._away, []
        for one in away:
            if not isValid(one.window):
                continue
            if one.window.windowState() is Qt.WindowState.WindowNoState:
                one.window.move(one.place)
            if one.modal and isinstance(one.window, QDialog):
                one.window.open()
            else:
                one.window.show()

    # Takes no arguments: the window that loses the focus may be half destroyed, and must not become a Python object.
    def _put_away(self) -> None:
        if self._keep is None:
            return
        # Windows that others stand over come first: they are brought back first.
        shown = [one for one in QApplication.topLevelWidgets() if one.isVisible() and not self._belongs(one)]
        for window in sorted(shown, key=_depth):
            lasting = window.windowType() not in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
            if lasting and all(one.window is not window for one in self._away):
                modal = window.windowModality() is Qt.WindowModality.WindowModal
                self._away.append(_Away(window, window.pos(), modal))
            window.hide()

    def _belongs(self, window: QWidget) -> bool:
        """Whether it is the window that stays, or one that was opened from it, such as the menu of a field."""
        one: QWidget | None = window
        while one is not None and one is not self._keep:
            one = one.parentWidget()
        return one is not None


def _depth(window: QWidget) -> int:
    depth, one = 0, window.parentWidget()
    while one is not None:
        depth, one = depth + 1, one.parentWidget()
    return depth
