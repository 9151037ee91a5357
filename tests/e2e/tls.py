"""Self-signed certificates for servers on loopback, as a server has before anybody bought one."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console import certificates


class SelfSigned:
    """A certificate for 127.0.0.1 in a PEM file with its key. `fingerprint` is its SHA-256, 64 hex digits."""

    def __init__(self, folder: Path, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        names = [x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("*.example.test")]
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        self.fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        self.certificate = certificates.parse(certificate.public_bytes(serialization.Encoding.DER))
        self._path = folder / f"{name}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))

    def context(self) -> ssl.SSLContext:
        """For a server that presents it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.put_into(context)
        return context

    def put_into(self, context: ssl.SSLContext) -> None:
        """Renews: connections made from now on get this certificate."""
        context.load_cert_chain(self._path)
