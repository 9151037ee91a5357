"""The tabs of one window: one pane, or two side by side."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from console.ui.session.tab import SessionTab
from console.ui.theme import Appearance
from console.ui.workspace.pane import Pane


class PaneArea(QSplitter):
    """The left pane is always there; the right one while it holds tabs."""

    title_changed = Signal(str)
    tab_dropped = Signal(object, object, int)
    """A SessionTab, the Pane that it was dropped on, and its place there."""
    tab_dragged_out = Signal(object, QPoint)
    emptied = Signal()
    """The last session tab has gone."""

    def __init__(self, appearance: Appearance, home: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(5)
        self.left = Pane(appearance, home)
        self.right = Pane(appearance)
        for pane in self.panes:
            self.addWidget(pane)
            pane.setMinimumWidth(320)
            pane.title_changed.connect(lambda _: self.tell_title())
            pane.tab_dropped.connect(lambda tab, place, pane=pane: self.tab_dropped.emit(tab, pane, place))
            pane.dropped_on_page.connect(lambda tab, right, pane=pane: self._dropped_on_page(tab, pane, right))
            pane.tab_dragged_out.connect(self.tab_dragged_out)
            pane.emptied.connect(self._pane_emptied)
        self.right.hide()

    @property
    def panes(self) -> tuple[Pane, Pane]:
        return self.left, self.right

    @property
    def tabs(self) -> list[SessionTab]:
        return [*self.left.tabs, *self.right.tabs]

    @property
    def is_split(self) -> bool:
        return not self.right.isHidden()

    @property
    def active(self) -> Pane:
        """The pane that has the keyboard, else the left one."""
        focus: QWidget | None = self.window().focusWidget()
        return self.right if self.is_split and focus is not None and self.right.isAncestorOf(focus) else self.left

    def tell_title(self) -> None:
        """What the pane with the keyboard is about."""
        self.title_changed.emit(self.active.front_title)

    def pane_of(self, tab: SessionTab) -> Pane | None:
        return next((pane for pane in self.panes if pane.indexOf(tab) >= 0), None)

    def put(self, tab: SessionTab, pane: Pane, place: int | None = None, *, front: bool = True) -> None:
        """Takes a tab in; the right pane opens with its first one, as wide as the left."""
        if pane is self.right and not self.is_split:
            self.right.show()
            self.setSizes([1, 1])
        pane.put(tab, place, front=front)

    def other_side(self, tab: SessionTab) -> None:
        """Moves a tab to the other pane."""
        pane = self.pane_of(tab)
        if pane is not None:
            pane.take(tab)
            self.put(tab, self.left if pane is self.right else self.right)
            pane.tell_if_empty()

    def _dropped_on_page(self, tab: SessionTab, pane: Pane, right: bool) -> None:
        """On the right half of a window with one pane it opens the second one."""
        beside = right and not self.is_split
        target = self.right if beside else pane
        self.tab_dropped.emit(tab, target, target.count())

    def _pane_emptied(self) -> None:
        if not self.right.tabs:
            self.right.hide()
        if not self.tabs:
            self.emptied.emit()
        elif not self.left.count():
            # Only in a window without the agents: what is left moves over.
            for tab in self.right.tabs:
                self.right.take(tab)
                self.left.put(tab)
