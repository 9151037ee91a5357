"""The window's menu: appearance, what a double-click does, and about this program."""

import msgspec
from PySide6.QtCore import Signal, qVersion
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox, QToolButton

from console import __version__
from console.preferences import Preferences, Theme
from console.ui.agents.table import ACTIONS
from console.ui.keyboard.host_key import HostKey
from console.ui.keyboard.host_key_menu import HostKeyMenu
from console.ui.theme import Appearance
from console.ui.widgets import IconButton

THEMES = ((Theme.SYSTEM, "As the system"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark"))


class MainMenuButton(IconButton):
    changed = Signal(object)
    """Preferences with another choice."""
    journal_wanted = Signal()
    doctor_wanted = Signal()

    def __init__(self, appearance: Appearance, preferences: Preferences) -> None:
        super().__init__(appearance, "menu")
        self._preferences = preferences
        self.setToolTip("Menu")
        self.setAccessibleName("Menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        looks = menu.addMenu("Appearance")
        group = QActionGroup(looks)
        self._looks: dict[Theme, QAction] = {}
        for theme, title in THEMES:
            action = QAction(title, looks, checkable=True, checked=preferences.theme is theme)
            action.triggered.connect(lambda _=False, theme=theme: self._choose(theme=theme))
            group.addAction(action)
            looks.addAction(action)
            self._looks[theme] = action
        actions = menu.addMenu("Double-click opens")
        chosen = QActionGroup(actions)
        for kind, title, _ in ACTIONS:
            action = QAction(title, actions, checkable=True, checked=preferences.default_action == kind.value)
            action.triggered.connect(lambda _=False, kind=kind: self._choose(default_action=kind.value))
            chosen.addAction(action)
            actions.addAction(action)
        self._host_keys = HostKeyMenu(HostKey.of(preferences.host_key), menu)
        self._host_keys.chosen.connect(lambda key: self._choose(host_key=key.value))
        menu.addMenu(self._host_keys)
        self._settings_end = menu.addSeparator()
        menu.addAction("Journal of sessions", self.journal_wanted.emit)
        self._ask_note = QAction("Ask for a note when a session is closed", menu, checkable=True)
        self._ask_note.setChecked(preferences.ask_note)
        self._ask_note.triggered.connect(lambda on: self._choose(ask_note=on))
        menu.addAction(self._ask_note)
        menu.addSeparator()
        menu.addAction("Find out what does not work…", self.doctor_wanted.emit)
        menu.addAction("About Technician Console", self._about)
        self.setMenu(menu)

    def choose_theme(self, theme: Theme) -> None:
        """As a click in the menu does."""
        self._looks[theme].trigger()

    def put_menu(self, submenu: QMenu) -> None:
        """Adds a menu of what another part of the console can be told."""
        self.menu().insertMenu(self._settings_end, submenu)

    def show_host_key(self, key: HostKey) -> None:
        """It was chosen elsewhere."""
        self._preferences = msgspec.structs.replace(self._preferences, host_key=key.value)
        self._host_keys.show_choice(key)

    def show_ask_note(self, ask: bool) -> None:
        """It was chosen elsewhere."""
        self._preferences = msgspec.structs.replace(self._preferences, ask_note=ask)
        self._ask_note.setChecked(ask)

    def _choose(self, **change: object) -> None:
        self._preferences = msgspec.structs.replace(self._preferences, **change)
        self.changed.emit(self._preferences)

    def _about(self) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About", f"Technician Console {__version__}", parent=self.window())
        box.setInformativeText(f"A desktop console for technicians who work with Tactical RMM.\nQt {qVersion()}")
        box.open()
