"""Looks after a download that the page of a session began: its room, its name, its place."""

from collections.abc import Callable
from functools import partial

from console.mesh import near_disk
from console.mesh.download import DownloadState
from console.mesh.file_errors import TunnelLost
from console.mesh.moving import Answer, Moved, NameTaken
from console.problem import Problem
from console.sessions.page import Download
from console.sessions.transfer import Mover, Question, Transfer, TransferState
from console.work import Runner


class PageMove:
    """A Mover. It receives into its part from the first moment; meanwhile the disk is looked at on `disk`.

    `native` makes what tries it again without the page, None where the page made the contents itself.
    """

    def __init__(
        self, transfer: Transfer, download: Download, disk: Runner, native: Callable[[], Mover] | None
    ) -> None:
        self._transfer = transfer
        self._download = download
        self._disk = disk
        self._native = native
        self._wanted, self._part = download.wanted, download.part
        self._answer: Answer | None = None
        self._sized = False
        self._whole = False
        self._gone = False
        self._problem: Problem | None = None
        transfer.progressed(download.received, download.total)
        transfer.go_to(TransferState.RUNNING)
        download.changed.connect(self._changed)
        download.destroyed.connect(self._page_gone)
        self._look_at_disk()

    @property
    def can_retry(self) -> bool:
        return self._native is not None

    def cancel(self) -> None:
        if self._whole:
            self._end(TransferState.CANCELLED)
        else:
            self._download.cancel()

    def retry(self) -> None:
        if self._native:
            self._transfer.mover = mover = self._native()
            mover.retry()

    def answer(self, answer: Answer) -> None:
        if answer is Answer.SKIP:
            self.cancel()
            return
        self._answer = answer
        self._transfer.question = None
        if self._whole:
            self._place()
        else:
            self._transfer.go_to(TransferState.RUNNING)

    def forget(self) -> None:
        """Nothing lies about: the part is removed as soon as it fails."""

    def look(self) -> None:
        if not self._gone and not self._whole and not self._transfer.over:
            self._transfer.progressed(self._download.received, self._download.total)

    # The disk

    def _look_at_disk(self) -> None:
        size = self._download.total
        self._sized = size > 0
        self._disk.run(lambda: near_disk.prepare(self._wanted, size), self._looked_at_disk, self._no_room)

    def _looked_at_disk(self, taken: bool) -> None:
        if taken and self._answer is None and not self._transfer.over:
            self._ask(NameTaken(self._wanted.name, can_replace=True))

    def _no_room(self, problem: Problem) -> None:
        if self._transfer.over:
            return
        if self._whole:
            self._end(TransferState.FAILED, problem)
        else:
            self._problem = problem
            self._download.cancel()

    def _ask(self, taken: NameTaken) -> None:
        question = Question(taken.name, self._wanted.parent.name, taken.can_replace)
        preset = self._transfer.preset
        if preset is not None and question.takes(preset):
            self.answer(preset)
        else:
            self._transfer.ask(question, TransferState.ASKING if self._whole else TransferState.RUNNING)

    def _place(self) -> None:
        answer = self._answer
        self._disk.run(
            lambda: near_disk.place(self._part, self._wanted, answer),
            self._placed,
            partial(self._end, TransferState.FAILED),
        )

    def _placed(self, outcome: Moved | NameTaken) -> None:
        if self._transfer.over:
            return
        if isinstance(outcome, NameTaken):
            self._answer = None
            self._ask(outcome)
            return
        self._transfer.name, self._transfer.near = outcome.name, outcome.near
        self._transfer.go_to(TransferState.DONE)

    # The page's download

    def _changed(self) -> None:
        download = self._download
        if self._transfer.over:
            return
        if download.state is DownloadState.DONE:
            self._transfer.progressed(download.received, download.total)
            self._whole = True
            if self._transfer.question:
                self._transfer.go_to(TransferState.ASKING)
            else:
                self._place()
        elif download.state is not DownloadState.RUNNING:
            problem = self._problem or download.problem
            cancelled = download.state is DownloadState.CANCELLED and self._problem is None
            self._end(TransferState.CANCELLED if cancelled else TransferState.FAILED, problem)
        elif download.total and not self._sized:
            self._look_at_disk()

    def _page_gone(self) -> None:
        self._gone = True
        if not self._whole and not self._transfer.over:
            self._end(TransferState.FAILED, TunnelLost("the session was closed"))

    def _end(self, state: TransferState, problem: Problem | None = None) -> None:
        self._disk.run(lambda: near_disk.remove(self._part))
        self._transfer.go_to(state, problem)
