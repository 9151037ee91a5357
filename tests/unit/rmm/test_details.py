"""What the details of an agent become when a server says nothing, nonsense, or too much."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.rmm import details_bodies as bodies
from console.rmm.details_models import Adapter, Check, Outcome, Program, Task

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
ALL: tuple[tuple[type[msgspec.Struct], Callable[[Any], Any]], ...] = (
    (bodies.CheckBody, lambda body: body.check()),
    (bodies.TaskBody, lambda body: body.task()),
    (bodies.PatchBody, lambda body: body.patch()),
    (bodies.PendingBody, lambda body: body.pending()),
    (bodies.RunBody, lambda body: body.run()),
)


@pytest.mark.parametrize(("shape", "read"), ALL)
def test_what_is_missing_or_null_is_survived(shape: type[msgspec.Struct], read: Callable[[Any], Any]) -> None:
    names = [name for name in shape.__struct_fields__ if name != "id"]
    for sent in ({"id": 1}, {"id": 1, **dict.fromkeys(names)}):
        assert read(msgspec.json.decode(msgspec.json.encode(sent), type=shape)).number == 1


@given(JSON)
def test_the_adapters_are_read_from_anything(wmi: object) -> None:
    for told in (wmi, {"network_config": wmi}, {"network_config": [[{"IPAddress": wmi, "DefaultIPGateway": wmi}]]}):
        for adapter in bodies.adapters(told, None):
            assert all("\n" not in one for one in adapter.addresses)


def test_an_adapter_in_full() -> None:
    told = {
        "Description": "[00000001] Intel(R) I219-LM",
        "IPAddress": ["10.0.0.5", "fe80::1"],
        "MACAddress": "00:15:5D:01:0A:2B",
        "DefaultIPGateway": ["10.0.0.1"],
        "DNSServerSearchOrder": ["10.0.0.2", None],
        "DHCPEnabled": True,
    }
    unused = {"Description": "WAN Miniport", "IPAddress": None}
    assert bodies.adapters({"network_config": [[unused], [told]]}, None) == (
        Adapter(
            "Intel(R) I219-LM",
            ("10.0.0.5", "fe80::1"),
            "00:15:5D:01:0A:2B",
            ("10.0.0.1",),
            ("10.0.0.2",),
            True,
        ),
    )
    assert bodies.adapters(None, "error getting local ips") == ()


@given(st.text())
def test_output_keeps_its_lines_and_nothing_that_steers(text: str) -> None:
    shown = bodies.many_lines(text)
    assert not any(c in shown for c in "\r\x00\x1b\u202e\u2066")
    assert len(shown.split("\n")) <= len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def test_output_that_is_too_long_is_cut_and_says_so() -> None:
    shown = bodies.many_lines("x" * (bodies.LONGEST_OUTPUT + 5))
    assert shown.endswith("x\n… 5 more characters")


@pytest.mark.parametrize(
    ("result", "severity", "outcome"),
    [
        ({}, "error", Outcome.NOT_RUN),
        (None, "error", Outcome.NOT_RUN),
        ({"status": "pending"}, "error", Outcome.NOT_RUN),
        ({"status": "passing", "alert_severity": "error"}, "error", Outcome.PASSING),
        ({"status": "failing", "alert_severity": "info"}, "error", Outcome.INFO),
        ({"status": "failing", "alert_severity": None}, "warning", Outcome.WARNING),
        ({"status": "failing"}, None, Outcome.FAILING),
        ({"status": "failing", "alert_severity": "new word"}, None, Outcome.FAILING),
    ],
)
def test_how_a_check_ended(result: object, severity: str | None, outcome: Outcome) -> None:
    sent = {"id": 3, "readable_desc": "Ping", "check_type": "ping", "alert_severity": severity, "check_result": result}
    check = msgspec.convert(sent, bodies.CheckBody).check()
    assert check == Check(3, "ping", "Ping", outcome)


def test_the_output_of_a_task_has_all_that_was_said() -> None:
    result = {
        "status": "failing",
        "stdout": "a\r\nb\r\n",
        "stderr": "bad",
        "retcode": 3,
        "last_run": "2026-11-23T02:26:42",
    }
    task = msgspec.convert({"id": 1, "name": "Tidy", "enabled": False, "task_result": result}, bodies.TaskBody).task()
    moment = datetime(2026, 11, 23, 2, 26, 42, tzinfo=UTC)
    assert task == Task(1, "Tidy", "", False, Outcome.FAILING, moment, "a\nb\nbad\nReturn code: 3")


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2024-06-20 00:00:00 +0000 UTC", date(2024, 6, 20)),
        ("0001-01-01 00:00:00 +0000 UTC", None),
        ("20240620", date(2024, 6, 20)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_when_a_program_was_installed(stamp: str | None, day: date | None) -> None:
    assert bodies.ProgramBody("x", install_date=stamp, size="0 B").program() == Program("x", installed=day)
