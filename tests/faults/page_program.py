"""A console with a live session on a real MeshCentral, in a process of its own: one whose zygotes may be killed.

`python -m tests.faults.page_program FOLDER RMM TOKEN MESH FINGERPRINT HOST` says what became of it, line by line.
"""

import sys
from pathlib import Path

import psutil

from console.app import application
from console.mesh.command import Confirm
from console.mesh.report import Control, Report
from console.mesh.web.view import SessionView
from console.servers import Server
from console.sessions.progress import State
from console.sessions.session import Session
from tests.faults.program import Waiting
from tests.faults.window import Office


def main(folder: str, rmm: str, token: str, mesh: str, fingerprint: str, host: str) -> int:
    office = Office(application(), Waiting(), Path(folder), real_pages=True)
    office.sign_in_to(Server(address=rmm, name="Test RMM", pins={mesh: fingerprint}), token)
    session = office.open(hostname=host)
    office.until(lambda: session.state is State.CONNECTED, lambda: f"it is {session.state}, {session.problem}")
    own = psutil.Process()
    zygotes = [child for child in own.children() if "--type=zygote" in child.cmdline()]
    for zygote in zygotes:
        zygote.kill()
    psutil.wait_procs(zygotes)
    print("ZYGOTES", len(zygotes))

    heard: list[Report] = []
    session.reported.connect(heard.append)
    session.do(Confirm())
    office.until(lambda: Control(1, alive=True) in heard, "the page that is there does not talk any more")
    print("GOES ON", session.state)

    office.window.tabs.show_home()
    other = office.open(hostname=host)
    office.until(lambda: other.state is State.FAILED, lambda: f"it is {other.state}")
    print("ANOTHER", office.words(office.tab_of(other)))

    assert isinstance(session.page, SessionView)
    office.app.sessions.close(other)
    office.window.workspace.show(session)
    psutil.Process(session.page.widget.page().renderProcessPid()).kill()
    office.until(lambda: session.state is State.LOST and _left(session), lambda: f"it is {session.state}")
    office.wait(300)
    print("LOST", office.words(office.tab_of(session)))
    office.works()
    office.end()
    print("ENDED")
    return 0


def _left(session: Session) -> bool:
    return session.lost is not None and not session.lost.automatic


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
