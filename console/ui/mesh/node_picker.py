"""Lets the technician pick a machine among MeshCentral's own, when nobody has seen which node an agent is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from console.mesh.control import MeshNode
from console.rmm.texts import one_line
from console.ui.widgets import button, label

_SHOWN = 500


class NodePicker(QDialog):
    """Window-modal, with `open`. Those whose name is the agent's come first."""

    picked = Signal(object)
    """A MeshNode."""

    def __init__(self, hostname: str, nodes: Sequence[MeshNode], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Which machine is {hostname}?")
        self.resize(520, 460)
        wanted = hostname.casefold()
        self._nodes = sorted(nodes, key=lambda node: (wanted not in _names(node), _names(node)))
        self.search = QLineEdit(placeholderText="Search by name", clearButtonEnabled=True)
        self.search.setAccessibleName("Search machines of MeshCentral")
        self.list = QListWidget()
        self.list.setAccessibleName("Machines of MeshCentral")
        self._note = label("", "muted")
        self.choose = button("Open this machine", self._choose, "primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(f"Which machine is {hostname}?", "headline", wrap=True))
        column.addWidget(
            label(
                "The RMM is down, and this console has not seen yet which machine of MeshCentral this agent is. Pick "
                "it with care: names can occur more than once.",
                "muted",
                wrap=True,
            )
        )
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self._note)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("Cancel", self.reject))
        last.addWidget(self.choose)
        column.addLayout(last)
        self.search.textChanged.connect(lambda _: self._fill())
        self.list.itemActivated.connect(lambda _: self._choose())
        self.list.currentRowChanged.connect(lambda row: self.choose.setEnabled(row >= 0))
        self._fill()
        if nodes and wanted in _names(self._nodes[0]):
            self.list.setCurrentRow(0)
        self.list.setFocus()

    def _fill(self) -> None:
        words = self.search.text().casefold().split()
        found = [node for node in self._nodes if all(word in " ".join(_names(node)) for word in words)]
        self.list.clear()
        for node in found[:_SHOWN]:
            title = one_line(node.name) or "(no name)"
            host = one_line(node.host)
            state = "connected" if node.online else "not connected"
            named = title if not host or host == title else f"{title} ({host})"
            item = QListWidgetItem(f"{named} · {state}")
            item.setData(Qt.ItemDataRole.UserRole, node)
            self.list.addItem(item)
        more = f"{len(found) - _SHOWN:,} more: search for the name" if len(found) > _SHOWN else ""
        self._note.setText(more or ("" if found else "MeshCentral shows no such machine to this user."))
        self.choose.setEnabled(self.list.currentRow() >= 0)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            node = item.data(Qt.ItemDataRole.UserRole)
            self.close()
            self.picked.emit(node)


def _names(node: MeshNode) -> tuple[str, str]:
    return node.name.casefold(), node.host.casefold()
