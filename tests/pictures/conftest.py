"""The real parts of the end-to-end tests, for pictures of the console at work."""

from tests.e2e.conftest import desk, hands, local_mesh, qapp, rmm, surroundings

__all__ = ["desk", "hands", "local_mesh", "qapp", "rmm", "surroundings"]
