"""The console as a program of its own that is brought into a state, says READY, and waits for its end.

`python -m tests.faults.program STATE FOLDER RMM MESH FINGERPRINT`: the addresses are those of tests.faults.faulty.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from console.mesh.report import FirstData, Ready, TunnelState
from console.secret import Secret
from console.sessions.progress import State
from console.vault.store import Kind, MemoryVault, Vault
from tests.faults.window import Office


class Waiting:
    """What an Office needs of pytest-qt, where there is no pytest."""

    def waitUntil(self, check: Callable[[], None], *, timeout: int = 30_000) -> None:
        end = time.monotonic() + timeout / 1000
        while True:
            QApplication.processEvents()
            try:
                return check()
            except AssertionError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.01)

    def wait(self, milliseconds: int) -> None:
        end = time.monotonic() + milliseconds / 1000
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.01)


class SilentKeyring(MemoryVault):
    """It asks the person for a password, and nobody is there."""

    lasting = True

    def get(self, server_id: str, kind: Kind) -> Secret | None:
        threading.Event().wait()
        return None


class Rmm:
    """The address alone."""

    def __init__(self, address: str) -> None:
        self.address = address


def connected(office: Office) -> None:
    office.open()
    office.until(lambda: bool(office.pages[-1].opened))
    for report in (Ready(), TunnelState(1, 3), FirstData(1)):
        office.pages[-1].reported.emit(report)
    office.until(lambda: [session.state for session in office.app.sessions] == [State.CONNECTED])


def fail() -> None:
    raise RuntimeError("on purpose")


def main(state: str, folder: str, rmm: str, mesh: str, fingerprint: str) -> int:
    from console.app import application

    qapp = application()
    keyring: Callable[[], Vault] = SilentKeyring if state == "the keyring hangs" else MemoryVault
    office = Office(qapp, Waiting(), Path(folder), keyring, real_pages=state == "a page loads", begin=False)

    def sign_in() -> None:
        office.sign_in(Rmm(rmm), {mesh.partition("://")[2]: fingerprint})

    def drive() -> None:
        match state:
            case "the address is asked":
                office.field("API address of your Tactical RMM").setText(rmm)
                office.press("Continue")
                office.until(lambda: office.app.flow.busy)
            case "the list is asked":
                office.sign_in(Rmm(rmm), listed=False)
                office.until(lambda: office.page.watch.busy)
            case "a link is asked":
                sign_in()
                office.open()
            case "a page loads":
                sign_in()
                office.open()
                office.wait(1000)
            case "a session is connected":
                sign_in()
                connected(office)
            case "a question is open":
                sign_in()
                connected(office)
                office.window.close()
                office.until(lambda: bool(office.messages()))
            case "an error is shown":
                QTimer.singleShot(0, fail)
                office.until(lambda: office.app.unhandled.dialog is not None)
            case "the keyring hangs":
                office.app.accounts.with_vault(lambda vault: vault.get("x", Kind.PASSWORD), print, print)
            case "the disk hangs":
                office.app.disk.run(threading.Event().wait)
                office.window.remember(technician="Tess")
        print("READY", flush=True)

    QTimer.singleShot(0, drive)
    return office.app.run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
