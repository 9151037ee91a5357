"""What stands beside each other on the page of agents: the panel of clients, the list, and the details."""

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from console.preferences import Preferences

_CENTRE_WIDTH = 560
"""Pixels that the list has before a panel stands beside it."""


class Panels(QSplitter):
    """Keeps what the technician wants to see apart from what has room just now: in a narrow window panels give way."""

    changed = Signal()
    """Panels were shown, hidden or moved by hand."""
    arranged = Signal()
    """Other panels are shown, for whatever reason."""

    def __init__(self, side: QWidget, centre: QWidget, preferences: Preferences) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._side = side
        self._detail: QWidget | None = None
        self._wanted = preferences
        self._asked_for: QWidget | None = None
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(side)
        self.addWidget(centre)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(lambda *_: self._moved())
        self._size()

    def put_beside(self, detail: QWidget) -> None:
        """On the right of the list."""
        self._detail = detail
        self.addWidget(detail)
        self.setCollapsible(self.count() - 1, False)
        self.fit()
        self._size()

    def toggle_side(self) -> None:
        self._toggle("side_shown", self._side)

    def toggle_detail(self) -> None:
        if self._detail is not None:
            self._toggle("detail_shown", self._detail)

    def kept(self) -> dict[str, object]:
        """What is to be remembered, as preferences by their names."""
        names = ("side_shown", "side_width", "detail_shown", "detail_width")
        return {name: getattr(self._wanted, name) for name in names}

    def fit(self) -> None:
        """Shows the panels that are wanted, as far as they leave the list its room."""
        wanted = [self._side] if self._wanted.side_shown else []
        if self._detail is not None and self._wanted.detail_shown:
            wanted.append(self._detail)
        wanted.sort(key=lambda panel: panel is not self._asked_for)
        room = self.width() - _CENTRE_WIDTH
        shown: list[QWidget] = []
        for panel in wanted:
            if panel.minimumWidth() <= room or panel is self._asked_for:
                shown.append(panel)
                room -= panel.minimumWidth()
        turned = [each for each in (self._side, self._detail) if each and each.isHidden() == (each in shown)]
        for each in turned:
            each.setVisible(each in shown)
        if turned:
            self._size()
            self.arranged.emit()

    def _toggle(self, name: str, panel: QWidget) -> None:
        """Where there is no room for both panels, the one that was asked for stays."""
        shown = panel.isHidden()
        self._asked_for = panel if shown else None
        self._wanted = msgspec.structs.replace(self._wanted, **{name: shown})
        self.fit()
        self.changed.emit()

    def _size(self) -> None:
        side, detail = self._wanted.side_width, self._wanted.detail_width
        self.setSizes([side, max(200, self.width() - side - detail), detail])

    def _moved(self) -> None:
        """Only now are the widths what the technician wants: otherwise they are what fits."""
        sizes = self.sizes()
        if not self._side.isHidden():
            self._wanted = msgspec.structs.replace(self._wanted, side_width=sizes[0])
        if self._detail is not None and not self._detail.isHidden():
            self._wanted = msgspec.structs.replace(self._wanted, detail_width=sizes[2])
        self.changed.emit()
