import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.mesh.report import (
    AgentMessage,
    AgentPresence,
    AnyReport,
    BarsShown,
    Control,
    Display,
    Displays,
    FarEndAwake,
    Features,
    FirstData,
    FolderShown,
    NodeMissing,
    Picture,
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
        ('{"attempt": 2, "fact": "control", "alive": false}', Control(attempt=2, alive=False)),
        ('{"attempt": 2, "fact": "agent", "online": false}', AgentPresence(attempt=2, online=False)),
        ('{"attempt": 2, "fact": "awake"}', FarEndAwake(attempt=2)),
        ('{"fact": "features", "reasons": {"keys": "", "type": "No."}}', Features(reasons={"keys": "", "type": "No."})),
        (
            '{"fact": "displays", "displays": [{"id": 0, "name": "A"}, {"id": 65535, "name": "B"}], "shown": 65535}',
            Displays(displays=(Display(0, "A"), Display(65535, "B")), shown=65535),
        ),
        (
            '{"fact": "picture", "quality": 40, "scaling": 50, "milliseconds": 100, "fit": false, "view_only": true}',
            Picture(quality=40, scaling=50, milliseconds=100, fit=False, view_only=True),
        ),
        ('{"fact": "folder", "path": "C:/Users/Ünal"}', FolderShown(path="C:/Users/Ünal")),
        ('{"fact": "bars", "shown": true, "missing": "#p11title"}', BarsShown(shown=True, missing="#p11title")),
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
        '{"fact": "features", "reasons": {"keys": null}}',
        '{"fact": "features", "reasons": {"keys": "' + "a" * 301 + '"}}',
        '{"fact": "displays", "displays": [' + ",".join(['{"id": 1}'] * 33) + "]}",
        '{"fact": "displays", "displays": [{"name": "without a number"}]}',
        '{"fact": "picture", "quality": "40"}',
        '{"fact": "picture", "fit": 1}',
        '{"fact": "folder", "path": "' + "a" * 2001 + '"}',
        '{"fact": "control", "alive": 0}',
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
