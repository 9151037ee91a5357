"""The composition root: builds every part, hands each what it needs, and shows the window."""

import contextlib
import logging
import os
import signal
import socket
from pathlib import Path

import platformdirs
from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from console import environment, memory
from console.early import Early, Options, Places, application
from console.fleet.bookmarks import BookmarkFile
from console.preferences import Preferences
from console.problem import Problem
from console.sessions.agent_watches import AgentWatches, AgentWatchFile, Awaited
from console.sessions.fleet_actions import FleetActions
from console.sessions.fleet_watches import FleetWatches
from console.sessions.journal import Journal
from console.sessions.lock import Lock
from console.sessions.locked_away import LockedAway
from console.sessions.manager import Sessions
from console.sessions.mesh_secrets import MeshSecrets
from console.sessions.page import SessionPage
from console.sessions.saver import Saver
from console.sessions.session import Session
from console.sessions.sign_in_flow import SignInFlow
from console.sessions.transfers import Transfers
from console.sessions.unlocking import Unlocking
from console.sessions.waits import WaitFile
from console.ui import dialogs
from console.ui.doctor.desk import DoctorDesk
from console.ui.fleet.desk import BookmarkShelf, PageDesk
from console.ui.fleet_actions.desk import FleetDesk
from console.ui.fleet_actions.watch_desk import WatchDesk
from console.ui.garbage import GarbageTimer
from console.ui.instance import FirstInstance, Start
from console.ui.journal.desk import JournalDesk
from console.ui.keyboard.grab import choose_grab
from console.ui.keyboard.host_key import HostKey
from console.ui.lock.desk import LockDesk
from console.ui.mesh.desk import MeshDesk
from console.ui.notifications import Notifier
from console.ui.palette.desk import PaletteDesk
from console.ui.proxies.desk import ProxyDesk
from console.ui.screenshots import Screenshots
from console.ui.search.started import StartedWith
from console.ui.theme import Appearance
from console.ui.trust.desk import TrustDesk
from console.ui.unhandled import UnhandledErrors
from console.ui.window import MainWindow
from console.ui.workspace.keyboards import Keyboards
from console.work import Lane

__all__ = ["App", "Options", "Places", "application"]
_log = logging.getLogger(__name__)
_TIDY_MILLISECONDS = 3000
_LAST_SECONDS = 2.0
"""How long the end of the console waits for what is being written."""


class App:
    """The running console. `run` shows the window and returns the exit code; `end` comes after it."""

    def __init__(self, qt: QApplication, options: Options, early: Early | None = None) -> None:
        """`early` is what the options have begun already."""
        early = early or Early(options)
        self.qt = qt
        self._dropped = options.dropped
        preferences = early.preferences
        self._file, self._troubles = early.file, early.troubles
        self.disk, self.keyring, self.list_lane = early.disk, early.keyring, early.list_lane
        self.accounts, self.lists = early.accounts, early.lists
        self._saver = Saver(self.disk)
        self._saver.failed.connect(self._tell)
        self.sign_in_lane = Lane("sign-in", 2)
        self.appearance = Appearance(self.qt, preferences.theme)
        self.accounts.list_useless.connect(lambda server_id: self.lists.forget(server_id, self._tell))
        self.mesh_secrets = MeshSecrets(self.accounts)
        self.sessions = Sessions(
            self._make_page,
            options.hold,
            waits=WaitFile(options.places.config / "waits.json"),
            disk=self.disk,
            secrets=self.mesh_secrets,
        )
        self.transfers = Transfers(self.sessions)
        self.journal_lane = Lane("journal", 1)
        self.journal = Journal(
            options.places.data / "journal.sqlite", self.journal_lane, preferences.journal_days, preferences.technician
        )
        self.journal.watch(self.sessions)
        self.flow = SignInFlow(self.accounts, self.sign_in_lane)
        self.watches = FleetWatches(self.sessions, self.lists)
        self.bookmarks = BookmarkShelf(BookmarkFile(options.places.config / "bookmarks"), self.disk, self.accounts)
        self.window = MainWindow(
            self.accounts,
            self.sessions,
            self.flow,
            self.appearance,
            preferences,
            self._keep_preferences,
            Screenshots(self.disk, platformdirs.user_pictures_path),
            self.transfers,
            self.watches,
            self.bookmarks.of,
        )

        self.keyboards = Keyboards(
            self.qt,
            self.window.workspace,
            HostKey.of(preferences.host_key),
            lambda: choose_grab(qt.platformName()),
            introduce=not preferences.host_key_known,
        )
        self.keyboards.host_key_chosen.connect(self.window.use_host_key)
        self.keyboards.watch(self.window)
        self.journal_desk = JournalDesk(
            self.journal, self.window, self.accounts, self.sessions, self.appearance, preferences
        )
        self.journal.begin()
        self.page_desk = PageDesk(self.window, self.bookmarks, self.sessions, self.appearance, self.disk)
        self.fleet_desk = FleetDesk(self.window, FleetActions(), self.appearance, self.disk)
        self.palette_desk = PaletteDesk(self.window, self.accounts, self.fleet_desk, self.appearance)
        self.keyboards.palette_wanted.connect(self.palette_desk.open)
        self.mesh_desk = MeshDesk(self.window, self.accounts, self.sessions, self.mesh_secrets, self.appearance)
        self.doctor_desk = DoctorDesk(
            self.window, self.accounts, options.places.folders, options.vault, options.dropped, self.appearance
        )
        self.trust_desk = TrustDesk(self.window, self.accounts, self.sessions, self.appearance)
        self.proxy_sign_ins = early.proxy_sign_ins
        self.proxy_desk = ProxyDesk(
            self.window, self.accounts, self.sessions, self.flow, early.proxies, early.proxy_sign_ins, self.appearance
        )
        self.notifier = Notifier(self.window, Lane("desktop bus", 1), self.qt.windowIcon())
        self.agent_watches = AgentWatches(AgentWatchFile(options.places.config / "watches.json"), self.disk)
        self.watch_desk = WatchDesk(self.window, self.agent_watches, self.notifier, self.appearance)
        self.fleet_desk.back_wanted.connect(
            lambda server_id, agents: self.agent_watches.add(server_id, agents, Awaited.REBOOTED)
        )
        self.lock = Lock(early.lock_file, self.disk, early.lock_record)
        self.unlocking = Unlocking(self.lock, self.accounts, self.sign_in_lane)
        self.locked_away = LockedAway(
            self.lock,
            self.accounts,
            self.sessions,
            self.transfers,
            self.fleet_desk.actions,
            self.agent_watches,
            self.watches,
            self.flow,
            self.disk,
        )
        self.lock_desk = LockDesk(
            self.qt,
            self.window,
            self.lock,
            self.unlocking,
            self.locked_away,
            self.accounts,
            self.sessions,
            self.transfers,
            self.notifier,
            self.appearance,
            Lane("desktop buses", 1),
        )
        self.keyboards.lock_wanted.connect(self.lock_desk.lock_now)
        self.lock_desk.stands.connect(self.proxy_desk.stand_over)
        self.lock_desk.server_asked.connect(self.proxy_desk.ask_anew)
        self.notifier.not_shown.connect(lambda notification: self.window.say(notification.title))
        self.sessions.came_online.connect(self._came_online)
        self.window.host_key_chosen.connect(lambda key: self.keyboards.use(HostKey.of(key)))

        self.unhandled = UnhandledErrors(self.window)
        self.instance = FirstInstance(options.places.config, self.window)
        self.started_with = StartedWith(self.window, options.search)
        self.instance.started_again.connect(self._started_again)
        self.garbage = GarbageTimer(self.window)
        self._tidying = QTimer(self.window, singleShot=True, interval=_TIDY_MILLISECONDS)
        self._tidying.timeout.connect(self._tidy)
        self.sessions.closed.connect(lambda _: self._tidying.start())
        QTimer.singleShot(0, self.window, self._say_troubles)

    def run(self) -> int:
        self.unhandled.install()
        self._quit_on_signals()
        self.begin()
        QTimer.singleShot(_TIDY_MILLISECONDS, memory.end_start)
        code = self.qt.exec()
        self.end()
        return code

    def begin(self) -> None:
        """Shows the window, or the lock where the console was locked when it ended."""

        def show() -> None:
            self.window.show()
            self.window.begin()
            if self._dropped:
                self._tell(environment.dropped_problem(self._dropped))

        self.lock_desk.begin(show)

    def _quit_on_signals(self) -> None:
        """Ctrl+C and the end of the desktop session end the console in order. Python sees a signal only when its
        interpreter runs, so a socket wakes Qt's event loop."""
        woken, self._waking = socket.socketpair()
        self._waking.setblocking(False)
        signal.set_wakeup_fd(self._waking.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self._woken = QSocketNotifier(woken.detach(), QSocketNotifier.Type.Read, self.window)
        self._woken.activated.connect(self._signalled)

    def _signalled(self) -> None:
        """Nobody is asked: who ends the desktop session, or pressed Ctrl+C, has said what they want."""
        self._woken.setEnabled(False)  # else it would be told of the same signal again and again
        self.window.close_for_good()
        self.qt.exit(0)

    def end(self) -> None:
        """Closes what is open, in the order that Qt needs: pages before the application."""
        self.instance.end()
        self.proxy_sign_ins.stop()
        self.unhandled.end()
        self.lock_desk.end()
        self.keyboards.stop()
        self.fleet_desk.close_windows()
        self.journal_desk.notes.stop()
        self.doctor_desk.end()
        self.transfers.stop()
        self.sessions.close_all()
        self.notifier.end()
        self.journal.end()
        self.watches.stop()
        kept, saved = self.lists.finish(), self.disk.finished()
        for _ in range(2):  # a page's deletion posts that of its profile
            self.qt.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            self.qt.processEvents()
        with contextlib.suppress(TimeoutError):
            kept.result(_LAST_SECONDS)
        with contextlib.suppress(TimeoutError):
            saved.result(_LAST_SECONDS)
        self.garbage.end()
        for lane in (self.disk, self.keyring, self.sign_in_lane, self.journal_lane, self.list_lane):
            lane.stop()

    def _started_again(self, start: Start) -> None:
        if self.lock_desk.locked:
            self.lock_desk.once_open(lambda: self.started_with.search(start.search))
            return
        self._to_front()
        self.started_with.search(start.search)

    def _to_front(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _tidy(self) -> None:
        """Sessions were closed: what is left of them goes, and their memory back to the system."""
        memory.look_for_all_garbage()
        self.disk.run(memory.give_back)

    def _tell(self, problem: Problem) -> None:
        dialogs.tell(self.window, problem)

    def _came_online(self, session: Session) -> None:
        name = session.agent.hostname
        words = "The session that waited for it opens now."
        if not self.notifier.notify(f"{name} is online", words, "Show", lambda: self.window.workspace.show(session)):
            self.window.say(f"{name} is online: its session opens now.")

    def downloads_folder(self) -> Path:
        """Where files from the far end go."""
        chosen = self.window.preferences.downloads_folder
        return Path(chosen) if chosen else platformdirs.user_downloads_path()

    def _make_page(self, parent: QObject) -> SessionPage:
        environment.lead(os.environ, self.accounts.proxies.flags())
        from console.mesh.web.view import SessionView  # the web engine is loaded with the first session, not before

        return SessionView(self.downloads_folder, self.accounts.proxies, parent)

    def _keep_preferences(self, preferences: Preferences) -> None:
        self._saver.save(lambda: self._file.save(preferences))

    def _say_troubles(self) -> None:
        for problem in self._troubles:
            _log.warning("%s", problem.report())
            self._tell(problem)
