"""The lock on real parts: what the display shows, what goes on behind it, and what opens it again."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.credentials import ApiKey, SessionToken
from console.secret import Secret
from console.servers import Server, Way
from console.sessions.lock import MOST_TRIES
from console.sessions.progress import State
from console.ui import dialogs
from console.ui.agents.page import AgentsPage
from console.ui.instance import Start
from console.ui.lock.linux_lock import LinuxLock
from console.ui.lock.pin_dialog import PinDialog
from console.ui.lock.window import LockWindow
from console.vault.store import MemoryVault
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.lock_bus import SAVER, LockBus
from tests.e2e.notification_desk import NotificationDesk
from tests.e2e.real_keyring import RealKeyring
from tests.e2e.rmm import Rmm
from tests.e2e.surroundings import Surroundings
from tests.e2e.web import WebPage, has_focus
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11"

PIN = "704913"
HOST_KEY = "Control_R"


def lock_window(console: Console) -> LockWindow:
    """The lock, once it is in front and has the keyboard."""
    desk = console.app.lock_desk
    console.until(lambda: desk.shown is not None and desk.shown.field.hasFocus(), "the lock has not the keyboard")
    assert desk.shown is not None
    return desk.shown


def words(within: QWidget) -> str:
    """All that can be read in a widget."""
    labels: list[QWidget] = within.findChildren(QWidget)
    return "\n".join(
        one.text() for one in labels if isinstance(one, QLabel | QAbstractButton | QLineEdit) and one.isVisible()
    )


def titles() -> list[str]:
    """The names of all windows that the display shows, as a task bar has them."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "..*", "getwindowname", "%@"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return [line for line in found.stdout.splitlines() if line not in ("", "openbox")]


def only_the_lock(console: Console) -> LockWindow:
    """Makes sure that nothing but the lock is to be seen: by the toolkit, by the X server, and by the pixels."""
    lock = lock_window(console)
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == [lock]
    console.until(lambda: set(titles()) == {"Technician Console – locked"}, lambda: f"the display shows {titles()}")

    def same() -> bool:
        place = lock.geometry()
        seen = lock.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height()).toImage()
        drawn = lock.grab().toImage()
        caret = QRect(lock.field.mapTo(lock, QPoint()), lock.field.size()).adjusted(-4, -4, 4, 4)
        points = ((x, y) for x in range(0, drawn.width(), 7) for y in range(0, drawn.height(), 7))
        return seen.size() == drawn.size() and all(
            seen.pixel(x, y) == drawn.pixel(x, y) for x, y in points if not caret.contains(x, y)
        )

    console.until(same, "the display shows something else where the lock is")
    return lock


def give_pin(console: Console, pin: str = PIN) -> None:
    lock = lock_window(console)
    console.hands.type(pin)
    console.until(lambda: lock.field.text() == pin)
    console.hands.press("Return")


def opened(console: Console) -> None:
    console.until(lambda: not console.app.lock_desk.locked and console.window.isVisible(), "it was not unlocked")


def refused(console: Console, text: str) -> None:
    console.until(lambda: text in words(lock_window(console)), lambda: f"it says {words(lock_window(console))}")


def set_pin(console: Console, pin: str = PIN) -> None:
    """As a technician who typed it into the dialog."""
    done: list[bool] = []
    problems: list[Problem] = []
    console.app.unlocking.set_pin(Secret(pin), lambda: done.append(True), problems.append)
    console.until(lambda: bool(done or problems))
    assert problems == []


@pytest.fixture
def bare() -> Iterator[Rmm]:
    with rmm_without_mesh() as made:
        yield made


@pytest.fixture
def kept(surroundings: Surroundings, qtbot: QtBot) -> RealKeyring:
    return RealKeyring(surroundings.keyring_password, qtbot)


def stays_signed_in(desk: Desk, rmm: Rmm, server: Server | None = None) -> Console:
    """A console whose session token, or API key, is in the real keyring."""
    console = desk.start()
    server = server or rmm.server()
    token = Secret(rmm.users.new_token(rmm.users.technician)[0])
    credential = SessionToken(token) if server.way is Way.PASSWORD else ApiKey(rmm.users.key.secret)
    accounts = console.app.accounts
    accounts.put(server)
    accounts.signed_in(server, credential, None, lambda _: console.window.show_server(server), lambda _: None)
    listed(console)
    return console


def listed(console: Console) -> None:
    def check() -> bool:
        page = console.window.home.currentWidget()
        return isinstance(page, AgentsPage) and page.watch.as_of is not None and not page.watch.from_cache

    console.until(check, "the agents were not listed")


def test_nothing_is_shown_and_sessions_go_on(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    app, workspace = console.app, console.window.workspace
    set_pin(console)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    page = WebPage(console, session)
    page.shell_works(rmm.mesh.home)
    hands.press(f"{HOST_KEY}+d")
    console.until(lambda: len(workspace.windows) == 1 and has_focus(page.view), "it has no window of its own")
    (window,) = workspace.windows
    place = window.pos()
    dialogs.tell(console.window, Problem(f"Something about {rmm.live[1].hostname}."))
    (box,) = console.window.findChildren(QMessageBox)
    console.until(box.isActiveWindow)
    window.activateWindow()
    console.until(lambda: has_focus(page.view), "the session has not the keyboard")
    hands.press(f"{HOST_KEY}+f")
    console.until(lambda: workspace.full_screen is not None and has_focus(page.view), "it is not in full screen")
    proof = rmm.mesh.home / f"behind the lock {secrets.token_hex(4)}"
    with NotificationDesk() as notifications:
        app.notifier.notify(f"{rmm.live[2].hostname} is online", "Acme", "Show", lambda: None)
        console.until(lambda: notifications.shown() is not None, "nothing was notified")
        hands.type(f"sleep 4; touch '{proof}'")
        hands.press("Return")
        console.until(hands.keyboard_is_taken, "the session has not the whole keyboard")
        hands.press(f"{HOST_KEY}+l")
        lock = only_the_lock(console)
        assert workspace.full_screen is None
        assert not hands.keyboard_is_taken()
        assert "1 session goes on" in words(lock)
        assert not any(agent.hostname in words(lock) for agent in rmm.live)

        # What comes up meanwhile is not shown, and nothing acts.
        app.sessions.came_online.emit(session)
        shown = []

        def told() -> bool:
            shown.extend([one] if (one := notifications.shown()) else [])
            return bool(shown)

        console.until(told, "nothing was notified")
        assert shown[0]["summary"] == "Technician Console"
        assert rmm.live[0].hostname not in shown[0]["body"]
        notifications.signal("ActionInvoked", shown[0]["number"], "go")
        dialogs.tell(console.window, Problem(f"Something else about {rmm.live[1].hostname}."))
        QMessageBox(QMessageBox.Icon.NoIcon, "Of a library", rmm.live[1].hostname, parent=console.window).open()
        app._started_again(Start(search="linux"))
        hands.press("ctrl+k", "ctrl+t", "F5", "ctrl+w", "Escape")
        console.until(proof.exists, "the session did not go on")
        only_the_lock(console)
        assert session.state is State.CONNECTED
        give_pin(console, "999")
        refused(console, "This is not the PIN.")
        assert f"{MOST_TRIES - 1} tries" in words(lock)
        only_the_lock(console)
        give_pin(console)
        opened(console)
    console.until(lambda: window.isVisible() and console.window.isVisible(), "its windows are not back")
    assert session.state is State.CONNECTED
    assert (window.pos() - place).manhattanLength() < 4
    boxes = console.window.findChildren(QMessageBox)
    console.until(lambda: sum(box.isVisible() for box in boxes) == 3, "what was said meanwhile is not there")
    assert console.agents.search.text() == "linux"
    for box in boxes:
        box.close()
    window.activateWindow()
    page.shell_works(rmm.mesh.home)
    assert len(rmm.api.audit) == 1


def test_it_stays_locked_over_a_restart_and_its_secrets_are_away(desk: Desk, bare: Rmm, kept: RealKeyring) -> None:
    console = stays_signed_in(desk, bare)
    app = console.app
    (connection,) = app.accounts.connections.values()
    token = connection.credential.secret
    set_pin(console)
    assert not any(PIN in secret for secret in kept.everything())
    console.window.lock_wanted.emit()
    only_the_lock(console)
    console.until(lambda: connection.withheld, "the session token stays in memory")
    asked = bare.api.requests.count(("GET", "/agents/"))
    give_pin(console)
    opened(console)
    console.until(lambda: not connection.withheld, "the session token did not come back")
    assert connection.credential.secret == token
    console.until(lambda: bare.api.requests.count(("GET", "/agents/")) > asked, "the list is not asked for any more")

    console.hands.press("ctrl+l")
    lock_window(console)
    give_pin(console, "111")
    refused(console, "This is not the PIN.")
    desk.end(console)
    bare.api.requests.clear()

    second = desk.start()
    dialogs.tell(second.window, Problem("Something that was noticed at the start."))
    lock = only_the_lock(second)
    assert "left" not in words(lock), "it tells of tries before there was one"
    assert not second.window.isVisible()
    assert second.app.accounts.connections == {}
    assert second.app.accounts._early == {}, "the keyring was asked all the same"
    give_pin(second, "222")
    refused(second, "This is not the PIN.")
    assert f"{MOST_TRIES - 2} tries" in words(lock), "the tries began anew"
    assert bare.api.requests == []
    give_pin(second)
    opened(second)
    listed(second)
    (box,) = second.window.findChildren(QMessageBox)
    second.until(box.isVisible)
    box.close()
    desk.end(second)
    third = desk.start()
    listed(third)
    third.app.lock_desk.lock_now()
    desk.end(third)
    fourth = desk.start()
    closed: list[bool] = []
    fourth.window.closing.connect(lambda: closed.append(True))
    only_the_lock(fourth).close()
    fourth.until(lambda: closed == [True], "a locked console cannot be closed")
    desk.end(fourth)
    assert desk.start().app.lock_desk.locked, "closing it opened it"


def test_after_the_last_try_all_is_signed_out_and_the_password_opens(desk: Desk, bare: Rmm, kept: RealKeyring) -> None:
    console = stays_signed_in(desk, bare)
    (server,) = console.app.accounts.book.servers
    set_pin(console)
    console.hands.press("ctrl+l")
    lock = lock_window(console)
    assert bare.users.open_tokens() == 1
    for _ in range(MOST_TRIES):
        assert kept.of_server(server.id) != {}
        lock.problem.show_problem(None)
        give_pin(console, "000")
        refused(console, "This is not the PIN.")
    console.until(lambda: bare.users.open_tokens() == 0, "the server was not told")
    console.until(lambda: kept.of_server(server.id) == {}, "something is still in the keyring")
    assert lock.field.accessibleName() == f"Password of {bare.users.technician.name} at {server.title}"
    only_the_lock(console)
    give_pin(console)
    refused(console, "was not taken by")
    give_pin(console, bare.users.technician.password.reveal())
    opened(console)
    console.until(lambda: console.window.home.currentWidget() is console.window.sign_in_page, "nobody has to sign in")
    console.hands.press("ctrl+l")
    give_pin(console)
    opened(console)


def test_without_a_way_back_a_pin_is_asked_for_first(desk: Desk, bare: Rmm) -> None:
    server = msgspec.structs.replace(bare.server(), way=Way.API_KEY)
    desk.prefer(technician="Someone")
    console = desk.start(MemoryVault)
    accounts = console.app.accounts
    accounts.put(server)
    key = ApiKey(bare.users.key.secret)
    accounts.signed_in(server, key, None, lambda _: console.window.show_server(server), lambda _: None)
    listed(console)
    console.hands.press("ctrl+l")

    def dialog() -> PinDialog | None:
        found = [one for one in console.window.findChildren(PinDialog) if one.isVisible()]
        return found[0] if found else None

    console.until(lambda: (asks := dialog()) is not None and asks.pin.hasFocus(), "no PIN is asked for")
    asks = dialog()
    assert asks is not None
    assert "API key" in words(asks)
    assert not console.app.lock_desk.locked
    console.hands.type("1234")
    console.hands.press("Tab")
    console.hands.type("1234")
    console.hands.press("Return")
    console.until(lambda: "guessed first" in words(asks), lambda: words(asks))
    for edit in (asks.pin, asks.again):
        console.hands.click(edit)
        console.hands.press("ctrl+a")
        console.hands.type(PIN)
    console.hands.press("Return")
    only_the_lock(console)
    (connection,) = accounts.connections.values()
    assert not connection.withheld, "what is in memory only would be gone"
    give_pin(console)
    opened(console)

    # From a dialog as well, and with the end of what is open.
    session = console.open(bare.live[0].hostname, SessionKind.TERMINAL)
    console.window.remember(lock_closes_sessions=True)
    dialogs.tell(console.window, Problem("Something."))
    (box,) = console.window.findChildren(QMessageBox)
    console.until(box.isActiveWindow)
    console.hands.press("ctrl+l")
    only_the_lock(console)
    assert session not in list(console.app.sessions)
    give_pin(console)
    opened(console)
    console.until(box.isVisible, "the dialog is not back")
    box.close()

    # By itself.
    idle = console.app.lock_desk._idle
    idle.watch(300)
    idle._last -= 301
    idle.look()
    assert "Nobody worked with it" in words(only_the_lock(console))
    give_pin(console)
    opened(console)


def locked_by(console: Console) -> set[str]:
    """What says that the computer is locked, as far as it was heard."""
    watch = console.app.lock_desk._computer
    assert isinstance(watch, LinuxLock)
    return set(watch._locked_by)


def test_it_locks_and_unlocks_with_the_computer(desk: Desk, bare: Rmm, tmp_path: Path) -> None:
    with LockBus(Path(tmp_path)) as computer:
        console = desk.signed_in(bare)
        lock = console.app.lock

        def until_locked(locked: bool) -> None:
            console.until(lambda: lock.locked is locked, f"locked is {lock.locked}")

        def listens() -> bool:
            computer.hint(True)
            return lock.locked

        console.app.lock_desk.watch_computer()
        console.until(listens, "it does not notice that the computer is locked")
        computer.saver(True)
        assert "unlocks with the computer" in words(only_the_lock(console))
        computer.ask_to_unlock()
        computer.hint(False)
        computer.ask_to_lock()
        console.until(lambda: locked_by(console) == {SAVER}, lambda: f"{locked_by(console)} have locked it")
        assert lock.locked, "the locker has not gone yet"
        computer.saver(False)
        until_locked(False)
        opened(console)
        set_pin(console)
        console.hands.press("ctrl+l")
        until_locked(True)
        computer.hint(True)
        computer.hint(False)
        computer.saver(True)
        console.until(lambda: SAVER in locked_by(console))
        computer.saver(False)
        console.until(lambda: locked_by(console) == set())
        only_the_lock(console)
        assert lock.locked, "what was locked by hand is not unlocked by the computer"
        give_pin(console)
        opened(console)
