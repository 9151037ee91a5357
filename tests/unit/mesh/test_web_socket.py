"""The web socket against real servers on loopback: TLS as everywhere in the console, nothing sent before it stands."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from console.mesh.exchange import MeshCookies
from console.mesh.file_errors import AgentNotReached, CookieVoid, TunnelLost
from console.mesh.link import SessionLink
from console.mesh.session_kind import SessionKind
from console.mesh.tunnel import open_files_tunnel
from console.mesh.web_socket import WebSocket, connected
from console.secret import Secret
from console.transport import CertificateUntrusted, Transport, Unreachable
from tests.unit.raw_server import asked, free_port, raw
from tests.unit.tls import Identity, identity

COOKIE = "xid=hunter2"
NODE = "a" * 64


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@contextmanager
def server(own: Identity, talk: Callable[[ServerConnection], None]) -> Iterator[int]:
    with serve(talk, "127.0.0.1", 0, ssl=own.context, max_size=None) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield running.socket.getsockname()[1]
        finally:
            running.shutdown()


def to(port: int, own: Identity, path: str = "/control.ashx") -> WebSocket:
    transport = Transport({f"127.0.0.1:{port}": own.fingerprint})
    return connected(transport, f"wss://127.0.0.1:{port}{path}", {"Cookie": Secret(COOKIE)})


def echo(connection: ServerConnection) -> None:
    for message in connection:
        connection.send(message)


@pytest.mark.parametrize("message", ["text ü", b"", b"\0{binary", bytes(300_000)])
def test_messages_go_both_ways(own: Identity, message: str | bytes) -> None:
    with server(own, echo) as port:
        end = to(port, own)
        end.send(message)
        assert end.receive(10) == message
        assert end.receive(0.01) is None
        end.close()


def test_the_cookie_goes_along_and_shows_nowhere(own: Identity, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with server(own, lambda one: one.send(one.request.headers["Cookie"] if one.request else "")) as port:
        assert to(port, own).receive(10) == COOKIE
    own_records = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert not [record for record in own_records if "hunter2" in record.getMessage()]


def test_a_message_in_pieces_is_one(own: Identity) -> None:
    with server(own, lambda one: one.send([b"a", b"b", b"c"])) as port:
        assert to(port, own).receive(10) == b"abc"


def test_a_ping_is_answered(own: Identity) -> None:
    answered: list[bool] = []

    def talk(one: ServerConnection) -> None:
        answered.append(one.ping().wait(10))
        one.send("done")

    with server(own, talk) as port:
        assert to(port, own).receive(10) == "done"
    assert answered == [True]


def test_the_end_is_told(own: Identity) -> None:
    with server(own, lambda one: one.send("last")) as port:
        end = to(port, own)
        assert end.receive(10) == "last"
        with pytest.raises(TunnelLost):
            end.receive(10)
        with pytest.raises(TunnelLost):
            end.send("more")
        end.close()
        end.close()


def test_it_can_be_cut_from_another_thread(own: Identity) -> None:
    with server(own, echo) as port:
        end = to(port, own)
        threading.Timer(0.1, end.abort).start()
        with pytest.raises(TunnelLost):
            end.receive(30)


def test_a_certificate_that_is_not_trusted_gets_nothing(own: Identity, tmp_path: Path) -> None:
    heard: list[str] = []
    with server(own, lambda one: heard.append(one.id.hex)) as port:
        for pins in ({}, {f"127.0.0.1:{port}": "0" * 64}):
            with pytest.raises(CertificateUntrusted):
                connected(Transport(pins), f"wss://127.0.0.1:{port}/", {"Cookie": Secret(COOKIE)})
    assert heard == []


def test_a_redirect_is_not_followed(own: Identity) -> None:
    heard: list[bytes] = []

    def elsewhere(connection: socket.socket) -> None:
        with own.context.wrap_socket(connection, server_side=True) as tls:
            asked(tls)
            tls.sendall(f"HTTP/1.1 302 Found\r\nLocation: wss://127.0.0.1:{other.port}/\r\n\r\n".encode())
            tls.recv(1)

    with raw(lambda one: heard.append(one.recv(1))) as other, raw(elsewhere) as first, pytest.raises(TunnelLost):
        to(first.port, own)
    assert heard == []


def test_a_server_that_is_down(own: Identity) -> None:
    with pytest.raises(Unreachable):
        to(free_port(), own)


def test_goes_through_the_proxy_of_the_system(own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    tunnels: list[bytes] = []

    def proxy(connection: socket.socket) -> None:
        tunnels.append(asked(connection).split(b"\r\n")[0])
        with socket.create_connection(("127.0.0.1", port)) as onward:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=_pass_on, args=(onward, connection), daemon=True).start()
            _pass_on(connection, onward)

    with server(own, echo) as port, raw(proxy) as between:
        monkeypatch.setenv("https_proxy", between.address)
        monkeypatch.delenv("no_proxy", raising=False)
        transport = Transport({"mesh.example:443": own.fingerprint})
        end = connected(transport, "wss://mesh.example/control.ashx", {})
        end.send("through")
        assert end.receive(10) == "through"
        end.close()
    assert [one.rpartition(b" ")[0] for one in tunnels] == [b"CONNECT mesh.example:443"]


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        return


class TestTunnel:
    def open(self, port: int, own: Identity) -> WebSocket:
        link = SessionLink(f"https://127.0.0.1:{port}", "/", NODE, SessionKind.FILES, Secret("token"))
        cookies = MeshCookies({"xid": Secret("a"), "xid.sig": Secret("b")}, own.fingerprint)
        return open_files_tunnel(link, cookies, Transport({f"127.0.0.1:{port}": own.fingerprint}), lambda _: None)

    def test_a_cookie_that_is_not_taken(self, own: Identity) -> None:
        def talk(one: ServerConnection) -> None:
            one.send('{"action":"close","cause":"noauth","msg":"noauth"}')

        with server(own, talk) as port, pytest.raises(CookieVoid):
            self.open(port, own)

    def test_an_agent_that_does_not_come(self, own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("console.mesh.tunnel._AGENT_SECONDS", 0.3)
        with server(own, mesh) as port, pytest.raises(AgentNotReached):
            self.open(port, own)

    def test_asks_for_files(self, own: Identity) -> None:
        heard: list[str | bytes] = []
        protocol: list[str | bytes] = []  # the two connections are heard at the same time

        def talk(one: ServerConnection) -> None:
            if one.request and "meshrelay" in one.request.path:
                heard.append(one.request.path)
                one.send("cr")
                protocol.append(one.recv(10))
                one.send("heard")
                one.recv()
            else:
                mesh(one, heard)

        with server(own, talk) as port:
            end = self.open(port, own)
            assert end.receive(10) == "heard"
            end.close()
        assert protocol == ["5"]
        assert any(f"nodeid=node%2F%2F{NODE}" in str(one) and "auth=ours" in str(one) for one in heard)
        assert any("rauth=agents" in str(one) and f'"nodeid":"node//{NODE}"' in str(one) for one in heard)


def mesh(one: ServerConnection, heard: list[str | bytes] | None = None) -> None:
    one.send('{"action":"serverinfo"}')
    one.send("no JSON")
    for message in one:
        if heard is not None:
            heard.append(message)
        if message == '{"action":"authcookie"}':
            one.send('{"action":"authcookie","cookie":"ours","rcookie":"agents"}')
