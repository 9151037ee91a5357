"""The tab of one session: its bar, its page, and what stands in for the page while there is none."""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QIcon
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from console.sessions.progress import PAGE_SHOWN, State
from console.sessions.reboot import Reboot
from console.sessions.session import Session
from console.ui import icons
from console.ui.session.actions import SessionActions
from console.ui.session.bar import SessionBar
from console.ui.session.explain import Choices, SessionNotice
from console.ui.session.last_picture import LastPicture
from console.ui.session.looks import KIND_WORDS, STATE_LOOKS
from console.ui.session.mesh_messages import MeshMessages
from console.ui.session.mesh_sign_in import MeshSignInForm
from console.ui.session.message_bar import MessageBar
from console.ui.session.wishes import Wish
from console.ui.theme import Appearance
from console.ui.widgets import button

_COVERED = frozenset({State.CONNECTING, State.CONSENT})
"""The page is there but has nothing to show yet: words stand over it."""
_FIRST_PICTURE_MILLISECONDS = 1000
_PICTURE_MILLISECONDS = 5000
_PICTURE_SHARE = 250
"""A picture is taken at most once in this many times of what it takes."""
_JUST_SECONDS = 1.0


class SessionTab(QWidget):
    """Shows a Session."""

    look_changed = Signal()
    """Icon, title or tip of the tab are other ones."""
    wish = Signal(object)
    """A Wish about the tab as a whole."""
    kind_wanted = Signal(object)
    """A SessionKind of the same agent."""
    clipboard_answered = Signal(bool)
    certificate_trusted = Signal(object)
    """A CertificateUntrusted whose certificate the technician chose to trust."""
    screenshot_wanted = Signal(bool)
    """Whether it goes to a file; else to the clipboard."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.session = session
        self._appearance = appearance
        self.actions_of = SessionActions(session, appearance, self)
        self.actions_of.wanted.connect(self.wish)
        self.actions_of.screenshot_wanted.connect(self.screenshot_wanted)
        self.actions_of.clipboard_switched.connect(self._clipboard_switched)
        self.bar = SessionBar(session, self.actions_of, appearance)
        self.bar.kind_wanted.connect(self.kind_wanted)
        self.messages = MessageBar(appearance)
        self.mesh_messages = MeshMessages(session, appearance)
        self.mesh_messages.wish.connect(self.wish)
        self._sign_in: MeshSignInForm | None = None
        self._asking = False
        self._reboot: Reboot | None = None
        self._has_keyboard = False
        self._keyboard_left_at = float("-inf")
        self.last_picture = LastPicture()
        choices = Choices(
            lambda: self.wish.emit(Wish.CLOSE),
            lambda: self.wish.emit(Wish.WEB_PAGE),
            lambda: self.wish.emit(Wish.RECOVER),
            self.certificate_trusted.emit,
            lambda: self.wish.emit(Wish.OPEN_BY_KEY),
            lambda: self.wish.emit(Wish.EXAMINE),
        )
        self._notice = SessionNotice(session, self.last_picture, appearance, choices)
        self._page: QWidget | None = None
        self.body = QWidget()
        self._body = QStackedLayout(self.body)
        self._body.setStackingMode(QStackedLayout.StackingMode.StackAll)  # a covered page goes on drawing
        self._body.addWidget(self._notice)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.messages)
        self._column.addWidget(self.mesh_messages)
        self._column.addWidget(self.body, 1)
        self._looking = QTimer(self, interval=_PICTURE_MILLISECONDS)
        self._looking.timeout.connect(self._take_picture)
        session.changed.connect(self._update)
        session.clipboard_wanted.connect(self._ask_clipboard)
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
        look, colours = STATE_LOOKS[self.session.state], self._appearance.colours
        return icons.pair((look.icon, getattr(colours, look.colour)), (self.session.kind.value, colours.muted))

    def has_page(self, widget: QWidget) -> bool:
        """Whether a widget is the session's page or inside it."""
        return self._page is not None and (widget is self._page or self._page.isAncestorOf(widget))

    def focus_page(self) -> None:
        """Gives the keyboard to the page when it is in front, else to the first button."""
        if not self.isVisible():
            return
        if self._page is not None and self._body.currentWidget() is self._page:
            self._page.setFocus()
        elif self._sign_in is not None and self._body.currentWidget() is self._sign_in:
            self._sign_in.take_focus()
        else:
            self._notice.focus_first()

    def keyboard_moved(self, mine: bool) -> None:
        """Whether the page has the keyboard. One that dies loses it to whatever Qt finds next in the window."""
        if self._has_keyboard and not mine:
            self._keyboard_left_at = time.monotonic()
        self._has_keyboard = mine

    def lend_bar(self) -> SessionBar:
        """Takes the bar out, for full screen, where it stands over the page."""
        self._column.removeWidget(self.bar)
        return self.bar

    def leave_room(self, pixels: int) -> None:
        """Keeps its top free, for the bar that stands over it in full screen while there is a message."""
        self._column.setContentsMargins(0, pixels, 0, 0)

    def take_bar_back(self) -> None:
        self._column.insertWidget(0, self.bar)
        self.bar.show()

    def hideEvent(self, event: QHideEvent, /) -> None:
        self._take_picture()
        super().hideEvent(event)

    def _update(self) -> None:
        self._take_page()
        state, page = self.session.state, self._page
        self._follow(self.session.reboot)
        shown = page is not None and state in PAGE_SHOWN - _COVERED
        if state is State.CONNECTED:
            if not self._looking.isActive():
                self._looking.start(_FIRST_PICTURE_MILLISECONDS)
        else:
            self._looking.stop()
        if self.session.mesh.asks and state is State.SIGNING_IN:
            self._show_sign_in()
        elif page is not None and shown:
            if self._body.currentWidget() is not page:
                self._body.setCurrentWidget(page)
                self._keep_keyboard()
        else:
            self._notice.explain()
            self._body.setCurrentWidget(self._notice)
            self._keep_keyboard()
        if self._asking and state not in PAGE_SHOWN:
            self._asking = False
            self.messages.hide()
        self.look_changed.emit()

    def _show_sign_in(self) -> None:
        if self._sign_in is None:
            self._sign_in = MeshSignInForm(self.session, self._appearance)
            self._body.addWidget(self._sign_in)
        self._sign_in.update_form()
        if self._body.currentWidget() is not self._sign_in:
            self._body.setCurrentWidget(self._sign_in)
            self._keep_keyboard()

    def _follow(self, reboot: Reboot | None) -> None:
        """Its stages are shown while the session is lost."""
        if reboot is not self._reboot:
            self._reboot = reboot
            if reboot is not None:
                reboot.changed.connect(self._update)

    def _keep_keyboard(self) -> None:
        """What comes to the front takes the keyboard over from what was there; it does not take it from elsewhere."""
        holder: QWidget | None = self.window().focusWidget()
        just_lost = time.monotonic() - self._keyboard_left_at < _JUST_SECONDS
        if holder is None or self.isAncestorOf(holder) or not holder.isVisible() or just_lost:
            self.focus_page()

    def _take_page(self) -> None:
        """Puts the page of the present attempt below the words; that of an earlier one removes itself."""
        widget = self.session.page.widget if self.session.page else None
        if widget is not self._page:
            self._page = widget
            if widget is not None:
                self._body.addWidget(widget)

    def _take_picture(self) -> None:
        """Kept from time to time and not when it is needed: a page that crashed cannot be drawn any more."""
        page = self._page
        if page is not None and page.isVisible() and self.session.state is State.CONNECTED:
            begun = time.monotonic()
            self.last_picture.take(page)
            took = 1000 * (time.monotonic() - begun)
            # The larger the view the longer it takes, 14 ms at 1366 by 704: the more rarely it is done.
            self._looking.setInterval(max(_PICTURE_MILLISECONDS, round(_PICTURE_SHARE * took)))

    def _ask_clipboard(self) -> None:
        self._asking = True
        self.messages.say(
            "clipboard",
            "accent",
            "Share this computer's clipboard with the sessions of this server? You are asked only once.",
            [
                button("Share", lambda: self._answer_clipboard(True), "primary"),
                button("Do not share", lambda: self._answer_clipboard(False)),
            ],
            lasting=True,
        )

    def _answer_clipboard(self, share: bool) -> None:
        self._asking = False
        self.messages.hide()
        self.clipboard_answered.emit(share)
        self.focus_page()

    def _clipboard_switched(self, on: bool) -> None:
        """Who switches it on has answered the question as well."""
        if on:
            self.clipboard_answered.emit(True)
