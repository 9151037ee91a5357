"""A MeshCentral of its own: another name than the RMM's, another port, and a proxy in front that ends TLS."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from console.demo.api import MeshLogin
from console.demo.api_content import Links
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.servers import Server
from console.sessions.progress import State
from console.transport import CertificateUntrusted, host_and_port
from tests.e2e import test_ways_in
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.offload import OffloadingProxy
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import reached
from tests.e2e.surroundings import Surroundings
from tests.e2e.tls import SelfSigned
from tests.e2e.transferring import go_to
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e


class SeparateRmm(Rmm):
    """An RMM on 127.0.0.1 whose session links lead to "localhost", through the proxy."""

    proxy: OffloadingProxy
    fingerprint: str

    def server(self) -> Server:
        pins = {host_and_port(self.proxy.site): self.fingerprint}
        return msgspec.structs.replace(super().server(), pins=pins)

    def _login(self, machine: Machine) -> MeshLogin | None:
        login = super()._login(machine)
        return MeshLogin(self.proxy.site, login.token, login.node_id) if login else None


@pytest.fixture
def separate(surroundings: Surroundings, local_mesh: LocalMesh) -> Iterator[SeparateRmm]:
    certificate = SelfSigned(Path(tempfile.mkdtemp(dir=surroundings.home)), "mesh.example.test")
    rmm = SeparateRmm(local_mesh)
    with OffloadingProxy(certificate, local_mesh.server.port) as proxy, rmm:
        rmm.proxy, rmm.fingerprint = proxy, certificate.fingerprint
        yield rmm


@pytest.mark.parametrize("kind", list(SessionKind))
def test_each_kind_of_session(desk: Desk, separate: SeparateRmm, kind: SessionKind) -> None:
    console = desk.signed_in(separate)
    session = console.open(separate.live[0].hostname, kind)
    console.connected(session)
    assert session.entry.link is not None
    assert session.entry.link.origin == separate.proxy.site
    page = WebPage(console, session)
    assert page.page.url().host() == "localhost"
    assert page.page.url().port() == separate.proxy.port
    if kind is SessionKind.TERMINAL:
        page.shell_works(separate.mesh.home)
    console.until(lambda: session.mesh_account is not None, "the control channel does not come through the proxy")


def test_files_go_there_too(desk: Desk, separate: SeparateRmm, hands: Hands) -> None:
    console = desk.signed_in(separate)
    session = console.open(separate.live[0].hostname, SessionKind.FILES)
    console.connected(session)
    go_to(WebPage(console, session), hands, separate.mesh.home)
    console.until(lambda: session.facts.folder == str(separate.mesh.home))
    near = desk.folder / "through the proxy.txt"
    near.write_text("offloaded")
    console.app.transfers.upload(session, [near])
    far = separate.mesh.home / near.name
    console.until(lambda: far.exists() and far.read_text() == "offloaded", "the file did not arrive")


def test_ones_own_sign_in(desk: Desk, separate: SeparateRmm) -> None:
    separate.api.links = Links.WITHOUT_LOGIN
    console = desk.signed_in(separate)
    session = console.open(separate.live[0].hostname, SessionKind.TERMINAL)
    reached(console, session, State.SIGNING_IN)
    test_ways_in.TestOwnSignIn().sign_in(console, session, separate.mesh.user, separate.mesh.password)
    console.connected(session)


def test_its_certificate_is_one_to_trust_of_its_own(desk: Desk, separate: SeparateRmm) -> None:
    """The pin of the MeshCentral behind the proxy is no pin of the proxy."""
    separate.fingerprint = separate.mesh.fingerprint
    console = desk.signed_in(separate)
    session = console.open(separate.live[0].hostname, SessionKind.TERMINAL)
    reached(console, session, State.FAILED)
    assert isinstance(session.problem, CertificateUntrusted)
    assert session.problem.host == host_and_port(separate.proxy.site)
    assert session.problem.pinned == separate.mesh.fingerprint
