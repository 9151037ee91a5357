"""The web engine's processes are killed, and the computer sleeps: on a live session with a real MeshCentral and agent.

More of the same, with what is typed into the sessions that came back, is in tests/e2e/test_recovery.py.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh.report import Control, Report
from console.mesh.web.view import SessionView
from console.sessions.progress import State
from console.sessions.session import Session
from console.transport import host_and_port
from tests.e2e.rmm import Rmm
from tests.faults.window import Office

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="zygotes, and signals that stop a process, are Linux's")


@pytest.fixture(scope="module")
def rmm() -> Iterator[Rmm]:
    mesh = LocalMesh(with_desktop=False)
    mesh.start(print)
    try:
        with Rmm(mesh, 5) as made:
            yield made
    finally:
        mesh.stop()


@pytest.fixture
def office(qapp: QApplication, qtbot: QtBot, tmp_path: Path, rmm: Rmm) -> Iterator[Office]:
    made = Office(qapp, qtbot, tmp_path, real_pages=True)
    made.sign_in_to(rmm.server(), rmm.users.new_token(rmm.users.technician)[0])
    yield made
    made.end()


@pytest.fixture
def session(office: Office, rmm: Rmm) -> Session:
    """A terminal that is connected."""
    made = office.open(hostname=rmm.live[0].hostname)
    reached(office, made, State.CONNECTED)
    return made


def reached(office: Office, session: Session, state: State) -> None:
    office.until(lambda: session.state is state, lambda: f"it is {session.state}, {session.problem}")


def test_a_killed_renderer(office: Office, session: Session, rmm: Rmm) -> None:
    assert isinstance(session.page, SessionView)
    asked = len(rmm.api.audit)
    psutil.Process(session.page.widget.page().renderProcessPid()).kill()
    reached(office, session, State.LOST)
    office.says("The view of this session stopped working", lambda: office.tab_of(session))
    reached(office, session, State.CONNECTED)
    assert len(rmm.api.audit) == asked
    office.works()


def test_a_killed_zygote(qapp: QApplication, tmp_path: Path, rmm: Rmm) -> None:
    """What is there goes on. New views are impossible then, which is said, and not tried for ever."""
    token, host = rmm.users.new_token(rmm.users.technician)[0], rmm.live[0].hostname
    words = [rmm.address, token, host_and_port(rmm.mesh.site), rmm.mesh.fingerprint, host]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.page_program", str(tmp_path), *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    said = dict(line.partition(" ")[::2] for line in run.stdout.splitlines())
    assert int(said["ZYGOTES"]) > 0
    assert said["GOES"] == "ON connected"
    for place in ("ANOTHER", "LOST"):
        assert "The view of this session could not be started." in said[place]
        assert "close the console and start it again" in said[place]
    assert "It does not connect again by itself." in said["LOST"]
    assert "ENDED" in said
    assert not re.search("Traceback", run.stderr)


def test_a_sleep_that_the_connection_outlasts(office: Office, session: Session) -> None:
    heard: list[Report] = []
    session.reported.connect(heard.append)
    wake_up(office)
    office.until(lambda: Control(1, alive=True) in heard, "the page is not asked for a sign of life")
    assert session.state is State.CONNECTED


def test_a_sleep_that_it_does_not(office: Office, session: Session, rmm: Rmm) -> None:
    """MeshCentral stands still meanwhile, as one does whose connections to here are gone."""
    server = psutil.Process(rmm.mesh.server.pid)
    frozen = [server, *server.children(recursive=True)]
    for process in frozen:
        process.suspend()
    try:
        wake_up(office)
        reached(office, session, State.LOST)
        office.says("The connection to MeshCentral was lost", lambda: office.tab_of(session))
        office.works()
    finally:
        for process in frozen:
            process.resume()
    reached(office, session, State.CONNECTED)


def wake_up(office: Office) -> None:
    """What it looks like: the clock has gone on without the console."""
    sessions = office.app.sessions
    sessions._ticked -= 3600
    sessions.tick()
