import pytest

from console.proxies import Proxies, ProxySettings
from console.sessions.doctor import proxies
from console.sessions.doctor.verdict import Verdict

RMM, MESH = "https://api.example.test", "https://mesh.example.test/"
PIN = "ab" * 32


URLS = {"The RMM": RMM, "MeshCentral": MESH}


def test_there_are_none() -> None:
    outcome = proxies.look(URLS, Proxies(environ={}), {})
    assert outcome.verdict is Verdict.FINE
    assert outcome.said == "The RMM: direct; MeshCentral: direct"


def test_one_is_named_without_its_credentials() -> None:
    environ = {
        "https_proxy": "http://tess:hunter2hunter2@proxy.example.test:3128/x?hunter2",
        "no_proxy": "mesh.example.test",
    }
    outcome = proxies.look(URLS, Proxies(environ=environ), environ)
    assert outcome.verdict is Verdict.FINE
    assert outcome.said == "The RMM: http://proxy.example.test:3128; MeshCentral: direct"
    assert "hunter2" not in repr(outcome)
    assert "tess" not in repr(outcome)


def test_one_that_cannot_be_used() -> None:
    outcome = proxies.look(URLS, Proxies(environ={"all_proxy": "socks5://me:hunter2@proxy:1080"}), {})
    assert outcome.verdict is Verdict.FAILURE
    assert "a SOCKS proxy" in outcome.said
    assert "hunter2" not in repr(outcome)


def test_a_script_chooses() -> None:
    outcome = proxies.look(URLS, Proxies(lambda url: ProxySettings(script=True), environ={}), {})
    assert outcome.verdict is Verdict.WARNING
    assert "script" in outcome.said


def test_only_the_pages_follow_some_variables() -> None:
    environ = {"auto_proxy": "http://wpad.example.test/secret.pac"}
    outcome = proxies.look(URLS, Proxies(environ=environ), environ)
    assert outcome.verdict is Verdict.WARNING
    assert "auto_proxy" in outcome.said
    assert "secret" not in repr(outcome)


@pytest.mark.parametrize("text", ["http://[::1", "::::", "", "proxy:99999"])
def test_a_proxy_that_is_none(text: str) -> None:
    assert isinstance(proxies.without_credentials(text), str)


class TestPage:
    def test_it_comes(self) -> None:
        assert proxies.page("", PIN, PIN, "").verdict is Verdict.FINE

    def test_a_proxy_wants_a_sign_in(self) -> None:
        outcome = proxies.page("net::ERR_INVALID_AUTH_CREDENTIALS", "", "", "http://me:hunter2@proxy:3128")
        assert outcome.verdict is Verdict.FAILURE
        assert "wants a sign-in" in outcome.said
        assert "hunter2" not in repr(outcome)

    def test_another_certificate(self) -> None:
        outcome = proxies.page("net::ERR_CERT_AUTHORITY_INVALID", "cd" * 32, PIN, "")
        assert outcome.verdict is Verdict.FAILURE
        assert "certificate" in outcome.said

    def test_it_is_not_reached(self) -> None:
        outcome = proxies.page("net::ERR_PROXY_CONNECTION_FAILED", "", "", "")
        assert outcome.verdict is Verdict.FAILURE
        assert "the web engine does not" in outcome.said
        assert outcome.detail == "net::ERR_PROXY_CONNECTION_FAILED"
