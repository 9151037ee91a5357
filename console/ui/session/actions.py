"""Everything that can be done with one session, as actions that its bar and its menus share."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from console.mesh.command import Refresh, SetViewOnly, ShareClipboard
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.repair import RepairKind
from console.sessions.session import Session
from console.ui import icons
from console.ui.mesh import account_words
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.widgets import plain_tip

_PAGE_WORKS = frozenset({State.CONNECTED, State.BY_HAND})
_MAY_RECONNECT = frozenset({State.CONNECTED, State.BY_HAND, State.LOST, State.FAILED, State.MESH_OFFLINE})


class SessionActions(QObject):
    """The actions of one session. What the page cannot do is disabled, and its tool tip says why."""

    wanted = Signal(object)
    """A Wish."""
    screenshot_wanted = Signal(bool)
    """Whether it goes to a file; else to the clipboard."""
    clipboard_switched = Signal(bool)
    moved = Signal()
    """Its tab is somewhere else, and other actions are of use."""
    keys_switched = Signal()
    """`system_keys`, such as Alt+Tab, go to the session or stay with this computer."""

    def __init__(self, session: Session, appearance: Appearance, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._appearance = appearance
        self._icons: dict[QAction, str] = {}
        self._features: dict[QAction, str] = {}
        self._tips: dict[QAction, str] = {}
        self._colours: dict[QAction, str] = {}
        feature = self._feature
        self.view_only = feature("view-only", "eye", "View only", self._switch_view_only, checkable=True)
        self.view_only.setWhatsThis("Keeps this computer's mouse and keyboard from the remote machine")
        self.clipboard = feature(
            "clipboard", "clipboard", "Share the clipboard", self._switch_clipboard, checkable=True
        )
        self.save_screenshot = feature(
            "screenshot", "camera", "Save a screenshot", lambda: self.screenshot_wanted.emit(True)
        )
        self.copy_screenshot = feature(
            "screenshot", "copy", "Copy a screenshot", lambda: self.screenshot_wanted.emit(False)
        )
        self.refresh = feature("refresh", "redraw", "Refresh the picture", lambda: session.do(Refresh()))
        if session.kind is SessionKind.FILES:
            self._rename(self.refresh, "Refresh the folder")
        self.reconnect = self._plain("refresh", "Reconnect", session.reconnect)
        self.system_keys = self._plain(
            "keyboard", "System keys go to the session", self.keys_switched.emit, checkable=True
        )
        self.system_keys.setChecked(True)
        self.detach = self._wish("detach", "Move to a window of its own", Wish.DETACH)
        self.bring_back = self._wish("attach", "Bring back to the main window", Wish.BRING_BACK)
        self.other_side = self._wish("split", "Show side by side", Wish.OTHER_SIDE)
        self.full_screen = self._wish("fullscreen", "Full screen", Wish.FULL_SCREEN)
        self.upload = self._wish("upload", "Upload files…", Wish.UPLOAD)
        self.duplicate = self._wish("duplicate", "Duplicate", Wish.DUPLICATE)
        self.reboot = self._wish("reboot", "Restart and come back", Wish.REBOOT)
        self.restart_agent = self._wish("repair", "Restart the Mesh agent", Wish.RESTART_AGENT)
        if why_not := RepairKind.RESTART.why_not(session.agent):
            self.restart_agent.setEnabled(False)
            self.restart_agent.setToolTip(why_not)
        self.recover = self._wish("repair", "Recover the Mesh connection", Wish.RECOVER)
        self.web_page = self._wish("external", "Open in the RMM's web page", Wish.WEB_PAGE)
        self.account = self._wish("badge", "MeshCentral account", Wish.ABOUT_SERVER)
        self.close_others = self._wish("close", "Close the other tabs", Wish.CLOSE_OTHERS)
        self.close = self._wish("close", "Close", Wish.CLOSE)
        session.changed.connect(self._update)
        session.reported.connect(self._update)
        appearance.changed.connect(self._draw)
        self._draw()
        self._update()

    def placed(self, *, detached: bool, alone: bool, full_screen: bool) -> None:
        """Where its tab is now: in a window of its own, the only session of its window, in full screen."""
        self.detach.setVisible(not detached and not full_screen)
        self.bring_back.setVisible(detached and not full_screen)
        self.other_side.setVisible(not full_screen)
        self.other_side.setEnabled(not (detached and alone))
        self._rename(self.full_screen, "Leave full screen" if full_screen else "Full screen")
        self._icons[self.full_screen] = "leave-fullscreen" if full_screen else "fullscreen"
        only = detached and alone
        self.other_side.setToolTip(f"{self.other_side.text()}: there is no other tab in this window" if only else "")
        self._draw()
        self.moved.emit()

    def say_kept_keys(self, words: str) -> None:
        """Which keys this platform keeps for itself, "" when it keeps none."""
        if words:
            self.system_keys.setToolTip(words)

    def why_not(self, name: str) -> str:
        """Why the page cannot do what `name` of console.mesh.report.FEATURES stands for, "" when it can."""
        if self._session.state not in _PAGE_WORKS:
            return "The session is not connected."
        return self._session.facts.why_not(name)

    def _plain(self, icon: str, text: str, act: Callable[[], object], *, checkable: bool = False) -> QAction:
        action = QAction(text, self, checkable=checkable)
        action.triggered.connect(lambda: act())
        self._icons[action] = icon
        self._tips[action] = text
        return action

    def _feature(
        self, feature: str, icon: str, text: str, act: Callable[[], object], *, checkable: bool = False
    ) -> QAction:
        action = self._plain(icon, text, act, checkable=checkable)
        self._features[action] = feature
        return action

    def _wish(self, icon: str, text: str, wish: Wish) -> QAction:
        return self._plain(icon, text, lambda: self.wanted.emit(wish))

    def _rename(self, action: QAction, text: str) -> None:
        action.setText(text)
        action.setToolTip(text)
        self._tips[action] = text

    def _switch_view_only(self) -> None:
        self._session.do(SetViewOnly(self.view_only.isChecked()))

    def _switch_clipboard(self) -> None:
        self.clipboard_switched.emit(self.clipboard.isChecked())
        self._session.do(ShareClipboard(self.clipboard.isChecked()))

    def _update(self) -> None:
        for action, feature in self._features.items():
            reason = self.why_not(feature)
            action.setEnabled(not reason)
            action.setToolTip(plain_tip(f"{self._tips[action]}: {reason}" if reason else self._tips[action]))
        picture = self._session.facts.picture
        self.view_only.setChecked(picture is not None and picture.view_only)
        self.clipboard.setChecked(picture is not None and picture.clipboard)
        self.reconnect.setEnabled(self._session.state in _MAY_RECONNECT)
        self._update_account()

    def _update_account(self) -> None:
        """It is there once MeshCentral has told whose account the session works with."""
        account = self._session.mesh_account
        self.account.setVisible(account is not None)
        if account is not None and account_words.tip(account) != self.account.toolTip():
            look = account_words.LOOKS[account.standing]
            self.account.setText(account_words.short(account))
            self.account.setToolTip(account_words.tip(account))
            self._icons[self.account], self._colours[self.account] = look.icon, look.colour
            self._draw()
            self.moved.emit()

    def _draw(self) -> None:
        for action, name in self._icons.items():
            action.setIconVisibleInMenu(not action.isCheckable())  # the tick needs its place
            colour = getattr(self._appearance.colours, self._colours.get(action, "text"))
            action.setIcon(icons.icon(name, colour))
