"""What begins before the rest of the program is loaded: the keyring is asked, and the sealed list opened, meanwhile."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from console import __version__, assets, environment, logs
from console.fleet.cache import ListCache
from console.fleet.grouping import Grouping
from console.preferences import PreferenceFile
from console.problem import Problem
from console.proxies import Proxies
from console.rmm.models import Agent
from console.servers import ServerBook
from console.sessions.accounts import Accounts
from console.sessions.lock import LockFile
from console.sessions.proxy_sign_ins import ProxySignIns
from console.sessions.sealed_lists import SealedLists
from console.sessions.system_proxies import SystemProxies
from console.ui.agents.columns import SORTED_AT_FIRST, order_of
from console.vault.store import Vault, open_vault
from console.work import Lane

if TYPE_CHECKING:
    from console.sessions.doctor.case import Folders

_NAME = "technician-console"


class Places(msgspec.Struct, frozen=True):
    """The folders that the console writes to."""

    config: Path
    logs: Path
    data: Path

    @classmethod
    def of_user(cls) -> "Places":
        """Each platform's own places."""
        return cls(
            platformdirs.user_config_path(_NAME),
            platformdirs.user_log_path(_NAME),
            platformdirs.user_data_path(_NAME),
        )

    def folders(self) -> "Folders":
        """As the doctor looks at them."""
        from console.sessions.doctor.case import Folders

        return Folders(self.config, self.data, self.logs)


def _no_hold(agent: Agent) -> Problem | None:
    return None


class Options(msgspec.Struct, frozen=True):
    """What a start may do differently: the demo keeps its secrets in memory and holds sessions until it is ready.

    `search` is a query for the first list of agents that is shown. `dropped` are the switches that were taken out of
    the environment.
    """

    places: Places = msgspec.field(default_factory=Places.of_user)
    vault: Callable[[], Vault] = open_vault
    hold: Callable[[Agent], Problem | None] = _no_hold
    log_level: int = logging.INFO
    search: str = ""
    dropped: tuple[str, ...] = ()


_SWITCH_SECONDS = 0.00002
"""After so long a busy thread lets another have the interpreter.

Drawing gives it up with nearly every call into Qt and would wait for each by default 5 ms: while a list of 10,000 was
read, the window stood still for a quarter of a second.
"""


def application() -> QApplication:
    """The one QApplication of the process."""
    environment.contain(os.environ)
    qt = QApplication(sys.argv[:1])  # Chromium would read the other arguments
    qt.setApplicationName("Technician Console")
    qt.setApplicationVersion(__version__)
    qt.setDesktopFileName(assets.APP_ID)
    qt.setWindowIcon(QIcon(str(assets.path(f"{assets.APP_ID}.svg"))))
    qt.setQuitOnLastWindowClosed(False)  # the window decides: closing may be refused
    return qt


class Early:
    """The preferences, the accounts and the sealed lists, and the threads that they use."""

    def __init__(self, options: Options) -> None:
        logs.start(options.places.logs, options.log_level)
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.file = PreferenceFile(options.places.config / "preferences.json")
        self.preferences = self.file.load()
        self.disk = Lane("disk", 1)
        self.keyring = Lane("keyring", 1)
        self.list_lane = Lane("lists", 1)
        book = ServerBook(options.places.config / "servers.json")
        self.proxy_sign_ins = ProxySignIns()
        self.proxies = Proxies(SystemProxies().settings, self.proxy_sign_ins.ask)
        self.accounts = Accounts(book, options.vault, self.keyring, self.disk, self.proxies)
        order = order_of(self.preferences.sorting or SORTED_AT_FIRST, Grouping(self.preferences.grouping))
        self.lists = SealedLists(
            ListCache(options.places.data / "lists"), self.accounts.list_key, self.keyring, self.list_lane, order=order
        )
        self.troubles = [problem for problem in (self.file.trouble, book.trouble) if problem]
        """What is wrong with these files: to be said as soon as there is a window."""
        self.lock_file = LockFile(options.places.config / "lock.json")
        self.lock_record = self.lock_file.load()
        server = book.get(self.preferences.last_server) or next(iter(book.servers), None)
        if server and self.lock_record.since is None:  # a locked console holds nothing of it
            self.accounts.look_up(server)
            self.lists.prepare(server.id)
