"""Keeps a table as it is while its model is arranged anew: what is selected, what is current, and what is in sight."""

from collections.abc import Iterator

import msgspec
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex
from PySide6.QtWidgets import QTableView

from console.ui.agents.model import AgentModel

_Flags = QItemSelectionModel.SelectionFlag


class _Anchor(msgspec.Struct, frozen=True):
    """A row by its identity, and how far below the upper edge it stood, in pixels."""

    identity: int
    top: int


def selected_rows(view: QTableView) -> Iterator[int]:
    """From the first to the last."""
    selection = view.selectionModel().selection()
    spans = sorted((selection.at(place).top(), selection.at(place).bottom()) for place in range(selection.count()))
    return (row for top, bottom in spans for row in range(top, bottom + 1))


class Staying:
    """For rows of one height. The model tells when it is reset and when it is arranged."""

    def __init__(self, model: AgentModel, view: QTableView) -> None:
        self._model = model
        self._view = view
        self._selected: list[int] = []
        self._current: int | None = None
        self._anchor: _Anchor | None = None
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        model.about_to_arrange.connect(self._drop_anchor)
        model.arranged.connect(self._weigh_anchor)

    def _keep(self) -> None:
        model = self._model
        if not model.rowCount():
            return  # what was there before the list was empty may come back
        self._selected = [
            identity for row in selected_rows(self._view) if (identity := model.identity(row)) is not None
        ]
        self._current = model.identity(self._view.currentIndex().row())

    def _restore(self) -> None:
        model, chooser = self._model, self._view.selectionModel()
        current = model.place_of(self._current) if self._current is not None else None
        if current is not None:
            chooser.setCurrentIndex(model.index(current, 0), _Flags.NoUpdate)
        if self._selected:
            chooser.select(self._selection(), _Flags.ClearAndSelect | _Flags.Rows)

    def _selection(self) -> QItemSelection:
        """As few spans as there are: thousands of single rows would take seconds."""
        wanted = set(self._selected)
        model, last = self._model, self._model.columnCount() - 1
        if len(wanted) == 1:
            places = [place for one in wanted if (place := model.place_of(one)) is not None]
        else:
            places = [row for row in range(model.rowCount()) if model.identity(row) in wanted]
        selection = QItemSelection()
        start = 0
        for number in range(1, len(places) + 1):
            if number == len(places) or places[number] != places[number - 1] + 1:
                selection.select(model.index(places[start], 0), model.index(places[number - 1], last))
                start = number
        return selection

    def _drop_anchor(self) -> None:
        """At the current row while it is in sight, else at the first; not while the list stands at its beginning."""
        view, model = self._view, self._model
        height, value = view.verticalHeader().defaultSectionSize(), view.verticalScrollBar().value()
        current: QModelIndex = view.currentIndex()
        self._anchor = None
        if value == 0:
            return
        row = current.row() if current.isValid() else -1
        if not 0 <= row * height - value < view.viewport().height():
            row = -(-value // height)
        identity = model.identity(row)
        if identity is not None:
            self._anchor = _Anchor(identity, row * height - value)

    def _weigh_anchor(self) -> None:
        anchor = self._anchor
        place = self._model.place_of(anchor.identity) if anchor else None
        if anchor and place is not None:
            height = self._view.verticalHeader().defaultSectionSize()
            self._view.verticalScrollBar().setValue(place * height - anchor.top)
