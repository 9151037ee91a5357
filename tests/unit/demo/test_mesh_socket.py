import datetime
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console import certificates
from console.demo.mesh_socket import MeshSocket
from console.problem import Problem

Talk = Callable[[ssl.SSLSocket], None]


class Server:
    """A TLS server on loopback that takes one connection, answers its handshake and then does what a test wants."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mesh")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        pem = folder / "pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        self.fingerprint = certificates.fingerprint(certificate.public_bytes(serialization.Encoding.DER))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.request = b""

    def serve(self, talk: Talk, status: str = "101 Switching Protocols") -> None:
        def run() -> None:
            plain, _ = self._listening.accept()
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    while b"\r\n\r\n" not in self.request:
                        more = connection.recv(4096)
                        if not more:
                            return
                        self.request += more
                    connection.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())
                    talk(connection)
            except OSError:
                return

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def close(self) -> None:
        self._thread.join(10)
        self._listening.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.close()


def frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def soon() -> float:
    return time.monotonic() + 5


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 300_000])
def test_messages_of_every_size_go_both_ways(server: Server, size: int) -> None:
    def echo(connection: ssl.SSLSocket) -> None:
        head = {0: 6, 1: 8, 2: 14}[(size > 125) + (size > 65535)]
        data = b""
        while len(data) < head + size:
            data += connection.recv(65536)
        connection.sendall(frame(0x82, data[head:]))
        connection.recv(16)

    server.serve(echo)
    with MeshSocket(server.port, server.fingerprint, "/some?query=1") as channel:
        message = bytes(index % 251 for index in range(size))
        channel.send(message)
        assert channel.receive(soon()) == message
    assert server.request.startswith(b"GET /some?query=1 HTTP/1.1\r\n")


def test_a_message_in_pieces_with_a_ping_between(server: Server) -> None:
    answered = threading.Event()

    def talk(connection: ssl.SSLSocket) -> None:
        whole = frame(0x01, b"in ") + frame(0x89, b"hi") + frame(0x80, b"pieces")
        for place in range(len(whole)):
            connection.sendall(whole[place : place + 1])
        if connection.recv(8)[:1] == b"\x8a":
            answered.set()
        connection.recv(16)

    server.serve(talk)
    with MeshSocket(server.port, server.fingerprint, "/") as channel:
        assert channel.receive(soon()) == b"in pieces"
        assert answered.wait(5)


def test_nothing_comes_in_time(server: Server) -> None:
    def wait(connection: ssl.SSLSocket) -> None:
        connection.recv(16)

    server.serve(wait)
    with MeshSocket(server.port, server.fingerprint, "/") as channel:
        assert channel.receive(time.monotonic() + 0.1) is None


@pytest.mark.parametrize("last", [frame(0x88, b""), b""])
def test_the_server_closes(server: Server, last: bytes) -> None:
    server.serve(lambda connection: connection.sendall(last))
    with MeshSocket(server.port, server.fingerprint, "/") as channel, pytest.raises(OSError, match="closed"):
        channel.receive(soon())


def test_a_message_that_is_too_long_is_refused(server: Server) -> None:
    server.serve(lambda connection: connection.sendall(struct.pack("!BBQ", 0x81, 127, 2**40)))
    with MeshSocket(server.port, server.fingerprint, "/") as channel, pytest.raises(OSError, match="too long"):
        channel.receive(soon())


def test_a_refused_handshake(server: Server) -> None:
    server.serve(lambda connection: None, "401 Unauthorized")
    with pytest.raises(OSError, match="401"):
        MeshSocket(server.port, server.fingerprint, "/")


def test_another_certificate_is_sent_nothing(server: Server) -> None:
    server.serve(lambda connection: None)
    with pytest.raises(Problem, match="Another server"):
        MeshSocket(server.port, "0" * 64, "/?auth=secret")
    server.close()
    assert server.request == b""
