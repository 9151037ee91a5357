"""Whether this computer is locked: told by the desktop on Linux, by Windows, and by macOS."""

import sys

from PySide6.QtCore import QObject, Signal

from console.work import Runner


class ComputerLock(QObject):
    """Base of each platform's own. Where nothing can be learnt, nothing is told."""

    locked = Signal()
    unlocked = Signal()
    """By the computer's own means: whoever sits there has proved to it who they are, as far as it asks."""

    def end(self) -> None:
        """For the end of the program."""


def computer_lock(runner: Runner, parent: QObject) -> ComputerLock:
    """That of this platform. `runner` connects to the desktop's buses, which may wait some seconds."""
    if sys.platform == "linux":
        from console.ui.lock.linux_lock import LinuxLock

        return LinuxLock(runner, parent)
    if sys.platform == "win32":
        from console.ui.lock.windows_lock import WindowsLock

        return WindowsLock(parent)
    if sys.platform == "darwin":
        from console.ui.lock.mac_lock import MacLock

        return MacLock(parent)
    return ComputerLock(parent)
