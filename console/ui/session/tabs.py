"""The tabs of the window: the agents first, then one for each session."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

from console.sessions.manager import Sessions
from console.sessions.session import Session
from console.ui import dialogs, icons
from console.ui.session.tab import SessionTab
from console.ui.theme import Appearance
from console.ui.widgets import IconButton


class SessionTabs(QTabWidget):
    """Shows every session of `sessions` in a tab of its own, beside `home`, which stays."""

    title_changed = Signal(str)
    """What the tab in front is about, "" for the agents."""
    web_page_wanted = Signal(object, object)
    """A Server and an Agent."""
    clipboard_answered = Signal(object, bool)
    """A Connection, and whether to share."""
    certificate_trusted = Signal(object, object)
    """A Session and the CertificateUntrusted that held it up."""

    def __init__(self, sessions: Sessions, appearance: Appearance, home: QWidget) -> None:
        super().__init__(documentMode=True, movable=True)
        self._sessions = sessions
        self._appearance = appearance
        self._home = home
        self.setAccessibleName("Sessions")
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabBar().setExpanding(False)
        self.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addTab(home, "Agents")
        self.currentChanged.connect(self._shown)
        sessions.opened.connect(self._opened)
        sessions.closed.connect(self._closed)
        appearance.changed.connect(self._recolour)
        self._recolour()

    def show_home(self) -> None:
        self.setCurrentWidget(self._home)

    def _opened(self, session: Session) -> None:
        tab = SessionTab(session, self._appearance)
        tab.look_changed.connect(lambda: self._show_look(tab))
        tab.close_wanted.connect(lambda: self._sessions.close(session))
        tab.web_page_wanted.connect(lambda agent: self.web_page_wanted.emit(session.connection.server, agent))
        tab.clipboard_answered.connect(lambda share: self.clipboard_answered.emit(session.connection, share))
        tab.certificate_trusted.connect(lambda problem: self.certificate_trusted.emit(session, problem))
        place = self.addTab(tab, "")
        closer = IconButton(self._appearance, "close", 12)
        closer.setObjectName("tabCloser")
        closer.setAccessibleName(f"Close {tab.title}")
        closer.setToolTip("Close")
        closer.clicked.connect(lambda: self._close_wanted(session))
        self.tabBar().setTabButton(place, QTabBar.ButtonPosition.RightSide, closer)
        self._show_look(tab)
        self.setCurrentIndex(place)

    def _closed(self, session: Session) -> None:
        for place in range(self.count()):
            tab = self.widget(place)
            if isinstance(tab, SessionTab) and tab.session is session:
                self.removeTab(place)
                tab.deleteLater()
                return

    def _close_wanted(self, session: Session) -> None:
        if session.live:
            dialogs.ask_close(self.window(), [session], lambda: self._sessions.close(session))
        else:
            self._sessions.close(session)

    def _show_look(self, tab: SessionTab) -> None:
        place = self.indexOf(tab)
        if place >= 0:
            self.setTabText(place, tab.title.replace("&", "&&"))
            self.setTabIcon(place, tab.icon)
            self.setTabToolTip(place, tab.tip)

    def _shown(self, place: int) -> None:
        tab = self.widget(place)
        if isinstance(tab, SessionTab):
            tab.focus_page()
            self.title_changed.emit(tab.title)
        else:
            self.title_changed.emit("")

    def _recolour(self) -> None:
        self.setTabIcon(self.indexOf(self._home), icons.icon("server", self._appearance.colours.muted))
