"""An agent as its files are seen: its names, its folders, and what is done with them."""

import posixpath
import threading
from dataclasses import dataclass

from console.mesh import far_path
from console.rmm.models import Agent, Platform
from console.sessions.connection import Connection
from console.sessions.far_queue import FarQueue
from console.sessions.transfer import Transfer


@dataclass(eq=False)
class FarAgent:
    """An agent as files see it. `connection` is the latest that one of its sessions had."""

    agent: Agent
    connection: Connection
    queue: FarQueue
    making: threading.Lock
    folder: str = ""

    @property
    def windows(self) -> bool:
        return self.agent.plat is Platform.WINDOWS

    @property
    def folds(self) -> bool:
        """Whether its file systems usually do not tell capitals apart."""
        return self.agent.plat in (Platform.WINDOWS, Platform.MACOS)


def suggested_folder(agent: Agent) -> str:
    """Where files for a person are looked for: the desktop of who is logged on there, else a folder that is there."""
    user = agent.logged_username.rpartition("\\")[2].strip()
    named = bool(user) and user.casefold() not in ("none", "root", "system") and "/" not in user
    if agent.plat is Platform.WINDOWS:
        return f"C:/Users/{user}/Desktop" if named else "C:/Users/Public/Desktop"
    if agent.plat is Platform.MACOS:
        return f"/Users/{user}/Desktop" if named else "/Users/Shared"
    return f"/home/{user}" if named else "/tmp"  # noqa: S108  a folder of the remote machine


def far_folder(transfer: Transfer) -> str:
    """The agent's folder of a transfer, for a sentence."""
    return far_path.shown(posixpath.dirname(transfer.far_path))
