"""The page of the journal: search, table, the current session with its note, export."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QStandardPaths, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Entry, Found, Query, Totals, utc_now
from console.ui import icons
from console.ui.journal import words
from console.ui.journal.choice import ChoiceButton
from console.ui.journal.detail import Detail
from console.ui.journal.keeping import KeepingButton
from console.ui.journal.model import JournalModel
from console.ui.journal.notes import Notes
from console.ui.journal.ranges import Range, bounds
from console.ui.journal.table import JournalTable
from console.ui.problem_view import Notice
from console.ui.session.looks import KIND_WORDS
from console.ui.session.message_bar import MessageBar
from console.ui.theme import Appearance
from console.ui.widgets import button, label
from console.work import Job

_FIRST_ROWS = 200
_TYPING_MILLISECONDS = 150
_SETTLE_MILLISECONDS = 200


class JournalPage(QWidget):
    """Shows a Journal. `connection_of` gives the connection of a server by its id, None when nobody is signed in."""

    open_wanted = Signal(str, str, str)
    """A session of the past shall be opened again: the server's id, the agent's id, the kind's value."""
    days_changed = Signal(int)
    """The technician chose how long sessions are kept: for the preferences; the journal knows already."""

    def __init__(
        self,
        journal: Journal,
        appearance: Appearance,
        connection_of: Callable[[str], Connection | None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__()
        self._journal = journal
        self._appearance = appearance
        self._clock = clock
        self._job: Job | None = None
        self._reading = False
        self._most = _FIRST_ROWS
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.search = QLineEdit(placeholderText="Search: every word, in any field   (Ctrl+F)", clearButtonEnabled=True)
        self.search.setAccessibleName("Search the journal")
        self.search.setMinimumWidth(320)
        self.search.installEventFilter(self)
        self._glass = self.search.addAction(icons.icon("search", "#888888"), QLineEdit.ActionPosition.LeadingPosition)
        self.range = ChoiceButton("Time", [(one, one.value) for one in Range], Range.ANY)
        kinds = [("", "All kinds"), *((kind.value, title) for kind, title in KIND_WORDS.items())]
        self.kind = ChoiceButton("Kind", kinds, "")
        self._export = button("Export…", self._choose_file)
        self._export.setToolTip("Writes the sessions that are shown into a CSV file")
        self.model = JournalModel(appearance, self)
        self.table = JournalTable(self.model, appearance)
        self.detail = Detail(appearance)
        self.message = MessageBar(appearance)
        self._notes = Notes(journal, connection_of, self.detail, self.message)
        self._notice = Notice(appearance)
        self._stack = QStackedWidget()
        self._totals = label(role="muted")
        self._trouble = label(role="bad")
        self._keeping = KeepingButton(journal, self)
        self._lay_out()
        self._connect()
        self._recolour()

    def refresh(self) -> None:
        """Reads anew what is shown."""
        if self._job:
            self._job.cancel()
        self._reading = True
        self._job = self._journal.find(self.query(), self._most, self._found, self._not_found)

    def query(self) -> Query:
        """What is looked for just now."""
        since, until = bounds(self.range.value, self._clock())
        return Query(self.search.text(), since, until, self.kind.value)

    def export_to(self, path: Path) -> None:
        """Writes all that matches, also what is not read yet, into a CSV file."""
        self._folder = str(path.parent)
        self._export.setEnabled(False)
        self._journal.export(
            self.query(), path, lambda count: self._exported(path, count), lambda problem: self._refused(problem)
        )

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        """From the search box, arrows and Enter go to the table; Escape clears it."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.table.setFocus()
                self.table.select_first()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._journal.tick()  # how long the open sessions are connected
        self.refresh()

    # How it is put together

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self.search, 1)
        row.addWidget(self.range)
        row.addWidget(self.kind)
        row.addStretch(1)
        row.addWidget(self._export)
        foot = QWidget()
        foot.setObjectName("listFooter")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(foot)
        line.setContentsMargins(12, 2, 12, 2)
        line.setSpacing(16)
        line.addWidget(self._totals)
        line.addWidget(self._trouble, 1)
        line.addWidget(label("Sessions are kept", "muted"))
        line.addWidget(self._keeping)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.message)
        column.addWidget(self._stack, 1)
        column.addWidget(self.detail)
        column.addWidget(foot)
        self.detail.hide()

    def _connect(self) -> None:
        typing = QTimer(self, singleShot=True, interval=_TYPING_MILLISECONDS)
        typing.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _: typing.start())
        self.range.chosen.connect(lambda _: self._search())
        self.kind.chosen.connect(lambda _: self._search())
        self.model.more_wanted.connect(self._read_more)
        self.table.current_changed.connect(self.detail.show_entry)
        self.table.note_wanted.connect(self._to_note)
        self.table.open_wanted.connect(self._open_again)
        self.detail.left.connect(self.table.setFocus)
        self.detail.open_wanted.connect(self._open_again)
        self.detail.note_written.connect(self._notes.keep)
        self.detail.rmm_wanted.connect(self._notes.add_to_rmm)
        self._notes.kept.connect(self.refresh)
        self._keeping.days_chosen.connect(self.days_changed)
        self._keeping.failed.connect(self._refused)
        settle = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)  # several rows may change at once
        settle.timeout.connect(lambda: self.refresh() if self.isVisible() else None)
        self._journal.changed.connect(settle.start)
        self._appearance.changed.connect(self._recolour)
        for keys, act in ((QKeySequence("Ctrl+F"), self._to_search), (QKeySequence("F5"), self.refresh)):
            # With the page's own context: a window-wide shortcut would be taken from the sessions.
            QShortcut(keys, self, act, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _recolour(self) -> None:
        self._glass.setIcon(icons.icon("search", self._appearance.colours.muted))

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _to_note(self) -> None:
        self.detail.edit.setFocus()

    # Reading

    def _search(self) -> None:
        self._most = _FIRST_ROWS
        self.table.scrollToTop()
        self.refresh()

    def _read_more(self) -> None:
        if not self._reading:
            self._most = 2 * max(self._most, self.model.rowCount())
            self.refresh()

    def _found(self, found: Found) -> None:
        self._reading = False
        self.model.show_entries(found.entries, found.totals.count)
        self.detail.show_entry(self.table.current())
        self._totals.setText(words.totals(found.totals))
        self._export.setEnabled(found.totals.count > 0)
        self._show_state(found.totals)
        problem = self._journal.problem
        self._trouble.setText(problem.what if problem else "")
        self._trouble.setToolTip(problem.report() if problem else "")

    def _not_found(self, problem: Problem) -> None:
        self._reading = False
        self._totals.clear()
        self._export.setEnabled(False)
        self.detail.show_entry(None)
        self._notice.show_problem(problem, [button("Try again", self.refresh)])
        self._stack.setCurrentWidget(self._notice)

    def _show_state(self, totals: Totals) -> None:
        if totals.count:
            self._stack.setCurrentWidget(self.table)
            return
        if self.query().everything:
            self._notice.say(
                "clock",
                "muted",
                "No sessions yet.",
                "Each session is noted here when it is opened: which machine, when, for how long and how it ended.",
            )
        else:
            self._notice.say(
                "search",
                "muted",
                "No session matches.",
                "Every word has to occur somewhere in the row, within the time and of the kind chosen.",
                [button("Show all", self._show_all)],
            )
        self._stack.setCurrentWidget(self._notice)

    def _show_all(self) -> None:
        self.range.show_choice(Range.ANY)
        self.kind.show_choice("")
        self.search.clear()
        self._search()

    # What is done with a session

    def _open_again(self, entry: Entry) -> None:
        if entry.kind in (kind.value for kind in SessionKind):
            self.open_wanted.emit(entry.server_id, entry.agent_id, entry.kind)

    # Export

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Export the journal", self._folder, "CSV files (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"sessions {self._clock().astimezone():%Y-%m-%d}.csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        dialog.open()

    def _exported(self, path: Path, count: int) -> None:
        self._export.setEnabled(True)
        rows = "1 session was" if count == 1 else f"{count:,} sessions were"
        folder = button("Open folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))))
        self.message.say("check", "good", f"{rows} written to {path.name}.", [folder])

    def _refused(self, problem: Problem) -> None:
        self._export.setEnabled(self.model.rowCount() > 0)
        self.message.say("failed", "bad", words.problem(problem))
