"""The menus of the session bar: keys to send, displays, picture, and everything else."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from console.mesh.command import PressKeys, SetPicture, SetScale, ShowDisplay, TypeText
from console.mesh.session_kind import SessionKind
from console.sessions.session import Session
from console.ui.session.actions import SessionActions
from console.ui.widgets import plain_tip

KEY_CHOICES = (
    ("Ctrl+Alt+Del", ("ctrl", "alt", "delete")),
    ("Alt+Tab", ("alt", "tab")),
    ("Alt+F4", ("alt", "f4")),
    ("Start\tWin", ("win",)),
    ("Lock\tWin+L", ("win", "l")),
    ("Run\tWin+R", ("win", "r")),
    ("Explorer\tWin+E", ("win", "e")),
    ("Tools\tWin+X", ("win", "x")),
    ("Task manager\tCtrl+Shift+Esc", ("ctrl", "shift", "escape")),
    ("Print screen", ("print",)),
)
QUALITIES = ((20, "Low, for slow lines"), (40, "Medium"), (60, "High"), (90, "Best"))
SCALINGS = ((100, "Full size"), (75, "Three quarters"), (50, "Half"), (25, "A quarter"))
INTERVALS = (
    (20, "Up to 50 pictures a second"),
    (50, "Up to 20 pictures a second"),
    (100, "Up to 10 pictures a second"),
    (400, "Up to 2 pictures a second"),
    (1000, "One picture a second"),
)
_LONGEST_TYPED = 20_000
"""Characters of the clipboard that are typed at once."""


def keys_menu(session: Session, actions: SessionActions, parent: QWidget) -> QMenu:
    """Keys that this computer or its desktop may keep for itself, and the clipboard as keystrokes."""
    menu = _menu("Send keys", parent)
    functions = QMenu("Function keys", menu)
    keys = [_add(menu, title, partial(session.do, PressKeys(keys))) for title, keys in KEY_CHOICES]
    function_keys = [
        _add(functions, f"F{number}", partial(session.do, PressKeys((f"f{number}",)))) for number in range(1, 13)
    ]
    menu.addMenu(functions)
    menu.addSeparator()
    typed = _add(menu, "Type the clipboard", lambda: _type_clipboard(session))
    menu.addSeparator()
    menu.addAction(actions.system_keys)

    desktop_only = "" if session.kind is SessionKind.CONTROL else "A terminal has no such keys: open Control."

    def update() -> None:
        why_not = actions.why_not("keys")
        for action in keys:
            _allow(action, why_not or desktop_only)
        for action in function_keys:
            _allow(action, why_not)
        _allow(typed, actions.why_not("type") or _not_typed(QGuiApplication.clipboard().text()))

    menu.aboutToShow.connect(update)
    return menu


def displays_menu(session: Session, parent: QWidget) -> QMenu:
    """The agent's displays, as it last listed them."""
    menu = _menu("Displays", parent)

    def fill() -> None:
        menu.clear()
        displays = session.facts.displays
        if displays is None:
            return
        group = QActionGroup(menu)
        for display in displays.displays:
            action = _add(menu, display.name, partial(session.do, ShowDisplay(display.id)))
            action.setCheckable(True)
            action.setChecked(display.id == displays.shown)
            group.addAction(action)

    menu.aboutToShow.connect(fill)
    fill()
    return menu


def picture_menu(session: Session, actions: SessionActions, parent: QWidget) -> QMenu:
    """Quality, size and speed of the picture, and how it stands in the view."""
    menu = _menu("Picture", parent)

    def fill() -> None:
        menu.clear()
        picture = session.facts.picture
        why_picture, why_scale = actions.why_not("picture"), actions.why_not("scale")
        fit = _add(menu, "Fit to the view", partial(session.do, SetScale(fit=True)))
        pixels = _add(menu, "Pixel for pixel", partial(session.do, SetScale(fit=False)))
        for action, on in ((fit, True), (pixels, False)):
            action.setCheckable(True)
            action.setChecked(picture is not None and picture.fit is on)
            _allow(action, why_scale)
        if picture is None:
            return
        quality, scaling, speed = picture.quality, picture.scaling, picture.milliseconds
        why_scaling = why_picture or actions.why_not("scaling")
        ask = session.do
        for title, choices, now, why_not, choose in (
            ("Quality", QUALITIES, quality, why_picture, lambda value: ask(SetPicture(value, scaling, speed))),
            ("Size as sent", SCALINGS, scaling, why_scaling, lambda value: ask(SetPicture(quality, value, speed))),
            ("Speed", INTERVALS, speed, why_picture, lambda value: ask(SetPicture(quality, scaling, value))),
        ):
            _choices(menu, title, choices, now, choose, why_not)

    menu.aboutToShow.connect(fill)
    return menu


def more_menu(actions: SessionActions, narrow: Callable[[], Sequence[QAction | QMenu]], parent: QWidget) -> QMenu:
    """Everything else; `narrow` gives what the bar has no room for just now."""
    menu = _menu("More", parent)

    def fill() -> None:
        menu.clear()
        for one in narrow():
            if isinstance(one, QMenu):
                menu.addMenu(one)
            else:
                menu.addAction(one)
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions.upload)
        menu.addSeparator()
        for action in (actions.duplicate, actions.other_side, actions.detach, actions.bring_back):
            menu.addAction(action)
        menu.addSeparator()
        for action in (actions.reboot, actions.restart_agent, actions.recover):
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(actions.account)
        menu.addAction(actions.web_page)
        menu.addAction(actions.close)

    menu.aboutToShow.connect(fill)
    return menu


def tab_menu(actions: SessionActions, parent: QWidget) -> QMenu:
    """The menu of a tab."""
    menu = _menu("Tab", parent)
    for action in (actions.reconnect, actions.duplicate):
        menu.addAction(action)
    menu.addSeparator()
    for action in (actions.detach, actions.bring_back, actions.other_side, actions.full_screen):
        menu.addAction(action)
    menu.addSeparator()
    for action in (actions.reboot, actions.restart_agent, actions.recover, actions.web_page):
        menu.addAction(action)
    menu.addSeparator()
    for action in (actions.close, actions.close_others):
        menu.addAction(action)
    return menu


def _menu(title: str, parent: QWidget) -> QMenu:
    menu = QMenu(title, parent)
    menu.setToolTipsVisible(True)
    return menu


def _add(menu: QMenu, title: str, act: Callable[[], object]) -> QAction:
    action = QAction(title, menu)
    action.triggered.connect(lambda: act())
    menu.addAction(action)
    return action


def _choices(
    menu: QMenu,
    title: str,
    choices: Sequence[tuple[int, str]],
    now: int,
    choose: Callable[[int], object],
    reason: str,
) -> None:
    """A submenu with one of several values; the nearest to `now` is marked."""
    part = menu.addMenu(title)
    nearest = min(choices, key=lambda choice: abs(choice[0] - now))[0]
    group = QActionGroup(part)
    for value, words in choices:
        action = _add(part, words, partial(choose, value))
        action.setCheckable(True)
        action.setChecked(value == nearest)
        group.addAction(action)
    _allow(part.menuAction(), reason)


def _allow(action: QAction, reason: str) -> None:
    action.setEnabled(not reason)
    action.setToolTip(plain_tip(reason or action.text()))


def _type_clipboard(session: Session) -> None:
    session.do(TypeText(QGuiApplication.clipboard().text()))


def _not_typed(text: str) -> str:
    """Why a text is not typed, "" when it is: half of it would be worse than nothing."""
    if not text:
        return "The clipboard holds no text."
    if len(text) > _LONGEST_TYPED:
        return f"The clipboard holds {len(text):,} characters: more than {_LONGEST_TYPED:,} are not typed. Use a file."
    return ""
