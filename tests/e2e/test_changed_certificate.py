"""A certificate that changes under a running console: both are shown, nothing is sent, the technician decides."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.servers import Server
from console.sessions.progress import State
from console.transport import CertificateUntrusted, host_and_port
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.offload import OffloadingProxy
from tests.e2e.rmm import Rmm
from tests.e2e.stopped import Stopped
from tests.e2e.tls import SelfSigned
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e


class GuardedRmm(Rmm):
    """API and MeshCentral each present a certificate that a test can change: `api_context` and `proxy`."""

    own: SelfSigned
    proxy: OffloadingProxy

    def server(self) -> Server:
        pins = {host_and_port(self.address): self.own.fingerprint, host_and_port(self.proxy.site): self.own.fingerprint}
        return msgspec.structs.replace(super().server(), pins=pins)

    def _login(self, machine: Machine) -> MeshLogin | None:
        login = super()._login(machine)
        return MeshLogin(self.proxy.site, login.token, login.node_id) if login else None


@pytest.fixture
def own(tmp_path: Path) -> SelfSigned:
    return SelfSigned(tmp_path, "before.example.test")


@pytest.fixture
def other(tmp_path: Path) -> SelfSigned:
    return SelfSigned(tmp_path, "after.example.test")


@pytest.fixture
def rmm(local_mesh: LocalMesh, own: SelfSigned) -> Iterator[GuardedRmm]:
    context = own.context()
    made = GuardedRmm(local_mesh, context=context)
    made.own = own
    with OffloadingProxy(own, local_mesh.server.port) as proxy, made:
        made.proxy = proxy
        yield made


def test_of_the_api_with_a_session_open(
    desk: Desk, rmm: GuardedRmm, own: SelfSigned, other: SelfSigned, hands: Hands
) -> None:
    console = desk.signed_in(rmm)
    stopped = Stopped(console)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    web = WebPage(console, session)
    web.shell_works(rmm.mesh.home)
    console.window.tabs.show_home()
    listed = console.agents.watch.as_of

    rmm.renew(other)
    asked = list(rmm.api.requests)
    hands.press("F5")
    stopped.until_shown("is not the one that you trusted", "CN=before.example.test", "CN=after.example.test")
    assert own.fingerprint in stopped.fingerprints()
    assert other.fingerprint in stopped.fingerprints()
    assert "The session that is open goes on" in stopped.words()
    console.window.workspace.show(session)
    web.shell_works(rmm.mesh.home)
    assert session.state is State.CONNECTED

    held = console.app.sessions.open(session.connection, session.agent, SessionKind.FILES)
    console.until(lambda: held.state is State.FAILED, "a session was opened all the same")
    console.window.tabs.show_home()
    hands.click(stopped.page.again)
    stopped.until_shown("is not the one that you trusted")
    assert rmm.api.requests == asked, "something was sent under another certificate"

    stopped.trust()
    console.until(lambda: console.agents.watch.as_of != listed, "the list is not asked for again")
    console.connected(held)
    console.until(lambda: console.app.trust_desk.page_of(session.connection.server.id) is None)
    assert session.connection.server.pins[host_and_port(rmm.address)] == other.fingerprint


def test_of_meshcentral(desk: Desk, rmm: GuardedRmm, own: SelfSigned, other: SelfSigned, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    stopped = Stopped(console)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)

    console.until(lambda: session.mesh_account is not None)
    listed = console.window.page_of(session.connection.server.id)
    assert listed is not None
    rmm.proxy.renew(other)
    rmm.proxy.cut()
    console.until(lambda: session.state is State.LOST, "the session did not break off")
    console.until(lambda: console.app.trust_desk.page_of(session.connection.server.id) is not None)
    hands.click(console.wait_for_button("Decide what to do…", console.tab(session)))
    stopped.until_shown("is not the one that you trusted", host_and_port(rmm.proxy.site))
    assert own.fingerprint in stopped.fingerprints()
    assert other.fingerprint in stopped.fingerprints()
    asked = list(rmm.api.requests)
    watch = listed.watch
    watch.refresh()
    console.until(lambda: isinstance(watch.problem, CertificateUntrusted), "the list is asked for")
    assert rmm.proxy.served == [], "something was sent to it under another certificate"
    assert rmm.api.requests == asked, "the list is asked for while somebody may be reading along"

    stopped.trust()
    console.connected(session)
    console.window.workspace.show(session)
    WebPage(console, session).shell_works(rmm.mesh.home)
    assert rmm.proxy.served


def test_both_present_it_and_one_decision_does(desk: Desk, rmm: GuardedRmm, other: SelfSigned, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    stopped = Stopped(console)
    rmm.renew(other)
    rmm.proxy.renew(other)
    hands.press("F5")
    stopped.until_shown()
    stopped.trust()
    console.until(lambda: console.agents.watch.problem is None and not console.agents.watch.busy)
    console.connected(console.open(rmm.live[0].hostname, SessionKind.TERMINAL))
