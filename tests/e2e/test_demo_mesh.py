"""The demo's own far end: a real MeshCentral with its real agent, from start to the last process and file."""

import base64
import http.client
import json
import os
import re
import shutil
import ssl
import struct
import subprocess
import sys
import textwrap
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.demo import mesh_background
from console.demo.mesh_control import ControlChannel
from console.demo.mesh_local import LocalMesh
from console.demo.mesh_server import ServerOptions
from console.demo.mesh_token import tactical_login_token
from console.problem import Problem
from console.secret import Secret
from tests.e2e.far_end import DESKTOP, FILES, TERMINAL, Relay, another_key, answer_consent, until, xdotool

pytestmark = pytest.mark.e2e


def signed_in(mesh: LocalMesh, token: Secret) -> str | None:
    """GET /?login=TOKEN as a browser does it; the user whose session the answer's cookies hold.

    MeshCentral 1.1.55 gives the cookies xid and xid.sig to everybody; without a session xid holds an empty object.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", mesh.server.port, timeout=15, context=context)
    try:
        connection.request("GET", "/?login=" + urllib.parse.quote(token.reveal(), safe=""))
        cookies = connection.getresponse().headers.get_all("Set-Cookie") or []
    finally:
        connection.close()
    values = {found[1]: found[2] for cookie in cookies if (found := re.match(r"([^=]+)=([^;]*)", cookie))}
    assert {"xid", "xid.sig"} <= values.keys()
    user = json.loads(base64.b64decode(values["xid"])).get("userid")
    return None if user is None else str(user)


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended; one that only waits to be collected by its parent has."""
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


class TestServer:
    def test_the_token_that_tactical_makes_signs_in(self, local_mesh: LocalMesh) -> None:
        assert signed_in(local_mesh, local_mesh.link_token()) == f"user//{local_mesh.user}"

    def test_a_token_of_another_key_does_not(self, local_mesh: LocalMesh) -> None:
        token = tactical_login_token(another_key(), local_mesh.user)
        assert signed_in(local_mesh, token) is None
        with pytest.raises(Problem):
            ControlChannel(local_mesh.server.port, local_mesh.fingerprint, token).ask("nodes")

    def test_the_fingerprint_is_of_the_certificate_that_it_presents(self, local_mesh: LocalMesh) -> None:
        with pytest.raises(Problem, match="Another server"):
            ControlChannel(local_mesh.server.port, "0" * 64, local_mesh.link_token())

    def test_it_listens_on_loopback_only(self, local_mesh: LocalMesh) -> None:
        listening = [
            connection.laddr.ip
            for pid in local_mesh.pids
            for connection in psutil.Process(pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert set(listening) == {"127.0.0.1"}

    def test_a_restart_keeps_accounts_and_ends_cookies(self, local_mesh: LocalMesh) -> None:
        before = local_mesh.fingerprint, local_mesh.site
        local_mesh.server.restart()
        assert (local_mesh.fingerprint, local_mesh.site) == before
        assert signed_in(local_mesh, local_mesh.link_token()) is not None
        local_mesh.agent.restart()
        assert TestAgent.online(local_mesh)


class TestAgent:
    @staticmethod
    def online(mesh: LocalMesh) -> bool:
        with ControlChannel(mesh.server.port, mesh.fingerprint, mesh.link_token()) as channel:
            nodes = [node for group in channel.ask("nodes").nodes.values() for node in group]
        return [(node.id, node.conn & 1) for node in nodes] == [(mesh.agent.node_id, 1)]

    def test_it_is_online_and_the_technician_sees_it(self, local_mesh: LocalMesh) -> None:
        assert self.online(local_mesh)
        assert re.fullmatch(r"[0-9a-f]{96}", local_mesh.node_hex)

    def test_it_gives_a_terminal_as_the_user_who_runs_the_console(self, local_mesh: LocalMesh) -> None:
        made = local_mesh.home / "made by a typed command"
        with Relay(local_mesh, TERMINAL) as terminal:
            terminal.send(f"id -u > '{made.name}'\n".encode())
            assert until(lambda: made.exists() and made.read_text() == f"{local_mesh.folder.stat().st_uid}\n")

    def test_it_shares_the_display_of_its_own_and_no_other(self, local_mesh: LocalMesh, tmp_path: Path) -> None:
        desktop = local_mesh.desktop
        assert desktop is not None
        with Relay(local_mesh, DESKTOP) as screen:
            assert screen.until(lambda message: message[:2] == b"\0\x07") == b"\0\x07\0\x08" + struct.pack(
                "!HH", 1280, 800
            )
            # Mouse: command 2, size 10, no button, then the position (agent-desktop-0.0.2.js).
            screen.send(struct.pack("!HHBBHH", 2, 10, 0, 0, 123, 456))
            assert until(lambda: "x:123 y:456" in xdotool(desktop, "getmouselocation"))


@pytest.fixture(scope="module")
def asking_mesh() -> Iterator[LocalMesh]:
    mesh = LocalMesh(ServerOptions(consent=True, consent_seconds=6))
    mesh.start(print)
    try:
        yield mesh
    finally:
        mesh.stop()


@pytest.mark.skipif(shutil.which("xmessage") is None, reason="the agent has no xmessage to ask with")
@pytest.mark.skipif(any(map(shutil.which, ("zenity", "kdialog"))), reason="the agent would not ask with xmessage")
@pytest.mark.parametrize("protocol", [TERMINAL, DESKTOP, FILES])
class TestConsent:
    def test_denied(self, asking_mesh: LocalMesh, protocol: int) -> None:
        assert asking_mesh.desktop is not None
        with Relay(asking_mesh, protocol) as relay:
            assert relay.console_message(1) == "Waiting for user to grant access..."
            assert answer_consent(asking_mesh.desktop, accept=False)
            assert relay.console_message(2) == "denied"

    def test_nobody_answers(self, asking_mesh: LocalMesh, protocol: int) -> None:
        with Relay(asking_mesh, protocol) as relay:
            assert relay.console_message(1) == "Waiting for user to grant access..."
            assert relay.console_message(2) == "timeout"

    def test_accepted(self, asking_mesh: LocalMesh, protocol: int) -> None:
        assert asking_mesh.desktop is not None
        with Relay(asking_mesh, protocol) as relay:
            assert relay.console_message(1) == "Waiting for user to grant access..."
            assert answer_consent(asking_mesh.desktop, accept=True)
            assert relay.until(lambda message: b'"type":"console"' in message and b'"msg":null' in message) is not None


class TestDesktop:
    def test_its_background_is_painted_and_nobody_gets_in_without_the_key(self, local_mesh: LocalMesh) -> None:
        assert local_mesh.desktop is not None
        number = int(local_mesh.desktop.display.removeprefix(":"))
        with pytest.raises(ConnectionRefusedError):
            mesh_background.paint(number, b"0" * 16, 0xFF0000)
        command = ["import", "-window", "root", "-crop", "1x1+2+2", "-depth", "8", "rgb:-"]
        environment = os.environ | local_mesh.desktop.environment
        pixel = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        assert pixel == bytes.fromhex("2b4c6f")

    def test_without_one_there_is_no_desktop_session_but_a_terminal(self) -> None:
        mesh = LocalMesh(with_desktop=False)
        try:
            mesh.start(print)
            with Relay(mesh, DESKTOP) as screen:
                assert screen.until(lambda message: message[:2] == b"\0\x07", 3.0) is None
            with Relay(mesh, TERMINAL) as terminal:
                terminal.send(b"echo two words | tr ' ' '+'\n")
                assert terminal.until(lambda message: b"two+words" in message) is not None
        finally:
            mesh.stop()


class TestEnd:
    def test_stop_leaves_no_process_and_no_file(self) -> None:
        mesh = LocalMesh()
        try:
            mesh.start(print)
            left_running = mesh.home / "pid"
            with Relay(mesh, TERMINAL) as terminal:
                terminal.send(f"(setsid sleep 1000 & echo $! > '{left_running}')\n".encode())
                assert until(lambda: left_running.exists() and left_running.read_text().strip().isdigit())
            own = [psutil.Process(pid) for pid in mesh.pids]
            orphan = psutil.Process(int(left_running.read_text()))
            below = [child for process in own for child in process.children(recursive=True)]
            assert orphan in below
            folder = mesh.folder
        finally:
            mesh.stop()
        assert until(lambda: not living(own + below)), living(own + below)
        assert not folder.exists()

    def test_all_end_when_the_console_is_killed(self, tmp_path: Path) -> None:
        program = textwrap.dedent(
            """
            import sys, threading
            from console.demo.mesh_local import LocalMesh
            mesh = LocalMesh()
            worker = threading.Thread(target=mesh.start, args=(lambda line: None,))
            worker.start()
            worker.join()
            print(mesh.folder, *mesh.pids, flush=True)
            sys.stdin.read()
            """
        )
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        console = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        try:
            assert console.stdout is not None
            _folder, *pids = console.stdout.readline().split()
            assert len(pids) >= 3
            own = [psutil.Process(int(pid)) for pid in pids]
            assert all(process.is_running() for process in own)
        finally:
            console.kill()
            console.communicate()
        assert until(lambda: not living(own)), living(own)


class TestSecrets:
    def test_none_is_on_a_command_line(self, local_mesh: LocalMesh) -> None:
        secrets = [local_mesh.server.login_key, local_mesh.password, local_mesh.link_token()]
        processes = [psutil.Process(pid) for pid in local_mesh.pids]
        lines = [" ".join(process.cmdline()) for process in processes]
        assert any(str(local_mesh.folder) in line for line in lines), "the command lines were not read"
        assert [line for line in lines for secret in secrets if secret.reveal() in line] == []

    def test_its_folder_is_closed_to_others(self, local_mesh: LocalMesh) -> None:
        assert local_mesh.folder.stat().st_mode & 0o077 == 0
