"""The window in place of all others while the console is locked. It names no machine, no client and no site."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from console import assets
from console.problem import Problem
from console.secret import Secret
from console.servers import Server, Way
from console.sessions.lock import Lock, LockReason
from console.sessions.unlocking import Told, Unlocking
from console.ui.lock import words
from console.ui.problem_view import ProblemText
from console.ui.theme import Appearance
from console.ui.widgets import Card, ElidedLabel, IconLabel, button, centred, label, plain_tip

_WIDTH = 440
_LINK_WIDTH = 345
_AGAIN_MILLISECONDS = 20_000


class LockWindow(QWidget):
    """Made when the console is locked, and gone when it is unlocked: nothing that was typed outlives it."""

    end_wanted = Signal()
    """End all sessions and sign out of all servers."""
    close_wanted = Signal()
    """The console is to be closed."""
    server_asked = Signal()
    """What was typed is about to be tried at a server."""

    def __init__(
        self,
        lock: Lock,
        unlocking: Unlocking,
        appearance: Appearance,
        going_on: Callable[[], tuple[int, int]],
        unlocks_with_computer: bool,
    ) -> None:
        """`going_on` counts the sessions and the transfers that run behind it."""
        super().__init__()
        self.setWindowTitle("Technician Console – locked")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self._lock = lock
        self._unlocking = unlocking
        self._going_on = going_on
        self._server: Server | None = None
        self._checking = False
        self._after: Callable[[], object] = lambda: None
        self._since = label(role="muted", wrap=True)
        self._running = label(role="muted", wrap=True)
        self._computer = label("It unlocks with the computer.", "muted", wrap=True)
        self._computer.setVisible(False)
        self._not_kept = ProblemText(appearance)
        self._caption = ElidedLabel("muted")
        self.field = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.field.setMaxLength(512)
        self.field.returnPressed.connect(self._try)
        self._caption.setBuddy(self.field)
        self.unlock = button("Unlock", self._try, "primary")
        self.problem = ProblemText(appearance)
        self._others = QWidget()
        self._others_column = QVBoxLayout(self._others)
        self._others_column.setContentsMargins(0, 0, 0, 0)
        self._others_column.setSpacing(2)
        self.end = button("End all sessions and sign out…", self._ask_end, "link")
        self._question = label(wrap=True)
        self.go = button("", self._go_on, "danger")
        self.stay = button("Stay locked", self._leave_question)
        self._asking = QWidget()
        self._asking.setVisible(False)
        self._unlocks_with_computer = unlocks_with_computer
        self._lay_out(appearance)
        self._tick = QTimer(self, interval=_AGAIN_MILLISECONDS)
        self._tick.timeout.connect(lock.write_again)
        self._tick.timeout.connect(self.say_state)
        lock.trouble_changed.connect(self._say_trouble)
        self._say_trouble()
        self._tick.start()
        self.say_state()
        self._offer(None if unlocking.has_pin and lock.tries_left else next(iter(unlocking.servers), None))

    def say_state(self) -> None:
        """What is going on behind it may be over by now."""
        moment = self._lock.since or datetime.now(UTC)
        reason = words.REASONS[self._lock.reason]
        known = self._lock.reason is not LockReason.UNREADABLE
        self._since.setText(f"{words.since(moment, datetime.now(UTC))}. {reason}" if known else reason)
        running = words.going_on(*self._going_on())
        self._running.setText(running)
        self._running.setVisible(bool(running))
        self._computer.setVisible(self._unlocks_with_computer)

    def _say_trouble(self) -> None:
        trouble = self._lock.trouble
        self._not_kept.show_problem(words.not_kept(trouble) if trouble else None)

    def say(self, problem: Problem | None) -> None:
        """Shows what is wrong, or nothing."""
        self.problem.show_problem(problem)

    def ways_changed(self) -> None:
        """The last try was used up, or servers were left."""
        self.say_state()
        self._leave_question()
        if self._server is None and not self._lock.tries_left:
            self._offer(next(iter(self._unlocking.servers), None))

    def take_focus(self) -> None:
        (self.stay if self._asking.isVisible() else self.field).setFocus()

    def closeEvent(self, event: QCloseEvent, /) -> None:
        event.ignore()
        sessions, transfers = self._going_on()
        if sessions or transfers:
            self._ask("Close the console? What runs behind the lock ends.", "Close it", self.close_wanted.emit)
        else:
            self.close_wanted.emit()

    def _lay_out(self, appearance: Appearance) -> None:
        card = Card(_WIDTH)
        picture = label()
        icon = QIcon(str(assets.path(f"{assets.APP_ID}.svg")))
        picture.setPixmap(icon.pixmap(QSize(48, 48), self.devicePixelRatioF()))
        centre = Qt.AlignmentFlag.AlignHCenter
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addStretch(1)
        title.addWidget(IconLabel(appearance, "lock", "text", 20))
        title.addWidget(label("Locked", "title"))
        title.addStretch(1)
        card.column.addWidget(picture, 0, centre)
        card.column.addWidget(label("Technician Console", "muted"), 0, centre)
        card.column.addLayout(title)
        for text in (self._since, self._running, self._computer):
            text.setAlignment(centre)
            card.column.addWidget(text)
        card.column.addWidget(self._not_kept)
        card.column.addSpacing(6)
        card.column.addWidget(self._caption)
        card.column.addWidget(self.field)
        card.column.addWidget(self.problem)
        card.column.addWidget(self.unlock)
        card.column.addWidget(self._others)
        line = QHBoxLayout()
        line.addWidget(self.end)
        line.addStretch(1)
        card.column.addLayout(line)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.stay)
        buttons.addWidget(self.go)
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.addWidget(self._question)
        asking.addLayout(buttons)
        card.column.addWidget(self._asking)
        page = QWidget()
        page.setLayout(centred(card))
        area = QScrollArea(widgetResizable=True)  # for many servers on a small screen
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        for one in (area.viewport(), page):
            one.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def _offer(self, server: Server | None) -> None:
        """Shows one way to unlock, and leads to the others."""
        self._server = server
        pin = self._unlocking.has_pin and self._lock.tries_left > 0
        any_way = pin or server is not None
        caption = words.server_field(server) if server else "PIN" if pin else "There is no way to unlock it here."
        self._caption.setText(caption)
        self._caption.setToolTip(plain_tip(caption))
        self.field.setAccessibleName(caption)
        self.field.clear()
        for one in (self.field, self.unlock):
            one.setVisible(any_way)
        while (item := self._others_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        ways: list[tuple[str, Server | None]] = [("Use the PIN", None)] if pin and server is not None else []
        ways += [(words.server_choice(one), one) for one in self._unlocking.servers if one != server]
        for text, way in ways:
            link = self._link(text, way)
            self._others_column.addWidget(link)
            link.show()
        self._others.setVisible(bool(ways))
        if self.isVisible():
            self.take_focus()

    def _link(self, text: str, way: Server | None) -> QPushButton:
        def choose() -> None:
            self.say(None)
            self._offer(way)

        made = button(text, choose, "link")
        made.ensurePolished()
        made.setText(made.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, _LINK_WIDTH))
        if made.text() != text:
            made.setAccessibleName(text)
            made.setToolTip(plain_tip(text))
        return made

    def _try(self) -> None:
        typed = Secret(self.field.text())
        if self._checking or not typed:
            return
        self.field.clear()
        self._check(True)
        told: Told = self._told
        if self._server is None:
            self._unlocking.try_pin(typed, told)
        else:
            self.server_asked.emit()
            self._unlocking.try_server(self._server, typed, told)

    def _told(self, problem: Problem | None) -> None:
        if not isValid(self):  # the computer has unlocked it meanwhile, or the console ends
            return
        self._check(False)
        self.say(problem)
        if problem is not None:
            self.take_focus()

    def _check(self, checking: bool) -> None:
        self._checking = checking
        slow = self._server is not None and self._server.way is Way.PASSWORD
        self.unlock.setText(("Asking the server…" if slow else "Checking…") if checking else "Unlock")
        self.unlock.setEnabled(not checking)

    def _ask_end(self) -> None:
        self._ask(
            "End all sessions and transfers, and sign out of every server? It stays locked, and you sign in again.",
            "End and sign out",
            self.end_wanted.emit,
        )

    def _ask(self, question: str, action: str, go_on: Callable[[], object]) -> None:
        self._after = go_on
        self._question.setText(question)
        self.go.setText(action)
        self.end.setVisible(False)
        self._asking.setVisible(True)
        self.stay.setFocus()

    def _go_on(self) -> None:
        self._leave_question()
        self._after()

    def _leave_question(self) -> None:
        if self._asking.isVisible():
            self._asking.setVisible(False)
            self.end.setVisible(True)
            self.take_focus()
