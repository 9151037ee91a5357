"""Restarting a machine through the RMM, and coming back to it: every stage is seen, and its sessions connect again."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from console.mesh.errors import ConsentDenied, ConsentTimedOut
from console.mesh.report import AgentPresence, Ready, Report
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.progress import State
from console.sessions.recovery import Lost
from console.transport import TimedOut


class Stage(Enum):
    """The value is what the technician reads. Some agents are back in MeshCentral before they are in the RMM."""

    ASKED = "Asked to restart"
    AWAY = "Went away"
    IN_RMM = "Back in the RMM"
    IN_MESH = "Back in MeshCentral"
    CONNECTED = "Connected again"


class RebootPatience(msgspec.Struct, frozen=True):
    """In seconds: between two looks, and how long the machine may take to go away. Every `detailed` looks the RMM is
    asked when the machine started as well: one that restarts quickly is never seen offline."""

    pause: float = 3.0
    away: float = 600.0
    detailed: int = 5


_SAID_NO = (ConsentDenied, ConsentTimedOut)
"""Whoever said no to a session that came back is not asked again because of the restart."""


class Followed(Protocol):
    """A session as a Reboot needs it: console.sessions.session.Session."""

    connected_at: float | None
    reboot: "Reboot | None"

    @property
    def state(self) -> State: ...

    @property
    def lost(self) -> Lost | None: ...

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def reported(self) -> SignalInstance: ...

    def reconnect(self) -> None: ...


class Reboot(QObject):
    """One restart of a machine. `stages` says when each was reached; `finished` is whether it is followed no longer.

    The call is made once and never repeated. What happens afterwards is seen from the RMM's ping, from the time the
    machine says it started, and from what the pages of its sessions hear of the Mesh agent.
    """

    changed = Signal()

    def __init__(
        self,
        agent: Agent,
        connection: Connection,
        open_session: Callable[[SessionKind], Followed],
        kinds: Sequence[SessionKind] = (),
        patience: RebootPatience | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`kinds` are opened with `open_session` when the machine is back and no session of it was open."""
        super().__init__(parent)
        self.agent = agent
        self.connection = connection
        self.stages: dict[Stage, datetime] = {}
        self.problem: Problem | None = None
        self.finished = False
        self.cancelled = False
        self._open_session = open_session
        self._kinds = tuple(kinds)
        self._patience = patience or RebootPatience()
        self._followed: list[Followed] = []
        self._sent_back: list[Followed] = []
        self._asked_at = 0.0
        self._looks = 0
        self._rmm_lost_it = False
        self._left_some = False
        self._pause = QTimer(self, singleShot=True, interval=round(self._patience.pause * 1000))
        self._pause.timeout.connect(self._look)
        self._late = QTimer(self, singleShot=True, interval=round(self._patience.away * 1000))
        self._late.timeout.connect(self._not_gone)

    @property
    def going_down(self) -> bool:
        """Whether what ends on the machine ends because of it."""
        return not self.finished and Stage.IN_MESH not in self.stages and Stage.CONNECTED not in self.stages

    @property
    def words(self) -> str:
        """How it stands, in one sentence."""
        name = self.agent.hostname
        if self.problem:
            return self.problem.what
        if self.cancelled:
            return f"The restart of {name} is not followed any more."
        if Stage.CONNECTED in self.stages:
            return f"{name} has restarted and is connected again."
        if self.finished:
            return f"{name} has restarted." + (" Not all of its sessions are connected." if self._left_some else "")
        if Stage.IN_MESH in self.stages or Stage.IN_RMM in self.stages:
            return self._words_when_back()
        if Stage.AWAY in self.stages:
            gone = self.stages[Stage.AWAY].astimezone()
            return f"{name} is restarting. It is away since {gone:%H:%M:%S}."
        if Stage.ASKED in self.stages:
            return f"{name} was asked to restart and is still there."
        return f"Asking {name} to restart."

    def start(self) -> None:
        """Asks the RMM to restart the machine. Once."""
        client, agent_id = self.connection.client, self.agent.agent_id
        self.connection.lane.run(lambda: client.reboot(agent_id), lambda _: self._asked(), self._refused)

    def follow(self, session: Followed) -> None:
        """A session of the machine: it belongs to what is to be connected again."""
        session.reboot = self
        if self.finished or session in self._followed:
            return
        self._followed.append(session)
        session.reported.connect(self._reported)
        session.changed.connect(self._session_changed)

    def left(self, session: Followed) -> None:
        """A session was closed."""
        if session in self._followed:
            self._forget(session)
            self._session_changed()

    def cancel(self) -> None:
        """Follows it no longer. The restart itself cannot be taken back."""
        if not self.finished:
            self.cancelled = True
            self._end()

    # What is seen

    def _asked(self) -> None:
        self._asked_at = time.monotonic()
        self._reach(Stage.ASKED)
        self._pause.start()
        self._late.start()

    def _refused(self, problem: Problem) -> None:
        if isinstance(problem, TimedOut):
            problem = Problem(
                f"The RMM did not say in time whether {self.agent.hostname} restarts.",
                "It may restart all the same. Look at the machine before you ask for it again.",
                problem.report(),
            )
        self.problem = problem
        self._end()

    def _look(self) -> None:
        client, agent_id = self.connection.client, self.agent.agent_id
        self._looks += 1
        detailed = self._looks % self._patience.detailed == 0

        def look() -> tuple[bool, float | None]:
            there = client.answers(agent_id)
            return there, client.agent_now(agent_id).boot_time if there and detailed else None

        self.connection.lane.run(look, lambda seen: self._looked(*seen), lambda _: self._look_later())

    def _look_later(self) -> None:
        if not self.finished and Stage.IN_RMM not in self.stages:
            self._pause.start()

    def _looked(self, there: bool, boot_time: float | None) -> None:
        if self.finished:
            return
        restarted = boot_time is not None and boot_time != self.agent.boot_time and self.agent.boot_time is not None
        if not there or restarted:
            self._rmm_lost_it = True
            self._reach(Stage.AWAY)
        back = self._rmm_lost_it or Stage.IN_MESH in self.stages  # a quick one, which the RMM has not missed
        if there and Stage.AWAY in self.stages and back:
            self._reach(Stage.IN_RMM)
            self._go_back()
        self._look_later()

    def _reported(self, report: Report) -> None:
        if not isinstance(report, AgentPresence | Ready) or self.finished or Stage.ASKED not in self.stages:
            return
        if not report.online:
            self._reach(Stage.AWAY)
        elif Stage.AWAY in self.stages:
            self._reach(Stage.IN_MESH)
            self._go_back()

    def _session_changed(self) -> None:
        """A session of it went on: with the last of them the machine is connected again."""
        if self.finished or Stage.AWAY not in self.stages or not self._followed:
            return
        again = [session for session in self._followed if self._is_back(session)]
        if again:
            self._reach(Stage.IN_MESH)
        if len(again) == len(self._followed):
            self._reach(Stage.CONNECTED)
        if all(session in again or self._is_left(session) for session in self._followed):
            self._end()
        else:
            self.changed.emit()

    def _not_gone(self) -> None:
        if Stage.AWAY not in self.stages:
            minutes = round(self._patience.away / 60)
            self.problem = Problem(
                f"{self.agent.hostname} has not restarted within {minutes} minutes.",
                "It may have refused, or someone there cancelled it. Look at the machine before you ask again.",
            )
            self._end()

    def _is_back(self, session: Followed) -> bool:
        connected_at = session.connected_at
        return session.state is State.CONNECTED and connected_at is not None and connected_at > self._asked_at

    def _is_left(self, session: Followed) -> bool:
        """Whether a session needs a person, although it has been told that the machine is back."""
        if session.lost is None or session.lost.automatic:
            return session in self._sent_back and session.state is State.FAILED
        return session in self._sent_back or isinstance(session.lost.problem, _SAID_NO)

    # What is done

    def _go_back(self) -> None:
        """The machine is there: what waits for it goes on, also what had been ended while it went down."""
        if not self._followed and self._kinds and Stage.IN_RMM in self.stages:
            for kind in self._kinds:
                self.follow(self._open_session(kind))
        elif not self._followed and Stage.IN_RMM in self.stages:
            self._end()
        for session in tuple(self._followed):
            stands = session.lost is not None and (session.lost.held or not session.lost.automatic)
            if session.state is State.LOST and stands and session not in self._sent_back and not self._is_left(session):
                self._sent_back.append(session)
                session.reconnect()

    def _words_when_back(self) -> str:
        name, count = self.agent.hostname, len(self._followed)
        if Stage.IN_MESH not in self.stages:
            return f"{name} is back in the RMM; MeshCentral has no connection to it yet."
        return f"{name} is back. {sum(map(self._is_back, self._followed))} of {count} sessions are connected."

    def _reach(self, stage: Stage) -> None:
        if stage not in self.stages:
            self.stages[stage] = datetime.now(UTC)
            self.changed.emit()

    def _end(self) -> None:
        self.finished = True
        self._pause.stop()
        self._late.stop()
        self._left_some = any(map(self._is_left, self._followed))
        for session in tuple(self._followed):
            self._forget(session)
            if session.lost is not None and session.lost.held:
                session.reconnect()  # it was ended for a restart that is not waited for any more
        self.changed.emit()

    def _forget(self, session: Followed) -> None:
        self._followed.remove(session)
        session.reported.disconnect(self._reported)
        session.changed.disconnect(self._session_changed)
