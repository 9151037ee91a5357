"""The notes that technicians leave at the demo's agents."""

import threading
from dataclasses import dataclass, replace

from console.demo.fleet import Machine, iso


@dataclass(frozen=True)
class Note:
    """`at` is in Unix seconds."""

    number: int
    at: float
    text: str
    username: str
    agent_id: str

    def row(self) -> dict[str, object]:
        return {
            "pk": self.number,
            "entry_time": iso(self.at),
            "note": self.text,
            "username": self.username,
            "agent_id": self.agent_id,
        }


class Notes:
    """All notes, oldest first. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: list[Note] = []
        self._last = 0

    def add(self, machine: Machine, username: str, text: str, now: float) -> None:
        with self._lock:
            self._last += 1
            self._notes.append(Note(self._last, now, text, username, machine.agent_id))

    def edit(self, number: int, text: str) -> None:
        with self._lock:
            self._notes = [replace(note, text=text) if note.number == number else note for note in self._notes]

    def delete(self, number: int) -> None:
        with self._lock:
            self._notes = [note for note in self._notes if note.number != number]

    def agent_of(self, number: int) -> str | None:
        """Whose note this is; None when there is none of this number."""
        with self._lock:
            return next((note.agent_id for note in self._notes if note.number == number), None)

    def of(self, agent_id: str) -> list[Note]:
        with self._lock:
            return [note for note in self._notes if note.agent_id == agent_id]
