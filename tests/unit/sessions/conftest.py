"""What several of the tests of sessions start from."""

from pathlib import Path

import pytest

from tests.unit.sessions.sealing import Lists


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    """The sealed lists of a computer that has a keyring and none sealed yet."""
    return Lists(tmp_path / "lists")
