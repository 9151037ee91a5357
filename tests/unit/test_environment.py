import os
import sys

import pytest

from console import environment
from console.problem import Problem


def as_user(monkeypatch: pytest.MonkeyPatch, number: int, platform: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: number, raising=False)
    monkeypatch.setattr(sys, "platform", platform)


def test_root_on_linux_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    as_user(monkeypatch, 0, "linux")
    with pytest.raises(Problem) as caught:
        environment.refuse_root({})
    assert "root" in caught.value.what
    assert "QTWEBENGINE_DISABLE_SANDBOX=1" in caught.value.advice
    environment.refuse_root({"QTWEBENGINE_DISABLE_SANDBOX": "1"})


@pytest.mark.parametrize(("number", "platform"), [(1000, "linux"), (0, "darwin")])
def test_others_are_not(monkeypatch: pytest.MonkeyPatch, number: int, platform: str) -> None:
    as_user(monkeypatch, number, platform)
    environment.refuse_root({})


@pytest.mark.parametrize(
    "flag",
    [
        "--remote-debugging-port=9222",
        "--remote-debugging-pipe",
        "--auto-open-devtools-for-tabs",
        "--use-fake-ui-for-media-stream",
        "--allow-file-access-from-files",
        "--unsafely-treat-insecure-origin-as-secure=http://mesh",
        "--disable-site-isolation-trials",
        "--renderer-cmd-prefix=/tmp/x",
        "--no-sandbox",
        "-remote-debugging-port=9222",
        "/remote-debugging-port=9222",
        '"--remote-debugging-port=9222"',
        "--Remote-Debugging-Port=9222",
        '--re"mote-debugging-port"=9222',
        '--ignore-certificate-"errors"',
        "--ignore-certificate-errors",
        "--ignore-certificate-errors-spki-list=abc",
        "--user-data-dir=/tmp/x",
        "--log-net-log=/tmp/x",
        "--ssl-key-log-file=/tmp/x",
    ],
)
def test_a_flag_that_opens_the_sessions_is_dropped(flag: str) -> None:
    variables = {"QTWEBENGINE_CHROMIUM_FLAGS": f"--force-dark-mode {flag} --lang=de"}
    assert environment.drop_dangerous(variables)
    assert variables == {"QTWEBENGINE_CHROMIUM_FLAGS": "--force-dark-mode --lang=de"}


@pytest.mark.parametrize(
    "name",
    [
        "QTWEBENGINE_REMOTE_DEBUGGING",
        "SSLKEYLOGFILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "OPENSSL_CONF",
        "QTWEBENGINEPROCESS_PATH",
    ],
)
def test_a_variable_that_opens_the_sessions_is_dropped(name: str) -> None:
    variables = {name: "9222", "HOME": "/home/tech"}
    assert environment.drop_dangerous(variables) == [name]
    assert variables == {"HOME": "/home/tech"}


def test_what_is_dropped_is_named_without_its_value() -> None:
    variables = {"QTWEBENGINE_CHROMIUM_FLAGS": "--user-data-dir=/home/tech/secret"}
    assert environment.drop_dangerous(variables) == ["--user-data-dir"]


def test_what_is_dropped_is_said_in_words_for_the_window() -> None:
    problem = environment.dropped_problem(["--remote-debugging-port", "SSLKEYLOGFILE"])
    assert problem.detail == "Ignored: --remote-debugging-port, SSLKEYLOGFILE"
    assert "security of your sessions" in problem.what


def test_harmless_variables_stay_as_they_are() -> None:
    variables = {"QTWEBENGINE_CHROMIUM_FLAGS": '--lang=de  --user-agent="a b"', "DISPLAY": ":0"}
    before = dict(variables)
    assert environment.drop_dangerous(variables) == []
    assert variables == before


def test_chromium_is_quiet_unless_told_otherwise() -> None:
    variables: dict[str, str] = {}
    environment.quiet(variables)
    assert variables == {"QTWEBENGINE_CHROMIUM_FLAGS": "--log-level=3"}
    chosen = {"QTWEBENGINE_CHROMIUM_FLAGS": "--log-level=0 --lang=de"}
    environment.quiet(chosen)
    assert chosen == {"QTWEBENGINE_CHROMIUM_FLAGS": "--log-level=0 --lang=de"}


def test_what_leads_past_the_containment_is_switched_off() -> None:
    variables: dict[str, str] = {}
    environment.contain(variables)
    flags = variables["QTWEBENGINE_CHROMIUM_FLAGS"].split()
    assert "--disable-shared-workers" in flags
    assert "--disable-quic" in flags
    assert "--force-webrtc-ip-handling-policy=disable_non_proxied_udp" in flags
    assert any(flag.startswith("--enable-features=PreloadingConfig:") for flag in flags)
    environment.contain(variables)
    assert variables["QTWEBENGINE_CHROMIUM_FLAGS"].split() == flags  # once is enough


def test_features_that_somebody_chose_stay() -> None:
    variables = {"QTWEBENGINE_CHROMIUM_FLAGS": "--lang=de --enable-features=Vulkan"}
    environment.contain(variables)
    flags = variables["QTWEBENGINE_CHROMIUM_FLAGS"].split()
    assert flags[0] == "--lang=de"
    assert [flag.partition(":")[0] for flag in flags if flag.startswith("--enable-features")] == [
        "--enable-features=Vulkan,PreloadingConfig"
    ]
