"""What a server can do wrong while the doctor looks: the right line says it, with what to do, and the rest goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.mesh import control, outside, web_socket
from console.sessions.doctor import report
from console.sessions.doctor.verdict import Verdict
from tests.faults.catalog import FAULTS
from tests.faults.faulty import REAL_PAGE, TOKEN, Faulty, faulty_mesh, faulty_rmm
from tests.faults.list_server import HTML, agent_id, sends
from tests.faults.sockets import REFUSALS, SOCKETS, spoil
from tests.unit.sessions.doctor.stand_in import KEY, Examined
from tests.unit.tls import Identity, identity

pytestmark = pytest.mark.usefixtures("impatient")
FRONT, LOGIN, SOCKET = "GET / ", "GET /?login=", "GET /control.ashx"
OF_RMM = {
    "rmm.answers": "GET / ",
    "rmm.sign-in": "GET /core/dashinfo/",
    "rmm.role": "GET /agents/?detail=false",
    "rmm.link": f"GET /agents/{agent_id(0)}/meshcentral/",
}
"""The line that has to say it, by what goes wrong."""
OF_MESH = {"mesh.answers": FRONT, "mesh.login": LOGIN}


@pytest.fixture(autouse=True)
def impatient_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_SECONDS", 1.0)
    monkeypatch.setattr(outside, "_SECONDS", 1.0)
    monkeypatch.setattr(web_socket, "_PATIENCE", 1.0)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity(tmp_path_factory.mktemp("tls"), "127.0.0.1")


@pytest.fixture
def mesh(own: Identity) -> Iterator[Faulty]:
    with faulty_mesh(own) as made:
        made.answers[FRONT] = sends(REAL_PAGE, "200 OK", HTML)
        yield made


@pytest.fixture
def rmm(mesh: Faulty) -> Iterator[Faulty]:
    with faulty_rmm(mesh.address) as made:
        yield made


def examined(folder: Path, rmm: Faulty, mesh: Faulty, own: Identity) -> Examined:
    found = Examined(folder, rmm.address, {f"127.0.0.1:{mesh.port}": own.fingerprint}, "PC-00000")
    text = report.text(found.lines)
    assert KEY not in text
    assert TOKEN not in text
    assert "stolen" not in text
    return found


def assert_says(found: Examined, key: str) -> None:
    """This line has something to say, and none before it has."""
    outcome = found.line(key).outcome
    assert outcome.verdict in (Verdict.FAILURE, Verdict.WARNING), outcome
    assert outcome.advice
    before = [line for line in found.lines[: found.lines.index(found.line(key))] if "." in line.key]
    certain = [line.key for line in before if line.verdict is Verdict.FAILURE]
    assert certain == []
    assert len(found.lines) == len(found.told)


@pytest.mark.parametrize("key", OF_RMM)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_rmm(tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity, key: str, fault: str) -> None:
    if fault == "refused" and key != "rmm.answers":
        pytest.skip("what refuses everything is seen at once")
    FAULTS[fault].begin(rmm, OF_RMM[key])
    assert_says(examined(tmp_path, rmm, mesh, own), key)


@pytest.mark.parametrize("key", OF_MESH)
@pytest.mark.parametrize("fault", FAULTS)
def test_meshcentral(tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity, key: str, fault: str) -> None:
    if fault == "refused":
        mesh.refuse()
        key = "mesh.reach"
    else:
        FAULTS[fault].begin(mesh, OF_MESH[key])
        spoil(mesh, SOCKET, "says nothing")
    found = examined(tmp_path, rmm, mesh, own)
    if key == "mesh.login":  # the web socket stands before it in the report
        assert found.line("mesh.sockets").verdict is Verdict.FAILURE
        assert found.line(key).verdict is Verdict.FAILURE
    else:
        assert_says(found, key)


@pytest.mark.parametrize("fault", [*SOCKETS, *(each for each in REFUSALS if each != "refused")])
def test_web_sockets(tmp_path: Path, rmm: Faulty, mesh: Faulty, own: Identity, fault: str) -> None:
    spoil(mesh, SOCKET, fault)
    found = examined(tmp_path, rmm, mesh, own)
    assert_says(found, "mesh.sockets")
    assert found.line("mesh.login").verdict is Verdict.FINE
    assert found.line("mesh.account").verdict is Verdict.SKIPPED
