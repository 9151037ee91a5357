"""What breaks, and what the technician sees then: real parts of the console, and a server that misbehaves."""

import os

import pytest


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Nothing here needs a display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return ["console"]
