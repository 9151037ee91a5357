"""Leads every key of a window to the session that has the keyboard, until the host key gives it back."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from console.ui.keyboard.dead_keys import DeadKeys
from console.ui.keyboard.grab import KeyGrab
from console.ui.keyboard.host_key import HostKey

_MODIFIERS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta})
_Type = QEvent.Type


class KeyboardGuard(QObject):
    """One for each top-level window that shows sessions.

    The host key is the console's: no press and no release of it reaches a session. Pressed and let go alone, however
    long it was held, it gives the keyboard back. Any other key that is pressed while it is held is for the console as
    well, and then letting it go changes nothing. In the console's own widgets it is a key like any other.

    While a session has the keyboard no shortcut of the console acts, whoever made it. Keys come to the native window
    first, so that is where they are watched: a filter of the whole application crashes beside a live web view.
    """

    released = Signal()
    """The host key was pressed and let go alone: the focus is to be moved out of the session. Where it is not moved,
    the session loses it all the same."""
    combined = Signal(object)
    """A Qt.Key that was pressed while the host key was held."""
    captured_changed = Signal(bool)
    """Whether a session in this window has the keyboard."""
    page_changed = Signal(object)
    """The widget that has it now, a session's page or inside one; None when it is one of the console's own. It comes
    before `captured_changed`, also when the keyboard goes from one session to the next, and before anything is grabbed:
    the place to set `grab_wanted`."""

    def __init__(
        self,
        application: QApplication,
        window: QWidget,
        is_page: Callable[[QWidget], bool],
        host_key: HostKey,
        grab: KeyGrab,
    ) -> None:
        """`is_page` says whether a widget is a session's page or inside one: the widget that has the focus is a child
        of the page's own, and another one after each load."""
        super().__init__(window)
        self.host_key = host_key
        self._window = window
        self._is_page = is_page
        self._grab = grab
        self._grab_wanted = True
        self._captured = False
        self._focus: QWidget | None = None
        self._held = False
        self._combined = False
        self._kept: set[int] = set()
        self._dead_keys = DeadKeys()
        self._shortcuts: list[QShortcut] = []
        window.installEventFilter(self)
        self._watch_native_window()
        application.focusChanged.connect(self._focus_moved)
        window.destroyed.connect(grab.release)
        self._focus_moved()

    @property
    def captured(self) -> bool:
        return self._captured

    @property
    def grab_wanted(self) -> bool:
        """Whether the window manager's keys shall go to the session as well, while it has the keyboard."""
        return self._grab_wanted

    @grab_wanted.setter
    def grab_wanted(self, wanted: bool) -> None:
        self._grab_wanted = wanted
        self._update_grab()

    @property
    def hint(self) -> str:
        """For the session bar: how to get out."""
        return f"{self.host_key.title()} gives the keyboard back"

    @property
    def words(self) -> str:
        """Which keys do not reach the remote machine on this platform; "" when all of them do."""
        return self._grab.words

    def shortcut(self, keys: str, act: Callable[[], object]) -> QShortcut:
        """A shortcut of the window, such as "Ctrl+Shift+T", that sleeps while a session has the keyboard."""
        made = QShortcut(QKeySequence(keys), self._window)
        made.setEnabled(not self._captured)
        made.activated.connect(lambda: act())
        self._shortcuts.append(made)
        return made

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if isinstance(watched, QWindow):
            return isinstance(event, QKeyEvent) and self._keeps(event)
        if watched is self._window:
            return self._window_event(event)
        if isinstance(event, QFocusEvent) and event.gotFocus():
            # A menu had the keyboard to itself, and closing it has ended our grab. The focus itself did not move.
            self._update_grab()
        return False

    def _window_event(self, event: QEvent) -> bool:
        kind = event.type()
        if kind is _Type.WinIdChange:
            QTimer.singleShot(0, self, self._native_window_changed)  # the old one may be half destroyed
        elif kind is _Type.ShortcutOverride and self._captured:
            # It has passed the page, which only takes its own editing keys; accepted here, no shortcut gets the key.
            event.accept()
            return True
        return False

    def _native_window_changed(self) -> None:
        self._watch_native_window()
        self._update_grab()

    def _watch_native_window(self) -> None:
        """The first web view in a window makes Qt create the native window anew. A filter that is there already is
        not added again."""
        handle: QWindow | None = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    # Takes no arguments: the widget that loses the focus may be half destroyed, and must not become a Python object.
    def _focus_moved(self) -> None:
        if not isValid(self._window):  # it is being destroyed, and this guard with it
            return
        focus = QApplication.focusWidget()
        mine = focus is not None and focus.window() is self._window
        page = focus if mine and focus is not None and self._is_page(focus) else None
        changed = page is not self._focus
        if changed:
            if self._focus is not None and isValid(self._focus):
                self._focus.removeEventFilter(self)
            self._focus = page
            self._dead_keys.forget()
            if page is not None:
                page.installEventFilter(self)
        if not self._window.isActiveWindow():  # their releases go elsewhere
            self._held = False
            self._kept.clear()
        self._set_captured(page is not None, changed)

    def _set_captured(self, captured: bool, other_page: bool) -> None:
        changed = captured is not self._captured
        self._captured = captured
        if changed:
            for shortcut in self._shortcuts:
                if isValid(shortcut):
                    shortcut.setEnabled(not captured)
        self._watch_native_window()
        if other_page:
            self.page_changed.emit(self._focus)
        self._update_grab()
        if changed:
            self.captured_changed.emit(captured)

    def _update_grab(self) -> None:
        if self._captured and self._grab_wanted:
            # Not at once: the guard of another window that loses the focus to this one may hear of it later, and what
            # it releases is the whole program's.
            QTimer.singleShot(0, self, self._take)
        else:
            self._grab.release()

    def _take(self) -> None:
        if self._captured and self._grab_wanted:
            self._grab.take(self._window)

    def _keeps(self, event: QKeyEvent) -> bool:
        """Whether a key is kept from whatever has the focus."""
        if event.type() not in (_Type.KeyPress, _Type.KeyRelease):
            return False
        pressed = event.type() is _Type.KeyPress
        if self.host_key.matches(event.nativeScanCode(), event.nativeVirtualKey()):
            return self._host_key(pressed, event.isAutoRepeat())
        code = event.nativeScanCode() or event.nativeVirtualKey()
        if pressed and self._held:
            self._combined = True
            if code not in self._kept and event.key() not in _MODIFIERS:
                key = Qt.Key(event.key())
                QTimer.singleShot(0, self, lambda: self.combined.emit(key))  # the console may close this very page
            self._kept.add(code)
            return True
        if code in self._kept:
            if event.isAutoRepeat():
                return True
            self._kept.discard(code)
            return not pressed
        return pressed and self._captured and self._puts_together(event)

    def _host_key(self, pressed: bool, repeated: bool) -> bool:
        if repeated or not (self._captured or self._held):
            return self._captured or self._held
        if pressed:
            self._held, self._combined = True, False
        elif self._held:
            self._held = False
            if not self._combined:
                self._grab.release()
                QTimer.singleShot(0, self, self._give_back)
        return True

    def _give_back(self) -> None:
        self.released.emit()
        if self._captured and self._focus is not None and isValid(self._focus):
            self._focus.clearFocus()

    def _puts_together(self, event: QKeyEvent) -> bool:
        character = self._dead_keys.press(event.key(), event.text())
        if character is None or self._focus is None:
            return False
        typed = QKeyEvent(
            _Type.KeyPress,
            event.key(),
            event.modifiers(),
            event.nativeScanCode(),
            event.nativeVirtualKey(),
            event.nativeModifiers(),
            character,
        )
        QCoreApplication.sendEvent(self._focus, typed)
        return True
