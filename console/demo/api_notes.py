"""The notes that technicians leave at the demo's agents."""

import threading
from dataclasses import dataclass

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

    def add(self, machine: Machine, username: str, text: str, now: float) -> None:
        with self._lock:
            self._notes.append(Note(len(self._notes) + 1, now, text, username, machine.agent_id))

    def of(self, agent_id: str) -> list[Note]:
        with self._lock:
            return [note for note in self._notes if note.agent_id == agent_id]
