"""Every window that shows sessions: which tab is where, and what moves it from one place to another."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.manager import Sessions
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui import dialogs
from console.ui.session.tab import SessionTab
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.workspace.area import PaneArea
from console.ui.workspace.full_screen import FullScreen
from console.ui.workspace.pane import Pane
from console.ui.workspace.session_window import SessionWindow

_MOST_CLOSED = 20
_FRAME = 28
"""Pixels for the title that the window manager puts above a window."""
_MOVES = frozenset({Wish.DETACH, Wish.BRING_BACK, Wish.OTHER_SIDE, Wish.DUPLICATE, Wish.CLOSE_OTHERS})


class Closed(msgspec.Struct, frozen=True):
    """A session that can be opened again."""

    connection: Connection
    agent: Agent
    kind: SessionKind


class Workspace(QObject):
    """Shows every session of `sessions` in a tab. `main` is the area of the main window, where new ones go.

    `places` holds where the windows of detached sessions were, by agent and kind; `keep_place` is told when one moves.
    """

    agent_wish = Signal(object, object)
    """A Session and a Wish that is about its agent."""
    clipboard_answered = Signal(object, bool)
    """A Connection, and whether to share."""
    certificate_trusted = Signal(object, object)
    """A Session and the CertificateUntrusted that held it up."""
    screenshot_wanted = Signal(object, bool)
    """A SessionTab, and whether the picture goes to a file."""
    keys_switched = Signal()
    """The system keys of a session go to it from now on, or stay with this computer."""
    window_opened = Signal(object)
    """A top-level QWidget that shows sessions from now on."""

    def __init__(
        self,
        sessions: Sessions,
        appearance: Appearance,
        main: PaneArea,
        places: dict[str, str],
        keep_place: Callable[[str, str], None],
    ) -> None:
        super().__init__(main)
        self._sessions = sessions
        self._appearance = appearance
        self._main = main
        self._places = places
        self._keep_place = keep_place
        self._windows: list[SessionWindow] = []
        self._full_screen: FullScreen | None = None
        self._back: tuple[Pane, int] | None = None
        self._beside: SessionTab | None = None
        self._closed_ones: list[Closed] = []
        self._adopt(main)
        sessions.opened.connect(self._opened)
        sessions.closed.connect(self._closed)

    @property
    def windows(self) -> tuple[SessionWindow, ...]:
        """The windows of detached sessions."""
        return tuple(self._windows)

    @property
    def full_screen(self) -> FullScreen | None:
        return self._full_screen

    @property
    def tabs(self) -> list[SessionTab]:
        shown = [tab for area in self._areas for tab in area.tabs]
        return [*shown, self._full_screen.tab] if self._full_screen else shown

    def tab_of(self, session: Session) -> SessionTab | None:
        return next((tab for tab in self.tabs if tab.session is session), None)

    def page_at(self, widget: QWidget) -> SessionTab | None:
        """The tab whose page a widget is, or is part of."""
        return next((tab for tab in self.tabs if tab.has_page(widget)), None)

    def show(self, session: Session) -> None:
        """Brings a session to the front, wherever it is."""
        tab = self.tab_of(session)
        if tab is None:
            return
        if self._full_screen is not None and self._full_screen.tab is not tab:
            self.leave_full_screen()
        area = self._area_of(tab)
        pane = area.pane_of(tab) if area else None
        if pane is not None:
            pane.setCurrentWidget(tab)
            tab.window().show()
        tab.window().raise_()
        tab.window().activateWindow()
        tab.focus_page()

    def show_place(self, tab: SessionTab, place: int) -> None:
        """Goes to another tab beside this one, by its place in the bar."""
        area = self._area_of(tab)
        pane = area.pane_of(tab) if area else None
        if pane is not None and place < pane.count():
            pane.setCurrentIndex(place)

    def tell_titles(self) -> None:
        """The keyboard has moved, perhaps from one side of a window to the other."""
        for area in self._areas:
            area.tell_title()

    def area_in(self, window: QWidget) -> PaneArea | None:
        """The tabs of a window; None for a session in full screen."""
        return next((area for area in self._areas if area.window() is window), None)

    def reopen(self) -> None:
        """Opens the session again that was closed last."""
        if self._closed_ones:
            last = self._closed_ones.pop()
            self._sessions.open(last.connection, last.agent, last.kind)

    def close_tab(self, tab: SessionTab) -> None:
        """Ends its session, after asking when it is connected."""
        session = tab.session
        if session.live:
            dialogs.ask_close(tab.window(), [session], lambda: self._sessions.close(session))
        else:
            self._sessions.close(session)

    def grant(self, tab: SessionTab, wish: Wish) -> None:
        """Does what a tab's menu or bar asks for."""
        session = tab.session
        if self._full_screen is not None and wish in _MOVES:
            self.leave_full_screen()  # first back to where it is moved from
        match wish:
            case Wish.CLOSE:
                self.close_tab(tab)
            case Wish.CLOSE_OTHERS:
                self._close_others(tab)
            case Wish.DUPLICATE:
                self._open_beside(tab, session.kind)
            case Wish.DETACH:
                self.detach(tab)
            case Wish.BRING_BACK:
                self.bring_back(tab)
            case Wish.OTHER_SIDE:
                area = self._area_of(tab)
                if area is not None:
                    area.other_side(tab)
                    self._placed()
            case Wish.FULL_SCREEN:
                if self._full_screen:
                    self.leave_full_screen()
                else:
                    self.enter_full_screen(tab)
            case _:
                self.agent_wish.emit(session, wish)

    def detach(self, tab: SessionTab, at: QPoint | None = None) -> SessionWindow:
        """Moves a tab into a window of its own: where that was last, or at a point of the screen."""
        window = SessionWindow(self._appearance)
        self._windows.append(window)
        self._adopt(window.area)
        window.area.emptied.connect(lambda: self._window_emptied(window))
        window.closed.connect(lambda: self._window_closed(window))
        geometry = self._places.get(_place_key(tab))
        if at is not None:
            window.setGeometry(_within_screen(QRect(at - QPoint(80, 12), window.size())))
        elif geometry:
            window.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        else:
            window.move(self._main.window().pos() + QPoint(40 * len(self._windows), 40 * len(self._windows)))
        self._move(tab, window.area.left)
        window.show()
        self.window_opened.emit(window)
        tab.focus_page()
        return window

    def bring_back(self, tab: SessionTab) -> None:
        """Moves a tab into the main window."""
        self._move(tab, self._main.left)
        self._main.window().raise_()
        self._main.window().activateWindow()
        tab.focus_page()

    def enter_full_screen(self, tab: SessionTab) -> None:
        area = self._area_of(tab)
        pane = area.pane_of(tab) if area else None
        if pane is None or self._full_screen is not None:
            return
        screen = tab.screen()
        self._back = (pane, pane.indexOf(tab))
        window = tab.window()
        pane.take(tab)
        if isinstance(window, SessionWindow) and not window.area.tabs:
            window.hide()  # it waits for its tab; an empty one could be closed meanwhile
        self._full_screen = full = FullScreen(tab)
        full.left.connect(self.leave_full_screen)
        full.setGeometry(screen.geometry())
        full.showFullScreen()
        self._placed()
        self.window_opened.emit(full)
        tab.show()
        tab.focus_page()

    def leave_full_screen(self) -> None:
        """Puts the tab back where it was."""
        if self._full_screen is None or self._back is None:
            return
        full, (pane, place) = self._full_screen, self._back
        self._full_screen, self._back = None, None
        tab = full.give_back()
        area = next(area for area in self._areas if pane in area.panes)
        area.put(tab, pane, min(place, pane.count()))
        tab.window().show()
        full.close()
        full.deleteLater()
        self._placed()
        tab.window().activateWindow()
        tab.focus_page()

    def close_windows(self) -> None:
        """At the end, once the sessions are closed."""
        for window in self.windows:
            window.close()

    @property
    def _areas(self) -> list[PaneArea]:
        return [self._main, *(window.area for window in self._windows)]

    def _area_of(self, tab: SessionTab) -> PaneArea | None:
        return next((area for area in self._areas if area.pane_of(tab)), None)

    def _adopt(self, area: PaneArea) -> None:
        area.tab_dropped.connect(lambda tab, pane, place: self._move(tab, pane, place))
        area.tab_dragged_out.connect(lambda tab, point: self._dragged_out(tab, point))

    def _opened(self, session: Session) -> None:
        tab = SessionTab(session, self._appearance)
        tab.wish.connect(lambda wish: self.grant(tab, wish))
        tab.kind_wanted.connect(lambda kind: self._kind_wanted(tab, kind))
        tab.actions_of.keys_switched.connect(self.keys_switched)
        tab.clipboard_answered.connect(lambda share: self.clipboard_answered.emit(session.connection, share))
        tab.certificate_trusted.connect(lambda problem: self.certificate_trusted.emit(session, problem))
        tab.screenshot_wanted.connect(lambda to_file: self.screenshot_wanted.emit(tab, to_file))
        beside = self._beside
        area = self._area_of(beside) if beside else None
        pane = area.pane_of(beside) if area and beside else None
        if area is not None and pane is not None and beside is not None:
            area.put(tab, pane, pane.indexOf(beside) + 1)
        else:
            self._main.put(tab, self._main.left, front=session.state is not State.WAITING)
        self._placed()

    def _closed(self, session: Session) -> None:
        self._closed_ones = [
            *self._closed_ones[1 - _MOST_CLOSED :],
            Closed(session.connection, session.agent, session.kind),
        ]
        if self._full_screen is not None and self._full_screen.tab.session is session:
            self.leave_full_screen()
        tab = self.tab_of(session)
        area = self._area_of(tab) if tab else None
        pane = area.pane_of(tab) if area and tab else None
        if tab is not None and pane is not None:
            self._remember(tab)
            pane.take(tab)
            pane.tell_if_empty()
            tab.deleteLater()
        self._placed()

    def _kind_wanted(self, tab: SessionTab, kind: SessionKind) -> None:
        """The session of that kind on the same agent, or a new one beside this."""
        own = tab.session
        for other in self.tabs:
            session = other.session
            same = session.agent.agent_id == own.agent.agent_id and session.connection.server == own.connection.server
            if same and session.kind is kind:
                if self._full_screen is not None:
                    self.leave_full_screen()
                self.show(session)
                return
        if self._full_screen is not None:
            self.leave_full_screen()
        self._open_beside(tab, kind)

    def _open_beside(self, tab: SessionTab, kind: SessionKind) -> None:
        self._beside = tab
        try:
            self._sessions.open(tab.session.connection, tab.session.agent, kind)
        finally:
            self._beside = None

    def _close_others(self, tab: SessionTab) -> None:
        area = self._area_of(tab)
        pane = area.pane_of(tab) if area else None
        others = [other.session for other in pane.tabs if other is not tab] if pane else []

        def close() -> None:
            for session in others:
                self._sessions.close(session)

        live = [session for session in others if session.live]
        if live:
            dialogs.ask_close(tab.window(), live, close)
        else:
            close()

    def _move(self, tab: SessionTab, pane: Pane, place: int | None = None) -> None:
        """Takes a tab from where it is to a pane of any window; its page goes on."""
        area = self._area_of(tab)
        target = next((each for each in self._areas if pane in each.panes), None)
        if area is None or target is None:
            return
        self._remember(tab)
        old = area.pane_of(tab)
        if old is pane and place is not None and place > pane.indexOf(tab):
            place -= 1
        tab.hide()
        if old is not None:
            old.take(tab)
            target.put(tab, pane, place)
            old.tell_if_empty()  # now: the old window may close, and the page in it would have gone with it
        self._placed()

    def _dragged_out(self, tab: SessionTab, point: QPoint) -> None:
        window = tab.window()
        if isinstance(window, SessionWindow) and len(window.area.tabs) == 1:
            window.move(
                _within_screen(QRect(point - QPoint(80, 12), window.size())).topLeft()
            )  # it has a window of its own already
        else:
            self.detach(tab, point)

    def _window_emptied(self, window: SessionWindow) -> None:
        if window in self._windows and not (self._back and self._back[0] in window.area.panes):
            self._windows.remove(window)
            window.close()
            window.deleteLater()

    def _window_closed(self, window: SessionWindow) -> None:
        for session in tuple(window.sessions):
            self._sessions.close(session)

    def _remember(self, tab: SessionTab) -> None:
        """Where the window of a detached tab is, for the next time."""
        window = tab.window()
        if isinstance(window, SessionWindow):
            self._keep_place(_place_key(tab), bytes(window.saveGeometry().toBase64().data()).decode())

    def _placed(self) -> None:
        """Tells every tab where it is, which decides what its menus offer."""
        for area in self._areas:
            for tab in area.tabs:
                tab.actions_of.placed(detached=area is not self._main, alone=len(area.tabs) == 1, full_screen=False)
        if self._full_screen:
            self._full_screen.tab.actions_of.placed(detached=False, alone=False, full_screen=True)


def _within_screen(wanted: QRect) -> QRect:
    """A window's place with all of it on the screen that it is on."""
    screen = QGuiApplication.screenAt(wanted.topLeft()) or QGuiApplication.primaryScreen()
    room = screen.availableGeometry().adjusted(0, _FRAME, 0, 0)
    size = wanted.size().boundedTo(room.size())
    left = max(room.left(), min(wanted.left(), room.right() - size.width() + 1))
    top = max(room.top(), min(wanted.top(), room.bottom() - size.height() + 1))
    return QRect(QPoint(left, top), size)


def _place_key(tab: SessionTab) -> str:
    return f"{tab.session.agent.agent_id} {tab.session.kind.value}"
