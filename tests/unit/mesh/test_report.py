import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.mesh.report import (
    AgentMessage,
    AnyReport,
    FirstData,
    NodeMissing,
    Ready,
    Report,
    SignInShown,
    TriedToLeave,
    TunnelState,
    Unfamiliar,
    decode,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ('{"attempt": 0, "fact": "sign-in"}', SignInShown()),
        ('{"attempt": 0, "fact": "ready", "online": false}', Ready(online=False)),
        ('{"attempt": 0, "fact": "node-missing"}', NodeMissing()),
        ('{"attempt": 0, "fact": "unfamiliar", "missing": "go"}', Unfamiliar(missing="go")),
        ('{"attempt": 2, "fact": "state", "state": 3}', TunnelState(attempt=2, state=3)),
        ('{"attempt": 1, "fact": "data"}', FirstData(attempt=1)),
        ('{"attempt": 1, "fact": "message", "id": 1, "text": "Ask"}', AgentMessage(attempt=1, id=1, text="Ask")),
        ('{"attempt": 1, "fact": "message", "id": null, "text": null}', AgentMessage(attempt=1)),
        ('{"attempt": 0, "fact": "left"}', TriedToLeave()),
        ('{"fact": "ready", "of tomorrow": [1, 2]}', Ready()),
    ],
)
def test_what_the_page_s_script_sends(text: str, report: AnyReport) -> None:
    assert decode(text) == report
    assert type(decode(text)) is type(report)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "3",
        "{}",
        '{"fact": "other"}',
        '{"fact": 1}',
        '{"fact": "state", "state": "3"}',
        '{"fact": "state", "state": 3.5}',
        '{"fact": "state", "attempt": null}',
        '{"fact": "message", "text": ["a"]}',
        '{"fact": "ready"} trailing',
        '{"fact": "state", "state": 1' + "0" * 400 + "}",
        '{"fact": "message", "text": "\ud800"}',
        '{"fact": "message", "text": "' + "a" * 5000 + '"}',
        "[" * 4000,
        '{"fact": "ready", "x": ' + "[" * 4000,
    ],
)
def test_anything_else_is_no_report(text: str) -> None:
    assert decode(text) is None


@given(
    st.text()
    | JSON.map(json.dumps)
    | st.fixed_dictionaries(
        {"fact": st.sampled_from(["state", "message", "ready", "data"])},
        optional={"attempt": JSON, "state": JSON, "id": JSON, "text": JSON, "online": JSON},
    ).map(json.dumps)
)
@example("\ud800")
def test_any_text_is_a_report_or_none(text: str) -> None:
    report = decode(text)
    assert report is None or isinstance(report, Report)
    if isinstance(report, AgentMessage):
        assert report.text is None or len(report.text) <= 4096
    if isinstance(report, TunnelState):
        assert isinstance(report.state, int)
