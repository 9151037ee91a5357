"""Real parts that the end-to-end tests share: a display, a keyring, MeshCentral with its agent, an RMM, the console."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.surroundings import Surroundings


@pytest.fixture(scope="session")
def surroundings() -> Iterator[Surroundings]:
    """A home, a display and a keyring of the tests' own, for the whole run."""
    with Surroundings() as made:
        yield made


@pytest.fixture(scope="session")
def qapp(surroundings: Surroundings) -> QApplication:
    """The console's own QApplication, on the tests' display. pytest-qt uses it too."""
    from console.app import application

    return application()


@pytest.fixture(scope="session")
def local_mesh() -> Iterator[LocalMesh]:
    """One real MeshCentral with one real agent for the whole run; installs the packages when they are missing."""
    mesh = LocalMesh()
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


@pytest.fixture
def rmm(local_mesh: LocalMesh) -> Iterator[Rmm]:
    """The demo's RMM API on loopback, whose session links lead to the real MeshCentral."""
    with Rmm(local_mesh) as made:
        yield made


@pytest.fixture
def hands(surroundings: Surroundings, qtbot: QtBot) -> Hands:
    """The mouse and the keyboard of the tests' display."""
    return Hands(qtbot)


@pytest.fixture
def desk(surroundings: Surroundings, qapp: QApplication, qtbot: QtBot, hands: Hands) -> Iterator[Desk]:
    """Starts consoles, each with settings and downloads of the test's own, and ends them."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(dir=surroundings.home))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Desk(qapp, qtbot, hands, folder, stack)
