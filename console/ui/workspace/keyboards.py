"""The keyboard in every window that shows sessions: who has it, what the host key leads to, and the console's keys."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from console.ui.keyboard.grab import KeyGrab
from console.ui.keyboard.guard import KeyboardGuard
from console.ui.keyboard.host_key import HostKey
from console.ui.keyboard.host_key_menu import HostKeyMenu
from console.ui.session.tab import SessionTab
from console.ui.session.wishes import Wish
from console.ui.widgets import button
from console.ui.workspace.workspace import Workspace

_DIGITS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_7)
_WISHES = {
    Qt.Key.Key_F: Wish.FULL_SCREEN,
    Qt.Key.Key_W: Wish.CLOSE,
    Qt.Key.Key_D: Wish.DETACH,
    Qt.Key.Key_B: Wish.BRING_BACK,
    Qt.Key.Key_S: Wish.OTHER_SIDE,
}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Tab: 1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class Keyboards(QObject):
    """Guards each window of a workspace, and says at the first session which key gives the keyboard back."""

    host_key_chosen = Signal(object)
    """A HostKey: another one than before, or the one that was offered. It is not asked again."""
    palette_wanted = Signal()
    lock_wanted = Signal()

    def __init__(
        self,
        application: QApplication,
        workspace: Workspace,
        host_key: HostKey,
        choose_grab: Callable[[], KeyGrab],
        *,
        introduce: bool,
    ) -> None:
        super().__init__(workspace)
        self._application = application
        self._workspace = workspace
        self._host_key = host_key
        self._choose_grab = choose_grab
        self._introduce = introduce
        self._guards: list[KeyboardGuard] = []
        workspace.window_opened.connect(self.watch)
        workspace.keys_switched.connect(self._focus_moved)
        application.focusChanged.connect(self._focus_moved)

    @property
    def words(self) -> str:
        """Which keys this platform keeps for itself, "" when every key reaches the session."""
        return self._guards[0].words if self._guards else ""

    def use(self, host_key: HostKey) -> None:
        """Another key gives the keyboard back from now on."""
        self._host_key = host_key
        for guard in self._living():
            guard.host_key = host_key
        self._focus_moved()

    def stop(self) -> None:
        """The windows are about to go: what the focus does then is nobody's concern."""
        self._application.focusChanged.disconnect(self._focus_moved)

    def watch(self, window: QWidget) -> KeyboardGuard:
        """Guards a window that shows sessions."""
        guard = KeyboardGuard(self._application, window, self._is_page, self._host_key, self._choose_grab())
        guard.released.connect(self._give_back)
        guard.combined.connect(self._combined)
        for keys, act in (
            ("Ctrl+Tab", lambda: self._step(window, 1)),
            ("Ctrl+Shift+Tab", lambda: self._step(window, -1)),
            ("Ctrl+PgDown", lambda: self._step(window, 1)),
            ("Ctrl+PgUp", lambda: self._step(window, -1)),
            ("Ctrl+W", lambda: self._wish(window, Wish.CLOSE)),
            ("F11", lambda: self._wish(window, Wish.FULL_SCREEN)),
            ("Ctrl+Shift+T", self._workspace.reopen),
            ("Ctrl+K", self.palette_wanted.emit),
        ):
            guard.shortcut(keys, act)
        if not self._guards:  # the main window's is that of every window without sessions as well
            locks = guard.shortcut("Ctrl+L", self.lock_wanted.emit)
            locks.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._guards = [*self._living(), guard]
        self._focus_moved()
        return guard

    def _living(self) -> list[KeyboardGuard]:
        return [guard for guard in self._guards if isValid(guard)]

    def _is_page(self, widget: QWidget) -> bool:
        return self._workspace.page_at(widget) is not None

    def _holder(self) -> SessionTab | None:
        """The tab whose page has the keyboard."""
        focus = QApplication.focusWidget()
        return self._workspace.page_at(focus) if focus is not None else None

    # Takes no arguments: the widget that loses the focus may be half destroyed, and must not become a Python object.
    def _focus_moved(self) -> None:
        holder = self._holder()
        if holder is not None:
            for guard in self._living():  # before that of its window takes the keyboard for it
                guard.grab_wanted = holder.actions_of.system_keys.isChecked()
        if holder is not None and self._introduce:
            self._introduce = False
            self._say_host_key(holder)
        self._workspace.tell_titles()
        for tab in self._workspace.tabs:
            tab.keyboard_moved(tab is holder)
            tab.actions_of.say_kept_keys(self.words)
            tab.bar.show_hint(self._host_key.title() if tab is holder else "")

    def _say_host_key(self, tab: SessionTab) -> None:
        """Once: many keyboards of laptops have no right Ctrl key."""
        other = button("Another key", lambda: None)
        menu = HostKeyMenu(self._host_key, other)
        menu.chosen.connect(lambda key: self._chosen(tab, key))
        other.setMenu(menu)
        words = f"Every key goes to the remote machine now. {self._host_key.title()}, pressed alone, gives them back."
        tab.messages.say(
            "keyboard", "accent", words, [button("Use this key", lambda: self._chosen(tab, self._host_key)), other]
        )

    def _chosen(self, tab: SessionTab, key: HostKey) -> None:
        tab.messages.hide()
        self.use(key)
        self.host_key_chosen.emit(key)
        tab.focus_page()

    def _give_back(self) -> None:
        """The bar of the session gets the keyboard: from there every key is the console's."""
        holder = self._holder()
        if holder is None:
            return
        if self._workspace.full_screen:
            self._workspace.full_screen.show_bar()
        holder.bar.focus_first()

    def _combined(self, key: Qt.Key) -> None:
        tab = self._holder()
        if tab is None:
            return
        if key in _WISHES:
            self._workspace.grant(tab, _WISHES[key])
        elif key in _STEPS:
            self._step(tab.window(), _STEPS[key])
        elif key in _DIGITS:
            self._workspace.show_place(tab, _DIGITS.index(key))
        elif key is Qt.Key.Key_T:
            self._workspace.reopen()
        elif key is Qt.Key.Key_K:
            self.palette_wanted.emit()
        elif key is Qt.Key.Key_L:
            self.lock_wanted.emit()

    def _step(self, window: QWidget, by: int) -> None:
        area = self._workspace.area_in(window)
        if area is not None:
            area.active.step(by)

    def _wish(self, window: QWidget, wish: Wish) -> None:
        full = self._workspace.full_screen
        area = self._workspace.area_in(window)
        tab = full.tab if full is not None and window is full else area.active.current_tab if area else None
        if tab is not None:
            self._workspace.grant(tab, wish)
        elif area is not None and wish is Wish.CLOSE:
            area.active.close_page()
