"""Keeps the notes that are written on the journal's page, and adds them to the RMM's when asked."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from console.problem import Problem
from console.sessions.connection import Connection
from console.sessions.journal import Journal
from console.sessions.journal_entry import Entry
from console.ui.journal import words
from console.ui.journal.detail import Detail
from console.ui.session.message_bar import MessageBar
from console.ui.widgets import button


class Notes(QObject):
    """`connection_of` gives the connection of a server by its id, None when nobody is signed in."""

    kept = Signal()
    """A note was saved."""

    def __init__(
        self,
        journal: Journal,
        connection_of: Callable[[str], Connection | None],
        detail: Detail,
        message: MessageBar,
    ) -> None:
        super().__init__(detail)
        self._journal = journal
        self._connection_of = connection_of
        self._detail = detail
        self._message = message

    def keep(self, entry: Entry, note: str) -> None:
        """Saves a note, or says why not with another try."""
        self._keep(entry, note, lambda: None)

    def add_to_rmm(self, entry: Entry, note: str) -> None:
        """Saves the note first: it stays in the journal whatever the RMM says."""
        connection = self._connection_of(entry.server_id)
        if connection:
            self._keep(entry, note, partial(self._send, connection, entry, note))
        else:
            self.keep(entry, note)
            said = f"You are not signed in to {entry.server}. Sign in to it and add the note again."
            self._message.say("info", "warning", said)

    def _keep(self, entry: Entry, note: str, then: Callable[[], None]) -> None:
        def kept() -> None:
            self.kept.emit()
            then()

        def try_again() -> None:
            self._message.hide()
            self._keep(entry, note, then)

        def refused(problem: Problem) -> None:
            again = button("Try again", try_again)
            said = f"The note about {entry.host} is not saved. {words.problem(problem)}"
            self._message.say("failed", "bad", said, [again])

        self._journal.set_note(entry.id, note, kept, refused)

    def _send(self, connection: Connection, entry: Entry, note: str) -> None:
        def added() -> None:
            self._detail.show_busy(entry.id, False)
            self._message.hide()

        def refused(problem: Problem) -> None:
            self._detail.show_busy(entry.id, False)
            said = f"The note is in the journal, but not among the notes of {entry.host} in the RMM."
            self._message.say("failed", "bad", f"{said} {words.problem(problem)}")

        self._detail.show_busy(entry.id, True)
        self._journal.add_to_rmm(connection, entry.id, entry.agent_id, note, added, refused)
