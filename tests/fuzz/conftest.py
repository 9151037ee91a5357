"""Says at the end how many examples each test of the fuzzing has tried, and how long that took."""

import os
from collections.abc import Iterator

import pytest

from tests.fuzz.fuzzing import over, tried

_WORDS = "examples"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    tried[0] = 0
    try:
        return (yield)
    finally:
        over()
        item.user_properties.append((_WORDS, tried[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "FUZZ_EXAMPLES" not in os.environ:
        return
    terminalreporter.section("fuzzing")
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            count = dict(report.user_properties).get(_WORDS)
            if count is not None and report.when == "call":
                name = report.nodeid.removeprefix("tests/fuzz/")
                terminalreporter.write_line(f"{outcome} {count:>8} examples {report.duration:>7.0f} s  {name}")
