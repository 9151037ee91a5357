"""The window of one action on several agents: how far it is, what came of each, and what can be done about it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console import csv_text
from console.problem import Problem
from console.sessions.fleet_run import Ask, FleetRun
from console.ui import dialogs
from console.ui.fleet_actions import words
from console.ui.fleet_actions.machines import plain
from console.ui.fleet_actions.results_model import COLUMNS, ResultsModel
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import IconLabel, button, label
from console.work import Runner

_SOON_MILLISECONDS = 50


class ResultsTable(QTableView):
    """Ctrl+C copies the selected rows, with tabs between the cells."""

    def __init__(self, model: ResultsModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setAccessibleName("Results")
        plain(self)
        for place, column in enumerate(COLUMNS):
            self.horizontalHeader().resizeSection(place, column.width)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def selected(self) -> list[Ask]:
        """The selected rows, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [ask for row in rows if (ask := self._model.ask_at(row))]

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.selected():
            self.copy(self.selected())
        else:
            super().keyPressEvent(event)

    def copy(self, asks: Sequence[Ask]) -> None:
        lines = ["\t".join(self._model.texts(ask)) for ask in asks]
        QGuiApplication.clipboard().setText("\n".join(lines))


class ResultsWindow(QWidget):
    """Not modal: the technician goes on working. Closed while it runs, the action goes on in the background."""

    show_wanted = Signal(str, object)
    """The id of a server, and a tuple of agent ids there."""
    closed = Signal()

    def __init__(self, run: FleetRun, appearance: Appearance, disk: Runner) -> None:
        super().__init__()
        self.run = run
        self._disk = disk
        said = words.of(run.action.kind)
        agents = [ask.agent for ask in run.asks]
        self._title = said.doing.format(machines=words.machines(agents))
        self._over = words.command(run.action, agents)
        self._name = said.title
        self.resize(1120, 560)
        self._headline = label(self._title, "headline")
        self._summary = label(role="muted")
        self._progress = QProgressBar(maximum=len(run.asks), textVisible=False)
        self._progress.setAccessibleName("How many are done")
        self._note = label(role="muted", wrap=True)
        self._model = ResultsModel(run, appearance, self)
        self.table = ResultsTable(self._model)
        self._problem = ProblemText(appearance)
        self._problem_box = QWidget()
        self.stop = button("Stop", run.stop)
        self.retry = button("Retry failed", self._retry)
        self.go_on = button("Ask the rest", lambda: run.retry(run.not_asked))
        self.show_in_list = button("Show in list", self._show_in_list)
        self.copy = button("Copy", self._copy)
        self.save = button("Save as CSV…", self._save)
        self.done_with = button("Close", self.close)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconLabel(appearance, said.icon, "accent", 24))
        head.addWidget(self._headline)
        head.addStretch(1)
        head.addWidget(self._summary)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self._progress)
        column.addWidget(self._note)
        column.addWidget(self.table, 1)
        column.addWidget(self._problem_box)
        column.addLayout(self._buttons())
        inner = QVBoxLayout(self._problem_box)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.addWidget(self._problem)
        self._problem_box.hide()
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MILLISECONDS)
        self._soon.timeout.connect(self._show_state)
        run.changed.connect(self._changed)
        run.ended.connect(self._show_state)
        run.sign_in_changed.connect(self._show_state)
        self._show_state()
        self.table.setFocus()

    def closeEvent(self, event: QCloseEvent, /) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for one in (self.stop, self.retry, self.go_on):
            row.addWidget(one)
        row.addStretch(1)
        for one in (self.show_in_list, self.copy, self.save, self.done_with):
            row.addWidget(one)
        return row

    # What is shown

    def _changed(self, ask: Ask) -> None:
        if not self._soon.isActive():  # thousands may answer in a second
            self._soon.start()
        if ask.problem and self.table.selected() == [ask]:
            self._selected()

    def _show_state(self) -> None:
        run, total = self.run, len(self.run.asks)
        self._headline.setText(self._title if run.running else self._over)
        self._summary.setText(words.summary(run))
        self._progress.setValue(run.finished_count)
        self._progress.setVisible(run.running)
        how_far = f"{run.finished_count:,} of {total:,}"
        self.setWindowTitle(f"{how_far} – {self._title}" if run.running else f"{self._name}: {words.summary(run)}")
        self._note.setText(self._words_of_state())
        self._note.setVisible(bool(self._note.text()))
        failed, left = len(run.failed), len(run.not_asked)
        self._offer(self.stop, run.running and not left, "Stop")
        self._offer(self.retry, bool(failed) and not run.running, f"Retry failed ({failed:,})")
        self._offer(self.go_on, bool(left) and not run.running, f"Ask the rest ({left:,})")
        for one in (self.retry, self.go_on):
            one.setEnabled(run.signed_in)

    def _words_of_state(self) -> str:
        run = self.run
        if run.running and run.not_asked:
            return "Stopped. Those that were asked already are waited for: it cannot be taken back."
        if run.running:
            return "Each machine is asked once. You can go on working; closing this window does not stop it."
        if run.stopped_by:
            return f"Stopped: {run.stopped_by.what} {run.stopped_by.advice}"
        if not run.signed_in:
            return "You are signed out of this server: sign in again before you go on."
        if any(ask.open for ask in run.failed):
            return "“Unclear” are those that may have done it although no answer came: look at them first."
        return ""

    def _offer(self, one: QPushButton, there: bool, text: str) -> None:
        one.setText(text)
        one.setVisible(there)

    def _selected(self) -> None:
        asks = self.table.selected()
        problem = asks[0].problem if len(asks) == 1 else None
        if problem:
            problem = Problem(f"{asks[0].agent.hostname}: {problem.what}", words.advice(asks[0]), problem.detail)
        self._problem.show_problem(problem)
        self._problem_box.setVisible(problem is not None)

    # What can be done

    def _retry(self) -> None:
        """Where some may have done it already, the technician says whether those are asked again too."""
        failed = self.run.failed
        sure = [ask for ask in failed if not ask.open]
        if len(sure) == len(failed):
            self.run.retry(failed)
            return
        unclear = len(failed) - len(sure)
        they = "1 machine" if unclear == 1 else f"{unclear:,} machines"
        title = f"{they} may have done it already."
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Technician Console", title, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            f"They were asked, and no clear answer came: {self._name.lower()} may happen there a second time. "
            "Look at the machines first, or ask only those of which it is sure that nothing happened."
        )
        again = box.addButton(f"Ask all {len(failed):,} again" if sure else "Ask again", box.ButtonRole.DestructiveRole)
        only_sure = box.addButton(f"Ask only the {len(sure):,} sure", box.ButtonRole.AcceptRole) if sure else None
        staying = box.addButton("Cancel", box.ButtonRole.RejectRole)
        box.setDefaultButton(staying)
        box.setEscapeButton(staying)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answered() -> None:
            if box.clickedButton() is again:
                self.run.retry(failed)
            elif only_sure is not None and box.clickedButton() is only_sure:
                self.run.retry(sure)

        box.finished.connect(lambda _: answered())
        box.open()

    def _chosen(self) -> Sequence[Ask]:
        """The selected rows, or all of them when none is."""
        return self.table.selected() or self._model.rows()

    def _show_in_list(self) -> None:
        self.show_wanted.emit(self.run.server_id, tuple(ask.agent.agent_id for ask in self._chosen()))

    def _copy(self) -> None:
        self.table.copy(self._chosen())

    def _save(self) -> None:
        name = f"{self._name.lower().replace(' ', '-')}-{datetime.now():%Y-%m-%d-%H%M}.csv"
        dialog = QFileDialog(self, "Save the results", str(Path.home() / name), "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.write_csv(Path(path)))
        dialog.open()

    def write_csv(self, path: Path) -> None:
        """Writes all rows as they are shown to a file, on the disk's lane."""
        rows = [[column.title for column in COLUMNS], *map(self._model.texts, self._model.rows())]
        self._disk.run(
            lambda: csv_text.write(path, rows),
            lambda count: self._note_saved(path, count),
            lambda problem: dialogs.tell(self, problem),
        )

    def _note_saved(self, path: Path, count: int) -> None:
        self._note.setText(f"{count:,} rows were saved to {path}.")
        self._note.show()
