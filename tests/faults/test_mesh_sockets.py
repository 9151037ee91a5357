"""What a MeshCentral can do wrong with its web sockets: the account is asked for through one, and files go through."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.mesh import control, tunnel, web_socket
from console.mesh.report import FirstData, Ready, TunnelState
from console.mesh.session_kind import SessionKind
from console.sessions.progress import State
from console.sessions.session import Session
from console.sessions.transfer import Transfer, TransferState
from tests.faults.faulty import Faulty, faulty_mesh, faulty_rmm
from tests.faults.list_server import body
from tests.faults.sockets import REFUSALS, SOCKETS, TEXT, frame, opened, spoil
from tests.faults.window import Office
from tests.unit.tls import identity

CONTROL = "GET /control.ashx"


@pytest.fixture
def mesh(office: Office, tmp_path: Path) -> Iterator[Faulty]:
    """The technician is signed in to its RMM."""
    own = identity(tmp_path, "127.0.0.1")
    with faulty_mesh(own) as made, faulty_rmm(made.address) as rmm:
        office.sign_in(rmm, {f"127.0.0.1:{made.port}": own.fingerprint})
        yield made


@pytest.fixture
def short(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a web socket waits a second."""
    monkeypatch.setattr(web_socket, "_PATIENCE", 1.0)
    monkeypatch.setattr(control, "_SECONDS", 1.0)
    monkeypatch.setattr(tunnel, "_CONTROL_SECONDS", 1.0)


def connected(office: Office, break_off: str = "", mesh: Faulty | None = None) -> Session:
    """A session whose page has reported that it is connected; MeshCentral's web sockets go wrong before it has."""
    session = office.open(SessionKind.FILES)
    office.until(lambda: bool(office.pages[-1].opened))
    if mesh:
        spoil(mesh, CONTROL, break_off)
    for report in (Ready(), TunnelState(1, 3), FirstData(1)):
        office.pages[-1].reported.emit(report)
    assert session.state is State.CONNECTED
    return session


def uploaded(office: Office, session: Session, folder: Path) -> Transfer:
    """A file that is on its way to the remote machine."""
    file = folder / "report.txt"
    file.write_text("x")
    office.app.transfers._far(session).folder = "/tmp"
    office.app.transfers.upload(session, [file])
    office.until(lambda: len(list(office.app.transfers)) == 1)
    return next(iter(office.app.transfers))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("fault", [*SOCKETS, *REFUSALS])
def test_a_session_goes_on_without_its_account_and_an_upload_says_what_is_wrong(
    office: Office, mesh: Faulty, fault: str, tmp_path: Path
) -> None:
    session = connected(office, fault, mesh)
    transfer = uploaded(office, session, tmp_path)
    asked = office.app.sessions.mesh_accounts._asked
    office.until(lambda: not asked, "the question whose account it is does not end")
    assert session.mesh_account is None, "nothing is claimed"
    office.until(lambda: transfer.state is TransferState.FAILED, lambda: f"it is {transfer.state}")
    office.says(
        "connection to .* broke off|does not (take connections|answer)|did not answer",
        lambda: office.window.transfer_panel,
    )
    assert transfer.can_retry
    assert transfer.near is not None
    assert transfer.near.exists()
    assert session.state is State.CONNECTED, "it depends on neither"
    assert not office.messages()
    office.works()


def test_the_next_session_asks_for_the_account_again(office: Office, mesh: Faulty) -> None:
    session = connected(office, "hangs up", mesh)
    office.until(lambda: not office.app.sessions.mesh_accounts._asked)
    told = {"action": "userinfo", "userinfo": {"_id": "user//tess", "name": "tess"}}
    mesh.break_(CONTROL, opened(mesh, frame(TEXT, json.dumps(told).encode())))
    connected(office)
    office.until(lambda: session.mesh_account is not None, "the next session does not ask")


def test_a_cookie_that_meshcentral_forgets_in_mid_flight(office: Office, mesh: Faulty, tmp_path: Path) -> None:
    """The 401 of web sockets: the channel says that nobody is signed in."""
    session = connected(office)
    mesh.break_(CONTROL, opened(mesh, frame(TEXT, body({"action": "close", "cause": "noauth"}))))
    transfer = uploaded(office, session, tmp_path)
    office.until(lambda: transfer.state is TransferState.FAILED, lambda: f"it is {transfer.state}")
    office.says("did not take the sign-in that the RMM made for you", lambda: office.window.transfer_panel)
