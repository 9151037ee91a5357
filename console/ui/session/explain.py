"""What stands in for a session's page while there is none to show: states, problems and progress in words."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton

from console.sessions.progress import State
from console.sessions.session import Session
from console.transport import CertificateUntrusted
from console.ui.problem_view import Notice
from console.ui.session.last_picture import LastPicture
from console.ui.session.looks import STATE_LOOKS, duration
from console.ui.theme import Appearance
from console.ui.widgets import button


@dataclass(frozen=True)
class Choices:
    """What the buttons under the words do."""

    close: Callable[[], object]
    web_page: Callable[[], object]
    recover: Callable[[], object]
    trust: Callable[[CertificateUntrusted], object]


class SessionNotice(Notice):
    """The words for a session's state, over its last picture once it was connected."""

    def __init__(self, session: Session, picture: LastPicture, appearance: Appearance, choices: Choices) -> None:
        super().__init__(appearance)
        self.setAutoFillBackground(True)
        self._session = session
        self._picture = picture
        self._look = appearance
        self._choices = choices

    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        self._picture.paint(painter, self.rect(), self._look.colours.window)
        painter.end()

    def explain(self) -> None:
        """Follows the session."""
        session = self._session
        name, state = session.agent.hostname, session.state
        if session.reboot and not session.reboot.finished:
            self._follow_reboot()
        elif session.lost:
            self._say_lost()
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
                "The session opens by itself as soon as the RMM hears from it, and you are told. You can work in other "
                "tabs meanwhile, or close the console: it goes on waiting the next time.",
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
                    button("Recover the Mesh connection", self._choices.recover),
                    button("Open in the RMM's web page", self._choices.web_page),
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

    def _say_lost(self) -> None:
        session, lost = self._session, self._session.lost
        if lost is None:
            return
        since = f"Lost at {lost.since.astimezone():%H:%M:%S}"
        if session.total_seconds:
            since += f", after {duration(int(session.total_seconds))} connected"
        buttons = [button("Reconnect now", session.reconnect)]
        if lost.automatic:
            buttons.append(button("Stop trying", session.stop_recovering))
        buttons.append(button("Close", self._choices.close))
        if isinstance(lost.problem, CertificateUntrusted):
            self.show_problem(lost.problem, self._problem_buttons())
        else:
            words = "\n\n".join(part for part in (lost.problem.advice if not lost.automatic else "", lost.step) if part)
            self.say("lost", "bad", lost.problem.what, f"{since}.\n{words}", buttons)

    def _follow_reboot(self) -> None:
        reboot = self._session.reboot
        if reboot is None:
            return
        self.say(
            "reboot",
            "accent",
            f"{self._session.agent.hostname} is being rebooted.",
            reboot.words,
            [button("Reconnect now", self._session.reconnect), button("Close", self._choices.close)],
        )

    def _problem_buttons(self) -> list[QPushButton]:
        problem = self._session.problem
        again = "Reconnect" if self._session.state is State.LOST else "Try again"
        buttons = [button(again, self._session.reconnect), button("Close", self._choices.close)]
        if isinstance(problem, CertificateUntrusted) and problem.certificate:
            buttons.insert(1, button("Trust this certificate", lambda: self._choices.trust(problem)))
        return buttons
