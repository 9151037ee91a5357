"""Writes an agent's notes at the RMM: each change is sent once, and what was typed is never lost."""

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from console.problem import Problem
from console.rmm.actions import may_have_happened
from console.sessions.agent_details import AgentDetails, Part
from console.sessions.connection import Connection

NEW = 0
"""The number of the note that is being written and is none yet."""


class Place(msgspec.Struct, frozen=True):
    """A note of an agent at a server."""

    address: str
    agent_id: str
    number: int = NEW


class AgentNotes(QObject):
    """Drafts are kept by agent and note until they have been saved or are given up."""

    changed = Signal(str)
    """An agent's id: a change of one of its notes began or ended."""

    def __init__(self, details: AgentDetails) -> None:
        super().__init__(details)
        self.details = details
        self._drafts: dict[Place, str] = {}
        self._begun_with: dict[Place, str] = {}
        self._busy: set[Place] = set()
        self._problems: dict[Place, Problem] = {}

    def place(self, number: int = NEW) -> Place | None:
        """A note of the agent that is shown now."""
        connection = self.details.connection
        if connection is None or not self.details.agent_id:
            return None
        return Place(connection.server.address, self.details.agent_id, number)

    def draft(self, place: Place) -> str | None:
        """What is written and not saved; None when nothing is being written there."""
        return self._drafts.get(place)

    def begin(self, place: Place, text: str) -> None:
        """A note is to be changed; until something else is written there, nothing would be lost."""
        self._drafts[place] = self._begun_with[place] = text

    def write(self, place: Place, text: str) -> None:
        self._drafts[place] = text

    @property
    def unsaved(self) -> list[Place]:
        """Where something is written that the RMM does not have."""
        return [
            place
            for place, text in self._drafts.items()
            if text.strip() and text.strip() != self._begun_with.get(place, "").strip()
        ]

    def give_up(self, place: Place) -> None:
        self._drop(place)
        self._problems.pop(place, None)
        self.changed.emit(place.agent_id)

    def busy(self, place: Place) -> bool:
        return place in self._busy

    def problem(self, place: Place) -> Problem | None:
        return self._problems.get(place)

    def save(self, place: Place) -> None:
        """Sends the draft, unless it is under way or empty."""
        text, connection = self._drafts.get(place, "").strip(), self.details.connection
        if not text or connection is None:
            return
        details = connection.client.details
        if place.number == NEW:
            self._send(connection, place, partial(details.add_note, place.agent_id, text), text)
        else:
            self._send(connection, place, partial(details.change_note, place.number, text), text)

    def delete(self, place: Place) -> None:
        connection = self.details.connection
        if connection is not None:
            self._send(connection, place, partial(connection.client.details.delete_note, place.number), None)

    def _send(self, connection: Connection, place: Place, call: Callable[[], None], text: str | None) -> None:
        if place in self._busy:
            return
        self._busy.add(place)
        self._problems.pop(place, None)
        connection.lane.run(call, lambda _: self._sent(place, text), partial(self._failed, place))
        self.changed.emit(place.agent_id)

    def _sent(self, place: Place, text: str | None) -> None:
        self._busy.discard(place)
        if text is None or self._drafts.get(place, "").strip() == text:  # else it was written on meanwhile
            self._drop(place)
        self._reload(place)
        self.changed.emit(place.agent_id)

    def _drop(self, place: Place) -> None:
        self._drafts.pop(place, None)
        self._begun_with.pop(place, None)

    def _failed(self, place: Place, problem: Problem) -> None:
        self._busy.discard(place)
        self._problems[place] = problem
        if may_have_happened(problem, online=True):
            self._reload(place)
        self.changed.emit(place.agent_id)

    def _reload(self, place: Place) -> None:
        self.details.outdated(place.address, place.agent_id, Part.NOTES)
