"""What of the demo's API no captured exchange shows: its knobs and its server."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from console.certificates import fingerprint
from console.demo import fleet
from console.demo.accounts import Accounts
from console.demo.api import AuditEntry, DemoApi, Links, MeshLogin, serve
from console.demo.api_server import RunningApi
from console.demo.fleet import Machine
from console.problem import Problem
from console.rmm.client import RmmClient
from console.rmm.credentials import ApiKey
from console.rmm.errors import AgentSilent, NotAllowed, NotFound
from console.rmm.models import AgentStatus
from console.rmm.refusals import WrongCredentials
from console.rmm.sign_in import SignIn
from console.transport import CertificateUntrusted, Transport, TransportProblem

SITE = "https://127.0.0.1:4430"


@pytest.fixture
def api() -> DemoApi:
    made = fleet.make(60)
    made.add_live("ab" * 48)
    return DemoApi(made, Accounts(made.machines[0].client), lambda machine: MeshLogin(SITE, "T0KEN", "cd" * 48))


@pytest.fixture
def running(api: DemoApi) -> Iterator[RunningApi]:
    with serve(api) as server:
        yield server


@pytest.fixture
def client(api: DemoApi, running: RunningApi) -> RmmClient:
    return RmmClient(running.address, Transport(), ApiKey(api.accounts.key.secret))


def test_links_of_an_invented_agent_name_its_own_node_and_those_of_a_live_one_the_given(
    api: DemoApi, client: RmmClient
) -> None:
    machine = next(machine for machine in api.fleet.machines if machine.node_id)
    assert f"gotonode={machine.node_id}&" in client.mesh_links(machine.agent_id).control.reveal()
    assert f"gotonode={'cd' * 48}&" in client.mesh_links(api.fleet.live()[0].agent_id).control.reveal()


def test_links_without_login(api: DemoApi, client: RmmClient) -> None:
    api.links = Links.WITHOUT_LOGIN
    machine = api.fleet.live()[0]
    assert client.mesh_links(machine.agent_id).file.reveal() == f"{SITE}/?gotonode={'cd' * 48}&viewmode=13&hide=31"


def test_each_asking_for_links_is_noted_once(api: DemoApi, client: RmmClient) -> None:
    agent_id = api.fleet.machines[0].agent_id
    client.agents()
    assert api.audit == []
    client.mesh_links(agent_id)
    client.mesh_links(agent_id)
    assert api.audit == [AuditEntry("technician", agent_id)] * 2


def test_an_agent_can_be_taken_offline_everywhere(api: DemoApi, client: RmmClient) -> None:
    agent_id = api.fleet.live()[0].agent_id
    assert client.agent_status(agent_id) is AgentStatus.ONLINE
    api.status_override[agent_id] = "overdue"
    assert client.agent_status(agent_id) is AgentStatus.OVERDUE
    assert client.mesh_links(agent_id).status is AgentStatus.OVERDUE
    assert {agent.status for agent in client.agents().agents if agent.agent_id == agent_id} == {AgentStatus.OVERDUE}


def test_a_machine_that_restarts_does_not_answer_until_it_is_back(api: DemoApi, client: RmmClient) -> None:
    machine = api.fleet.live()[0]
    there = client.agent_now(machine.agent_id).boot_time
    back = threading.Event()
    restarted: list[Machine] = []

    def restart(machine: Machine) -> None:
        restarted.append(machine)
        back.wait(30)

    api.actions.on_reboot = restart
    client.reboot(machine.agent_id)
    assert not client.answers(machine.agent_id)
    with pytest.raises(AgentSilent):
        client.reboot(machine.agent_id)
    assert client.agent_status(machine.agent_id) is AgentStatus.ONLINE, "the list goes by when it was last heard of"
    assert client.answers(api.fleet.live()[1].agent_id)
    back.set()
    api.actions.wait()
    assert client.answers(machine.agent_id)
    assert restarted == [machine]
    assert client.agent_now(machine.agent_id).boot_time != there


def test_a_machine_whose_restart_fails_stays_away(api: DemoApi, client: RmmClient) -> None:
    machine = api.fleet.live()[0]
    api.actions.on_reboot = broken
    client.reboot(machine.agent_id)
    api.actions.wait()
    assert not client.answers(machine.agent_id)


@pytest.mark.parametrize("by_service", [True, False])
def test_a_mesh_agent_is_repaired(api: DemoApi, client: RmmClient, by_service: bool) -> None:
    machine = api.fleet.live()[0]
    machine.plat = "windows"
    repaired: list[Machine] = []
    api.actions.on_repair = repaired.append
    repair = client.restart_mesh_agent if by_service else client.recover_mesh
    said = repair(machine.agent_id)
    assert said == (
        "The service was restarted successfully" if by_service else f"Repaired mesh agent on {machine.hostname}"
    )
    assert repaired == [machine]
    api.actions.on_repair = broken
    with pytest.raises(AgentSilent):
        repair(machine.agent_id)
    api.status_override[machine.agent_id] = "offline"
    api.actions.on_repair = repaired.append
    with pytest.raises(AgentSilent):
        repair(machine.agent_id)
    assert repaired == [machine]


def test_other_services_leave_the_mesh_agent_alone(api: DemoApi, running: RunningApi) -> None:
    machine = api.fleet.live()[0]
    machine.plat = "windows"
    repaired: list[Machine] = []
    api.actions.on_repair = repaired.append
    said = [
        requests.post(
            f"{running.address}/services/{machine.agent_id}/{name}/",
            headers={"X-API-KEY": api.accounts.key.secret.reveal()},
            json={"sv_action": action},
            timeout=5,
        )
        for name, action in (("Spooler", "stop"), ("Spooler", "start"), ("Spooler", "sing"))
    ]
    assert [each.status_code for each in said] == [200, 200, 500]
    assert [each.json() for each in said[:2]] == [
        "The service was stopped successfully",
        "The service was started successfully",
    ]
    assert repaired == []


@pytest.mark.parametrize("call", ["reboot", "restart_mesh_agent", "recover_mesh"])
def test_who_may_look_only_may_not_act(api: DemoApi, running: RunningApi, call: str) -> None:
    viewer = RmmClient(running.address, Transport(), ApiKey(api.accounts.viewer_key.secret))
    with pytest.raises(NotAllowed):
        getattr(viewer, call)(api.fleet.live()[0].agent_id)
    with pytest.raises(NotFound):
        getattr(RmmClient(running.address, Transport(), ApiKey(api.accounts.key.secret)), call)("z" * 40)


def test_an_agent_that_does_not_answer_is_waited_for(api: DemoApi, client: RmmClient) -> None:
    machine = api.fleet.live()[0]
    api.status_override[machine.agent_id] = "offline"
    api.actions.offline_seconds = 60.0
    asking = threading.Thread(target=client.answers, args=(machine.agent_id,))
    asking.start()
    deadline = time.monotonic() + 10
    while not api.requests and time.monotonic() < deadline:
        asking.join(0.01)
    assert asking.is_alive()
    api.release()
    asking.join(10)
    assert not asking.is_alive()


def broken(machine: Machine) -> None:
    raise Problem("The agent did not start.")


def test_requests_are_noted_without_their_query(api: DemoApi, running: RunningApi, client: RmmClient) -> None:
    client.dash_info()
    requests.get(f"{running.address}/agents/?secret=1", timeout=5)
    assert api.requests == [("GET", "/core/dashinfo/"), ("GET", "/agents/")]


def test_single_sign_on_can_be_switched_on(api: DemoApi, running: RunningApi) -> None:
    sign_in = SignIn(running.address, Transport())
    assert sign_in.sso_providers() == ()
    api.sso_providers = ("Keycloak",)
    with pytest.raises(WrongCredentials) as caught:
        sign_in.check_credentials("sso", api.accounts.sso_only.password)
    assert caught.value.sso == ("Keycloak",)


def test_an_answer_can_be_delayed_and_let_go(api: DemoApi, client: RmmClient) -> None:
    api.delay = 60.0
    asking = threading.Thread(target=client.dash_info)
    asking.start()
    deadline = time.monotonic() + 10
    while not api.requests and time.monotonic() < deadline:
        asking.join(0.01)
    assert asking.is_alive()
    api.release()
    asking.join(10)
    assert not asking.is_alive()


def test_the_page_of_an_agent_shows_its_name_as_text(api: DemoApi, running: RunningApi) -> None:
    machine = api.fleet.machines[0]
    machine.hostname = "<script>x</script>"
    page = requests.get(f"{running.address}/web/agents/{machine.agent_id}", timeout=5)
    assert page.status_code == 200
    assert "&lt;script&gt;x" in page.text
    assert "<script>" not in page.text
    assert requests.get(f"{running.address}/web/agents/{'x' * 40}", timeout=5).status_code == 404


def test_a_connection_is_kept_and_many_are_served_at_once(running: RunningApi) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as idle, requests.Session() as session:
        idle.sendall(b"GET / HT")
        first = session.get(f"{running.address}/", timeout=5)
        assert "Connection" not in first.headers
        assert first.headers["Content-Length"] == str(len(first.content))
        assert session.get(f"{running.address}/", timeout=5).json() == {"status": "ok"}


def test_a_body_that_is_too_long_is_refused(running: RunningApi) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        connection.sendall(b"POST /v2/checkcreds/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n")
        assert b" 413 " in connection.recv(100)


def test_a_stopped_server_is_gone_also_for_open_connections(api: DemoApi) -> None:
    server = serve(api)
    client = RmmClient(server.address, Transport(), ApiKey(api.accounts.key.secret))
    client.dash_info()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert idle.recv(10_000)
        server.stop()
        server.stop()
        assert idle.recv(10_000) == b""
    with pytest.raises(TransportProblem):
        client.dash_info()


@pytest.fixture
def encrypted(api: DemoApi, tmp_path: Path) -> Iterator[tuple[RunningApi, str]]:
    """The API under a self-signed certificate, and the certificate's fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(days=9)
    ).sign(key, hashes.SHA256())
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serve(api, context) as server:
        yield server, fingerprint(certificate.public_bytes(Encoding.DER))


def test_it_serves_over_tls_also_while_somebody_is_slow_to_shake_hands(
    api: DemoApi, encrypted: tuple[RunningApi, str]
) -> None:
    server, pin = encrypted
    assert server.address == f"https://127.0.0.1:{server.port}"
    key = ApiKey(api.accounts.key.secret)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pinned = Transport({f"127.0.0.1:{server.port}": pin})
        assert len(RmmClient(server.address, pinned, key).agents().agents) == 63
        with pytest.raises(CertificateUntrusted):
            RmmClient(server.address, Transport(), key).agents()
