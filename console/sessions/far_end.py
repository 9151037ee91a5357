"""The open files tunnels to one agent. For threads; the window never calls in here but to `stop`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from console.mesh import file_errors as errors
from console.mesh.exchange import MeshCookies
from console.mesh.files import FarFiles
from console.mesh.link import SessionLink
from console.mesh.moving import Step, Watch
from console.mesh.tunnel import open_files_tunnel
from console.transport import Transport

_SLICE = 0.25
_BROKEN = (errors.TunnelLost, errors.AgentSilent, errors.Refused, errors.AgentNotReached)


class WayIn(msgspec.Struct, frozen=True):
    """What a tunnel is opened with."""

    link: SessionLink
    cookies: MeshCookies
    transport: Transport


class FarEnd:
    """Lends tunnels and keeps them open for the next file.

    Tunnels are opened one after the other, and where the remote user has to allow each there is only one of them: they
    are not asked for every file.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[FarFiles] = []
        self._lent: set[FarFiles] = set()
        self._opening = False
        self._stopped = False
        self.asks = False

    @contextmanager
    def files(self, way: WayIn, watch: Watch) -> Iterator[FarFiles]:
        """A tunnel, for as long as it is needed. Raises Cancelled, a FileProblem or a TransportProblem."""
        files = self._take(way, watch)
        keep = False
        try:
            yield files
            keep = True
        except errors.Cancelled:
            keep = True
            raise
        except errors.FileProblem as problem:
            keep = not isinstance(problem, _BROKEN)
            raise
        finally:
            self._give_back(files, keep)

    def close_idle(self) -> None:
        """Closes the tunnels that nothing uses."""
        with self._changed:
            idle, self._idle = self._idle, []
        for files in idle:
            files.close()

    def stop(self, seconds: float) -> None:
        """Waits so long for what was cancelled to be tidied up there, then cuts what is open still."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: not self._lent, seconds)
            left = [*self._idle, *self._lent]
        for files in left:
            files.abort()

    def _take(self, way: WayIn, watch: Watch) -> FarFiles:
        while (idle := self._idle_or_turn(watch)) is not None:
            if self._alive(idle, watch):
                return idle
            self._give_back(idle, keep=False)
        try:
            files = self._opened(way, watch)
            with self._changed:
                self._lent.add(files)
                return files
        finally:
            with self._changed:
                self._opening = False
                self._changed.notify_all()

    def _idle_or_turn(self, watch: Watch) -> FarFiles | None:
        """A tunnel that is open already, or None when it is this thread's turn to open one."""
        with self._changed:
            while True:
                if watch.cancelled.is_set() or self._stopped:
                    raise errors.Cancelled
                if self._idle:
                    files = self._idle.pop()
                    self._lent.add(files)
                    return files
                if not self._opening and not (self.asks and self._lent):
                    self._opening = True
                    return None
                self._changed.wait(_SLICE)

    def _opened(self, way: WayIn, watch: Watch) -> FarFiles:
        def asking(now: bool) -> None:
            self.asks = True
            watch.step = Step.CONSENT if now else Step.OPENING

        watch.step = Step.OPENING
        files: FarFiles | None = None
        try:
            files = FarFiles(open_files_tunnel(way.link, way.cookies, way.transport, watch.opening), asking)
            files.entries("", watch.cancelled)  # answered once the remote user has allowed it
        except BaseException as error:
            if files is not None:
                files.close()
            if watch.cancelled.is_set() and isinstance(error, Exception):
                raise errors.Cancelled from None
            raise
        finally:
            watch.opened()
        return files

    def _alive(self, files: FarFiles, watch: Watch) -> bool:
        with suppress(errors.FileProblem):
            files.entries("", watch.cancelled)
            return True
        return False

    def _give_back(self, files: FarFiles, keep: bool) -> None:
        with self._changed:
            self._lent.discard(files)
            if keep and not self._stopped:
                self._idle.append(files)
            self._changed.notify_all()
        if not keep:
            files.close()
