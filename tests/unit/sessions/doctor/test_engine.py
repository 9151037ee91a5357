"""The web engine in its own process: real, off the screen."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.mesh.engine_facts import EngineFacts, EngineQuestion, PageLoad
from console.problem import Problem
from console.sessions.doctor import engine
from tests.unit.raw_server import asked, raw
from tests.unit.rmm.scripted import Scripted
from tests.unit.tls import Identity, identity

ELSEWHERE = "https://mesh.example.test/robots.txt"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
}


def ask(url: str = "", pin: str = "", **environment: str) -> EngineFacts:
    return engine.ask(EngineQuestion(url, pin), {**ENVIRONMENT, **environment})


def load(url: str, pin: str = "", **environment: str) -> PageLoad:
    page = ask(url, pin, **environment).page
    assert page is not None
    return page


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@contextmanager
def file(own: Identity, status: int = 200) -> Iterator[str]:
    with serve(Scripted({"/robots.txt": [Response(b"User-agent: *", status)]}), own.context) as running:
        yield f"{running.address}/robots.txt"


def test_it_tells_of_itself() -> None:
    facts = ask()
    assert facts.platform == "offscreen"
    assert facts.chromium.count(".") == 3
    assert facts.patches.count(".") == 3
    assert "NOT adequately sandboxed" in facts.sandbox
    assert facts.page is None


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_comes_under_the_pinned_certificate(own: Identity, status: int) -> None:
    with file(own, status) as url:
        assert load(url, own.fingerprint) == PageLoad("", own.fingerprint, "")


def test_a_certificate_that_nobody_trusts(own: Identity) -> None:
    with file(own) as url:
        page = load(url, "00" * 32)
    assert page.error
    assert page.leaf == own.fingerprint


def test_nothing_answers(own: Identity) -> None:
    with file(own) as url:
        pass
    assert load(url).error == "net::ERR_CONNECTION_REFUSED"


def test_a_proxy_that_is_not_there() -> None:
    facts = engine.ask(EngineQuestion(ELSEWHERE, flags=("--proxy-server=http://127.0.0.1:1",)), ENVIRONMENT)
    assert facts.page == PageLoad("net::ERR_PROXY_CONNECTION_FAILED")


def test_a_proxy_that_wants_a_sign_in() -> None:
    told = threading.Event()

    heads: list[bytes] = []

    def refuse(connection: socket.socket) -> None:
        heads.append(asked(connection))
        told.set()
        connection.sendall(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )

    with raw(refuse) as proxy:
        flags = (f"--proxy-server={proxy.address}",)
        page = engine.ask(EngineQuestion(ELSEWHERE, flags=flags), ENVIRONMENT).page
        assert page is not None
        assert page.proxy
        assert page.error
        assert told.is_set()
        heads.clear()
        question = EngineQuestion(ELSEWHERE, flags=flags, user="tess", password="hunter2")
        page = engine.ask(question, ENVIRONMENT).page
        assert page is not None
        assert page.error
    assert any(b"Proxy-Authorization: Basic dGVzczpodW50ZXIy" in head for head in heads)
    assert "hunter2" not in repr(question)


def test_one_that_does_not_start() -> None:
    with pytest.raises(Problem, match="does not start") as caught:
        ask(QT_QPA_PLATFORM="no-such-platform")
    assert "no-such-platform" in caught.value.detail


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has no sandbox")
def test_root_without_the_switch() -> None:
    with pytest.raises(Problem, match="does not start as root"):
        engine.ask(EngineQuestion(), {name: value for name, value in ENVIRONMENT.items() if "SANDBOX" not in name})


def test_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SECONDS", 0.01)
    with pytest.raises(Problem, match="does not start"):
        ask()
