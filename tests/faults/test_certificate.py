"""A certificate that has expired, and one that was exchanged in mid-run: nothing is sent to whoever presents it."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import truststore

from console.sessions.progress import State
from console.sessions.sign_in_flow import Step
from tests.faults.faulty import Faulty, faulty_mesh, faulty_rmm
from tests.faults.window import Office
from tests.unit.tls import Identity, identity


@pytest.fixture
def other(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@pytest.fixture
def rmm(own: Identity) -> Iterator[Faulty]:
    with faulty_rmm(identity=own) as made:
        yield made


def trusting(monkeypatch: pytest.MonkeyPatch, authority: Identity) -> None:
    """The operating system trusts whoever signed this one: what is left to object to are its dates."""

    def store(protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(authority.pem)
        return context

    monkeypatch.setattr(truststore, "SSLContext", store)


def test_one_of_the_rmm_that_has_expired(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = identity(tmp_path, "127.0.0.1", days=-3)
    trusting(monkeypatch, old)
    with faulty_rmm(identity=old) as rmm:
        office.field("API address of your Tactical RMM").setText(rmm.address)
        office.press("Continue")
        office.until(lambda: office.app.flow.step is Step.CERTIFICATE, office.words)
        office.says("does not trust the certificate of 127.0.0.1")
        problem = office.app.flow.problem
        assert problem is not None
        assert "expired" in problem.detail
        assert not rmm.asked, "nothing was sent"


def test_one_of_the_rmm_that_changes_in_mid_run(office: Office, rmm: Faulty, own: Identity, other: Identity) -> None:
    page = office.sign_in(rmm, {f"127.0.0.1:{rmm.port}": own.fingerprint})
    assert len(page.watch.store) == 30
    asked = len(rmm.asked)
    rmm.present(other.context)
    page.watch.refresh()
    office.says("The certificate of 127.0.0.1:\\d+ is not the one that you trusted")
    assert len(rmm.asked) == asked, "the session token was not sent to it"
    office.works()


@pytest.mark.parametrize("days", [1, -3])
def test_one_of_meshcentral_that_is_not_the_one_of_before(
    office: Office, own: Identity, tmp_path: Path, days: int
) -> None:
    """Another one, good or expired: the login token is not sent to it."""
    with faulty_mesh(own) as mesh, faulty_rmm(mesh.address) as rmm:
        office.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
        mesh.present(identity(tmp_path, "127.0.0.1", days=days).context)
        session = office.open()
        office.until(lambda: session.state is State.FAILED, lambda: f"it is {session.state}")
        office.says("The certificate of 127.0.0.1:\\d+ is not the one that you trusted", lambda: office.tab_of(session))
        assert not mesh.asked
        office.works()
