"""Has several agents asked at a time, for all actions under way, without taking threads from the list and sessions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal

from console.problem import Problem
from console.rmm.errors import SignInAgain
from console.rmm.models import Agent
from console.sessions.connection import Connection
from console.sessions.fleet_action import FleetAction
from console.sessions.fleet_run import Ask, FleetRun, Outcome
from console.transport import CertificateUntrusted
from console.work import Lane, Runner, as_problem

PARALLEL = 5
_TOUCHED_MILLISECONDS = 1500


@dataclass
class _Place:
    """One server: the threads for actions there, and how many agents are being asked."""

    connection: Connection
    runner: Runner
    asking: int = 0
    runs: list[FleetRun] = field(default_factory=list)


def own_lane(connection: Connection) -> Runner:
    """Threads for the actions at one server alone."""
    return Lane(f"actions {connection.server.title}", PARALLEL)


class FleetActions(QObject):
    """All actions under way, and those whose results are still shown. At most PARALLEL agents of a server are asked at
    a time; runs at one server take turns."""

    began = Signal(object)
    """A FleetRun."""
    changed = Signal()
    """A run began, ended or was closed."""
    touched = Signal(str, object)
    """The id of a server, and the ids of agents there to which something was done: their rows are old."""

    def __init__(self, make_runner: Callable[[Connection], Runner] = own_lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_runner = make_runner
        self._places: dict[str, _Place] = {}
        self._runs: list[FleetRun] = []
        self._touched: dict[str, set[str]] = {}
        self._over = False
        self._soon = QTimer(self, singleShot=True, interval=_TOUCHED_MILLISECONDS)
        self._soon.timeout.connect(self._tell_touched)

    @property
    def runs(self) -> list[FleetRun]:
        """Oldest first."""
        return list(self._runs)

    @property
    def running(self) -> list[FleetRun]:
        return [run for run in self._runs if run.running]

    def signed_in(self, connection: Connection) -> None:
        """The technician signed in to a server, for the first time or anew."""
        server_id = connection.server.id
        if server_id in self._places:
            self._places[server_id].connection = connection
        else:
            self._places[server_id] = _Place(connection, self._make_runner(connection))
        for run in self._runs:
            if run.server_id == server_id:
                run.set_signed_in(True)
        self.changed.emit()

    def signed_out(self, server_id: str) -> None:
        """The technician left a server: what was not asked there yet is not asked."""
        place = self._places.pop(server_id, None)
        for run in self._runs:
            if run.server_id == server_id:
                run.set_signed_in(False)
                run.stop()
        if place and isinstance(place.runner, Lane):
            place.runner.stop()
        self.changed.emit()

    def begin(self, connection: Connection, action: FleetAction, agents: Sequence[Agent]) -> FleetRun:
        """Has each of the agents asked, once."""
        server_id = connection.server.id
        if server_id not in self._places:
            self.signed_in(connection)
        run = FleetRun(server_id, action, agents, lambda: self._went_on(run), self)
        run.ended.connect(self.changed)
        self._runs.append(run)
        self._places[server_id].runs.append(run)
        self.began.emit(run)
        self._went_on(run)
        return run

    def close(self, run: FleetRun) -> None:
        """The results of a run are not needed any more. One that is under way goes on to its end first."""
        if run in self._runs and not run.running:
            self._runs.remove(run)
            run.deleteLater()
            self.changed.emit()

    def stop_all(self) -> None:
        """The console ends: nothing is asked any more, not for fresh rows either."""
        self._over = True
        self._soon.stop()
        for run in self.running:
            run.stop()

    def _went_on(self, run: FleetRun) -> None:
        place = self._places.get(run.server_id)
        if place is None:
            return
        if run not in place.runs:
            place.runs.append(run)
        self.changed.emit()
        self._ask_more(place)

    def _ask_more(self, place: _Place) -> None:
        while place.asking < PARALLEL and place.runs:
            run = place.runs.pop(0)
            ask = run.take()
            if ask is not None:
                place.runs.append(run)
                self._ask(place, run, ask)

    def _ask(self, place: _Place, run: FleetRun, ask: Ask) -> None:
        place.asking += 1
        client, action, agent = place.connection.client, run.action, ask.agent

        def call() -> Outcome:
            started = time.monotonic()
            try:
                said = action.ask(client.actions, agent)
            except Exception as error:  # each of them ends in the row of its agent
                return Outcome(time.monotonic() - started, problem=as_problem(error))
            return Outcome(time.monotonic() - started, said)

        def done(outcome: Outcome) -> None:
            place.asking -= 1
            run.answered(ask, outcome)
            if (outcome.problem is None or ask.open) and not self._over:
                self._touched.setdefault(run.server_id, set()).add(agent.agent_id)
                self._soon.start()
            self._perhaps_stop(run.server_id, outcome.problem)
            self._ask_more(place)

        place.runner.run(call, done)

    def _perhaps_stop(self, server_id: str, problem: Problem | None) -> None:
        """Without a sign-in every further call would be refused."""
        if isinstance(problem, SignInAgain | CertificateUntrusted):
            for run in self.running:
                if run.server_id == server_id:
                    run.stop(problem)

    def _tell_touched(self) -> None:
        touched, self._touched = self._touched, {}
        for server_id, agent_ids in touched.items():
            self.touched.emit(server_id, frozenset(agent_ids))
