"""For all tests without a display."""

from hypothesis import HealthCheck, settings

# No test asserts a time, and several may run at once on a slow machine.
settings.register_profile("console", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("console")
