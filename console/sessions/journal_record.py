"""Follows one open session and says what its row in the journal is."""

import uuid
from dataclasses import replace
from datetime import datetime

from console.redaction import redacted
from console.servers import Way
from console.sessions.journal_entry import Ending, Entry
from console.sessions.mesh_side import BY_KEY
from console.sessions.progress import State
from console.sessions.session import Session

_BY_HAND = "Connected by hand in the page; closed by the technician."


class Record:
    """`entry` is the row as of the last `look` or `finish`."""

    def __init__(self, session: Session, technician: str, now: datetime) -> None:
        self.session = session
        server, agent = session.connection.server, session.agent
        self.own_name = server.way is Way.API_KEY
        self._state = session.state
        self.entry = Entry(
            id=uuid.uuid4().hex,
            server_id=server.id,
            server=server.title,
            address=server.address,
            agent_id=agent.agent_id,
            host=agent.hostname,
            client=agent.client_name,
            site=agent.site_name,
            kind=session.kind.value,
            who=technician if self.own_name else server.username,
            opened=session.opened_at,
            connected=None,
            ended=None,
            updated=now,
            seconds=0.0,
            ending=Ending.OPEN,
            how="",
        )

    def look(self, now: datetime) -> bool:
        """Takes in how the session stands; whether there is more to write than the time that went by."""
        session, before = self.session, self.entry
        news = session.state is not self._state
        if session.state is not State.CLOSED:
            self._state = session.state
        agent = session.agent
        self.entry = replace(
            before,
            host=agent.hostname,
            client=agent.client_name,
            site=agent.site_name,
            connected=session.first_connected_at,
            how=BY_KEY if session.by_key else "",
            updated=now,
            seconds=session.total_seconds,
        )
        return news or replace(self.entry, updated=before.updated, seconds=before.seconds) != before

    def name(self, technician: str) -> bool:
        """The technician's name became known; whether it belongs into this row."""
        if self.own_name and not self.entry.who and technician:
            self.entry = replace(self.entry, who=technician)
            return True
        return False

    def finish(self, now: datetime) -> None:
        """The session was closed."""
        self.look(now)
        by_hand = self._state is State.BY_HAND
        if self._state in (State.LOST, State.FAILED) and self.entry.connected:
            ending = Ending.LOST
        else:
            ending = Ending.CLOSED if by_hand or self.entry.connected else Ending.NOT_CONNECTED
        how = _BY_HAND if by_hand else redacted(self.session.ending)
        if self.session.by_key:
            how = f"{BY_KEY} {how}"
        self.entry = replace(self.entry, ended=now, ending=ending, how=how)
