"""The bar above a session: state and time, the machine, the kinds to switch between, and what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QToolButton, QWidget

from console.mesh.session_kind import SessionKind
from console.rmm.models import AgentStatus
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.agents.columns import STATUS_ICONS, STATUS_WORDS
from console.ui.session import menus
from console.ui.session.actions import SessionActions
from console.ui.session.looks import KIND_WORDS, STATE_LOOKS, duration
from console.ui.theme import Appearance
from console.ui.widgets import IconButton, IconLabel, label, plain_tip, set_role

_LONG_NAME = 220
"""In pixels."""


class SessionBar(QWidget):
    """Shows a session's state. Narrow, it keeps the state, the kinds and its menu; the rest moves into the menu."""

    kind_wanted = Signal(object)
    """A SessionKind of the same agent."""

    def __init__(self, session: Session, actions: SessionActions, appearance: Appearance) -> None:
        super().__init__()
        self.setObjectName("sessionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Session bar")
        self._session = session
        self._actions = actions
        self._appearance = appearance
        self._icon = IconLabel(appearance, "connecting", "accent", 15)
        self._state = label(role="strong")
        self._time = label(role="muted")
        self._host = label(role="strong", selectable=True)
        self._host.setToolTip(plain_tip(session.agent.hostname))
        self._status_icon = IconLabel(appearance, "unknown", "neutral", 13)
        self._status = label(role="muted")
        self._user_icon = IconLabel(appearance, "user", "muted", 13)
        self._user = label(role="muted")
        self._place = label(role="muted")
        self._keys = menus.keys_menu(session, actions, self)
        self._displays = menus.displays_menu(session, self)
        self._picture = menus.picture_menu(session, actions, self)
        self._hint = label(role="key")
        self._hint.hide()
        self.kinds = {kind: self._kind_button(kind) for kind in SessionKind}
        self._tools = self._tool_buttons()
        self._more = self._menu_button("more", "More", menus.more_menu(actions, self._hidden, self))
        self._layout()
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        session.changed.connect(self.update_state)
        session.reported.connect(self._fit)
        actions.moved.connect(self._fit)
        self.update_state()

    def show_hint(self, key: str) -> None:
        """Names the key that gives the keyboard back; "" while the session does not have it."""
        self._hint.setText(key)
        self._hint.setToolTip(f"{key} gives the keyboard back to this console" if key else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._fit()

    def focus_first(self) -> None:
        """Gives the keyboard to the bar."""
        self.kinds[self._session.kind].setFocus(Qt.FocusReason.TabFocusReason)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, super().minimumSizeHint().height())

    def update_state(self) -> None:
        """Follows the session and the agent's row in the RMM."""
        session, agent = self._session, self._session.agent
        look = STATE_LOOKS[session.state]
        self._icon.show_icon(look.icon, look.colour)
        self._state.setText(look.words)
        set_role(self._state, look.colour if look.colour in ("good", "warning", "bad") else "strong")
        metrics = self._host.fontMetrics()
        self._host.setText(metrics.elidedText(agent.hostname, Qt.TextElideMode.ElideMiddle, _LONG_NAME))
        known = agent.status is not AgentStatus.UNKNOWN
        self._status_icon.show_icon(*STATUS_ICONS[agent.status])
        words = STATUS_WORDS[agent.status].lower() if known else ""
        # Beside a state of the session that contradicts it, it has to be plain whose word this is.
        self._status.setText(f"RMM: {words}" if known and session.state is not State.CONNECTED else words)
        self._status.setToolTip("The agent's status in the RMM" if known else "")
        self._user.setText(f"{agent.logged_username} (last)" if agent.italic else agent.logged_username)
        whose = "Nobody is signed in now; the last was" if agent.italic else "Signed in at the machine:"
        self._user.setToolTip(plain_tip(f"{whose} {agent.logged_username}") if agent.logged_username else "")
        self._place.setText(" / ".join(part for part in (agent.client_name, agent.site_name) if part))
        if session.state is State.CONNECTED:
            self._clock.start()
        else:
            self._clock.stop()
        self._tick()
        self._fit()

    def _tick(self) -> None:
        seconds = self._session.seconds_connected
        self._time.setText("" if seconds is None else duration(seconds))

    def _layout(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 6, 3)
        row.setSpacing(0)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # else it could not become narrow
        spaced: tuple[tuple[QWidget, int], ...] = (
            (self._icon, 6),
            (self._state, 7),
            (self._time, 10),
            *((kind, 2) for kind in self.kinds.values()),
        )
        machine: tuple[tuple[QWidget, int], ...] = (
            (self._host, 10),
            (self._status_icon, 5),
            (self._status, 10),
            (self._user_icon, 4),
            (self._user, 10),
            (self._place, 0),
        )
        for widget, space in spaced:
            row.addWidget(widget)
            row.addSpacing(space)
        row.addSpacing(8)
        for widget, space in machine:
            row.addWidget(widget)
            row.addSpacing(space)
        row.addStretch(1)
        row.addWidget(self._hint)
        row.addSpacing(4)
        for button, _ in self._tools:
            row.addWidget(button)
        row.addWidget(self._more)

    def _kind_button(self, kind: SessionKind) -> QToolButton:
        own = kind is self._session.kind
        button = IconButton(self._appearance, kind.value, 17)
        button.setCheckable(True)
        button.setChecked(own)
        words = KIND_WORDS[kind]
        button.setAccessibleName(f"{words} of this agent")
        button.setToolTip(f"{words}: this tab" if own else f"{words} of the same agent")
        button.clicked.connect(lambda: button.setChecked(own))  # it stays what it is: the other kind has its own tab
        if not own:
            button.clicked.connect(lambda: self.kind_wanted.emit(kind))
        return button

    def _tool_buttons(self) -> list[tuple[QToolButton, QAction | QMenu]]:
        """What the bar offers, the most wanted first."""
        control = self._session.kind is SessionKind.CONTROL
        actions = self._actions
        tools: list[tuple[QToolButton, QAction | QMenu]] = []
        if self._session.kind is not SessionKind.FILES:
            tools.append((self._menu_button("keyboard", "Send keys", self._keys), self._keys))
        if control:
            tools.append((self._menu_button("displays", "Displays", self._displays), self._displays))
            tools.append((self._menu_button("quality", "Picture", self._picture), self._picture))
            tools += [(self._action_button(action), action) for action in (actions.view_only, actions.clipboard)]
        else:
            tools.append((self._action_button(actions.upload), actions.upload))
        tools += [
            (self._action_button(action), action)
            for action in (actions.save_screenshot, actions.copy_screenshot, actions.refresh, actions.reconnect)
        ]
        tools.append((self._action_button(actions.account), actions.account))
        tools += [
            (self._action_button(action), action)
            for action in (actions.other_side, actions.detach, actions.bring_back, actions.full_screen)
        ]
        return tools

    def _action_button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(17, 17))
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        action.changed.connect(lambda: button.setAccessibleName(action.text()))
        return button

    def _menu_button(self, icon: str, name: str, menu: QMenu) -> QToolButton:
        button = IconButton(self._appearance, icon, 17)
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _hidden(self) -> Sequence[QAction | QMenu]:
        """What the bar would show if it were wide enough."""
        own = (self._actions.other_side, self._actions.detach, self._actions.bring_back, self._actions.account)
        return [what for button, what in self._tools if button.isHidden() and self._of_use(what) and what not in own]

    def _of_use(self, what: QAction | QMenu) -> bool:
        if what is self._displays:
            displays = self._session.facts.displays
            return displays is not None and len(displays.displays) > 1
        return what.isVisible() if isinstance(what, QAction) else True

    def _fit(self) -> None:
        """Shows what there is room for: words first go, then the tools from the right, full screen last of all."""
        self._hint.setVisible(bool(self._hint.text()))
        optional: list[tuple[bool, tuple[QWidget, ...]]] = [
            (bool(self._status.text()), (self._status_icon, self._status)),
            (bool(self._time.text()), (self._time,)),
            *((self._of_use(what), (button,)) for button, what in reversed(self._tools[-1:])),
            *((self._of_use(what), (button,)) for button, what in self._tools[:-1]),
            (bool(self._user.text()), (self._user_icon, self._user)),
            (bool(self._place.text()), (self._place,)),
        ]
        always = (self._icon, self._state, self._host, self._more, *self.kinds.values())
        room = self.width() - 90 - sum(widget.sizeHint().width() + 2 for widget in always)
        if not self._hint.isHidden():
            room -= self._hint.sizeHint().width() + 4
        for wanted, widgets in optional:
            need = sum(widget.sizeHint().width() + 5 for widget in widgets)
            shown = wanted and need <= room
            for widget in widgets:
                widget.setVisible(shown)
            if shown:
                room -= need
