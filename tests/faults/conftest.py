"""What breaks, and what the technician sees then: real parts of the console, and a server that misbehaves."""

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.verified_http import VerifiedHttp
from tests.faults.catalog import SECONDS
from tests.faults.faulty import Faulty, Hurry, faulty_mesh, faulty_rmm
from tests.faults.window import Office
from tests.unit.tls import Identity, identity


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The console's own, and nothing here needs a display. Where root runs the tests, Chromium wants no sandbox."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform == "linux" and os.geteuid() == 0:
        os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
    from console.app import application

    return application()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where an answer is slow on purpose the console waits a second for it, and not half a minute."""
    send = VerifiedHttp.send

    def hurried(self: VerifiedHttp, *arguments: object, **options: object) -> object:
        bound = inspect.signature(send).bind(self, *arguments, **options)
        if Hurry.concerns(bound.arguments["method"], bound.arguments["url"]):
            bound.arguments["seconds"] = min(SECONDS, bound.arguments["seconds"])
        return send(*bound.args, **bound.kwargs)

    monkeypatch.setattr(VerifiedHttp, "send", hurried)
    yield
    Hurry.address = ""


@pytest.fixture
def office(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    """A console with nothing kept, whose sessions have stand-ins for their pages."""
    made = Office(qapp, qtbot, tmp_path)
    yield made
    made.end()


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@pytest.fixture
def mesh(own: Identity) -> Iterator[Faulty]:
    with faulty_mesh(own) as made:
        yield made


@pytest.fixture
def rmm(mesh: Faulty) -> Iterator[Faulty]:
    """An RMM whose MeshCentral is there."""
    with faulty_rmm(mesh.address) as made:
        yield made
