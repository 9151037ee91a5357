"""A server's TLS certificate: reading it without trusting it, and what a technician needs to see to decide."""

import hashlib
import warnings
from datetime import datetime

import msgspec


class Certificate(msgspec.Struct, frozen=True):
    """The leaf certificate that a host presents. `fingerprint` is the SHA-256 of its DER form, 64 hex digits."""

    fingerprint: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    der: bytes = b""

    @property
    def shown_fingerprint(self) -> str:
        """The fingerprint as administrators compare it: upper case, in pairs, with colons."""
        return shown_fingerprint(self.fingerprint)


def shown_fingerprint(fingerprint: str) -> str:
    """As administrators compare it: upper case, in pairs, with colons."""
    digits = fingerprint.upper()
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate's DER form as 64 lower-case hex digits: the form that a pin is kept in."""
    return hashlib.sha256(der).hexdigest()


def parse(der: bytes) -> Certificate:
    """Reads a DER certificate. Raises ValueError when it is not one."""
    from cryptography import x509  # takes its time to load, and is seldom needed

    try:
        certificate = x509.load_der_x509_certificate(der)
    except x509.InvalidVersion:
        raise ValueError("a certificate of a version that there is not") from None
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = tuple(str(name.value) for name in extension.value)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        names = ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MeshCentral's own issuer has a country that is none, and it is said aloud
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    return Certificate(
        fingerprint(der),
        subject,
        issuer,
        names,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        der,
    )


def parsed(der: bytes, wanted: str | None) -> Certificate | None:
    """A certificate that was kept, unless it is not the one with the fingerprint wanted, or none at all."""
    if not der or (wanted is not None and fingerprint(der) != wanted):
        return None
    try:
        return parse(der)
    except ValueError:
        return None
