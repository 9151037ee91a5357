"""The certificate that a host presents: trusted or pinned, and for how long."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console import certificates
from console.certificates import Certificate
from console.sessions.doctor.verdict import Outcome, failure, fine, warning
from console.transport import CertificateUntrusted, Transport, host_and_port

_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Presented:
    """What a host presented when a connection stood. `refused` says why its certificate is not taken; both are None
    without encryption, which there is on this computer only, and behind a proxy that shows no certificate."""

    der: bytes | None = None
    refused: CertificateUntrusted | None = None

    @property
    def sha384(self) -> str:
        return hashlib.sha384(self.der).hexdigest() if self.der else ""


def reach(url: str, transport: Transport) -> Presented:
    """Raises a TransportProblem when no connection comes about for another reason than the certificate."""
    if url.startswith("http://"):
        return Presented()
    try:
        connection = transport.connect(url)
    except CertificateUntrusted as problem:
        return Presented(refused=problem)
    from console.verified_adapters import presented_on  # slow to load, and loaded once there is a connection

    with connection:
        return Presented(presented_on(connection))


def look(url: str, presented: Presented, pins: dict[str, str]) -> Outcome:
    if presented.refused is not None:
        return _refused(presented.refused)
    if url.startswith("http://"):
        return fine("None: the address is one of this computer, without encryption.")
    if not presented.der:
        return warning(
            "There is a verified connection, but its certificate could not be read.",
            "Look at how long it is valid on the server itself.",
        )
    return judge(certificates.parse(presented.der), host_and_port(url) in pins)


def judge(certificate: Certificate, pinned: bool, now: datetime | None = None) -> Outcome:
    """A certificate that is trusted."""
    now = now or datetime.now(UTC)
    how = "It is the one that was trusted here by its fingerprint" if pinned else "This computer trusts it"
    detail = facts(certificate)
    if certificate.not_after < now:
        return warning(
            f"{how}, but it has expired on {certificate.not_after:%Y-%m-%d}.",
            "The console goes by the fingerprint, browsers and agents do not: have it renewed.",
            detail,
        )
    if certificate.not_after - now < _SOON:
        return warning(
            f"{how}; it expires on {certificate.not_after:%Y-%m-%d}.",
            "Have it renewed. Where it was trusted by its fingerprint, the new one has to be trusted anew.",
            detail,
        )
    return fine(f"{how}; it is good until {certificate.not_after:%Y-%m-%d}.", detail)


def facts(certificate: Certificate) -> str:
    names = ", ".join(certificate.names[:8]) or "none"
    return (
        f"Subject: {certificate.subject}\nIssuer: {certificate.issuer}\nNames: {names}\n"
        f"Valid: {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}\n"
        f"SHA-256: {certificate.shown_fingerprint}"
    )


def _refused(problem: CertificateUntrusted) -> Outcome:
    found, said, advice = problem.certificate, problem.what, problem.advice
    detail = problem.detail
    if found is not None:
        detail = facts(found)
        now = datetime.now(UTC)
        if not problem.pinned and not found.not_before <= now <= found.not_after:
            ended = found.not_after < now
            said += f" It {'expired' if ended else 'is not valid before'} {'on ' if ended else ''}"
            said += f"{(found.not_after if ended else found.not_before):%Y-%m-%d}."
            advice = "Have it renewed; look at this computer's clock as well."
    if problem.pinned:
        digits = problem.pinned.upper()
        detail += "\nTrusted before: " + ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    return failure(said, advice, detail)
