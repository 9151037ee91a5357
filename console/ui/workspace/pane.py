"""One stack of tabs: sessions, and in the main window the agents before them."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

from console.ui import icons
from console.ui.session import menus
from console.ui.session.tab import SessionTab
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.widgets import IconButton, plain_tip
from console.ui.workspace.tab_bar import MIME, TabBar


class Pane(QTabWidget):
    """Shows session tabs; `home` stays first and cannot be closed. The workspace decides which tab is where."""

    title_changed = Signal(str)
    """What the tab in front is about, "" for the agents or nothing."""
    tab_dropped = Signal(object, int)
    """A SessionTab from here or elsewhere, and the place that it shall have here."""
    dropped_on_page = Signal(object, bool)
    """A SessionTab that was dropped below the bar, and whether on the right half."""
    tab_dragged_out = Signal(object, QPoint)
    emptied = Signal()

    def __init__(self, appearance: Appearance, home: QWidget | None = None) -> None:
        super().__init__()
        self._appearance = appearance
        self._home = home
        self._bar = TabBar(self, fixed=0 if home is None else 1)
        self.setTabBar(self._bar)
        self.setDocumentMode(True)
        self.setAcceptDrops(True)
        self.setAccessibleName("Sessions")
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setIconSize(QSize(36, 16))  # two beside each other
        self._bar.setExpanding(False)
        self._bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._bar.close_wanted.connect(self._close_wanted)
        self._bar.menu_wanted.connect(self._show_menu)
        self._bar.dropped.connect(self._dropped)
        self._bar.dragged_out.connect(self._dragged_out)
        if home is not None:
            self.addTab(home, "Agents")
        self.currentChanged.connect(self._shown)
        appearance.changed.connect(self._recolour)
        self._recolour()

    @property
    def tabs(self) -> list[SessionTab]:
        """The session tabs, in the order shown."""
        widgets = [self.widget(place) for place in range(self.count())]
        return [widget for widget in widgets if isinstance(widget, SessionTab)]

    @property
    def current_tab(self) -> SessionTab | None:
        widget = self.currentWidget()
        return widget if isinstance(widget, SessionTab) else None

    @property
    def front_title(self) -> str:
        tab = self.current_tab
        return tab.title if tab else ""

    def show_home(self) -> None:
        if self._home is not None:
            self.setCurrentWidget(self._home)

    def put(self, tab: SessionTab, place: int | None = None, *, front: bool = True) -> None:
        """Takes a tab in, at a place or at the end, and brings it to the front unless it belongs behind."""
        place = self.insertTab(self.count() if place is None else place, tab, "")
        self._add_closer(tab, tab.title)
        tab.look_changed.connect(self._looks_changed)
        self._show_look(tab)
        if front:
            self.setCurrentWidget(tab)

    def put_page(self, page: QWidget, title: str, icon: str) -> None:
        """Shows a page that is no session. Closing its tab takes it out; it can be put in again."""
        if self.indexOf(page) < 0:
            self.addTab(page, icons.icon(icon, self._appearance.colours.muted), title)
            self._add_closer(page, title)
        self.setCurrentWidget(page)

    def take(self, tab: SessionTab) -> int:
        """Lets a tab go, its page running on; answers where it was."""
        place = self.indexOf(tab)
        tab.look_changed.disconnect(self._looks_changed)
        self.removeTab(place)
        return place

    def tell_if_empty(self) -> None:
        """After `take`, once the tab is where it goes: a window that is left empty closes."""
        if not self.tabs:
            self.emptied.emit()

    def close_page(self) -> None:
        """Takes out the page in front when it is no session and not the agents."""
        if self.current_tab is None and self.currentWidget() is not self._home:
            self.removeTab(self.currentIndex())

    def step(self, by: int) -> None:
        """Goes to the next tab or the one before, around the ends."""
        if self.count():
            self.setCurrentIndex((self.currentIndex() + by) % self.count())

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        if event.mimeData().hasFormat(MIME) and TabBar.dragging is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent, /) -> None:
        dragged = TabBar.dragging
        right = event.position().x() > self.width() / 2
        # On the left half of its own pane it is dragged out: there is nothing that it could mean here.
        if (
            dragged is not None
            and isinstance(dragged.widget, SessionTab)
            and (right or self.indexOf(dragged.widget) < 0)
        ):
            dragged.taken = True
            event.acceptProposedAction()
            self.dropped_on_page.emit(dragged.widget, right)
        else:
            event.ignore()

    def _dropped(self, widget: QWidget, place: int) -> None:
        if isinstance(widget, SessionTab):
            self.tab_dropped.emit(widget, place)

    def _dragged_out(self, widget: QWidget, point: QPoint) -> None:
        if isinstance(widget, SessionTab):
            self.tab_dragged_out.emit(widget, point)

    def _add_closer(self, widget: QWidget, title: str) -> None:
        closer = IconButton(self._appearance, "close", 12)
        closer.setObjectName("tabCloser")
        closer.setAccessibleName(f"Close {title}")
        closer.setToolTip("Close")
        closer.clicked.connect(lambda: self._close_wanted(self.indexOf(widget)))
        self._bar.setTabButton(self.indexOf(widget), QTabBar.ButtonPosition.RightSide, closer)

    def _close_wanted(self, place: int) -> None:
        tab = self.widget(place)
        if isinstance(tab, SessionTab):
            tab.wish.emit(Wish.CLOSE)
        else:
            self.removeTab(place)

    def _show_menu(self, place: int, point: QPoint) -> None:
        tab = self.widget(place)
        if isinstance(tab, SessionTab):
            menu = menus.tab_menu(tab.actions_of, self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(point)

    def _looks_changed(self) -> None:
        for tab in self.tabs:
            self._show_look(tab)

    def _show_look(self, tab: SessionTab) -> None:
        place = self.indexOf(tab)
        if place >= 0:
            self.setTabText(place, tab.title.replace("&", "&&"))
            self.setTabIcon(place, tab.icon)
            self.setTabToolTip(place, plain_tip(tab.tip))

    def _shown(self, place: int) -> None:
        tab = self.current_tab
        if tab is not None:
            tab.focus_page()
        self.title_changed.emit(self.front_title)

    def _recolour(self) -> None:
        if self._home is not None:
            self.setTabIcon(self.indexOf(self._home), icons.icon("server", self._appearance.colours.muted))
