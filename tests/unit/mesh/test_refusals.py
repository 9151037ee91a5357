import logging

import pytest

from console.mesh.web.refusals import Refusals


def test_a_page_that_tries_without_end_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusals = Refusals()
    for number in range(100_000):
        refusals.add("going to", f"https://evil.example/{number}")
    assert refusals.count == 100_000
    assert 20 <= len(caplog.records) < 40
    assert "65536 so far" in caplog.messages[-1]


def test_what_the_page_gave_stays_in_its_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Refusals().add("showing", "x\n2026-11-27 12:00:00 INFO console.sessions: signed in\u202e" + "y" * 5000)
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]
    assert "\u202e" not in caplog.messages[0]
    assert len(caplog.messages[0]) < 400
