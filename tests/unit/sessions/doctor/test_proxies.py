import pytest

from console.proxies import Proxies
from console.sessions.doctor import proxies
from console.sessions.doctor.verdict import Verdict

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
RMM, MESH = "https://api.example.test", "https://mesh.example.test/"
PIN = "ab" * 32


@pytest.fixture(autouse=True)
def none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_there_are_none() -> None:
    outcome = proxies.look({"The RMM": RMM, "MeshCentral": MESH}, {}, Proxies())
    assert outcome.verdict is Verdict.FINE
    assert outcome.said == "The RMM: direct; MeshCentral: direct"


def test_one_is_named_without_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://tess:hunter2hunter2@proxy.example.test:3128/x?hunter2")
    monkeypatch.setenv("no_proxy", "mesh.example.test")
    outcome = proxies.look({"The RMM": RMM, "MeshCentral": MESH}, {}, Proxies())
    assert outcome.said.startswith("The RMM: http://proxy.example.test:3128; MeshCentral: direct")
    assert "hunter2" not in repr(outcome)
    assert "tess" not in repr(outcome)


def test_this_computer_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.test:3128")
    assert proxies.of_calls("https://127.0.0.1:444/", Proxies()) == ""


def test_they_do_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "of_system", lambda url: "http://other.example.test:8080")
    outcome = proxies.look({"MeshCentral": MESH}, {}, Proxies())
    assert outcome.verdict is Verdict.WARNING
    assert "the console's calls go directly, the system's settings say through http://other" in outcome.said


def test_only_the_pages_follow_some_variables() -> None:
    outcome = proxies.look({"MeshCentral": MESH}, {"auto_proxy": "http://wpad.example.test/secret.pac"}, Proxies())
    assert outcome.verdict is Verdict.WARNING
    assert "auto_proxy" in outcome.said
    assert "secret" not in repr(outcome)


@pytest.mark.parametrize("text", ["http://[::1", "::::", "", "proxy:99999"])
def test_a_proxy_that_is_none(text: str) -> None:
    assert isinstance(proxies.without_credentials(text), str)


class TestPage:
    def test_it_comes(self) -> None:
        assert proxies.page("", PIN, PIN, "", MESH).verdict is Verdict.FINE

    def test_a_proxy_wants_a_sign_in(self) -> None:
        outcome = proxies.page("net::ERR_INVALID_AUTH_CREDENTIALS", "", "", "http://me:hunter2@proxy:3128", MESH)
        assert outcome.verdict is Verdict.FAILURE
        assert "wants a sign-in" in outcome.said
        assert "hunter2" not in repr(outcome)

    def test_another_certificate(self) -> None:
        outcome = proxies.page("net::ERR_CERT_AUTHORITY_INVALID", "cd" * 32, PIN, "", MESH)
        assert outcome.verdict is Verdict.FAILURE
        assert "certificate" in outcome.said

    def test_it_is_not_reached(self) -> None:
        outcome = proxies.page("net::ERR_PROXY_CONNECTION_FAILED", "", "", "", MESH)
        assert outcome.verdict is Verdict.FAILURE
        assert "the web engine does not" in outcome.said
        assert outcome.detail == "net::ERR_PROXY_CONNECTION_FAILED"
