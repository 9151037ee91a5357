"""What stands in for a session's page while there is none to show: states, problems and progress in words."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton

from console.mesh.errors import ConsentDenied, ConsentTimedOut, Disconnected, FarEndEnded
from console.sessions.progress import State
from console.sessions.reboot import Reboot
from console.sessions.recovery import Lost
from console.sessions.session import Session
from console.transport import CertificateUntrusted
from console.ui.problem_view import Notice
from console.ui.session.last_picture import LastPicture
from console.ui.session.looks import STATE_LOOKS, duration
from console.ui.session.stages import Stages
from console.ui.theme import Appearance
from console.ui.widgets import button

_NO_RIDDLE = (ConsentDenied, ConsentTimedOut, Disconnected, FarEndEnded)
"""Somebody ended it: there is no cause to be looked for."""


class Choices(msgspec.Struct, frozen=True):
    """What the buttons under the words do."""

    close: Callable[[], object]
    web_page: Callable[[], object]
    recover: Callable[[], object]
    trust: Callable[[CertificateUntrusted], object]
    by_key: Callable[[], object]
    examine: Callable[[], object]


class SessionNotice(Notice):
    """The words for a session's state, over its last picture once it was connected."""

    def __init__(self, session: Session, picture: LastPicture, appearance: Appearance, choices: Choices) -> None:
        super().__init__(appearance)
        self.setAutoFillBackground(True)
        self._session = session
        self._picture = picture
        self._look = appearance
        self._choices = choices
        self._stages = Stages(appearance)
        self.add(self._stages)
        self._why = button("Find out why…", choices.examine, "link")
        self.add(self._why)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.explain)  # what is said of a lost session counts down

    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        self._picture.paint(painter, self.rect(), self._look.colours.window)
        painter.end()

    def explain(self) -> None:
        """Follows the session."""
        session = self._session
        name, state = session.agent.hostname, session.state
        rebooting = session.reboot is not None and not session.reboot.finished and session.lost is not None
        self._stages.setVisible(rebooting)
        problem = session.lost.problem if session.lost and state is State.LOST else session.problem
        place = Qt.AlignmentFlag.AlignHCenter if state is State.LOST else Qt.AlignmentFlag.AlignLeft
        self._column.setAlignment(self._why, place)  # as the words above it
        self._why.setVisible(not (problem is None or rebooting or isinstance(problem, _NO_RIDDLE)))
        if session.lost and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()
        if session.reboot is not None and rebooting:
            self._follow(session.reboot)
        elif session.lost and state is State.LOST:
            self._say_lost(session.lost)
        elif session.problem:
            self.show_problem(session.problem, self._problem_buttons())
        elif state is State.OFFLINE:
            self.say(
                "offline",
                "warning",
                f"{name} is offline.",
                "The RMM has not heard from it. MeshCentral may still reach it, or it may come back.",
                [
                    button("Connect when it comes online", session.wait_for_online),
                    button("Open anyway", session.open_anyway),
                ],
            )
        elif state is State.WAITING:
            self.say(
                "wait",
                "accent",
                f"Waiting for {name}.",
                f"{_since(session.waiting_since)}The session opens by itself as soon as the RMM hears from it, and you "
                "are told. You can work in other tabs meanwhile, or close the console: it waits on the next time.",
                [button("Open anyway", session.open_anyway), button("Stop waiting", self._choices.close)],
            )
        elif state is State.MESH_OFFLINE:
            self.say(
                "wait",
                "warning",
                f"MeshCentral has no connection to {name}.",
                "Its Tactical agent may be online while its Mesh agent is not. The session connects by itself as soon "
                "as MeshCentral sees it. If it stays so, recover the Mesh connection.",
                [
                    button("Recover the connection", self._choices.recover),
                    button("RMM's web page", self._choices.web_page),
                    button("Close", self._choices.close),
                ],
            )
        elif state is State.CONSENT:
            self.say(
                "user",
                "warning",
                "The remote user is being asked.",
                f"Someone at {name} has to allow this session. It goes on by itself when they do.",
                [button("Cancel", self._choices.close)],
            )
        else:
            self.say("connecting", "accent", STATE_LOOKS[state].words, name)
        self.update()

    def _say_lost(self, lost: Lost) -> None:
        session = self._session
        since = f"Lost at {lost.since.astimezone():%H:%M:%S}"
        if session.total_seconds >= 1:
            since += f", after {duration(int(session.total_seconds))} connected"
        buttons = [button("Reconnect now", session.reconnect)]
        if lost.automatic:
            buttons.append(button("Stop trying", session.stop_recovering))
        buttons.append(button("Close", self._choices.close))
        if isinstance(lost.problem, CertificateUntrusted):
            self.show_problem(lost.problem, self._problem_buttons())
        else:
            advice = "" if lost.automatic else lost.problem.advice
            words = "\n".join(part for part in (f"{since}.", advice, lost.step) if part)
            self.say("lost", "bad", lost.problem.what, words, buttons)

    def _follow(self, reboot: Reboot) -> None:
        self.say(
            "reboot",
            "accent",
            f"{self._session.agent.hostname} is being restarted.",
            reboot.words,
            [button("Reconnect now", self._session.reconnect), button("Do not follow", reboot.cancel)],
        )
        self._stages.show_reboot(reboot)

    def _problem_buttons(self) -> list[QPushButton]:
        problem = self._session.problem
        again = "Reconnect" if self._session.state is State.LOST else "Try again"
        buttons = [button(again, self._session.reconnect), button("Close", self._choices.close)]
        if isinstance(problem, CertificateUntrusted) and problem.certificate:
            words = "Decide what to do…" if problem.changed else "Trust this certificate"
            buttons.insert(1, button(words, lambda: self._choices.trust(problem)))
        if self._session.mesh.key:
            buttons.insert(1, button("Open with the emergency key…", self._choices.by_key))
        return buttons


def _since(moment: datetime | None) -> str:
    return f"Since {moment.astimezone():%Y-%m-%d %H:%M}. " if moment else ""
