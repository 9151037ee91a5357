import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import certificates
from console.demo.api_server import serve
from console.transport import Transport
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.tls import identity


def test_what_a_technician_needs_to_see(tmp_path: Path) -> None:
    own = identity(tmp_path, "mesh.example.com", "127.0.0.1", "::1")
    read = certificates.parse(own.der)
    assert read.fingerprint == hashlib.sha256(own.der).hexdigest() == certificates.fingerprint(own.der)
    assert read.subject == read.issuer == "CN=mesh.example.com"
    assert read.names == ("mesh.example.com", "127.0.0.1", "::1")
    assert read.not_before < datetime.now(UTC) < read.not_after


def test_a_fingerprint_is_shown_in_pairs(tmp_path: Path) -> None:
    read = certificates.parse(identity(tmp_path, "a").der)
    pairs = read.shown_fingerprint.split(":")
    assert len(pairs) == 32
    assert all(len(pair) == 2 and pair == pair.upper() for pair in pairs)
    assert "".join(pairs).lower() == read.fingerprint


@given(st.binary())
def test_what_is_no_certificate_is_a_value_error(der: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        certificates.parse(der)


def test_a_version_that_there_is_not_is_a_value_error(tmp_path: Path) -> None:
    der = identity(tmp_path, "a").der
    version = b"\xa0\x03\x02\x01"
    assert version + b"\x02" in der
    with pytest.raises(ValueError, match="version"):
        certificates.parse(der.replace(version + b"\x02", version + b"\x06"))


def test_the_certificate_of_a_host_is_read_without_trusting_it(tmp_path: Path) -> None:
    own = identity(tmp_path, "another.example.com")
    app = Scripted({"/": [answer("")]})
    with serve(app, own.context) as server:
        presented = Transport().look(f"127.0.0.1:{server.port}")
    assert presented == certificates.parse(own.der)
    assert app.asked == []


def test_a_host_that_presents_none() -> None:
    with serve(Scripted({"/": [answer("")]})) as server:
        host = f"127.0.0.1:{server.port}"
        assert Transport().look(host) is None
    assert Transport().look(host) is None
