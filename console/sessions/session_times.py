"""How long a session has been connected, over all its connections."""

import time
from datetime import UTC, datetime

from PySide6.QtCore import QObject


class SessionTimes(QObject):
    """What a Session knows of its connections in time. `connected_at` is by time.monotonic, None while it is not."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opened_at = datetime.now(UTC)
        self.first_connected_at: datetime | None = None
        self.connected_at: float | None = None
        self._seconds_before = 0.0

    @property
    def seconds_connected(self) -> int | None:
        """How long this connection stands."""
        return None if self.connected_at is None else int(time.monotonic() - self.connected_at)

    @property
    def total_seconds(self) -> float:
        """How long it was connected altogether."""
        return self._seconds_before + (time.monotonic() - self.connected_at if self.connected_at is not None else 0.0)

    def _time_begins(self) -> None:
        self.connected_at = time.monotonic()
        self.first_connected_at = self.first_connected_at or datetime.now(UTC)

    def _time_ends(self) -> None:
        self._seconds_before = self.total_seconds
        self.connected_at = None
