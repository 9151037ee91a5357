import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from console import certificates
from console.demo.api_server import serve
from console.proxies import Proxies
from console.sessions.doctor import tls
from console.sessions.doctor.verdict import Outcome, Verdict
from console.transport import Transport, Unreachable
from tests.connect_proxy import ConnectProxy
from tests.unit.raw_server import free_port
from tests.unit.rmm.scripted import Scripted
from tests.unit.tls import identity


def looked(context: ssl.SSLContext, pin: str) -> Outcome:
    with serve(Scripted({}), context) as running:
        pins = {f"127.0.0.1:{running.port}": pin} if pin else {}
        return tls.look(running.address, tls.reach(running.address, Transport(pins)), pins)


def test_a_pinned_one(tmp_path: Path) -> None:
    own = identity(tmp_path, "127.0.0.1")
    parsed = certificates.parse(own.der)
    outcome = looked(own.context, own.fingerprint)
    assert outcome.verdict is Verdict.WARNING  # it is good for a day
    assert "trusted here by its fingerprint" in outcome.said
    assert parsed.shown_fingerprint in outcome.detail


def test_one_that_nobody_trusts(tmp_path: Path) -> None:
    own = identity(tmp_path, "127.0.0.1")
    outcome = looked(own.context, "")
    assert outcome.verdict is Verdict.FAILURE
    assert "does not trust" in outcome.said
    assert certificates.parse(own.der).shown_fingerprint in outcome.detail


def test_one_that_changed_is_shown_with_both_fingerprints(tmp_path: Path) -> None:
    before, now = identity(tmp_path, "127.0.0.1"), identity(tmp_path, "127.0.0.1")
    outcome = looked(now.context, before.fingerprint)
    assert outcome.verdict is Verdict.FAILURE
    assert "not the one that you trusted" in outcome.said
    for each in (before, now):
        assert certificates.parse(each.der).shown_fingerprint in outcome.detail


def test_a_pinned_one_behind_a_proxy_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, its = identity(tmp_path, "rmm.example.test"), identity(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(its.pem))
    with ConnectProxy(context=its.context) as proxy, serve(Scripted({}), own.context) as running:
        url = f"https://rmm.example.test:{running.port}"
        pins = {f"rmm.example.test:{running.port}": own.fingerprint}
        presented = tls.reach(url, Transport(pins, Proxies(environ={"HTTPS_PROXY": proxy.address})))
    assert certificates.parse(own.der).shown_fingerprint in tls.look(url, presented, pins).detail


def test_nothing_answers() -> None:
    with pytest.raises(Unreachable):
        tls.reach(f"https://127.0.0.1:{free_port()}", Transport())


def test_without_encryption_on_this_computer() -> None:
    url = "http://127.0.0.1:1"
    assert tls.look(url, tls.reach(url, Transport()), {}).verdict is Verdict.FINE


def test_one_that_could_not_be_read_is_not_called_fine() -> None:
    assert tls.look("https://mesh.example.test", tls.Presented(), {}).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [(1, Verdict.FAILURE, "expired"), (-12, Verdict.WARNING, "it expires on"), (-40, Verdict.FINE, "is good until")],
)
def test_how_long_it_is_good(tmp_path: Path, days: int, verdict: Verdict, words: str) -> None:
    """A trusted one, seen so many days after its end."""
    found = certificates.parse(identity(tmp_path, "127.0.0.1").der)
    outcome = tls.judge(found, pinned=False, now=found.not_after + timedelta(days=days))
    assert outcome.verdict is (Verdict.WARNING if verdict is Verdict.FAILURE else verdict)
    assert words in outcome.said
