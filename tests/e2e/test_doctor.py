"""The doctor against the real parts: where all is well, and where each option of MeshCentral's is the cause."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.mesh import sign_in as own_way
from console.mesh.engine_facts import EngineFacts, EngineQuestion, PageLoad
from console.mesh.errors import MeshProblem
from console.mesh.link import MeshSite, SessionLink, parse, site_of
from console.mesh.session_kind import SessionKind
from console.rmm.credentials import SessionToken
from console.secret import Secret
from console.servers import ServerBook
from console.sessions.doctor import report
from console.sessions.doctor.case import Folders, Question
from console.sessions.doctor.plan import plan
from console.sessions.doctor.verdict import Line, Verdict
from console.sessions.own_sign_in import OwnSignIn
from console.sessions.progress import State
from console.transport import Transport, host_and_port
from console.ui.doctor.window import DoctorWindow
from console.vault.store import Kind, MemoryVault, open_vault
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.offload import OffloadingProxy
from tests.e2e.rmm import Rmm
from tests.e2e.secret_search import encodings
from tests.e2e.session_words import reached
from tests.e2e.signing_in import choose
from tests.e2e.surroundings import Surroundings
from tests.e2e.test_ways_in import with_second_factor
from tests.e2e.tls import SelfSigned
from tests.e2e.without_mesh import rmm_without_mesh

pytestmark = pytest.mark.e2e
ELSEWHERE = "192.0.2.1"


def engine(question: EngineQuestion) -> EngineFacts:
    """The real one is looked at in the tests of the window and of the command."""
    return EngineFacts("", "", "155", "xcb", "a card", "", PageLoad())


class Found:
    """What an examination of an RMM and its MeshCentral came to."""

    def __init__(
        self,
        rmm: Rmm,
        link: SessionLink | None = None,
        own: Mapping[str, OwnSignIn] | None = None,
        mesh: MeshSite | None = None,
        pins: Mapping[str, str] | None = None,
    ) -> None:
        folder = Path(tempfile.mkdtemp())
        token, _ = rmm.users.new_token(rmm.users.technician)
        server = rmm.server()
        server.pins.update(pins or {})
        question = Question(
            Folders(folder, folder, folder),
            {},
            (),
            MemoryVault,
            engine,
            server,
            SessionToken(Secret(token)),
            link,
            rmm.live[0].hostname if link else "",
            own or {},
            mesh,
            "" if link or own else rmm.live[0].hostname,
        )
        examination, self.case = plan(question)
        self.lines = examination.run(lambda _: None)

    def line(self, key: str) -> Line:
        return next(line for line in self.lines if line.key == key)

    def said(self, key: str) -> str:
        outcome = self.line(key).outcome
        return f"{outcome.verdict}: {outcome.said} {outcome.advice} {outcome.detail}"

    def of(self, verdict: Verdict) -> set[str]:
        return {line.key for line in self.lines if line.verdict is verdict and "." in line.key}


def test_all_is_well(rmm: Rmm) -> None:
    found = Found(rmm)
    assert found.of(Verdict.FAILURE) == set()
    assert found.of(Verdict.WARNING) == set()
    assert found.of(Verdict.SKIPPED) == {"mesh.version", "option.desktopMultiplex"}
    assert "The certificate is the one that MeshCentral expects" in found.said("option.tlsOffload")


def test_a_shared_administrator_is_told_the_version(rmm: Rmm, local_mesh: LocalMesh) -> None:
    name = f"super-{secrets.token_hex(4)}"
    local_mesh.server.add_user(name, Secret(secrets.token_urlsafe(18)), admin=True)
    usual, local_mesh.user = local_mesh.user, name
    try:
        found = Found(rmm)
    finally:
        local_mesh.user = usual
    assert "Any technician can reach every machine" in found.said("mesh.account")
    assert "MeshCentral 1.1.55; Tactical RMM 1.5.1 comes with 1.2.0" in found.said("mesh.version")


def test_a_user_that_meshcentral_does_not_know(rmm: Rmm, local_mesh: LocalMesh) -> None:
    usual, local_mesh.user = local_mesh.user, "nobody___77"
    try:
        found = Found(rmm)
    finally:
        local_mesh.user = usual
    assert found.of(Verdict.FAILURE) == {"mesh.account"}
    assert "knows no such user" in found.said("mesh.account")


def test_a_login_token_that_is_none(rmm: Rmm) -> None:
    text = f"{rmm.mesh.site}/?login=YWJjZGVmZ2hpamtsbW5vcA==&gotonode={rmm.mesh.node_hex}&viewmode=11"
    found = Found(rmm, parse(Secret(text), SessionKind.CONTROL, "HOST"))
    assert found.of(Verdict.FAILURE) == {"mesh.login"}
    assert "loginCookieEncryptionKey" in found.said("mesh.login")


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_proxy_in_front(rmm: Rmm, surroundings: Surroundings, spoilt: bool) -> None:
    """It ends TLS with a certificate that MeshCentral does not know of; one of them passes no web sockets on."""
    certificate = SelfSigned(Path(tempfile.mkdtemp(dir=surroundings.home)), "mesh.example.test")

    def change(data: bytes) -> bytes:
        return data.replace(b"Upgrade: websocket", b"X-Nothing: websocke") if spoilt else data

    with OffloadingProxy(certificate, rmm.mesh.server.port, change) as proxy:
        token = rmm.mesh.link_token().reveal()
        text = f"{proxy.site}/?login={token}&gotonode={rmm.mesh.node_hex}&viewmode=11"
        link = parse(Secret(text), SessionKind.CONTROL, "HOST")
        found = Found(rmm, link, pins={host_and_port(proxy.site): certificate.fingerprint})
    if spoilt:
        assert found.of(Verdict.FAILURE) == {"mesh.sockets"}
        assert "Upgrade and Connection" in found.said("mesh.sockets")
    else:
        assert found.of(Verdict.FAILURE) == set()
        assert "certUrl" in found.said("option.tlsOffload")


class TestOptions:
    """One more MeshCentral, started anew with each set of options."""

    @pytest.fixture(scope="class")
    def mesh(self, surroundings: Surroundings) -> Iterator[LocalMesh]:
        mesh = LocalMesh(with_desktop=False)
        mesh.start(print)
        try:
            yield mesh
        finally:
            mesh.stop()

    @pytest.fixture
    def own(self, mesh: LocalMesh) -> Iterator[Rmm]:
        with Rmm(mesh) as made:
            yield made

    def restart(self, mesh: LocalMesh, **settings: object) -> None:
        mesh.server.halt()
        mesh.server.configure(settings)
        mesh.server.resume()

    def test_what_is_off_and_agents_that_are_not_let_in(self, mesh: LocalMesh, own: Rmm) -> None:
        self.restart(
            mesh, allowLoginToken=False, allowFraming=None, allowHighQualityDesktop=False, agentAllowedIP=ELSEWHERE
        )
        found = Found(own)
        assert found.of(Verdict.FAILURE) == {"mesh.agents"}
        assert "agentAllowedIP" in found.said("mesh.agents")
        assert found.of(Verdict.WARNING) == {
            "option.agentAllowedIP",
            "option.allowLoginToken",
            "option.allowFraming",
            "option.allowHighQualityDesktop",
        }

    def test_users_that_are_not_let_in(self, mesh: LocalMesh, own: Rmm) -> None:
        self.restart(mesh, userAllowedIP=ELSEWHERE)
        found = Found(own)
        assert found.of(Verdict.FAILURE) == {"mesh.answers", "option.userAllowedIP"}
        assert "lets no users in from this computer's address" in found.said("mesh.answers")

    def test_tls_is_offloaded_to_nobody(self, mesh: LocalMesh, own: Rmm) -> None:
        self.restart(mesh, tlsOffload="127.0.0.2")
        found = Found(own)
        assert found.of(Verdict.FAILURE) == {"mesh.reach", "option.tlsOffload"}
        assert "speaks plain HTTP" in found.said("mesh.reach")

    def test_too_many_wrong_codes(self, mesh: LocalMesh, own: Rmm) -> None:
        self.restart(mesh, maxInvalid2fa={"time": 10, "count": 1, "coolofftime": 30})
        user, password = f"own-{secrets.token_hex(4)}", Secret(secrets.token_urlsafe(18))
        mesh.server.add_user(user, password)
        usual, mesh.user = mesh.user, user
        try:
            with_second_factor(own, user)
        finally:
            mesh.user = usual
        site, transport = site_of(mesh.site), Transport({host_and_port(mesh.site): mesh.fingerprint})
        begun = own_way.sign_in(site, user, password, transport)
        assert begun.asks_more
        own_way.send_code(site, begun.cookies, "000000", transport)
        found = Found(own, own={site.url: OwnSignIn(user, password)}, mesh=site)
        assert "mesh.login" in found.of(Verdict.FAILURE)
        assert "maxInvalid2fa" in found.said("mesh.login")
        assert "option.maxInvalidLogin, maxInvalid2fa" in found.of(Verdict.FAILURE)

    def test_too_many_wrong_passwords(self, mesh: LocalMesh, own: Rmm) -> None:
        self.restart(mesh, maxInvalidLogin={"time": 5, "count": 2, "coolofftime": 30})
        site, transport = site_of(mesh.site), Transport({host_and_port(mesh.site): mesh.fingerprint})
        for _ in range(2):
            with pytest.raises(MeshProblem):
                own_way.sign_in(site, mesh.user, Secret("wrong-wrong-wrong"), transport)
        found = Found(own)
        assert found.of(Verdict.FAILURE) == {"mesh.sockets", "option.maxInvalidLogin, maxInvalid2fa"}
        assert "maxInvalidLogin" in found.said("mesh.sockets")


def assert_without(text: str, **planted: str) -> None:
    for name, secret in planted.items():
        for how, form in encodings(secret).items():
            assert form not in text.encode(), f"{name} is in it ({how})"


class TestWindow:
    def shown(self, console: Console) -> DoctorWindow:
        console.until(lambda: any(one.isVisible() for one in windows(console)), "no doctor came")
        window = next(one for one in windows(console) if one.isVisible())
        console.until(window.copy.isEnabled, "it did not end", seconds=90)
        return window

    def test_the_technician_finds_out(self, desk: Desk, rmm: Rmm, hands: Hands, qtbot: QtBot) -> None:
        console = desk.signed_in(rmm)
        audit = len(rmm.api.audit)
        choose(console, "Check Test RMM")
        window = self.shown(console)
        assert len(rmm.api.audit) == audit, "nothing is asked for that the RMM writes down"
        assert line_of(window, "mesh.sockets").verdict is Verdict.FINE
        assert line_of(window, "mesh.page").verdict is Verdict.FINE
        assert line_of(window, "engine").verdict is Verdict.FINE
        hands.click(window.hostname)
        hands.press("ctrl+a")
        hands.type(rmm.live[0].hostname)
        hands.click(window.ask)
        console.until(lambda: not window.copy.isEnabled())
        window = self.shown(console)
        assert len(rmm.api.audit) == audit + 1
        assert line_of(window, "mesh.account").outcome.said.startswith(rmm.mesh.user)
        hands.click(window.copy)
        copied = QGuiApplication.clipboard().text()
        assert "mesh" in copied.lower()
        (connection,) = console.app.accounts.connections.values()
        key = rmm.mesh.server.login_key.reveal()
        assert_without(copied, token=connection.credential.secret.reveal(), login_key=key)
        assert "login=" not in copied
        hands.click(window.done_with)
        console.until(lambda: not any(one.isVisible() for one in windows(console)), "it did not close")

    def test_from_a_session_that_failed(self, desk: Desk, hands: Hands) -> None:
        with rmm_without_mesh() as gone:
            console = desk.signed_in(gone)
            session = console.open(gone.live[0].hostname, SessionKind.TERMINAL)
            reached(console, session, State.FAILED)
            audit = len(gone.api.audit)
            hands.click(console.wait_for_button("Find out why…", console.tab(session)))
            window = self.shown(console)
            assert len(gone.api.audit) == audit, "its link is at hand"
            assert line_of(window, "mesh.reach").verdict is Verdict.FAILURE
            assert "first: MeshCentral – Reachable" in report.summary(window.list.lines())
            assert not window.hostname.isVisible()
            window.close()


def windows(console: Console) -> list[DoctorWindow]:
    return console.window.findChildren(DoctorWindow)


def line_of(window: DoctorWindow, key: str) -> Line:
    line = window.list.rows[key].line
    assert line is not None
    return line


def test_the_command(rmm: Rmm, surroundings: Surroundings) -> None:
    """As a technician types it, with the real keyring and the real web engine."""
    server, vault = rmm.server(), open_vault()
    book = ServerBook(platformdirs.user_config_path("technician-console") / "servers.json")
    book.put(server)
    book.save()
    token, _ = rmm.users.new_token(rmm.users.technician)
    vault.put(server.id, Kind.SESSION_TOKEN, Secret(token))
    try:
        audit = len(rmm.api.audit)
        run = doctor("--server", "Test RMM", "--json")
        lines = {row["check"]: row for row in json.loads(run.stdout)}
        assert len(rmm.api.audit) == audit
        assert [key for key, row in lines.items() if row["verdict"] == "failure"] == []
        assert lines["keyring"]["verdict"] == "fine"
        assert "SecretService" in lines["keyring"]["said"]
        assert lines["rmm.sign-in"]["verdict"] == "fine"
        assert lines["switches"]["verdict"] == "warning"
        assert run.returncode == 1
        assert run.stderr == ""
        more = doctor("--server", server.address, "--session", rmm.live[0].hostname)
        assert len(rmm.api.audit) == audit + 1
        assert f"Account: {rmm.mesh.user}: own account" in more.stdout
        assert "writes that into its audit log" in more.stderr
        for text in (run.stdout, run.stderr, more.stdout, more.stderr):
            assert_without(text, token=token, login_key=rmm.mesh.server.login_key.reveal())
            assert "login=" not in text
        assert Path(surroundings.home).exists()
    finally:
        vault.forget(server.id, Kind.SESSION_TOKEN)
        book.remove(server.id)
        book.save()


def doctor(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "console", "doctor", *arguments],
        env={**os.environ, "QTWEBENGINE_REMOTE_DEBUGGING": "9333"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
