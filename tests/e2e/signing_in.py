"""The technician at the sign-in page: looks at what it says, and works it with mouse and keyboard."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMenu, QTabBar

from console.secret import Secret
from console.sessions.sign_in_flow import Step
from console.ui.agents.page import AgentsPage
from tests.e2e.desk import Console
from tests.e2e.rmm import Rmm

ADDRESS, USER, PASSWORD, KEY = "API address of your Tactical RMM", "User name", "Password", "API key"
CODE, TOTP_KEY = "One-time code", "Key for one-time codes"
KEEP, KEEP_PASSWORD = "Keep me signed in", "Keep my password"
_TRIES = 100


class SignInDesk:
    """`typing` types a text into the line that has the keyboard; the hands' own unless a test says otherwise."""

    def __init__(self, console: Console, typing: Callable[[str], object] | None = None) -> None:
        self._console = console
        self._hands = console.hands
        self._type = typing or console.hands.type

    @property
    def shown(self) -> bool:
        return self._console.window.home.currentWidget() is self._console.window.sign_in_page

    @property
    def listed(self) -> bool:
        """Whether a server's agents are shown, from an answer of the server."""
        page = self._console.window.home.currentWidget()
        if not isinstance(page, AgentsPage) or page.watch.as_of is None or page.watch.from_cache:
            return False
        return page.table.model().rowCount() > 0

    def words(self) -> str:
        """All that the page says just now."""
        labels = self._console.window.sign_in_page.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible() and label.text())

    def says(self, *texts: str) -> None:
        """Waits until the page is shown, rests, and says all of these."""

        def said() -> bool:
            words = " ".join(self.words().split())
            return self.shown and not self._console.app.flow.busy and all(text in words for text in texts)

        self._console.until(said, lambda: f"the page does not say {texts}, but {self.words()}")

    def at(self, step: Step) -> None:
        """Waits until this step is shown and can be answered."""
        flow = self._console.app.flow
        self._console.until(
            lambda: self.shown and flow.step is step and not flow.busy,
            lambda: f"{step} did not come, but {self.words()}",
        )

    def until_listed(self) -> None:
        self._console.until(lambda: self.listed, lambda: f"the agents were not listed: {self.words()}")

    def field(self, name: str) -> QLineEdit:
        """The visible line with this accessible name."""
        edits = self._console.window.sign_in_page.findChildren(QLineEdit)
        return next(edit for edit in edits if edit.accessibleName() == name and edit.isVisible())

    def fill(self, name: str, text: str) -> None:
        """Clicks a line and types over what is in it."""
        self._hands.click(self.field(name))
        self._hands.press("ctrl+a", "BackSpace")
        if text:
            self._type(text)
        self._console.until(
            lambda: self.field(name).text() == text, lambda: f"{name}: what arrived is “{self.field(name).text()}”"
        )

    def check(self, text: str, wanted: bool) -> None:
        """Clicks a box until it has its tick, or has it no longer."""
        boxes = self._console.window.sign_in_page.findChildren(QCheckBox)
        box = next(box for box in boxes if box.text().startswith(text) and box.isVisible())
        if box.isChecked() is not wanted:
            self._hands.click(box, QPoint(8, box.height() // 2))
        self._console.until(lambda: box.isChecked() is wanted, f"{text}: the box did not change")

    def press_button(self, text: str) -> None:
        self._hands.click(self._console.wait_for_button(text, self._console.window.sign_in_page))

    def address(self, text: str) -> None:
        self.at(Step.ADDRESS)
        self.fill(ADDRESS, text)
        self._hands.press("Return")

    def credentials(
        self, user: str, password: Secret, *, keep: bool | None = None, keep_password: bool | None = None
    ) -> None:
        """User name and password, then Enter; None leaves a box as it is."""
        self.at(Step.CREDENTIALS)
        self.fill(USER, user)
        self.fill(PASSWORD, password.reveal())
        if keep is not None:
            self.check(KEEP, keep)
        if keep_password is not None:
            self.check(KEEP_PASSWORD, keep_password)
        self._hands.click(self.field(PASSWORD))
        self._hands.press("Return")

    def code(self, digits: str) -> None:
        """Types a one-time code, and nothing after it."""
        self.at(Step.CODE)
        self._type(digits)

    def paste(self, text: str) -> None:
        """Puts a text into the clipboard and presses Ctrl+V."""
        QGuiApplication.clipboard().setText(text)
        self._hands.press("ctrl+v")

    def to_api_key(self) -> None:
        """Clicks the tab for API keys."""
        self._to_way("API key")

    def to_user_name(self) -> None:
        """Clicks the tab for user name and password."""
        self._to_way("User name")

    def _to_way(self, title: str) -> None:
        self.at(Step.CREDENTIALS)
        tabs = next(iter(self._console.window.sign_in_page.findChildren(QTabBar)))
        place = next(place for place in range(tabs.count()) if tabs.tabText(place) == title)
        self._hands.click(tabs, tabs.tabRect(place).center())
        self._console.until(lambda: tabs.currentIndex() == place, f"the tab “{title}” did not come")

    def api_key(self, key: Secret, *, keep: bool | None = None) -> None:
        self.at(Step.CREDENTIALS)
        self.fill(KEY, key.reveal())
        if keep is not None:
            self.check(KEEP, keep)
        self._hands.click(self.field(KEY))
        self._hands.press("Return")

    def sign_in(self, rmm: Rmm, *, keep: bool | None = None, keep_password: bool | None = None) -> None:
        """All steps from the address to the list, as the RMM's technician."""
        self.address(rmm.address)
        self.sign_in_here(rmm, keep=keep, keep_password=keep_password)

    def sign_in_here(self, rmm: Rmm, *, keep: bool | None = None, keep_password: bool | None = None) -> None:
        """The steps after the address."""
        user = rmm.users.technician
        self.credentials(user.name, user.password, keep=keep, keep_password=keep_password)
        self.code(rmm.users.code(user))
        self.until_listed()


def choose(console: Console, text: str) -> None:
    """Two clicks: on the server button, and on an entry of its menu.

    The menu's own event loop holds up whoever opened it, so the second click is made from a timer.
    """
    menu: QMenu = console.window.server_button.menu()
    clicked: list[str] = []
    looked: list[bool] = []

    def look() -> None:
        if menu.isVisible():
            looked.append(True)
            action = next((action for action in menu.actions() if text in action.text() and action.isEnabled()), None)
            if action and not clicked:
                clicked.append(action.text())
                console.hands.click_at_once(menu, menu.actionGeometry(action).center())
            elif not action or len(looked) > _TRIES:
                menu.close()

    timer = QTimer(interval=100)
    timer.timeout.connect(look)
    timer.start()
    console.hands.click(console.window.server_button)
    console.until(lambda: bool(looked) and not menu.isVisible(), "the server menu did not open")
    timer.stop()
    assert clicked, f"“{text}” cannot be chosen"
    assert len(looked) <= _TRIES, "the click on the menu did nothing"
