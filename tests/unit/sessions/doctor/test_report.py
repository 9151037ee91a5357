import json
from datetime import UTC, datetime

import pytest

from console import __version__
from console.sessions.doctor import report
from console.sessions.doctor.verdict import Line, Outcome, Section, Verdict, failure, fine, skipped, warning


def lines(*outcomes: Outcome) -> list[Line]:
    sections = [Section.COMPUTER, Section.RMM, Section.MESH]
    return [Line(f"key{n}", sections[min(n, 2)], f"Title {n}", one) for n, one in enumerate(outcomes)]


SOME = lines(
    fine("Good.", "one\ntwo"), failure("Bad.", "Mend it.", "HTTP 500"), warning("So so.", "Look."), skipped("–")
)


def test_the_whole_text() -> None:
    text = report.text(SOME, "Acme", datetime(2026, 11, 28, 1, 2, tzinfo=UTC))
    first, second, *rest = text.splitlines()
    assert __version__ in first
    assert "2026-11-28" in first
    assert second == "Server: Acme"
    assert "\n".join(rest) == (
        "\nThis computer\nfine     Title 0: Good.\n           one\n           two\n"
        "\nThe RMM\nFAILURE  Title 1: Bad.\n         → Mend it.\n           HTTP 500\n"
        "\nMeshCentral\nWARNING  Title 2: So so.\n         → Look.\n–        Title 3: –\n"
        "\n1 failure, first: The RMM – Title 1. 1 warning. 1 not checked."
    )


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        ([fine("a")], 0, "Nothing fails."),
        ([fine("a"), skipped("b")], 0, "Nothing fails. 1 not checked."),
        ([fine("a"), warning("b", "c"), warning("b", "c")], 1, "Nothing fails. 2 warnings."),
        ([failure("a", "b"), failure("a", "b")], 2, "2 failures, first: This computer – Title 0."),
    ],
)
def test_what_came_out(found: list[Outcome], code: int, words: str) -> None:
    assert report.exit_code(lines(*found)) == code
    assert report.summary(lines(*found)) == words


def test_json() -> None:
    rows = json.loads(report.json(SOME))
    assert [row["verdict"] for row in rows] == ["fine", "failure", "warning", "not checked"]
    assert rows[1] == {
        "check": "key1", "section": "The RMM", "title": "Title 1", "verdict": "failure", "said": "Bad.",
        "advice": "Mend it.", "detail": "HTTP 500",
    }  # fmt: skip


def test_every_verdict_has_a_mark() -> None:
    assert set(report.MARKS) == set(Verdict)
