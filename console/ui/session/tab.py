"""The tab of one session: its state line, its page, and what stands in for the page while there is none."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from console.sessions.progress import PAGE_SHOWN, State
from console.sessions.session import Session
from console.transport import CertificateUntrusted
from console.ui import icons
from console.ui.problem_view import Notice
from console.ui.session.state_line import KIND_WORDS, STATE_LOOKS, StateLine
from console.ui.session.transfers import TransferBar
from console.ui.theme import Appearance
from console.ui.widgets import button, label

_COVERED = frozenset({State.CONNECTING, State.CONSENT})
"""The page is there but has nothing to show yet: words stand over it."""


class SessionTab(QWidget):
    """Shows a Session."""

    look_changed = Signal()
    """Icon, title or tip of the tab are other ones."""
    close_wanted = Signal()
    web_page_wanted = Signal(object)
    clipboard_answered = Signal(bool)
    certificate_trusted = Signal(object)
    """A CertificateUntrusted whose certificate the technician chose to trust."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.session = session
        self._appearance = appearance
        self._line = StateLine(session, appearance)
        self._line.reconnect_wanted.connect(session.open)
        self._line.web_page_wanted.connect(lambda: self.web_page_wanted.emit(session.agent))
        self._question = _ClipboardQuestion()
        self._question.answered.connect(self._clipboard_answered)
        self._notice = Notice(appearance)
        self._notice.setAutoFillBackground(True)
        self._transfers = TransferBar(appearance)
        self._page: QWidget | None = None
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.setStackingMode(QStackedLayout.StackingMode.StackAll)  # a covered page goes on drawing
        self._body.addWidget(self._notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addWidget(self._question)
        column.addWidget(body, 1)
        column.addWidget(self._transfers)
        session.changed.connect(self._update)
        session.clipboard_wanted.connect(self._question.show)
        session.download_started.connect(self._transfers.add)
        appearance.changed.connect(self.look_changed)
        self._update()

    @property
    def title(self) -> str:
        return f"{self.session.agent.hostname} · {KIND_WORDS[self.session.kind]}"

    @property
    def tip(self) -> str:
        agent = self.session.agent
        words = STATE_LOOKS[self.session.state].words
        return f"{KIND_WORDS[self.session.kind]}: {agent.hostname}\n{agent.client_name} / {agent.site_name}\n{words}"

    @property
    def icon(self) -> QIcon:
        look = STATE_LOOKS[self.session.state]
        return icons.icon(look.icon, getattr(self._appearance.colours, look.colour))

    def focus_page(self) -> None:
        """Gives the keyboard to the page when it is in front, else to the first button."""
        if not self.isVisible():
            return
        if self._page is not None and self._body.currentWidget() is self._page:
            self._page.setFocus()
        else:
            self._notice.focus_first()

    def _update(self) -> None:
        self._take_page()
        state, page = self.session.state, self._page
        if page is not None and state in PAGE_SHOWN - _COVERED:
            if self._body.currentWidget() is not page:
                self._body.setCurrentWidget(page)
                self.focus_page()
        else:
            self._explain(state)
            self._body.setCurrentWidget(self._notice)
            self.focus_page()
        if state not in PAGE_SHOWN:
            self._question.hide()
        self.look_changed.emit()

    def _take_page(self) -> None:
        """Puts the page of the present attempt below the words; that of an earlier one removes itself."""
        widget = self.session.page.widget if self.session.page else None
        if widget is not self._page:
            self._page = widget
            if widget is not None:
                self._body.addWidget(widget)

    def _explain(self, state: State) -> None:
        session = self.session
        name = session.agent.hostname
        if session.problem:
            self._notice.show_problem(session.problem, self._problem_buttons())
            return
        if state is State.OFFLINE:
            self._notice.say(
                "offline",
                "warning",
                f"{name} is offline.",
                "The RMM has not heard from it. MeshCentral may still reach it, or it may come back.",
                [
                    button("Wait until it is online", session.wait_for_online),
                    button("Open anyway", session.open_anyway),
                ],
            )
        elif state is State.WAITING:
            self._notice.say(
                "wait",
                "accent",
                f"Waiting for {name}.",
                "The session opens by itself as soon as the RMM hears from it. You can work in other tabs meanwhile.",
                [button("Open anyway", session.open_anyway), button("Close", self.close_wanted.emit)],
            )
        elif state is State.MESH_OFFLINE:
            self._notice.say(
                "wait",
                "warning",
                f"MeshCentral has no connection to {name}.",
                "Its Tactical agent may be online while its Mesh agent is not. The session connects by itself as soon "
                "as MeshCentral sees it. If it stays so, recover the Mesh agent from the RMM's web page.",
                [
                    button("Open in the RMM's web page", lambda: self.web_page_wanted.emit(session.agent)),
                    button("Close", self.close_wanted.emit),
                ],
            )
        elif state is State.CONSENT:
            self._notice.say(
                "user",
                "warning",
                "The remote user is being asked.",
                f"Someone at {name} has to allow this session. It goes on by itself when they do.",
                [button("Cancel", self.close_wanted.emit)],
            )
        else:
            self._notice.say("connecting", "accent", f"{STATE_LOOKS[state].words}", name)

    def _problem_buttons(self) -> list[QPushButton]:
        problem = self.session.problem
        again = "Reconnect" if self.session.state is State.LOST else "Try again"
        buttons = [button(again, self.session.open), button("Close", self.close_wanted.emit)]
        if isinstance(problem, CertificateUntrusted) and problem.certificate:
            buttons.insert(1, button("Trust this certificate", lambda: self.certificate_trusted.emit(problem)))
        return buttons

    def _clipboard_answered(self, share: bool) -> None:
        self._question.hide()
        self.clipboard_answered.emit(share)
        self.focus_page()


class _ClipboardQuestion(QWidget):
    """Asked once for each server."""

    answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("infoBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        words = "Share this computer's clipboard with the sessions of this server? You are asked only once."
        row.addWidget(label(words), 1)
        self.share = button("Share", lambda: self.answered.emit(True), "primary")
        self.refuse = button("Do not share", lambda: self.answered.emit(False))
        row.addWidget(self.share)
        row.addWidget(self.refuse)
        self.hide()
