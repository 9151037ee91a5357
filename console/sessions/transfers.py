"""All transfers of the console: files that sessions hand over, and files that are given to them."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from console.mesh import far_path
from console.mesh.fetching import Fetch
from console.mesh.file_errors import FolderMissing, NotWritable
from console.mesh.files import FarFiles
from console.mesh.moving import Answer, Watch
from console.mesh.sending import Upload
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.sessions.arrivals import Arrivals
from console.sessions.far_agent import FarAgent, suggested_folder
from console.sessions.far_move import FarMove
from console.sessions.far_queue import Errand, FarQueue
from console.sessions.manager import Sessions
from console.sessions.page import Download
from console.sessions.page_move import PageMove
from console.sessions.session import Session
from console.sessions.transfer import Direction, Mover, Transfer, TransferState
from console.sessions.upload_plan import Planned, plan
from console.work import Lane, Runner

_TICK_MILLISECONDS = 200
_PARTING_SECONDS = 2.0
_QUEUE_THREADS = 4
"""Two transfers of one agent, what the technician waits for beside them, and what is tidied up."""


@dataclass(eq=False)
class FolderQuestion:
    """Which folder of the agent shall files go to? `suggestion` is a folder that is often right. Answer it with
    `Transfers.use_folder`, or drop it."""

    session: Session
    hostname: str
    paths: list[Path]
    suggestion: str


class Transfers(QObject):
    """Takes what the sessions hand over, and lists it: iterate for the transfers, the oldest first."""

    added = Signal(object)
    """A Transfer."""
    removed = Signal(object)
    folder_wanted = Signal(object)
    """A FolderQuestion: an upload to a session that shows no folder. It is asked once for each agent."""
    told = Signal(object)
    """A Problem that concerns no transfer in the list: what was chosen cannot be uploaded."""

    def __init__(
        self, sessions: Sessions, lanes: Callable[[str, int], Runner] = Lane, parent: QObject | None = None
    ) -> None:
        """`lanes` makes threads by a name and a number of them."""
        super().__init__(parent)
        self._lanes = lanes
        self._running_lanes: list[Lane] = []
        self._disk = self._lane("transfers disk", 2)
        self._transfers: list[Transfer] = []
        self._fars: dict[tuple[str, str], FarAgent] = {}
        self._tick = QTimer(self, interval=_TICK_MILLISECONDS)
        self._tick.timeout.connect(self._look)
        self._arrivals = Arrivals(sessions, self)
        sessions.opened.connect(self._opened)

    def __iter__(self) -> Iterator[Transfer]:
        return iter(tuple(self._transfers))

    @property
    def active(self) -> list[Transfer]:
        """Those that closing the console would end."""
        return [transfer for transfer in self._transfers if not transfer.over]

    def answer_all(self, transfer: Transfer, answer: Answer) -> None:
        """Answers the question of a transfer, and of all that go the same way to or from the same agent."""
        key = (transfer.direction, transfer.agent_id)
        for other in self.active:
            if (other.direction, other.agent_id) == key:
                other.preset = answer
                other.answer(answer)

    def remove(self, transfer: Transfer) -> None:
        """Takes a transfer that is over from the list."""
        if transfer in self._transfers and transfer.over:
            if transfer.mover:
                transfer.mover.forget()
            self._transfers.remove(transfer)
            self.removed.emit(transfer)
            transfer.deleteLater()

    def clear_finished(self) -> None:
        """Takes from the list what is done or cancelled. What failed stays: it can be tried again."""
        for transfer in self:
            if transfer.state in (TransferState.DONE, TransferState.CANCELLED):
                self.remove(transfer)

    def use_folder(
        self, question: FolderQuestion, folder: str, done: Callable[[], None], failed: Callable[[Problem], None]
    ) -> Callable[[], None]:
        """Looks whether files can be written to a folder; then uploads, and goes on with this folder for the agent.

        Returns what ends the looking.
        """
        far = self._far(question.session)
        path = far_path.clean(folder, far.windows)
        probe = f".{secrets.token_hex(4)}.part"

        def look(files: FarFiles, watch: Watch) -> None:
            if not path or files.entries(path, watch.cancelled) is None:
                raise FolderMissing(far_path.shown(path or folder))
            if not files.can_write(path, probe, watch.cancelled):
                raise NotWritable(far_path.shown(path))

        def looked(_: object) -> None:
            far.folder = path
            done()
            self._upload_to(far, question.paths, path)

        errand = Errand(look, looked, failed, lambda: None, extra=True)
        far.queue.put(errand)
        return lambda: far.queue.cancel(errand)

    def upload(self, session: Session, paths: list[Path], *, ask: bool = False) -> None:
        """Uploads files and folders to the folder that a files session shows, else to the one chosen for the agent.
        `ask`: to another one."""
        far = self._far(session)
        shown = session.facts.folder if session.kind is SessionKind.FILES else None
        if shown is not None:
            shown = far_path.clean(shown or ("" if far.windows else "/"), far.windows)
        folder = "" if ask else shown or far.folder
        if folder:
            self._upload_to(far, paths, folder)
        else:
            suggestion = far.folder or suggested_folder(far.agent)
            self.folder_wanted.emit(FolderQuestion(session, far.agent.hostname, paths, suggestion))

    def active_of(self, server_id: str) -> list[Transfer]:
        """Those of one server's agents: what signing out would end."""
        agents = {agent_id for server, agent_id in self._fars if server == server_id}
        return [transfer for transfer in self.active if transfer.agent_id in agents]

    def leave(self, server_id: str) -> None:
        """The technician signs out of a server: what goes to and from its agents ends and is listed no longer."""
        mine = [key for key in self._fars if key[0] == server_id]
        agents = {agent_id for _, agent_id in mine}
        for transfer in self:
            if transfer.agent_id in agents:
                transfer.cancel()
                self._transfers.remove(transfer)
                self.removed.emit(transfer)
        for key in mine:
            queue = self._fars.pop(key).queue
            queue.end()
            # Until then what was only partly there may be removed at the far end.
            QTimer.singleShot(round(_PARTING_SECONDS * 1000), self, partial(queue.stop, 0.0))

    def stop(self) -> None:
        """The console ends, after its window is gone: everything is cancelled. It waits a moment for the far ends to
        remove what was only partly there, and never for one that does not answer."""
        self._tick.stop()
        for transfer in self.active:
            transfer.cancel()
        queues = [far.queue for far in self._fars.values()]
        for queue in queues:
            queue.end()
        until = time.monotonic() + _PARTING_SECONDS
        for queue in queues:
            queue.stop(max(0.0, until - time.monotonic()))
        for lane in self._running_lanes:
            lane.stop()

    # What sessions hand over

    def _opened(self, session: Session) -> None:
        session.upload_wanted.connect(lambda paths: self.upload(session, paths))
        session.download_started.connect(lambda download: self._download(session, download))

    def _download(self, session: Session, download: Download) -> None:
        far = self._far(session)
        path = far_path.clean(download.far_path, far.windows) if download.far_path else ""
        transfer = self._made(far, Direction.DOWN, download.name, path, None, download.total)

        def native() -> Mover:
            move = Fetch(path, download.wanted, far.windows)
            return FarMove(transfer, move, far.queue, download.wanted.parent.name)

        transfer.mover = PageMove(transfer, download, self._disk, native if path else None)
        self._list(transfer)

    def _upload_to(self, far: FarAgent, paths: list[Path], folder: str) -> None:
        self._disk.run(lambda: plan(paths), lambda planned: self._planned(far, planned, folder), self.told.emit)

    def _planned(self, far: FarAgent, planned: list[Planned], folder: str) -> None:
        for one in planned:
            move = Upload(one.source, folder, one.below, far.windows, far.folds, far.making)
            where = far_path.shown(move.folder)
            path = far_path.joined(move.folder, move.name)
            transfer = self._made(far, Direction.UP, move.name, path, one.source, one.size)
            transfer.mover = mover = FarMove(transfer, move, far.queue, where)
            self._arrivals.watch(transfer, far, move.folder)
            self._list(transfer)
            mover.start()

    def _made(
        self, far: FarAgent, direction: Direction, name: str, path: str, near: Path | None, size: int
    ) -> Transfer:
        agent = far.agent
        return Transfer(direction, agent.agent_id, agent.hostname, name, path, near, size, self)

    def _list(self, transfer: Transfer) -> None:
        self._transfers.append(transfer)
        transfer.changed.connect(self._keep_looking)
        self._keep_looking()
        self.added.emit(transfer)

    def _keep_looking(self) -> None:
        if not self._tick.isActive():
            self._tick.start()

    def _look(self) -> None:
        active = self.active
        for transfer in active:
            if transfer.mover:
                transfer.mover.look()
        if not active:
            self._tick.stop()

    def _far(self, session: Session) -> FarAgent:
        agent = session.agent
        key = (session.connection.server.id, agent.agent_id)
        far = self._fars.get(key)
        if far is None:
            lane = self._lane(f"files {agent.hostname}", _QUEUE_THREADS)
            queue = FarQueue(agent, lambda: made.connection, lane, self)
            far = made = self._fars[key] = FarAgent(agent, session.connection, queue, threading.Lock())
        far.agent, far.connection = agent, session.connection
        return far

    def _lane(self, name: str, threads: int) -> Runner:
        lane = self._lanes(name, threads)
        if isinstance(lane, Lane):
            self._running_lanes.append(lane)
        return lane
